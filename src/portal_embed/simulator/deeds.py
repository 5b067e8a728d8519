"""What a customer can do, told by where a form leads; and what must be true once the portal says that it did it.

A new page needs nothing here to be found, walked through and checked by what holds for every page. A line in `DEEDS`
gives its forms a name and more weight, and a function in `DONE` says what its word (`?done=…`) promises.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from portal_embed.simulator.books import OVER, ending, is_paused, plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from portal_embed.simulator.books import Snapshot
    from portal_embed.simulator.reading import Answer, Form

CODES = ("SPRING20", "autumn10", "WELCOME5", "NOSUCHCODE", "two words")
"""What is typed as a promotion code: two that are taken, one for new customers only, one that is none, and nonsense."""
AS_IT_STANDS = 0.6
"""How often a form whose price is shown is sent with the choice that this is the price of."""
_TYPED = {"code": CODES, "promotion_code": (*CODES, "", "", "")}
"""By the name of the field; beside a plan most have none."""
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
    Deed("undo a planned change", r"/subscriptions/[^/]+/plan/planned", 20),
    Deed("drop a change", r"/subscriptions/[^/]+/plan/withdrawal", 15),
    Deed("try a code", r"/subscriptions/[^/]+/promotion-code", 6),
    Deed("use a code", r"/subscriptions/[^/]+/discounts", 15),
    Deed("take a discount off", r"/discounts/[^/]+/removal", 4),
    Deed("pay ahead", r"/subscriptions/[^/]+/prepayment", 15, charges="amount_due"),
    Deed("go to Checkout", r"/plans/[^/]+/checkout", 25),
    Deed("start a plan", r"/plans/[^/]+/start", 25, charges="amount_due"),
    Deed("start over", r"/subscriptions/[^/]+/start-over", 14),
    Deed("take an offer to stay", r"/subscriptions/[^/]+/retention", 12),
    Deed("cancel", r"/subscriptions/[^/]+/cancellation", 14),
    Deed("pause", r"/subscriptions/[^/]+/pause", 12),
    Deed("resume", r"/subscriptions/[^/]+/resumption", 14, charges="amount_due"),
    Deed("keep the plan", r"/subscriptions/[^/]+/continuation", 8),
    Deed("begin adding a method", r"/payment-methods/new", 1.2),
    Deed("finish adding a method", r"/payment-methods", 9),
    Deed("choose the default", r"/payment-methods/[^/]+/default", 2),
    Deed("remove a method", r"/payment-methods/[^/]+/removal", 3),
    LEAVE,
)
LEADS_ON = {
    "plan": 10,
    "plans": 8,
    "start": 10,
    "restart": 8,
    "promotion-code": 4,
    "payment": 10,
    "cancellation": 4,
    "removal": 4,
    "pause": 3,
    "prepayment": 3,
    "resumption": 8,
}
"""How likely links are followed whose pages have a form that does something, by the end of their path."""


def deed_of(form: Form) -> Deed:
    """The deed that a form stands for."""
    if form.method == "get":
        return LOOK
    return next((deed for deed in DEEDS if re.search(deed.address + "$", form.path)), OTHER)


def filled_in(form: Form, rng: Random) -> dict[str, str]:
    """The form as somebody fills it in: any choice, any tick, a number that is mostly allowed, a few words."""
    fields = dict(form.fields)
    if "amount_due" in fields and rng.random() < AS_IT_STANDS:
        return fields
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
    for name, (first, last) in form.days.items():
        begin, days = dt.date.fromisoformat(first), (dt.date.fromisoformat(last) - dt.date.fromisoformat(first)).days
        late = rng.random() < 0.3  # mostly soon: half a year is a long time here
        fields[name] = (begin + dt.timedelta(days=rng.randint(0, days if late else min(days, 70)))).isoformat()
        if rng.random() < 0.1:
            fields[name] = rng.choice(("", "tomorrow", "2020-01-01", "9999-12-31"))
    for name in form.texts:
        fields[name] = rng.choice(_TYPED.get(name, WORDS))
    return fields


# -- what the portal's word promises: a sentence about what is wrong, or "".


def _canceled(after: Snapshot, of: str, fields: dict[str, str]) -> str:
    ends = ending(after.subscriptions[of])
    if ends is None:
        return f"{of} goes on as if nothing had been said"
    day, is_over = dt.datetime.fromtimestamp(ends, dt.UTC).date().isoformat(), after.subscriptions[of]["status"] in OVER
    if fields.get("mode") == "on_date" and fields.get("date") != day and not is_over:
        return f"{of} ends on {day}, not on {fields.get('date')}"
    return ""


def _kept(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    subscription = after.subscriptions[of]
    is_kept = subscription["status"] not in OVER and ending(subscription) is None
    return "" if is_kept else f"{of} still ends"


def _changed(after: Snapshot, of: str, fields: dict[str, str]) -> str:
    subscription = after.subscriptions[of]
    if "price" not in fields or subscription["pending_update"]:
        return ""
    found = [count for price, count in plan(subscription) if price == fields["price"]]
    is_so = int(fields["quantity"]) in found if "quantity" in fields else bool(found)
    wanted = (fields["price"], fields.get("quantity", "any number"))
    if not is_so:
        return f"{of} is on {plan(subscription)}, not on {wanted}"
    return _redeemed(after, of, fields)


def _redeemed(after: Snapshot, of: str, fields: dict[str, str]) -> str:
    """A code that came along was used for it. One for a single bill is off the subscription by then."""
    code = fields.get("promotion_code", "")
    found = [row for row in after.discounts.values() if (row["subscription"], row["promotion_code"]) == (of, code)]
    return "" if found or not code.startswith("promo_") else f"{of} was not lowered by {code}"


def _planned(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    return "" if after.subscriptions[of]["schedule"] else f"{of} has nothing planned"


def _unplanned(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    return f"{of} has something planned" if after.subscriptions[of]["schedule"] else ""


def _discounted(after: Snapshot, of: str, fields: dict[str, str]) -> str:
    found = [after.discounts[id]["promotion_code"] for id in after.subscriptions[of]["discounts"]]
    wanted = fields.get("promotion_code", "")
    return "" if found.count(wanted) == 1 else f"{of} has {wanted} {found.count(wanted)} times"


def _in_full(after: Snapshot, of: str, fields: dict[str, str]) -> str:
    subscription = after.subscriptions[of]
    rows = (subscription, *subscription["items"]["data"])
    left = [id for row in rows for id in row["discounts"] if f"/{id}/" in fields["_path"]]
    return f"{of} still has {left}" if left else ""


def _given(after: Snapshot, of: str, fields: dict[str, str]) -> str:
    """What was offered is in force; whether the plan goes on is another question, to who clicks on an old form."""
    subscription, (kind, _, value) = after.subscriptions[of], fields.get("offer", "").partition(":")
    if kind == "pause":
        return _paused(after, of, fields)
    if kind == "trial":
        return "" if (subscription["trial_end"] or 0) >= int(value) else f"the trial of {of} is not longer"
    coupons = {after.discounts[id]["source"]["coupon"] for id in subscription["discounts"]}
    return "" if value in coupons else f"{of} has {coupons}, not {value}"


def _withdrawn(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    return f"{of} still waits for a payment" if after.subscriptions[of]["pending_update"] else ""


def _paused(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    subscription = after.subscriptions[of]
    return "" if is_paused(subscription) else f"{of} is {subscription['status']} and is billed"


def _resumed(after: Snapshot, of: str, _fields: dict[str, str]) -> str:
    subscription = after.subscriptions[of]
    # Paid for late, it may have been renewed since, and that be owed.
    latest = after.invoices.get(subscription["latest_invoice"] or "", {})
    is_renewed = subscription["status"] == "past_due" and latest.get("billing_reason") == "subscription_cycle"
    runs = (subscription["status"] == "active" or is_renewed) and not is_paused(subscription)
    return "" if runs else f"{of} is {subscription['status']} and does not run"


def _started(after: Snapshot, of: str, fields: dict[str, str]) -> str:
    status = after.subscriptions[of]["status"]
    return _redeemed(after, of, fields) if status in ("active", "trialing") else f"{of} is {status}"


def _prepaid(after: Snapshot, of: str, fields: dict[str, str]) -> str:
    ends = [item.get("billed_until") or 0 for item in after.subscriptions[of]["items"]["data"]]
    return "" if min(ends) >= int(fields["until"]) else f"{of} is paid until {ends}, not until {fields['until']}"


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
    "end_moved": _canceled,
    "kept": _kept,
    "changed": _changed,
    "change_scheduled": _planned,
    "change_unscheduled": _unplanned,
    "discount_added": _discounted,
    "discount_removed": _in_full,
    "change_withdrawn": _withdrawn,
    "paused": _paused,
    "resumed": _resumed,
    "started": _started,
    "start_dropped": _dropped,
    "prepaid": _prepaid,
    "stayed": _given,
    "paid": _paid,
    "method_default": _default,
    "method_removed": _removed,
    "method_added": _added,
}


def broken_word(answer: Answer, fields: dict[str, str], after: Snapshot) -> str:
    """What the portal said it did and did not, or "". `fields`: of the form that was sent, and its address as "_path"."""
    promise = DONE.get(answer.done)
    return promise(after, told_of(answer), fields) if promise is not None else ""


def told_of(answer: Answer) -> str:
    """The id of what the portal said it did something to."""
    location = next(place for _, place in answer.hops if "done=" in place)
    parts = urlsplit(location)
    return parse_qs(parts.query).get("of", [parts.path.rsplit("/", 1)[-1]])[0]
