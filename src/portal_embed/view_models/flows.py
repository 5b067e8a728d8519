"""A flow's first and last page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.money import Money

if TYPE_CHECKING:
    from portal_embed.billing.retention import RetentionOffer
    from portal_embed.billing.stripe.objects import Coupon
    from portal_embed.i18n.formatting import Formatter
    from portal_embed.view_models.shared import Notice


@dataclass(frozen=True)
class FlowStartPage:
    """A flow whose page is the answer to a form: one sentence and one button. `route`: where the button leads, and `id`: about
    what, None for nothing in particular.

    `title` and `sentence` say what it is about, `button` what pressing it does.
    """

    title: str
    sentence: str
    button: str
    route: str
    id: str | None = None


@dataclass(frozen=True)
class FlowDonePage:
    """It is done. `notice` says what, `message` is the host's own; `leads_to`: an address that follows by itself, "" for none.
    `may_repeat`: whether the same may be done once more. `is_complete`: the flow is over, not only a step of it.
    """

    notice: Notice
    message: str
    leads_to: str
    may_repeat: bool
    is_complete: bool


@dataclass(frozen=True)
class RetentionCard:
    """The coupon beside the way out.

    `title` "Stay for 25% less"; `sentences`: for how long, and the next bill; `button` accepts it.
    """

    title: str
    sentences: tuple[str, ...]
    button: str


def retention_card(offer: RetentionOffer, fmt: Formatter) -> RetentionCard:
    """The offer in words."""
    coupon = offer.coupon
    sentences = [_duration(coupon, fmt)]
    if offer.before is not None and offer.after is not None and offer.after.amount_due < offer.before.amount_due:
        sentences.append(
            fmt._(
                "Your next bill is then %(after)s instead of %(before)s.",
                after=fmt.money(Money(offer.after.amount_due, offer.after.currency)),
                before=fmt.money(Money(offer.before.amount_due, offer.before.currency)),
            )
        )
    title = fmt._("Stay for %(discount)s less", discount=_size(coupon, fmt))
    return RetentionCard(title, tuple(sentences), fmt._("Keep my plan for less"))


def _size(coupon: Coupon, fmt: Formatter) -> str:
    if coupon.percent_off is not None:
        return fmt.percent(coupon.percent_off)
    return fmt.money(Money(coupon.amount_off or 0, coupon.currency or "usd"))


def _duration(coupon: Coupon, fmt: Formatter) -> str:
    if coupon.duration == "forever":
        return fmt._("The discount stays for as long as you keep your plan.")
    if coupon.duration == "repeating" and coupon.duration_in_months:
        return fmt.n("The discount lasts one month.", "The discount lasts %(count)s months.", coupon.duration_in_months)
    return fmt._("It is taken off your next bill.")
