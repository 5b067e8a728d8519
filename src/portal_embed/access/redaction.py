"""What must never stand in a log: keys, tokens, cookies, client secrets, e-mail addresses, links that let someone in.

A filter on the loggers of the package; `portal-embed serve` puts it on uvicorn's access log as well, where a sign-in
link's query would appear.
"""

from __future__ import annotations

import logging
import re
import traceback

LOGGERS = ("portal_embed", "portal_embed.stripe")
"""Every logger the product names. A logger's filters do not reach the loggers below it, so each must be listed."""

_HIDDEN = "[hidden]"
_PATTERNS = [
    re.compile(r"\b(?:sk|rk|pk)_(?:live|test)_\w+"),
    re.compile(r"\bwhsec_\w+"),
    re.compile(r"\b(?:seti|pi|cs|cuss|ek)_\w+_secret_\w+"),
    re.compile(r"(?:__Host-)?\bpex?_[A-Za-z0-9]{1,16}=[^;\s]+"),
    re.compile(r"(?<=[?&])(?:token|setup_intent_client_secret|payment_intent_client_secret)=[^&\s\"']+"),
    # A host's JWT (base64 of '{"'), and a key that verifies some.
    re.compile(r"\bey[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{20,}"),
    re.compile(r"\b(?:HS256|EdDSA):[A-Za-z0-9+/=_-]{16,}"),
    # Anything signed by us: link, session, operation token.
    re.compile(r"\.?[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"),
    re.compile(r"https?://(?:invoice|pay|files|pay-receipts|billing)\.stripe\.com/[^\s\"'<>]+"),
    re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
]
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")


def redact(text: str) -> str:
    """`text` with every secret replaced by "[hidden]"."""
    for pattern in _PATTERNS:
        text = pattern.sub(_HIDDEN, text)
    return text


class Redaction(logging.Filter):
    """Redacts messages, their arguments and tracebacks, and keeps a line one line. Lets every record through."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Arguments are cleaned one by one, so that formatters which read them (uvicorn's) find them in place."""
        if isinstance(record.args, tuple):
            record.args = tuple(_clean(argument) if isinstance(argument, str) else argument for argument in record.args)
        message = record.getMessage()
        clean = _clean(message)
        if clean != message:
            record.msg, record.args = clean, None
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = redact("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
        return True


def install_redaction(*names: str) -> None:
    """Put the filter on the loggers of the package, and on others by name. Installing twice changes nothing."""
    for name in (*LOGGERS, *names):
        logger = logging.getLogger(name)
        if not any(isinstance(existing, Redaction) for existing in logger.filters):
            logger.addFilter(Redaction())


def _clean(text: str) -> str:
    """Redacted, and with line breaks and control characters escaped: nobody writes a second log line through a form."""
    return _CONTROL.sub(
        lambda match: match[0].encode("unicode_escape").decode("ascii"), redact(text).replace("\n", "\\n")
    )
