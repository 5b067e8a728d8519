"""Stripe's errors become ours: what a customer may read, and whether the effect is known."""

from __future__ import annotations

from typing import Any

import stripe

from portal_embed import errors
from portal_embed.billing.declines import shown_code

ACTION_CODES = frozenset(
    {
        "authentication_required",
        "invoice_payment_intent_requires_action",
        "payment_intent_action_required",
        "subscription_payment_intent_requires_action",
    }
)
"""Refusals that mean "the bank wants to ask the customer", not "no"."""

DETAIL_CODES = frozenset({"customer_tax_location_invalid", "email_invalid", "tax_id_invalid", "tax_id_prohibited"})
"""Refusals of what a customer typed, which the customer can mend."""

NOT_FOUND_STATUS = 404
STILL_RUNNING_STATUS = 409
"""Stripe's `idempotency_key_in_use`: the first arrival of this call has not ended yet."""


def ours(  # noqa: PLR0911  (one return a class reads best)
    error: stripe.StripeError, *, writes: bool
) -> errors.PortalError:
    """Translate. `writes`: a call that changes something was under way, so no answer means that we do not know.

    Source of the classes: Stripe's error handling guide; status 409 and 5xx arrive as `APIError` once retries are
    used up.
    """
    known: dict[str, Any] = {"stripe_request_id": error.request_id}
    text = f"{type(error).__name__} {error.http_status} {error.code}: {error.user_message or error}"
    if isinstance(error, stripe.CardError):
        if error.code in ACTION_CODES:
            return errors.AuthenticationRequired(text, **known)
        details = getattr(error, "error", None)
        return errors.Declined(shown_code(error.code, getattr(details, "decline_code", None)), text, **known)
    if isinstance(error, stripe.RateLimitError):
        return errors.RateLimited(text, **known)
    if isinstance(error, stripe.IdempotencyError):
        return errors.Conflict(text, **known)
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return errors.StripeMisconfigured(text, **known)
    if isinstance(error, stripe.InvalidRequestError):
        if error.http_status == NOT_FOUND_STATUS or error.code == "resource_missing":
            return errors.NotFound(text, **known)
        if error.code in ACTION_CODES:
            return errors.AuthenticationRequired(text, **known)
        if error.code in DETAIL_CODES:
            return errors.DetailRefused(error.code, text, **known)
        return errors.StripeMisconfigured(text, **known)  # Stripe's 400: nothing was written
    kind = NoAnswer if error.http_status in {None, STILL_RUNNING_STATUS} else errors.StripeUnavailable
    return kind(text, outcome_unknown=writes, **known)


class NoAnswer(errors.StripeUnavailable):
    """Stripe did not answer in time, or says that it is still busy with this very call: a write may yet take effect."""
