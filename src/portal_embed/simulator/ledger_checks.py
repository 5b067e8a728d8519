"""What must always be true of the books themselves, whoever did what. Each check answers a sentence about what is wrong."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from portal_embed.simulator.books import OVER, ending, period, subscription_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from portal_embed.sandbox.world import JsonObject
    from portal_embed.simulator.books import Snapshot

HOUR = 3600
MARK = "portal_start"
"""Where the portal notes on a subscription by which click it was started."""
FIRST_BILL_LIFE = 23 * HOUR
"""An incomplete subscription has 23 hours to be paid (Stripe docs, subscription statuses)."""


def paid_once(books: Snapshot) -> Iterator[str]:
    """No invoice takes more than it asks for, nor is it paid by two charges."""
    times = Counter(books.invoice_of.get(books.charges[id]["payment_intent"]) for id in books.taken)
    for id, invoice in books.invoices.items():
        taken = books.taken_for(id)
        if taken > invoice["amount_due"]:
            yield f"{id} asked for {invoice['amount_due']}, and {taken} was taken"
        if times[id] > 1:
            yield f"{id} was charged {times[id]} times"
        if invoice["status"] == "paid" and invoice["amount_paid"] != invoice["amount_due"]:
            yield f"{id} is paid with {invoice['amount_paid']} of {invoice['amount_due']}"


def charges_have_invoices(books: Snapshot) -> Iterator[str]:
    """Whatever was taken was taken for an invoice."""
    for id in books.taken:
        if books.charges[id]["payment_intent"] not in books.invoice_of:
            yield f"{id} took {books.taken[id]} for no invoice"


def periods_billed_once(books: Snapshot) -> Iterator[str]:
    """No period of a subscription is billed twice."""
    for subscription in books.subscriptions:
        starts: Counter[tuple[str, int]] = Counter()
        for invoice in books.of(subscription):
            if invoice["billing_reason"] == "subscription_cycle" and invoice["status"] != "void":
                starts.update({_billed(line) for line in invoice["lines"]["data"] if _is_regular(line)})
        for (item, start), times in starts.items():
            if times > 1:
                yield f"{subscription}: the period of {item} that begins at {start} is on {times} invoices"


def sums_agree(books: Snapshot) -> Iterator[str]:
    """The lines make the subtotal, with discounts and taxes the total, with the balance what is due."""
    for id, invoice in books.invoices.items():
        subtotal = sum(line["amount"] for line in invoice["lines"]["data"])
        discounts = sum(part["amount"] for part in invoice["total_discount_amounts"] or ())
        taxes = sum(
            part["amount"] for part in invoice["total_taxes"] or () if part.get("tax_behavior", "") != "inclusive"
        )
        if subtotal != invoice["subtotal"]:
            yield f"the lines of {id} make {subtotal}, its subtotal is {invoice['subtotal']}"
        if subtotal - discounts + taxes != invoice["total"]:
            yield f"{id} has a total of {invoice['total']} from {subtotal} - {discounts} + {taxes}"
        if invoice["amount_remaining"] != max(0, invoice["amount_due"] - invoice["amount_paid"]):
            yield f"{id}: {invoice['amount_remaining']} remain of {invoice['amount_due']} - {invoice['amount_paid']}"
        if invoice["status"] in ("open", "paid") and invoice["ending_balance"] is not None:
            applied = invoice["ending_balance"] - invoice["starting_balance"]
            owed = invoice["total"] - invoice["pre_payment_credit_notes_amount"]
            if invoice["amount_due"] != max(0, owed - applied):
                yield f"{id}: {invoice['amount_due']} is due of {owed}, and the balance paid {applied}"


def balance_agrees(books: Snapshot) -> Iterator[str]:
    """The customer's balance is the sum of its ledger, and each entry continues the one before."""
    running = 0
    for entry in books.ledger:
        running += entry["amount"]
        if entry["ending_balance"] != running:
            yield f"{entry['id']} ends at {entry['ending_balance']}, the ledger at {running}"
    if books.customer["balance"] != running:
        yield f"the balance is {books.customer['balance']}, the ledger says {running}"


def states_agree(books: Snapshot) -> Iterator[str]:
    """No subscription is in a state that its invoices contradict."""
    for id, subscription in books.subscriptions.items():
        status, now = subscription["status"], books.now
        invoices = [invoice for invoice in books.of(id) if invoice["status"] != "draft"]
        latest = books.invoices.get(subscription["latest_invoice"] or "")
        owed = [invoice for invoice in invoices if invoice["status"] in ("open", "uncollectible")]
        if status == "active" and latest is not None and _has_failed(latest, books):
            yield f"{id} is active, but its latest invoice {latest['id']} could not be collected"
        if status == "past_due" and not owed:
            yield f"{id} is past due, but nothing is owed"
        if status == "trialing" and subscription["trial_end"] <= now:
            yield f"{id} is still in a trial that ended at {subscription['trial_end']}"
        if status == "incomplete" and subscription["created"] + FIRST_BILL_LIFE < now:
            yield f"{id} is incomplete since {now - subscription['created']} seconds"
        if (
            status in ("active", "past_due", "trialing")
            and not period(subscription)[0] <= now < period(subscription)[1]
            and not _has_just_resumed(latest, books)
        ):
            yield f"{id} is {status} in a period that is not now: {period(subscription)} at {now}"
        if status not in OVER and (ends := ending(subscription)) is not None and ends <= now:
            yield f"{id} should have ended at {ends}, but is {status}"
        if subscription["pending_update"] and subscription["pending_update"]["expires_at"] <= now:
            yield f"{id} holds a change that expired at {subscription['pending_update']['expires_at']}"


def ended_is_quiet(books: Snapshot) -> Iterator[str]:
    """What has ended makes no invoice any more, and none is collected by itself but that of its end: what was used until then."""
    for id, subscription in books.subscriptions.items():
        if subscription["status"] not in OVER:
            continue
        for invoice in books.of(id):
            if invoice["created"] > subscription["ended_at"]:
                yield f"{id} ended at {subscription['ended_at']}, and {invoice['id']} was made at {invoice['created']}"
            is_older = invoice["created"] < subscription["ended_at"]
            if is_older and invoice["status"] == "open" and invoice["auto_advance"] and invoice["next_payment_attempt"]:
                yield f"{id} has ended, and {invoice['id']} will still be charged"


def methods_exist(books: Snapshot) -> Iterator[str]:
    """What is to be charged is saved."""
    if books.default is not None and books.default not in books.methods:
        yield f"the default {books.default} is not saved"
    for id, subscription in books.subscriptions.items():
        method = subscription["default_payment_method"]
        if method is not None and method not in books.methods and subscription["status"] not in OVER:
            yield f"{id} is to be charged to {method}, which is not saved"


def started_once(books: Snapshot) -> Iterator[str]:
    """A click starts one subscription, and of those begun here one at most waits for its first payment."""
    begun = {id: s for id, s in books.subscriptions.items() if MARK in s["metadata"]}
    for mark, times in Counter(s["metadata"][MARK] for s in begun.values()).items():
        if times > 1:
            yield f"one click ({mark}) started {times} subscriptions"
    if len(waiting := [id for id, s in begun.items() if s["status"] == "incomplete"]) > 1:
        yield f"{', '.join(waiting)} wait for their first payment beside each other"


BOOKS: tuple[Callable[[Snapshot], Iterator[str]], ...] = (
    paid_once,
    charges_have_invoices,
    periods_billed_once,
    sums_agree,
    balance_agrees,
    states_agree,
    ended_is_quiet,
    methods_exist,
    started_once,
)


def _has_failed(invoice: JsonObject, books: Snapshot) -> bool:
    """Whether an automatic collection of what is owed for a period was tried in vain, and nothing is on its way."""
    if (
        invoice["status"] != "open"
        or invoice["collection_method"] != "charge_automatically"
        or not invoice["attempted"]
    ):
        return False
    if invoice["billing_reason"] not in ("subscription_cycle", "subscription_create"):
        return False
    return not books.taken_for(invoice["id"]) and subscription_of(invoice) is not None


def _has_just_resumed(latest: JsonObject | None, books: Snapshot) -> bool:
    """Whether what resumes it was paid after its period had run out: it is renewed in the next moment."""
    return latest is not None and latest["status"] == "paid" and latest["status_transitions"]["paid_at"] == books.now


def _is_regular(line: JsonObject) -> bool:
    """Whether it is for a whole period: no proration, nor what has just come and was not used for any time yet."""
    if line["period"]["start"] == line["period"]["end"]:
        return False
    details = (line["parent"] or {}).get("subscription_item_details") or {"proration": True}
    return not details["proration"]


def _billed(line: JsonObject) -> tuple[str, int]:
    return str(line["parent"]["subscription_item_details"]["subscription_item"]), int(line["period"]["start"])
