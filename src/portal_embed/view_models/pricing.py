"""The pricing page: what is on sale, at what price, and what the customer has of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.view_models.shared import Notice
from portal_embed.view_models.subscription_words import why_not_text
from portal_embed.view_models.wording import includes_texts, interval_heading, offer_price_text, tier_texts

if TYPE_CHECKING:
    from portal_embed.billing.catalog import Offer
    from portal_embed.billing.sales import Shop
    from portal_embed.billing.stripe.objects import Price
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class PricedPlan:
    """One plan. `price` "$29.00 a month"; `saving` "Save 16%" or ""; `trial` "14 days free" or "".

    `price_id`: for addresses. `includes`: what comes with it and costs extra, a line each. `tiers`: the steps of its price, if any.

    `name` and `description` as the host or Stripe has them; `features`: what it comes with, a line
    each. `is_current`: the customer has it. `start_label`: the button that starts it, "" for none. `changes`: the subscription
    that may change to it instead, None for none.
    """

    price_id: str
    name: str
    description: str
    features: tuple[str, ...]
    price: str
    saving: str
    trial: str
    is_current: bool
    start_label: str
    changes: str | None
    includes: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()


@dataclass(frozen=True)
class IntervalTab:
    """A choice of interval. `label` "Yearly"; `every`: what the address says, such as "1-year"; `is_current`: it is shown.

    `saving`: the most that a plan saves there, "" for nothing.
    """

    label: str
    every: str
    is_current: bool
    saving: str


@dataclass(frozen=True)
class PricingPage:
    """What is on sale. `tabs` is empty where there is one interval only; `plans` are those of the one that is shown.

    `notice`: why nothing can be started, or what waits to be finished first. `confirmation`: what was just done.
    """

    tabs: tuple[IntervalTab, ...]
    plans: tuple[PricedPlan, ...]
    notice: Notice | None = None
    confirmation: Notice | None = None


def pricing_page(
    store: Shop,
    fmt: Formatter,
    *,
    every: str,
    may_start: bool,
    changes: str | None,
    notice: Notice | None,
    confirmation: Notice | None = None,
) -> PricingPage:
    """The pricing page. `every`: the interval asked for, any other text for the usual one: the customer's own, else the first.

    `changes`: the subscription that may be changed to these plans, where that is what the customer would do.
    """
    had = {item.price.id for s in store.running for item in s.items.data}
    intervals = {_every(offer.price): interval_heading(offer.price, fmt) for offer in store.offers}
    shown = every if every in intervals else next((_every(o.price) for o in store.offers if o.price.id in had), None)
    shown = shown or next(iter(intervals), "")
    plans = []
    for offer in store.offers:
        if _every(offer.price) != shown:
            continue
        is_current = offer.price.id in had
        days = store.trial_days(offer)
        plans.append(
            PricedPlan(
                price_id=offer.price.id,
                name=offer.name or fmt._("Plan"),
                description=offer.description,
                features=tuple(f.name for f in offer.product.marketing_features if f.name) if offer.product else (),
                price=offer_price_text(offer, fmt),
                saving=saving(offer, store.offers, fmt),
                trial=fmt.n("%(count)s day free", "%(count)s days free", days) if days else "",
                is_current=is_current,
                start_label=_start_label(fmt, trial=bool(days)) if may_start else "",
                changes=changes if not is_current else None,
                includes=includes_texts(offer, fmt),
                tiers=tier_texts(offer.price, fmt),
            )
        )
    return PricingPage(
        _tabs(store, intervals, shown, fmt) if len(intervals) > 1 else (), tuple(plans), notice, confirmation
    )


def saving(offer: Offer, offers: tuple[Offer, ...], fmt: Formatter) -> str:
    """What a yearly price saves against twelve of the same product's monthly ones: "Save 16%", rounded down; "" for nothing."""
    percent = _percent(offer, offers)
    return fmt._("Save %(percent)s", percent=fmt.percent(percent)) if percent else ""


def _percent(offer: Offer, offers: tuple[Offer, ...]) -> int:
    if _every(offer.price) != "1-year" or not offer.price.unit_amount or offer.product is None:
        return 0
    for other in offers:
        is_same = other.product is not None and other.product.id == offer.product.id
        if is_same and _every(other.price) == "1-month" and other.price.unit_amount:
            full = other.price.unit_amount * 12
            return max(0, (full - offer.price.unit_amount) * 100 // full)
    return 0


def _tabs(store: Shop, intervals: dict[str, str], shown: str, fmt: Formatter) -> tuple[IntervalTab, ...]:
    tabs = []
    for every, label in intervals.items():
        most = max(_percent(o, store.offers) for o in store.offers if _every(o.price) == every)
        words = fmt._("Save %(percent)s", percent=fmt.percent(most)) if most else ""
        tabs.append(IntervalTab(label, every, every == shown, words))
    return tuple(tabs)


def _every(price: Price) -> str:
    return f"{price.recurring.interval_count}-{price.recurring.interval}" if price.recurring is not None else ""


def _start_label(fmt: Formatter, *, trial: bool) -> str:
    return fmt._("Start trial") if trial else fmt._("Choose plan")


def why_nothing(reason: str, words: str, fmt: Formatter) -> Notice:
    """Why nothing can be started. `words`: the host's own, "" for ours."""
    said = {
        "has_plan": Notice("neutral", fmt._("You have a plan"), fmt._("You can change it to one of these.")),
        "several_plans": Notice(
            "neutral",
            fmt._("You have several plans"),
            fmt._("Choose on the overview which one to change."),
            fmt._("Go to the overview"),
            "overview.show",
        ),
        "host_silent": Notice(
            "caution", fmt._("Plans cannot be started at the moment"), fmt._("Please try again in a few minutes.")
        ),
    }
    if words or reason in said:
        return Notice("neutral", words) if words else said[reason]
    why_not = why_not_text(reason, fmt)
    if not why_not:
        return Notice("neutral", fmt._("This is not offered here."))
    return Notice("neutral", fmt._("You have a plan"), why_not, fmt._("Go to the overview"), "overview.show")


def waiting_notice(name: str, fmt: Formatter) -> Notice:
    """A plan waits for its first payment."""
    return Notice(
        "caution",
        fmt._("%(plan)s waits for its first payment", plan=name),
        fmt._("Finish it, or choose another plan here. It is then dropped, and nothing is charged for it."),
        fmt._("Go to the overview"),
        "overview.show",
    )


def dropped_notice(name: str, fmt: Formatter) -> Notice:
    """What waited for its first payment is over."""
    return Notice("neutral", fmt._("%(plan)s was dropped", plan=name), fmt._("Nothing was charged."))
