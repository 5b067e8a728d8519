"""Which of Stripe's decline codes a customer may see.

Stripe asks that lost, stolen and fraud-suspected cards read as a plain decline, and security code or postal code
checks are not told apart, so that the page is no help to somebody who tests stolen cards. (Stripe docs: declines;
error codes.)
"""

from __future__ import annotations

SHOWN = {
    "insufficient_funds": "insufficient_funds",
    "expired_card": "expired_card",
    "authentication_required": "authentication_failed",
    "payment_intent_authentication_failure": "authentication_failed",
    "setup_intent_authentication_failure": "authentication_failed",
    "processing_error": "try_again",
    "try_again_later": "try_again",
    "issuer_not_available": "try_again",
    "reenter_transaction": "try_again",
    "incorrect_number": "card_details",
    "invalid_number": "card_details",
    "incorrect_cvc": "card_details",
    "invalid_cvc": "card_details",
    "incorrect_zip": "card_details",
    "incorrect_postal_code": "card_details",
    "invalid_expiry_month": "card_details",
    "invalid_expiry_year": "card_details",
    "currency_not_supported": "currency",
    "payment_method_currency_mismatch": "currency",
    "card_velocity_exceeded": "limit",
    "withdrawal_count_limit_exceeded": "limit",
    "card_decline_rate_limit_exceeded": "limit",
}

SHOWN_CODES = frozenset({"generic", *SHOWN.values()})
"""Every code that can reach a page; the words stand in `view_models/wording.py`."""


def shown_code(code: str | None, decline_code: str | None) -> str:
    """The code to word for the customer: one of `SHOWN_CODES`.

    >>> shown_code("card_declined", "stolen_card"), shown_code("card_declined", "insufficient_funds")
    ('generic', 'insufficient_funds')
    """
    return SHOWN.get(decline_code or "") or SHOWN.get(code or "") or "generic"
