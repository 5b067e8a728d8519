"""What an intent asks for when the bank wants 3-D Secure: the same `next_action` for setup and payment intents."""

from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    (
        "A card that needs 3-D Secure gives `requires_action` with `use_stripe_sdk`.",
        "recorded",
        "Stripe's API, March-Sept 2026",
    ),
    ("With a return_url and without use_stripe_sdk it is `redirect_to_url`.", "recorded", "Stripe's API, March 2026"),
]


def next_action(world: World, intent_id: str, return_url: str | None, *, use_stripe_sdk: bool) -> JsonObject:
    """A redirect to the bank's page where the client gave a `return_url` and does not run Stripe.js, else the dialog."""
    if return_url and not use_stripe_sdk:
        account = f"?stripe_account={world.account_id}" if world.is_connected else ""
        url = f"{world.api_base}/3ds/{intent_id}/redirect{account}"
        return {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}
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
