"""What the host offers to who is about to leave, each beside the plain way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing import pauses, trials
from portal_embed.billing.subscriptions import latest_period_end
from portal_embed.config import PauseInterval
from portal_embed.config.deciding import CouponOffer, PauseOffer, PlanOffer, TrialOffer
from portal_embed.config.features import LONGEST_PAUSE
from portal_embed.view_models.flows import retention_card
from portal_embed.view_models.wording import price_text

if TYPE_CHECKING:
    from portal_embed.billing.changes import Choosing
    from portal_embed.billing.endings import Ending
    from portal_embed.billing.retention import RetentionOffer
    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.config.deciding import Offer
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class StayCard:
    """One offer. `accepts`: what the form that takes it names ("coupon:STAY25"), "" where `link` leads on instead: the address
    of a person to talk to, or "" for the plan `price`. `title` and `sentences` say what is offered, `button` takes it.
    """

    title: str
    sentences: tuple[str, ...]
    button: str
    accepts: str = ""
    link: str = ""
    price: str = ""


@dataclass(frozen=True)
class OffersPage:
    """Between the reason and the end. `fields`: what was said on the page before, sent on when they leave after all.

    `subscription_id`: which one would end; `ends`: its name and when, in a sentence. `cards`: the offers. `button` leaves,
    `keep_label` leads back unharmed.
    """

    subscription_id: str
    ends: str
    cards: tuple[StayCard, ...]
    fields: tuple[tuple[str, str], ...]
    button: str
    keep_label: str


def what_ends(subscription: Subscription, name: str, ending: Ending, fmt: Formatter) -> str:
    """What they are about to lose, and when. `name`: what the subscription is called."""
    if ending.when == "immediately":
        return fmt._("%(plan)s ends at once and cannot be brought back.", plan=name)
    date = fmt.date(ending.at or latest_period_end(subscription))
    return fmt._("You keep %(plan)s until %(date)s. Then it ends.", plan=name, date=date)


def stay_card(
    offer: Offer,
    subscription: Subscription,
    fmt: Formatter,
    *,
    coupon: RetentionOffer | None,
    others: Choosing | None,
    now: int,
) -> StayCard | None:
    """One offer in words; None where it makes no sense for this subscription. `coupon`: a coupon offer with its sums.
    `others`: what the plan could be instead. `now`: unix seconds.
    """
    if isinstance(offer, CouponOffer):
        return _coupon(coupon, fmt) if coupon is not None else None
    if isinstance(offer, TrialOffer):
        return _trial(offer, subscription, fmt, now)
    if isinstance(offer, PauseOffer):
        return _pause(offer, subscription, fmt, now)
    if isinstance(offer, PlanOffer):
        return _plan(offer, others, fmt) if others is not None else None
    if not offer.url.startswith(("/", "https://", "mailto:")):
        return None
    return StayCard(offer.label, (offer.text,) if offer.text else (), offer.label, link=offer.url)


def _coupon(offer: RetentionOffer, fmt: Formatter) -> StayCard:
    card = retention_card(offer, fmt)
    return StayCard(card.title, card.sentences, card.button, accepts=f"coupon:{offer.coupon.id}")


def _trial(offer: TrialOffer, subscription: Subscription, fmt: Formatter, now: int) -> StayCard | None:
    until = trials.longer_until(subscription, offer.days, now)
    if until is None:
        return None
    title = fmt.n("Try it for one more day", "Try it for %(count)s more days", offer.days)
    sentence = fmt._("Your trial then goes on until %(date)s. Nothing is charged before.", date=fmt.date(until))
    return StayCard(title, (sentence,), fmt._("Make my trial longer"), accepts=f"trial:{until}")


def _pause(offer: PauseOffer, subscription: Subscription, fmt: Formatter, now: int) -> StayCard | None:
    if not (1 <= offer.months <= LONGEST_PAUSE["month"] and pauses.may_pause(subscription)):
        return None
    until = pauses.ends(PauseInterval(interval_count=offer.months), now)
    title = fmt.n("Pause for one month", "Pause for %(count)s months", offer.months)
    sentences = [fmt._("You are not charged until %(date)s. Then it goes on by itself.", date=fmt.date(until or now))]
    if subscription.billing_mode.type != "classic":
        sentences.append(fmt._("What is left of the time you have paid for is taken off your next bill."))
    return StayCard(title, tuple(sentences), fmt._("Pause my plan"), accepts=f"pause:{offer.months}")


def _plan(offer: PlanOffer, others: Choosing, fmt: Formatter) -> StayCard | None:
    found = next((plan for plan in others.offers if offer.plan in {plan.price.id, plan.price.lookup_key}), None)
    if found is None or found.price.id == others.item.price.id or not others.may_price:
        return None
    quantity = others.choice(found.price.id, None).quantity
    title = fmt._("Change to %(plan)s instead", plan=found.name)
    return StayCard(title, (price_text(found.price, quantity, fmt),), fmt._("See what it costs"), price=found.price.id)
