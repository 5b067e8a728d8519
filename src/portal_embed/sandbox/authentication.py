"""What an intent asks for when the bank wants 3-D Secure: the same `next_action` for setup and payment intents."""

from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    (
        "A card that needs 3-D Secure gives `requires_action` with `use_stripe_sdk`.",
        "recorded",
        "Stripe's API, March-Sept 2026",
    ),
    ("With a return_url and without use_stripe_sdk it is `redirect_to_url`.", "recorded", "Stripe's API, March 2026"),
    (
        "PayPal gives `redirect_to_url` whoever confirms, and needs a return_url.",
        "documented",
        "Stripe docs, PayPal and next_action; the refusal's wording assumed",
    ),
]


def next_action(world: World, intent_id: str, return_url: str | None, *, use_stripe_sdk: bool) -> JsonObject:
    """A redirect to the bank's page where the client gave a `return_url` and does not run Stripe.js, else the dialog."""
    if return_url and not use_stripe_sdk:
        return _redirect(world, f"3ds/{intent_id}/redirect", return_url)
    return {
        "type": "use_stripe_sdk",
        "use_stripe_sdk": {
            "directory_server_encryption": {
                "algorithm": "RSA",
                "certificate": "",
                "directory_server_id": "A000000003",
                "root_certificate_authorities": [],
            },
            "directory_server_name": "visa",
            "merchant": world.account_id,
            "one_click_authn": None,
            "server_transaction_id": world.new_id("", 36),
            "three_d_secure_2_source": world.new_id("payatt_"),
            "three_ds_frontend_optimizations": None,
            "three_ds_method_url": "",
            "three_ds_optimizations": "kf",
            "type": "stripe_3ds2_fingerprint",
        },
    }


def approval(world: World, intent_id: str, return_url: str | None) -> JsonObject:
    """A redirect to the page where the customer approves with PayPal. Refused without an address to come back to."""
    if not return_url:
        raise StripeError(
            "You must provide a `return_url` when confirming with a payment method that redirects.",
            code="parameter_missing",
            param="return_url",
        )
    return _redirect(world, f"paypal/{intent_id}", return_url)


def _redirect(world: World, path: str, return_url: str) -> JsonObject:
    account = f"?stripe_account={world.account_id}" if world.is_connected else ""
    url = f"{world.api_base}/{path}{account}"
    return {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}
