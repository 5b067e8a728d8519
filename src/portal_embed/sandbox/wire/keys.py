"""API keys and the version header: who may call what, and Stripe's refusals."""

from base64 import b64decode
from binascii import Error as NotBase64

from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.router import KeyKind
from portal_embed.sandbox.world import API_VERSION

TRUTH = [
    ("A malformed API key is refused with 401 `Invalid API Key provided`.", "recorded", "Stripe's API, Aug 2026"),
    ("A live key is refused with 401 and a sentence of our own.", "assumed", "nothing here may look like live mode"),
    ("A publishable key is refused on secret endpoints: 401 `secret_key_required`.", "assumed", "status and wording"),
    (
        "A version that does not exist is refused with `Invalid Stripe API version`.",
        "recorded",
        "Stripe's API, Aug 2026",
    ),
    (
        "So is every version but 2026-10-28.endive, though Stripe speaks older ones.",
        "assumed",
        "one version is spoken here",
    ),
]


def check_version(version: str | None) -> None:
    """Refuse every version but the one this sandbox speaks; no header means that one."""
    if version is not None and version != API_VERSION:
        raise StripeError(f"Invalid Stripe API version: {version}", logged=False)


def api_key(authorization: str | None, form_key: str | None = None) -> str:
    """The key of a request: bearer or basic authorization, else the `key` field that browsers send."""
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return b64decode(value).decode().partition(":")[0]
        except (NotBase64, UnicodeDecodeError):
            return value
    return form_key or ""


def key_kind(key: str, allowed: str) -> KeyKind:
    """Whether the key is secret or publishable, or the refusal: bad, live, or not allowed here.

    `allowed` is an endpoint's `key`: "secret", "publishable" or "any".
    """
    if not key:
        raise _unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer "
            "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for "
            "details, or we can help at https://support.stripe.com/."
        )
    if key.startswith(("sk_live_", "rk_live_", "pk_live_")):
        raise _unauthorized(
            f"This is a sandbox on your own machine and takes test keys only; a live key came: {_hidden(key)}"
        )
    if key.startswith(("sk_test_", "rk_test_")) and len(key) > 8:
        if allowed == "publishable":
            raise _unauthorized("This API call can only be made with a publishable API key.")
        return "secret"
    if key.startswith("pk_test_") and len(key) > 8:
        if allowed == "secret":
            raise _unauthorized(
                "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list "
                "of your API keys at https://dashboard.stripe.com/account/apikeys.",
                code="secret_key_required",
            )
        return "publishable"
    raise _unauthorized(f"Invalid API Key provided: {_hidden(key)}")


def _unauthorized(message: str, code: str | None = None) -> StripeError:
    return StripeError(message, status=401, code=code, logged=False)


def _hidden(key: str) -> str:
    return key[:8] + "*" * max(0, len(key) - 12) + key[8:][-4:]
