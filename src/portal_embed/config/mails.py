"""Mail to customers: what the portal hands over, who sends it, and which receipts there are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

MailKind = Literal[
    "login_code",
    "recovery",
    "email_confirmation",
    "email_changed_notice",
    "plan_changed",
    "canceled",
    "payment_method_added",
    "email_changed",
]


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One finished mail. `text` and `html` say the same; `kind` names what it is about; `locale` is its language ("de").

    It may hold a code or a link that lets its reader in: do not log it.
    """

    kind: MailKind
    to: str
    subject: str
    text: str
    html: str
    locale: str


MailCallable = Callable[[Mail], "Awaitable[None] | None"]
"""Sends a mail, or puts it into the host's own queue. Async, or sync (then in a thread). What it raises is logged, and it
is called once more; no page waits for it.
"""


@dataclass(frozen=True, kw_only=True)
class MailReceipts:
    """Which changes the customer gets a receipt of. They go to the customer's address at Stripe.

    `email_changed` goes to the address that was: whoever still reads it learns of it.
    """

    plan_changed: bool = True
    canceled: bool = True
    payment_method_added: bool = True
    email_changed: bool = True
