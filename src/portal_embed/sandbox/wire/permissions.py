"""Restricted keys: what each `rk_test_…` may do, where a test has said so, and Stripe's refusal."""

from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.router import all_routes

TRUTH = [
    ("A restricted key without the permission gets 403 `more_permissions_required`, which names what to enable.",
     "documented", "public reports of Stripe's refusal, 2026"),
    ("The names `plan_read` (prices), `charge_read`, `coupon_write`, `customer_write`.", "documented",
     "public reports of Stripe's refusal, 2026"),
    ("The names of the other permissions, and which resources share one.", "assumed", "formed like the known ones"),
    ("Write includes read; expanding needs no permission of its own.", "assumed", "not documented"),
    ("A restricted key that nobody gave permissions may do everything.", "assumed", "our choice, so that any key works"),
]  # fmt: skip

_NAMES = {
    "accounts": ("Accounts", "accounts_kyc_basic"),
    "account": ("Accounts", "accounts_kyc_basic"),
    "charges": ("Charges and Refunds", "charge"),
    "checkout": ("Checkout Sessions", "checkout_session"),
    "coupons": ("Coupons", "coupon"),
    "credit_notes": ("Credit Notes", "credit_note"),
    "customers": ("Customers", "customer"),
    "events": ("Events", "event"),
    "invoice_payments": ("Invoices", "invoice"),
    "invoiceitems": ("Invoices", "invoice"),
    "invoices": ("Invoices", "invoice"),
    "payment_intents": ("PaymentIntents", "payment_intent"),
    "payment_methods": ("PaymentMethods", "payment_method"),
    "prices": ("Prices", "plan"),
    "products": ("Products", "product"),
    "promotion_codes": ("Promotion Codes", "promotion_code"),
    "refunds": ("Charges and Refunds", "charge"),
    "setup_intents": ("SetupIntents", "setup_intent"),
    "subscription_items": ("Subscriptions", "subscription"),
    "subscription_schedules": ("Subscriptions", "subscription"),
    "subscriptions": ("Subscriptions", "subscription"),
    "tax_rates": ("Tax Rates", "tax_rate"),
    "webhook_endpoints": ("Webhook Endpoints", "webhook"),
}


class Permissions:
    """The permissions of one world's restricted keys: key → permissions such as `customer_read`, `plan_write`."""

    def __init__(self) -> None:
        """No key is limited."""
        self._given: dict[str, frozenset[str]] = {}

    def give(self, key: str, permissions: list[str]) -> None:
        """From now on the key may do only this. Raises ValueError for another kind of key and unknown permissions."""
        if not key.startswith("rk_test_"):
            raise ValueError("Only keys that begin with rk_test_ have permissions of their own.")
        unknown = sorted(set(permissions) - set(known()))
        if unknown:
            raise ValueError(f"No such permission: {', '.join(unknown)}. There are: {', '.join(known())}.")
        self._given[key] = frozenset(permissions)

    def check(self, key: str, method: str, path: str, account: str) -> None:
        """Refuse a call that the key may not make."""
        given = self._given.get(key)
        if given is None:
            return
        label, stem = _of(path)
        right = "read" if method == "GET" or path.endswith(_READING) else "write"
        if {f"{stem}_write", f"{stem}_{right}"} & given:
            return
        raise StripeError(
            f"Permission denied. The provided key '{key[:8]}...{key[-6:]}' does not have the required permissions for this "
            f"endpoint on account '{account}'. Enabling \"{label} {right.capitalize()}\" ('{stem}_{right}') permissions on "
            f"this key would allow this request to continue. You can edit permissions at "
            f"https://dashboard.stripe.com/{account}/test/apikeys.",
            status=403,
            code="more_permissions_required",
        )


_READING = ("/create_preview",)


def known() -> list[str]:
    """Every permission that some endpoint asks for."""
    stems = {_of(route.pattern)[1] for route in all_routes() if route.key != "publishable"}
    return sorted(f"{stem}_{right}" for stem in stems for right in ("read", "write"))


def _of(path: str) -> tuple[str, str]:
    """The label and stem of the permission that a path asks for; what has no name of its own is formed from the URL."""
    parts = path.split("/")
    resource = parts[2] if parts[2] not in ("billing", "test_helpers") else parts[3]
    return _NAMES.get(resource) or (resource.replace("_", " ").title(), resource.removesuffix("s"))
