"""The account behind the API key: its name, country, currency and time zone."""

from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("The account's body.", "documented", "stripe-python 16.1 annotations; a pretend American shop, UTC"),
    ("`settings.branding` has the colours that were chosen in the dashboard, null for none.", "documented",
     "Stripe's OpenAPI schema `account_branding_settings`; stripe-python 16.1 annotations"),
    ("With `Stripe-Account`, `GET /v1/account` answers the connected account.", "assumed",
     "as every other read; not documented for this one"),
]  # fmt: skip


@route("GET", "/v1/account")
def retrieve_current(call: Call) -> JsonObject:
    """The account whose key calls."""
    return _account(call.world)


@route("GET", "/v1/accounts/{id}")
def retrieve(call: Call) -> JsonObject:
    """The same by id; other accounts are not seen from here."""
    if call.ids["id"] != call.world.account_id:
        raise StripeError(
            f"The provided key does not have access to account '{call.ids['id']}' (or that account does not exist). "
            "Application access may have been revoked.",
            status=403,
            code="account_invalid",
        )
    return _account(call.world)


def _account(world: World) -> JsonObject:
    return {
        "id": world.account_id,
        "object": "account",
        "business_profile": {
            "annual_revenue": None,
            "estimated_worker_count": None,
            "mcc": "5734",
            "minority_owned_business_designation": None,
            "name": "Sandbox Shop",
            "product_description": None,
            "support_address": None,
            "support_email": "support@example.com",
            "support_phone": None,
            "support_url": None,
            "url": "https://example.com",
        },
        "business_type": "company",
        "capabilities": {"card_payments": "active", "link_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": "owner@example.com",
        "metadata": {},
        "payouts_enabled": True,
        "settings": {
            "branding": {"icon": None, "logo": None, **world.branding},
            "card_payments": {
                "decline_on": {"avs_failure": False, "cvc_failure": False},
                "statement_descriptor_prefix": None,
                "statement_descriptor_prefix_kana": None,
                "statement_descriptor_prefix_kanji": None,
            },
            "dashboard": {"display_name": "Sandbox Shop", "timezone": "Etc/UTC"},
            "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": "offer"},
            "payments": {
                "statement_descriptor": "SANDBOX SHOP",
                "statement_descriptor_kana": None,
                "statement_descriptor_kanji": None,
            },
        },
        "type": "standard",
    }
