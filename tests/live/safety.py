"""What keeps a check against Stripe itself from harming anybody: which keys it takes, and which objects it may name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

KEY_VARIABLE = "STRIPE_LIVE_CHECK_KEY"

ID = re.compile(
    r"(?<![A-Za-z0-9_])(?!pm_card_)((?:[a-z]{2,8}_)?[a-z]{2,8})_(?=[A-Za-z0-9]*[A-Z0-9])[A-Za-z0-9]{8,}(?![A-Za-z0-9_])"
)
"""An id as Stripe and the sandbox make them. Test names such as `pm_card_visa` and made-up ones (`cus_nope`) are none."""

MAKES = frozenset(
    """
    coupons credit_notes customers invoiceitems invoices payment_methods prices products promotion_codes refunds
    setup_intents subscriptions tax_rates test_helpers/test_clocks
    """.split()
)
"""The collections that an errand may add to."""


class Refused(Exception):
    """The check does not do this; the message is one sentence for whoever started it."""


def key_from(environ: Mapping[str, str]) -> str:
    """The secret test key in the environment. Raises Refused without one, with a live one, and in CI."""
    if environ.get("CI", "").lower() not in ("", "0", "false"):
        raise Refused("The live check is for a person with a Stripe test account, and never runs in CI (CI is set).")
    key = environ.get(KEY_VARIABLE, "").strip()
    if not key:
        raise Refused(f"The live check needs a secret test key: {KEY_VARIABLE}=sk_test_… make live.")
    if "_live_" in key:
        raise Refused(f"{KEY_VARIABLE} holds a live key; the live check takes test keys only and sent nothing.")
    if not re.fullmatch(r"sk_test_[A-Za-z0-9_]+", key):
        raise Refused(f"{KEY_VARIABLE} holds no secret test key; those begin with sk_test_.")
    return key


class Ours:
    """The ids of the objects that a run made, or was told of by an object it made."""

    def __init__(self) -> None:
        """None yet."""
        self._ids: set[str] = set()

    def learn(self, body: str) -> None:
        """Every id in an answer to a call that `check` let through."""
        self._ids.update(found.group() for found in ID.finditer(body))

    def check(self, method: str, path: str, params: str) -> None:
        """Raise Refused unless the call makes something, or names only objects of ours.

        `path` begins with `/v1/`; `params` is the query or the form as sent.
        """
        named = list(_ids(path)) + list(_ids(params))
        strangers = sorted(id for id in named if id not in self._ids and not id.startswith("pelive_"))
        if strangers:
            raise Refused(f"{method} {path} names {', '.join(strangers)}, which this run did not make.")
        makes = method == "post" and path.removeprefix("/v1/") in MAKES
        harmless = path == "/v1/invoices/create_preview" or path.endswith("_nope")
        if not (named or makes or harmless):
            raise Refused(f"{method} {path} names no object of this run.")


def _ids(text: str) -> Iterable[str]:
    return (found.group() for found in ID.finditer(unquote(text)))
