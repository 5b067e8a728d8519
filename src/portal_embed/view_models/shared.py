"""Small parts that several pages show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["neutral", "positive", "caution", "critical"]
"""How urgent something is. Colour never carries it alone: a word always stands beside it."""


@dataclass(frozen=True)
class Badge:
    """A status in a word or two: "Active", "Past due", "Cancels on 12 March 2027".

    `text` the words, `tone` how urgent they are.
    """

    text: str
    tone: Tone


@dataclass(frozen=True)
class Notice:
    """A sentence or two at the top of a page, with at most one next step.

    `link_route` with `link_id` names the page that the next step leads to (None: no step); `link_label` is its button.
    `tone` how urgent it is; `title` the first sentence, `body` the others ("" for none). `link_back`: where the page of the next
    step leads back to once all is done there, "" for nowhere in particular. `is_quiet`: it came by itself, so it is told without
    taking the reader there.
    """

    tone: Tone
    title: str
    body: str = ""
    link_label: str | None = None
    link_route: str | None = None
    link_id: str | None = None
    link_back: str = ""
    is_quiet: bool = False


@dataclass(frozen=True)
class MethodLabel:
    """A payment method in words: `text` "Visa •••• 4242", `detail` "Expires 12/2031" (or ""), `badge` when
    something is wrong.

    `text_spoken` is the same without bullets, for screen readers: "Visa ending in 4242". `id`: Stripe's, for forms
    about it.
    """

    id: str
    text: str
    text_spoken: str
    detail: str = ""
    badge: Badge | None = None


@dataclass(frozen=True)
class CardLink:
    """One more thing to do with a subscription. `label`: its words; `route`: the page, which takes the subscription's id.
    `leads`: it is what most people come for.
    """

    label: str
    route: str
    leads: bool = False


@dataclass(frozen=True)
class SumRow:
    """One line of a table of sums. `strong` marks the total; `is_credit` a negative amount, worded as a credit too.

    `label`: what it is for; `amount` "$29.00"; `detail`: more about it, "" for nothing.
    """

    label: str
    amount: str
    detail: str = ""
    strong: bool = False
    is_credit: bool = False


@dataclass(frozen=True)
class TierRow:
    """One step of a tiered price: `units` "101 to 1,000", `each` "$0.05" for one of them, `flat` "$10.00" for the step itself; ""
    where it costs nothing.
    """

    units: str
    each: str
    flat: str


@dataclass(frozen=True)
class WhenChoice:
    """One moment for something to take effect. `value` is what the form sends, `label` says when. `is_selected`: chosen so far."""

    value: str
    label: str
    is_selected: bool


@dataclass(frozen=True)
class DayQuestion:
    """On which day. `value`, `first` and `last` as a date field has them ("2027-03-12"). `help`: from when to when, in words.
    `error`: what is wrong with the day that was asked for, "" for nothing.
    """

    value: str
    first: str
    last: str
    help: str
    error: str = ""
