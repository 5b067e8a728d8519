"""One module for each Stripe resource; importing this package registers every endpoint."""

from importlib import import_module

MODULES = (
    "account",
    "charges",
    "checkout_sessions",
    "coupons",
    "credit_notes",
    "customers",
    "customer_balance_transactions",
    "events",
    "feedback_options",
    "invoice_items",
    "invoice_payments",
    "invoice_previews",
    "invoices",
    "meters",
    "payment_intents",
    "payment_method_configurations",
    "payment_methods",
    "portal_configurations",
    "prices",
    "products",
    "promotion_codes",
    "refunds",
    "setup_intents",
    "subscription_items",
    "subscription_schedules",
    "subscriptions",
    "tax_ids",
    "tax_rates",
    "test_clocks",
    "webhook_endpoints",
)

for _name in MODULES:
    import_module(f"{__name__}.{_name}")
