"""What the host offers to who is about to leave, each beside the plain way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing import trials
from portal_embed.config.deciding import CouponOffer, PlanOffer, TrialOffer
from portal_embed.view_models.flows import retention_card
from portal_embed.view_models.wording import price_text

if TYPE_CHECKING:
    from portal_embed.billing.catalog import Offer as PlanOnOffer
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

    `subscription_id`: which one would end. `cards`: the offers. `button` leaves, `keep_label` leads back unharmed.
    """

    subscription_id: str
    cards: tuple[StayCard, ...]
    fields: tuple[tuple[str, str], ...]
    button: str
    keep_label: str


def stay_card(
    offer: Offer,
    subscription: Subscription,
    fmt: Formatter,
    *,
    coupon: RetentionOffer | None,
    plans: tuple[PlanOnOffer, ...],
) -> StayCard | None:
    """One offer in words; None where it makes no sense for this subscription. `coupon`: a coupon offer with its sums."""
    if isinstance(offer, CouponOffer):
        if coupon is None:
            return None
        card = retention_card(coupon, fmt)
        return StayCard(card.title, card.sentences, card.button, accepts=f"coupon:{coupon.coupon.id}")
    if isinstance(offer, TrialOffer):
        until = trials.longer_until(subscription, offer.days)
        if until is None:
            return None
        title = fmt.n("Try it for one more day", "Try it for %(count)s more days", offer.days)
        sentence = fmt._("Your trial then goes on until %(date)s. Nothing is charged before.", date=fmt.date(until))
        return StayCard(title, (sentence,), fmt._("Make my trial longer"), accepts=f"trial:{until}")
    if isinstance(offer, PlanOffer):
        found = next((plan for plan in plans if offer.plan in {plan.price.id, plan.price.lookup_key}), None)
        if found is None or subscription.items.data[0].price.id == found.price.id:
            return None
        title = fmt._("Change to %(plan)s instead", plan=found.name)
        return StayCard(title, (price_text(found.price, 1, fmt),), fmt._("See what it costs"), price=found.price.id)
    if not offer.url.startswith(("/", "https://", "mailto:")):
        return None
    return StayCard(offer.label, (offer.text,) if offer.text else (), offer.label, link=offer.url)
