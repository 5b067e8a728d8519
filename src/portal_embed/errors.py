"""The error tree, drawn before the code that raises it.

Every `PortalError` has a `status` (HTTP) and a `slug` that names its kind in the page's markup. The sentences a customer
reads stand in `view_models/problem_words.py`, where they can be translated; `str(error)` is for the log only and may hold
Stripe's own words.

    PortalError
    ├── ConfigError                 the host's settings are wrong; stops the start
    ├── LinkRefused        400      a sign-in link that is expired, used, or not ours
    ├── SessionExpired     401      nobody is signed in
    ├── Forbidden          403      signed in, but this session may not do this
    ├── FormRefused        403      a form that did not come from our own page
    ├── NotFound           404      not there, or not theirs: the same answer
    ├── BadRequest         400      a request no page of ours sends
    │   ├── TooLarge           413      its body is over the limit
    │   ├── UnsupportedForm    415      its body is not a form
    │   └── MethodNotAllowed   405      the address exists, but not for this method
    ├── Conflict           409      the page is older than what Stripe now says
    ├── NotAllowed         409      a rule says no; `reason` names it
    ├── DetailRefused      422      Stripe refuses a detail: an address it cannot place, a tax id that cannot be
    ├── Declined           402      the bank said no
    ├── AuthenticationRequired 402  the bank wants to ask the customer first
    ├── RateLimited        429      too many tries, ours or Stripe's limit
    ├── StripeUnavailable  503      Stripe did not answer; `outcome_unknown` when a write was under way
    │   └── StripeMisconfigured 502     Stripe refused our key or our call: the host's engineer must act
    └── StoreUnavailable   503      what is shared between requests cannot be reached
        └── IdentityUnavailable 503     the host's `identity=` failed
"""

from __future__ import annotations


class PortalError(Exception):
    """Base of all errors this package raises on purpose."""

    status = 500
    slug = "error"

    def __init__(self, message: str = "", *, stripe_request_id: str | None = None) -> None:
        """`message` is for the log. `stripe_request_id` ("req_…") ties the log line to Stripe's dashboard."""
        super().__init__(message or self.__class__.__name__)
        self.stripe_request_id = stripe_request_id


class ConfigError(PortalError):
    """A setting is missing or wrong. The message is one sentence that says what to change; it stops the start."""

    slug = "configuration"


class LinkRefused(PortalError):
    """A sign-in link that does not let anyone in. `reason` goes to the log; the browser always reads the same page."""

    status = 400
    slug = "link_expired"

    def __init__(self, reason: str) -> None:
        """`reason`: one word such as "expired", "replay", "signature"."""
        super().__init__(reason)
        self.reason = reason


class SessionExpired(PortalError):
    """There is no session, or it has ended."""

    status = 401
    slug = "session_expired"


class Forbidden(PortalError):
    """The session is alive but has no scope for this."""

    status = 403
    slug = "forbidden"


class FormRefused(PortalError):
    """A POST that is not from our own page: wrong origin, or a missing or foreign form token."""

    status = 403
    slug = "form_refused"


class NotFound(PortalError):
    """The object is not there, or belongs to somebody else. Both look the same from outside."""

    status = 404
    slug = "not_found"


class BadRequest(PortalError):
    """A request that no form or link of ours would send."""

    status = 400
    slug = "bad_request"


class TooLarge(BadRequest):
    """A request body over the limit."""

    status = 413


class TooSlow(BadRequest):
    """A request body that did not arrive in time."""

    status = 408


class UnsupportedForm(BadRequest):
    """A POST whose body is not an HTML form."""

    status = 415


class MethodNotAllowed(BadRequest):
    """The address exists, but not for this HTTP method."""

    status = 405


class Conflict(PortalError):
    """The page that sent this is older than what Stripe now says; nothing was done."""

    status = 409
    slug = "conflict"


class NotAllowed(PortalError):
    """A billing rule says no. `reason` is a key of the rule, worded in `view_models/problem_words.py`."""

    status = 409
    slug = "not_allowed"

    def __init__(self, reason: str, words: str = "") -> None:
        """`reason`: for example "in_use" or "already_canceling". `words`: the host's own, in place of ours."""
        super().__init__(reason)
        self.reason = reason
        self.words = words


class StepUpNeeded(PortalError):
    """The host wants to be sure who this is before it is done. `url`: where they prove it, an address of the host's."""

    status = 403
    slug = "step_up"

    def __init__(self, url: str) -> None:
        """`url`: "/path" or https."""
        super().__init__("the host asks for a proof first")
        self.url = url


class DetailRefused(PortalError):
    """Stripe refuses one of the customer's details, and nothing was written. The form it came from says so at the field.

    `code` is Stripe's: "customer_tax_location_invalid", "tax_id_invalid", "tax_id_prohibited", "email_invalid".
    """

    status = 422
    slug = "detail_refused"

    def __init__(self, code: str, message: str = "", *, stripe_request_id: str | None = None) -> None:
        """`code`: see `billing.stripe.errors.DETAIL_CODES`."""
        super().__init__(message or code, stripe_request_id=stripe_request_id)
        self.code = code


class Declined(PortalError):
    """The bank refused a payment or a card. No money moved.

    `code` is Stripe's `decline_code` or `code`, already reduced to one that is safe to show
    (stolen and lost cards read as a plain decline, as Stripe's documentation asks).
    """

    status = 402
    slug = "declined"

    def __init__(self, code: str, message: str = "", *, stripe_request_id: str | None = None) -> None:
        """`code`: see `billing.declines`."""
        super().__init__(message or code, stripe_request_id=stripe_request_id)
        self.code = code


class AuthenticationRequired(PortalError):
    """The bank wants the customer to confirm (3-D Secure). Not a failure: the page goes on to the bank's dialog."""

    status = 402
    slug = "authentication_required"


class RateLimited(PortalError):
    """Too many requests. `retry_after` in seconds."""

    status = 429
    slug = "rate_limited"

    def __init__(self, message: str = "", *, retry_after: int = 30, stripe_request_id: str | None = None) -> None:
        """`retry_after`: seconds until another try makes sense."""
        super().__init__(message, stripe_request_id=stripe_request_id)
        self.retry_after = retry_after


class StripeUnavailable(PortalError):
    """Stripe did not answer, or answered 5xx, after all retries.

    `outcome_unknown` is true when a write was under way: the effect may or may not have happened, so the page must say so and
    the next step is a re-read, never a blind second try.
    """

    status = 503
    slug = "stripe_unavailable"

    def __init__(
        self, message: str = "", *, outcome_unknown: bool = False, stripe_request_id: str | None = None
    ) -> None:
        """`outcome_unknown`: whether a write may have taken effect."""
        super().__init__(message, stripe_request_id=stripe_request_id)
        self.outcome_unknown = outcome_unknown


class StripeMisconfigured(StripeUnavailable):
    """Stripe refused our key, our version or our parameters: nothing the customer can mend; the log names it."""

    status = 502


class StoreUnavailable(PortalError):
    """What must be shared between requests cannot be reached: nothing is served (fail closed)."""

    status = 503
    slug = "store_unavailable"


class IdentityUnavailable(StoreUnavailable):
    """The host's `identity=` callable failed, so nobody knows who is asking: nothing is served (fail closed)."""
