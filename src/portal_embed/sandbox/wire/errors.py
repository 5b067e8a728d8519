"""Stripe's error envelope and the sentences it uses (recorded from Stripe's API, Aug-Sept 2026)."""

from typing import Any

TRUTH = [
    (
        "The error envelope, and `request_log_url` on all but bad keys and unknown URLs.",
        "recorded",
        "Stripe's API, Aug 2026",
    ),
    ("Wording of unknown, missing and bad parameters and of unknown ids.", "recorded", "Stripe's API, Aug 2026"),
    ("What is not built is answered as an unknown URL (404).", "recorded", "Stripe's API, Aug 2026, for unknown URLs"),
    (
        "Wording for empty strings, and for wrong booleans, decimals, arrays and hashes.",
        "assumed",
        "codes from Stripe's docs",
    ),
]

_NAMES = {
    "payment_method": "PaymentMethod",
    "setup_intent": "setupintent",
    "invoiceitem": "Invoice Item",
    "tax_rate": "tax rate",
    "promotion_code": "promotion code",
    "test_helpers.test_clock": "test clock",
    "webhook_endpoint": "webhook endpoint",
}
_CONNECT_HINT = (
    "; It's possible this PaymentMethod exists on one of your connected accounts, in which case you should retry this "
    "request on that connected account. Learn more at https://stripe.com/docs/connect/authentication"
)


class StripeError(Exception):
    """A refusal as Stripe words it. `extra` holds further keys of the error; `keeps_writes` lets what was written stay."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        extra: dict[str, Any] | None = None,
        keeps_writes: bool = False,
        logged: bool = True,
    ) -> None:
        """`logged` says whether Stripe adds a `request_log_url` (it does not for bad keys and unknown URLs)."""
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type
        self.code = code
        self.param = param
        self.extra = extra or {}
        self.keeps_writes = keeps_writes
        self.logged = logged

    def body(self, log_url: str | None = None) -> dict[str, Any]:
        """The JSON body: keys in alphabetical order, absent where unset."""
        error: dict[str, Any] = {**self.extra, "message": self.message, "type": self.type}
        if self.code:
            error["code"] = self.code
            error.setdefault("doc_url", f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}")
        if self.param is not None:
            error["param"] = self.param
        if log_url and self.logged:
            error["request_log_url"] = log_url
        return {"error": {key: error[key] for key in sorted(error) if error[key] is not None}}


def resource_missing(kind: str, id: str, *, param: str = "id", status: int = 404) -> StripeError:
    """`No such customer: 'cus_…'`; 404 for an id in the path, 400 for one in the body or query."""
    hint = _CONNECT_HINT if kind == "payment_method" else ""
    return StripeError(
        f"No such {_NAMES.get(kind, kind)}: '{id}'{hint}", status=status, code="resource_missing", param=param
    )


def unknown_parameter(path: str) -> StripeError:
    """A parameter this endpoint does not take, named as a form path such as `invoice_settings[nope]`."""
    return StripeError(f"Received unknown parameter: {path}", code="parameter_unknown", param=path)


def missing_param(path: str) -> StripeError:
    """A required parameter is absent."""
    return StripeError(f"Missing required param: {path}.", code="parameter_missing", param=path)


def empty_param(path: str) -> StripeError:
    """An empty string where a value cannot be unset."""
    return StripeError(
        f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; however "
        f"'{path}' cannot be unset. You should remove '{path}' from your request or supply a non-empty value.",
        code="parameter_invalid_empty",
        param=path,
    )


def bad_choice(path: str, choices: tuple[str, ...]) -> StripeError:
    """A value outside a closed list; Stripe names the last part of the path and every choice."""
    name = path.rsplit("[", 1)[-1].rstrip("]")
    if len(choices) == 1:
        words = choices[0]
    elif len(choices) == 2:
        words = " or ".join(choices)
    else:
        words = ", ".join(choices[:-1]) + f", or {choices[-1]}"
    return StripeError(f"Invalid {name}: must be one of {words}", param=path)


def bad_integer(path: str, value: object) -> StripeError:
    """Not a whole number."""
    return StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)


def exclusive(first: str, second: str) -> StripeError:
    """Two parameters that exclude each other; Stripe names the first as `param`."""
    return StripeError(f"You may only specify one of these parameters: {first}, {second}.", param=first)


def unknown_url(method: str, path: str) -> StripeError:
    """Stripe's own 404 for a URL or verb it does not know; also the answer for what this sandbox has not built."""
    return StripeError(
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/.",
        status=404,
        logged=False,
    )


def card_error(
    code: str,
    message: str,
    *,
    decline_code: str | None = None,
    param: str | None = None,
    keeps_writes: bool = False,
    **extra: Any,
) -> StripeError:
    """402 `card_error`. `keeps_writes=True` for a decline whose failed charge must stay on the books."""
    if decline_code:
        extra["decline_code"] = decline_code
    return StripeError(
        message, status=402, type="card_error", code=code, param=param, extra=extra, keeps_writes=keeps_writes
    )
