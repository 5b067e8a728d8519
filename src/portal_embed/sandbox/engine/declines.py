"""How an attempt's end is reported: a charge's `outcome`, and the error of a 3-D Secure that was given up."""

from portal_embed.sandbox.world import JsonObject

TRUTH = [
    ("a failed charge's outcome", "recorded", "Recorded from Stripe's API, Aug 2026"),
    ("3-D Secure given up: code and sentence", "documented", "Stripe docs, error codes; wording assumed"),
]

AUTHENTICATION_FAILED: JsonObject = {
    "code": "payment_intent_authentication_failure",
    "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
    "message": "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
}
"""The customer gave up 3-D Secure or failed it: no charge was tried."""


def outcome(error: JsonObject | None) -> JsonObject:
    """A charge's `outcome`: approved, or declined by the issuer."""
    return {
        "advice_code": error.get("advice_code") if error else None,
        "network_advice_code": error.get("network_advice_code") if error else None,
        "network_decline_code": error.get("network_decline_code") if error else None,
        "network_status": "declined_by_network" if error else "approved_by_network",
        "reason": error["decline_code"] if error else None,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "The bank did not return any further details with this decline."
        if error
        else "Payment complete.",
        "type": "issuer_declined" if error else "authorized",
    }
