"""One exchange as it is compared and kept: without ids, moments, secrets, and whatever belongs to one account."""

from __future__ import annotations

import re
from typing import Any

from tests.live.safety import ID
from tests.live.stage import START

WALL = "<the day of the run>"
_HOUR = 3_600

_ACCOUNT = frozenset(
    """
    account_country account_name account_tax_ids authorization_code calculated_statement_descriptor country_code
    default_payment_method_types fingerprint invoice_prefix network_transaction_id on_behalf_of
    payment_method_configuration_details payment_method_types receipt_number risk_score statement_descriptor
    statement_descriptor_suffix request_log_url use_stripe_sdk
    """.split()
)
"""Fields that tell of the account, of chance, or of its settings: kept when null, else only that there is something."""

_SECRET = re.compile(r"[a-z]+_[A-Za-z0-9]+_secret_[A-Za-z0-9]+")
_URL = re.compile(r"https?://[^\s\"'<>]+")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+\w")
_KEY = re.compile(r"\b[sprw][kh](?:sec)?_(?:test|live)_[\w*]+|\bwhsec_\w+")
_ACCOUNT_ID = re.compile(r"\bacct_\w+")
_NUMBER = re.compile(r"\b[A-Z0-9]{8}-(\d{4})\b")
_DOCS = ("https://stripe.com/docs", "https://docs.stripe.com", "https://support.stripe.com")


class NotScrubbed(Exception):
    """Something that must never be written down is still in a recording."""


class Normaliser:
    """The words of one errand's run made the same wherever it ran."""

    def __init__(self, started: float) -> None:
        """`started`: the wall's time when the run began, in seconds since 1970."""
        self._started = started
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def exchange(self, exchange: dict[str, Any]) -> dict[str, Any]:
        """The same exchange with everything replaced that is another in every run."""
        params = {name: self._param(value) for name, value in exchange["params"].items()}
        return {
            "method": exchange["method"],
            "path": self._text(exchange["path"]),
            "params": params,
            "status": exchange["status"],
            "body": self._value("", exchange["body"]),
        }

    def _param(self, value: str) -> Any:
        return self._moment(int(value)) if re.fullmatch(r"\d{10}", value) else self._text(value)

    def _value(self, field: str, value: Any) -> Any:
        if field in _ACCOUNT and value is not None:
            return "<of the account>"
        if isinstance(value, dict):
            return {self._text(name): self._value(name, inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value("", inner) for inner in value]
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return self._moment(value)
        return value

    def _moment(self, value: int) -> Any:
        if -_HOUR < value - self._started < 48 * _HOUR:
            return WALL
        if abs(value - START) < 3 * 366 * 86_400:
            return f"clock{value - START:+d}"
        return value

    def _text(self, text: str) -> str:
        text = _SECRET.sub("<secret>", text)
        text = _URL.sub(lambda found: found[0] if found[0].startswith(_DOCS) else "<url>", text)
        text = _EMAIL.sub("<email>", text)
        text = _KEY.sub("<key>", text)
        text = _ACCOUNT_ID.sub("<account>", text)
        text = _NUMBER.sub(r"<prefix>-\1", text)
        return ID.sub(self._name, text)

    def _name(self, found: re.Match[str]) -> str:
        if found[0] not in self._names:
            kind = found[1]
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[found[0]] = f"<{kind}:{self._counts[kind]}>"
        return self._names[found[0]]


def insist_on_scrubbed(text: str) -> str:
    """The text of a recording, before it is written. Raises NotScrubbed, naming no secret."""
    never = {"a key": _KEY, "an account": _ACCOUNT_ID, "an email address": _EMAIL, "a secret": _SECRET, "an id": ID}
    for what, pattern in never.items():
        if pattern.search(text):
            raise NotScrubbed(f"The recording still holds {what}; it was not written.")
    return text
