"""What a customer can do, told by where a form leads; and what must be true once the portal says that it did it.

A new page needs nothing here to be found, walked through and checked by what holds for every page. A line in `DEEDS`
gives its forms a name and more weight, and a function in `DONE` says what its word (`?done=…`) promises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from portal_embed.simulator.books import OVER, ending, plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from portal_embed.simulator.books import Snapshot
    from portal_embed.simulator.reading import Answer, Form

WORDS = ("", "Too dear for us", "<b>bold</b> & 'quoted'", "schön war’s 🦑")


@dataclass(frozen=True)
class Deed:
    """`address`: the end of the form's path, a regular expression. `weight`: how likely it is pressed (a link: 1).
    `charges`: the field with the sum that it may charge, "" when it must not charge anything.
    """

    name: str
    address: str
    weight: float
    charges: str = ""


LOOK = Deed("look", "", 12)
LEAVE = Deed("sign out", r"/session/end", 0.03)
OTHER = Deed("something else", "", 3)
DEEDS = (
    Deed("pay an invoice", r"/invoices/[^/]+/payment", 20, charges="amount"),
    Deed("open the bank's question again", r"/invoices/[^/]+/authentication", 15),
    Deed("change plan", r"/subscriptions/[^/]+/plan", 25, charges="amount_due"),
    Deed("drop a change", r"/subscriptions/[^/]+/plan/withdrawal", 15),
    Deed("start a plan", r"/plans/[^/]+/start", 25, charges="amount_due"),
    Deed("start over", r"/subscriptions/[^/]+/start-over", 8),
    Deed("cancel", r"/subscriptions/[^/]+/cancellation", 8),
    Deed("keep the plan", r"/subscriptions/[^/]+/continuation", 8),
    Deed("begin adding a method", r"/payment-methods/new", 1.2),
    Deed("finish adding a method", r"/payment-methods", 9),
    Deed("choose the default", r"/payment-methods/[^/]+/default", 2),
    Deed("remove a method", r"/payment-methods/[^/]+/removal", 3),
    LEAVE,
)
LEADS_ON = {"plan": 10, "plans": 8, "start": 10, "restart": 8, "payment": 10, "cancellation": 4, "removal": 4}
"""How likely links are followed whose pages have a form that does something, by the end of their path."""


def deed_of(form: Form) -> Deed:
    """The deed that a form stands for."""
    if form.method == "get":
        return LOOK
    return next((deed for deed in DEEDS if re.search(deed.address + "$", form.path)), OTHER)


def filled_in(form: Form, rng: Random) -> dict[str, str]:
    """The form as somebody fills it in: any choice, any tick, a number that is mostly allowed, a few words."""
    fields = dict(form.fields)
    for name, values in form.choices.items():
        if name not in fields or rng.random() < 0.7:
            fields[name] = rng.choice(values)
    for name in form.ticks:
        fields.pop(name, None)
        if rng.random() < 0.5:
            fields[name] = "on"
    for name, (lowest, highest) in form.numbers.items():
        if rng.random() < 0.7:
            fields[name] = str(rng.randint(lowest, min(highest, lowest + 9)))
        elif rng.random() < 0.2:
            fields[name] = rng.choice(("0", "-3", "99999", "two"))
    for name in form.texts:
        fields[name] = rng.choice(WORDS)
    return fields


# -- what the portal's word promises: a sentence about what is wrong, or "".


def _canceled(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    return "" if ending(after.subscriptions[of]) is not None else f"{of} goes on as if nothing had been said"


def _kept(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    subscription = after.subscriptions[of]
    is_kept = subscription["status"] not in OVER and ending(subscription) is None
    return "" if is_kept else f"{of} still ends"


def _changed(after: Snapshot, of: str, fields: dict[str, str]) -> str:
    subscription = after.subscriptions[of]
    if "price" not in fields or subscription["pending_update"]:
        return ""
    wanted = (fields["price"], int(fields["quantity"]))
    return "" if wanted in plan(subscription) else f"{of} is on {plan(subscription)}, not on {wanted}"


def _withdrawn(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    return f"{of} still waits for a payment" if after.subscriptions[of]["pending_update"] else ""


def _started(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    status = after.subscriptions[of]["status"]
    return "" if status in ("active", "trialing") else f"{of} is {status}"


def _dropped(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    owed = [invoice["id"] for invoice in after.of(of) if invoice["status"] == "open"]
    if after.subscriptions[of]["status"] not in OVER:
        return f"{of} is still there"
    return f"{', '.join(owed)} is still owed for {of}" if owed else ""


def _paid(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    invoice = after.invoices[of]
    is_settled = invoice["status"] == "paid" or after.taken_for(of) >= invoice["amount_due"]
    return "" if is_settled else f"{of} is {invoice['status']} and nobody collects it"


def _default(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    return "" if after.default == of else f"the default is {after.default}, not {of}"


def _removed(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    return f"{of} is still saved" if of in after.methods else ""


def _added(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    return "" if of in after.methods else f"{of} is not saved"


DONE: dict[str, Callable[[Snapshot, str, dict[str, str]], str]] = {
    "canceled": _canceled,
    "kept": _kept,
    "changed": _changed,
    "change_withdrawn": _withdrawn,
    "started": _started,
    "start_dropped": _dropped,
    "paid": _paid,
    "method_default": _default,
    "method_removed": _removed,
    "method_added": _added,
}


def broken_word(answer: Answer, fields: dict[str, str], after: Snapshot) -> str:
    """What the portal said it did and did not, or ""."""
    promise = DONE.get(answer.done)
    return promise(after, told_of(answer), fields) if promise is not None else ""


def told_of(answer: Answer) -> str:
    """The id of what the portal said it did something to."""
    location = next(place for _, place in answer.hops if "done=" in place)
    parts = urlsplit(location)
    return parse_qs(parts.query).get("of", [parts.path.rsplit("/", 1)[-1]])[0]
