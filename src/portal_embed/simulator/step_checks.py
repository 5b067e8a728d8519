"""What must be true of one step: what was clicked, what the pages said, and what became of the books meanwhile."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portal_embed.simulator.books import OVER, WAITING, ending, is_paused, plan, subscription_of
from portal_embed.simulator.deeds import broken_word, deed_of, told_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from portal_embed.simulator.books import Snapshot
    from portal_embed.simulator.people import Person
    from portal_embed.simulator.reading import Answer, Form

_ID = re.compile(r"\b(?:cus|sub|in|pm|pi|seti|ch|py|price|prod|si|il|re|cn|req|acct)_[A-Za-z0-9]{8,}")
_OWNED = re.compile(r"\b(?:cus|sub|in|pm|pi|seti|ch|py|si|il|re|cn)_[A-Za-z0-9]{8,}")
_NUMBER = re.compile(r"\b[A-Z0-9]{8}-\d{4}\b")
_NO_MONEY = ("Nothing was charged", "nothing was paid")
_NO_CHANGE = ("nothing was changed", "your plan is unchanged", "Your plan is unchanged")
HTTP_ERROR, HTTP_BROKEN = 400, 500
_PAUSING = {"pause", "take an offer to stay"}
_NOT_FOR_YOU = (401, 404, 429)


@dataclass(frozen=True)
class Sent:
    """A form that was sent with these fields, and every answer to it (two for a double click)."""

    form: Form
    fields: dict[str, str]
    answers: tuple[Answer, ...]


@dataclass
class Scene:
    """One step. `hit`: whether a planted trouble met a call. `is_strange`: an address or form with a stranger's id in it.

    `by_itself`: nobody clicked; time passed or the host did something, so that Stripe may have charged. `asked_bank`: the
    bank's dialog was answered, or Stripe's own page was paid. `promised`: when each canceled subscription ends, kept from step to
    step.
    """

    who: Person
    others: tuple[Person, ...]
    before: Snapshot
    after: Snapshot
    owner_of: Callable[[str], str | None]
    sent: tuple[Sent, ...] = ()
    seen: tuple[Answer, ...] = ()
    hit: str = ""
    is_strange: bool = False
    by_itself: bool = False
    asked_bank: bool = False
    promised: dict[str, int] = field(default_factory=dict)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All pages of the step."""
        return (*self.seen, *(answer for sent in self.sent for answer in sent.answers))

    @property
    def new_charges(self) -> dict[str, int]:
        """Cents taken in this step, by charge."""
        return {id: cents for id, cents in self.after.taken.items() if id not in self.before.taken}

    @property
    def alone(self) -> Sent | None:
        """The one form of the step; None when there was none, or two at once whose order nobody knows."""
        return self.sent[0] if len(self.sent) == 1 else None


def nothing_of_others(scene: Scene) -> Iterator[str]:
    """Nothing of another customer is ever in a page."""
    own = scene.who.customer
    for answer in scene.answers:
        for id in sorted(set(_OWNED.findall(answer.html))):
            owner = scene.owner_of(id)
            if owner is not None and owner != own and not (scene.is_strange and id in answer.path):
                yield f"{id} of {owner} is on {answer.path}"
        for number in sorted(set(_NUMBER.findall(answer.html))):
            owner = scene.owner_of(number)
            if owner is not None and owner != own:
                yield f"invoice number {number} of {owner} is on {answer.path}"
        for other in scene.others:
            for mark in other.marks:
                if mark in answer.html:
                    yield f"{mark!r} of {other.customer} is on {answer.path}"


def strangers_find_nothing(scene: Scene) -> Iterator[str]:
    """A stranger's id is not found, as if it did not exist."""
    if not scene.is_strange:
        return
    for answer in scene.answers:
        if answer.status < HTTP_ERROR or (answer.status not in _NOT_FOR_YOU and not scene.hit):
            yield f"a stranger's id on {answer.path} was answered {answer.status}"


def pages_are_calm(scene: Scene) -> Iterator[str]:
    """No failure of ours, none of Stripe's without a reason, no traceback, no ids among the words."""
    for answer in scene.answers:
        if answer.status == HTTP_BROKEN or "Traceback" in answer.html:
            yield f"{answer.path} was answered {answer.status}"
        elif answer.status > HTTP_BROKEN and not scene.hit:
            yield f"{answer.path} was answered {answer.status} while Stripe was well: {answer.text[:200]}"
        elif answer.html and "</html>" not in answer.html:
            yield f"{answer.path} is no whole page"
        elif found := _ID.search(answer.text):
            yield f"{found[0]} can be read on {answer.path}"


def sums_are_shown(scene: Scene) -> Iterator[str]:
    """The sum that a form will charge stands on its page, in figures."""
    for answer in scene.answers:
        for form in answer.seen.forms:
            cents = form.fields.get(deed_of(form).charges, "")
            if cents and _figures(int(cents)) not in answer.text:
                yield f"{answer.path} would charge {cents} and does not say so"


def one_click_one_charge(scene: Scene) -> Iterator[str]:
    """A form charges once at most, and only what it said; what is no payment charges nothing."""
    if scene.by_itself:
        return
    charged = sorted(scene.new_charges.values())
    said = [int(sent.fields[name]) for sent in scene.sent if (name := deed_of(sent.form).charges) in sent.fields]
    if scene.asked_bank:
        if len(charged) > 1:
            yield f"one answer to the bank, and {charged} were taken"
    elif Counter(charged) - Counter(said):
        yield f"{charged} were taken, and the forms had said {said or 'nothing'}"


def preview_is_charge(scene: Scene) -> Iterator[str]:
    """A change of plan bills what its preview said: one invoice, that total, that sum due."""
    sent = scene.alone
    if sent is None or "amount_due" not in sent.fields or "total" not in sent.fields:
        return
    shown = (int(sent.fields["total"]), int(sent.fields["amount_due"]))
    made = [
        (invoice["total"], invoice["amount_due"])
        for id, invoice in scene.after.invoices.items()
        if id not in scene.before.invoices
        and invoice["status"] != "void"
        and (subscription_of(invoice) or "none") in sent.form.path
    ]
    if len(made) > 1 or any(bill != shown for bill in made):
        yield f"total and sum due were shown as {shown} and billed as {made}"
    if not made and any(shown) and all(answer.done == "changed" for answer in sent.answers):
        subscription = next(id for id in scene.after.subscriptions if id in sent.form.path)
        if plan(scene.before.subscriptions[subscription]) != plan(scene.after.subscriptions[subscription]):
            yield f"the change of {subscription} was to bill {shown} and billed nothing"


def start_is_charge(scene: Scene) -> Iterator[str]:
    """Starting a plan makes one subscription at most, of that plan, and bills what was shown."""
    sent = scene.alone
    if sent is None or deed_of(sent.form).name != "start a plan":
        return
    made = [s for id, s in scene.after.subscriptions.items() if id not in scene.before.subscriptions]
    if len(made) > 1:
        yield f"one form started {len(made)} plans"
    for subscription in made:
        if subscription["items"]["data"][0]["price"]["id"] not in sent.form.path:
            yield f"{subscription['id']} is not the plan that was chosen"
        for invoice in scene.after.of(subscription["id"]):
            if invoice["amount_due"] != int(sent.fields["amount_due"]):
                yield f"{sent.fields['amount_due']} was shown, and {invoice['id']} is over {invoice['amount_due']}"


def told_is_true(scene: Scene) -> Iterator[str]:
    """What the portal says it did is done."""
    sent = scene.alone
    if sent is None or "stale" in scene.hit:
        return
    for answer in sent.answers:
        if wrong := broken_word(answer, {**sent.fields, "_path": sent.form.path}, scene.after):
            yield f"it said {answer.done!r}, but {wrong}"
        deed = deed_of(sent.form)
        if answer.done == "paid" and deed.charges in sent.fields and not scene.new_charges:
            invoice = told_of(answer)
            if scene.after.taken_for(invoice) == 0 and scene.after.invoices[invoice]["amount_due"]:
                yield f"it said that {invoice} is paid, and nobody took anything for it"


def nothing_means_nothing(scene: Scene) -> Iterator[str]:
    """Where a page says that nothing was charged or changed, nothing was."""
    if scene.by_itself or len(scene.sent) > 1 or scene.asked_bank:
        return
    for sent in scene.sent:
        # Of two clicks at once the first may fail, and say so truly, before the second succeeds.
        if scene.new_charges and all(_says(answer, _NO_MONEY) for answer in sent.answers):
            yield f"it said that nothing was charged, and {scene.new_charges} were taken"
        if all(_says(answer, _NO_CHANGE) for answer in sent.answers):
            # Another change takes the place of the one that waits, even where it is declined itself: the plan stays.
            free = {WAITING} if deed_of(sent.form).name == "change plan" else set()
            changed = [
                name
                for name, fact in scene.after.facts.items()
                if name not in free and fact != scene.before.facts[name]
            ]
            if changed:
                yield f"it said that nothing was changed, and {', '.join(changed)} did"


def cancel_wins(scene: Scene) -> Iterator[str]:
    """What was canceled ends when it was said to, unless the customer undid it."""
    promised = scene.promised
    for sent in scene.sent:
        name = deed_of(sent.form).name
        for id in [id for id in scene.after.subscriptions if id in sent.form.path]:
            ends = ending(scene.after.subscriptions[id])
            if name == "keep the plan" and ends is None:
                promised.pop(id, None)
            elif (
                name == "cancel" and ends is not None and any(a.done in {"canceled", "end_moved"} for a in sent.answers)
            ):
                promised[id] = ends
    for id, by in promised.items():
        subscription = scene.after.subscriptions.get(id)
        if subscription is None:
            continue
        ends = ending(subscription)
        if ends is None or ends > by:
            yield f"{id} was to end at {by}, and now ends at {ends}"
        elif scene.after.now >= by and subscription["status"] not in OVER:
            yield f"{id} was to end at {by} and is {subscription['status']}"


def pauses_are_asked_for(scene: Scene) -> Iterator[str]:
    """Nothing is paused that nobody paused in this step: what was resumed is not paused again by what was planned before."""
    for id, subscription in scene.after.subscriptions.items():
        before = scene.before.subscriptions.get(id)
        if before is None or is_paused(before) or not is_paused(subscription):
            continue
        by_stripe = subscription["status"] == "paused" and "pause_requested" not in str(subscription["status_details"])
        if not by_stripe and not any(
            deed_of(sent.form).name in _PAUSING and id in sent.form.path for sent in scene.sent
        ):
            yield f"{id} is paused, and nobody has asked for it"


STEPS: tuple[Callable[[Scene], Iterator[str]], ...] = (
    nothing_of_others,
    strangers_find_nothing,
    pages_are_calm,
    sums_are_shown,
    one_click_one_charge,
    preview_is_charge,
    start_is_charge,
    told_is_true,
    nothing_means_nothing,
    cancel_wins,
    pauses_are_asked_for,
)


def _says(answer: Answer, sentences: tuple[str, ...]) -> bool:
    return any(words in answer.text for words in sentences)


def _figures(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02}"
