"""How we know of each endpoint: its URL, what it takes and what it answers. A test holds this table to what is built.

*recorded*: requests to it and its answers were seen, and the answers here are built from those. *documented*: built from
the newest SDK's annotations of its parameters and its answer. What an endpoint does is said beside its code.
"""

RECORDED = """
GET /v1/charges/{id}
GET POST /v1/coupons
DELETE GET POST /v1/coupons/{id}
POST /v1/credit_notes
GET POST /v1/customers
DELETE GET POST /v1/customers/{id}
GET /v1/customers/{customer}/balance_transactions
GET /v1/customers/{customer}/payment_methods
GET /v1/customers/{customer}/payment_methods/{id}
GET /v1/events
GET /v1/events/{id}
GET /v1/invoice_payments
GET POST /v1/invoiceitems
DELETE GET POST /v1/invoiceitems/{id}
GET POST /v1/invoices
DELETE GET POST /v1/invoices/{id}
POST /v1/invoices/{id}/finalize
POST /v1/invoices/{id}/pay
POST /v1/invoices/{id}/void
POST /v1/payment_intents
GET /v1/payment_intents/{id}
POST /v1/payment_intents/{id}/confirm
GET POST /v1/payment_methods
GET POST /v1/payment_methods/{id}
POST /v1/payment_methods/{id}/attach
POST /v1/payment_methods/{id}/detach
GET POST /v1/prices
GET POST /v1/prices/{id}
GET POST /v1/products
DELETE GET POST /v1/products/{id}
GET POST /v1/promotion_codes
GET POST /v1/promotion_codes/{id}
POST /v1/setup_intents
GET /v1/setup_intents/{id}
POST /v1/setup_intents/{id}/confirm
GET POST /v1/subscription_items
DELETE GET POST /v1/subscription_items/{id}
GET POST /v1/subscriptions
DELETE GET POST /v1/subscriptions/{id}
POST /v1/subscriptions/{id}/resume
"""

DOCUMENTED = """
GET /v1/account
GET /v1/accounts/{id}
GET POST /v1/billing/feedback_options
GET POST /v1/billing/feedback_options/{id}
POST /v1/billing/feedback_options/{id}/deactivate
POST /v1/billing/meter_events
GET POST /v1/billing/meters
GET POST /v1/billing_portal/configurations
GET POST /v1/billing_portal/configurations/{id}
GET POST /v1/billing/meters/{id}
POST /v1/billing/meters/{id}/deactivate
GET /v1/billing/meters/{id}/event_summaries
POST /v1/billing/meters/{id}/reactivate
GET /v1/charges
GET POST /v1/checkout/sessions
GET /v1/checkout/sessions/{id}
POST /v1/checkout/sessions/{id}/expire
GET /v1/checkout/sessions/{id}/line_items
GET /v1/credit_notes
GET /v1/credit_notes/preview
GET /v1/credit_notes/{id}
GET /v1/credit_notes/{id}/lines
POST /v1/credit_notes/{id}/void
GET /v1/customers/search
POST /v1/customers/{customer}/balance_transactions
GET /v1/customers/{customer}/balance_transactions/{id}
GET POST /v1/customers/{customer}/tax_ids
DELETE GET /v1/customers/{customer}/tax_ids/{id}
GET /v1/invoice_payments/{id}
POST /v1/invoices/create_preview
GET /v1/invoices/{id}/lines
POST /v1/invoices/{id}/mark_uncollectible
POST /v1/invoices/{id}/send
GET /v1/payment_intents
POST /v1/payment_intents/{id}
POST /v1/payment_intents/{id}/cancel
POST /v1/payment_method_configurations
GET /v1/payment_method_configurations/{id}
GET POST /v1/refunds
GET /v1/refunds/{id}
GET /v1/setup_intents
POST /v1/setup_intents/{id}
POST /v1/setup_intents/{id}/cancel
GET POST /v1/subscription_schedules
GET POST /v1/subscription_schedules/{id}
POST /v1/subscription_schedules/{id}/cancel
POST /v1/subscription_schedules/{id}/release
DELETE /v1/subscriptions/{id}/discount
POST /v1/subscriptions/{id}/pause
GET POST /v1/tax_ids
DELETE GET /v1/tax_ids/{id}
GET POST /v1/tax_rates
GET POST /v1/tax_rates/{id}
GET POST /v1/test_helpers/test_clocks
DELETE GET /v1/test_helpers/test_clocks/{id}
POST /v1/test_helpers/test_clocks/{id}/advance
GET POST /v1/webhook_endpoints
DELETE GET POST /v1/webhook_endpoints/{id}
"""

_SOURCES = {"recorded": "Stripe's API, 2025-26", "documented": "stripe-python 16.1 annotations"}


def known() -> dict[str, str]:
    """Endpoint such as `GET /v1/customers/{id}` → how it is known."""
    found = {}
    for kind, table in (("recorded", RECORDED), ("documented", DOCUMENTED)):
        for line in table.split("\n"):
            *methods, path = line.split() or [""]
            found.update({f"{method} {path}": kind for method in methods})
    return found


TRUTH = [(endpoint, kind, _SOURCES[kind]) for endpoint, kind in known().items()]
