"""The merchant's Stripe portal and this one side by side: for `portal-embed check --import`. English, for the host's engineer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.configurations import configuration_of, not_taken
from portal_embed.billing.stripe.objects.configurations import PauseDurationOptions, PauseOption

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portal_embed.billing.stripe.objects import PortalConfiguration
    from portal_embed.billing.stripe.objects.configurations import PortalFeatures
    from portal_embed.config import Configuration, Features, PauseInterval, PortalConfig

STRIPES_MOST_PRODUCTS = 10
_WHEN = {"at_period_end": "when the paid period ends", "immediately": "at once"}
_PRORATION = {
    "none": "nothing for the rest of the period",
    "create_prorations": "the difference on the next invoice",
    "always_invoice": "the difference at once",
}
_TRIAL = {"end_trial": "ends", "continue_trial": "goes on"}
_ANCHOR = {"now": "moves to the day of the change", "unchanged": "stays"}


@dataclass(frozen=True)
class Row:
    """One thing a portal does: what it is, what Stripe's does today, and what this one would do."""

    what: str
    stripes: str
    ours: str

    @property
    def differs(self) -> bool:
        """Whether a customer would notice."""
        return self.stripes != self.ours


def rows(stripes: PortalConfiguration, config: PortalConfig) -> list[Row]:
    """Everything that a configuration decides, as it is at Stripe and as it would be here with this configuration."""
    mine = configuration_of(stripes)
    return [
        *_account_rows(stripes, mine, config),
        *_cancel_rows(stripes.features, mine.features),
        *_update_rows(stripes, mine, config),
    ]


def _account_rows(stripes: PortalConfiguration, mine: Configuration, config: PortalConfig) -> Iterator[Row]:
    theirs, ours, profile = stripes.features, mine.features, stripes.business_profile
    yield Row("Sign-in by email", _on(stripes.login_page.enabled), _on(config.login_page.enabled))
    yield Row("Invoices", _on(theirs.invoice_history.enabled), _on(ours.invoice_history.enabled))
    yield Row(
        "Payment methods",
        _methods(theirs.payment_method_update.enabled, theirs.payment_method_update.payment_method_configuration),
        _methods(ours.payment_method_update.enabled, ours.payment_method_update.payment_method_configuration),
    )
    yield Row(
        "Details to change",
        _list(theirs.customer_update.allowed_updates) if theirs.customer_update.enabled else "off",
        _list(ours.customer_update.allowed_updates) if ours.customer_update.enabled else "off",
    )
    yield Row("Way back", stripes.default_return_url or "none", mine.default_return_url or config.return_url or "none")
    yield Row("Headline", profile.headline or "Stripe's own", mine.business_profile.headline or "none")
    yield Row("Terms", profile.terms_of_service_url or "none", mine.business_profile.terms_of_service_url or "none")
    yield Row("Privacy", profile.privacy_policy_url or "none", mine.business_profile.privacy_policy_url or "none")


def _cancel_rows(theirs: PortalFeatures, ours: Features) -> Iterator[Row]:
    cancel, mine = theirs.subscription_cancel, ours.subscription_cancel
    yield Row(
        "Canceling",
        _WHEN.get(cancel.mode, cancel.mode) if cancel.enabled else "off",
        _WHEN[mine.mode] if mine.enabled else "off",
    )
    if cancel.enabled:
        reason, asked = cancel.cancellation_reason, mine.cancellation_reason
        options = [*reason.options, *(reason.feedback_options or ())]
        yield Row("Unused time", _PRORATION[cancel.proration_behavior], _PRORATION[mine.proration_behavior])
        yield Row(
            "Reasons asked",
            f"{len(options)}, afterwards" if reason.enabled else "off",
            f"{len(asked.options) + len(asked.feedback_options)}, before, optional" if asked.enabled else "off",
        )
    pause, its = theirs.subscription_pause, ours.subscription_pause
    duration = pause.duration or PauseDurationOptions()
    lengths = (None,) if duration.type == "indefinite" else duration.interval_options or (PauseOption(),)
    yield Row(
        "Pausing",
        _lengths(lengths) if pause.enabled else "off",
        _lengths(its.duration.choices) if its.enabled else "off",
    )


def _update_rows(stripes: PortalConfiguration, mine: Configuration, config: PortalConfig) -> Iterator[Row]:
    update, ours = stripes.features.subscription_update, mine.features.subscription_update
    yield Row(
        "Changing a plan",
        _list(update.default_allowed_updates) if update.enabled else "off",
        _list(ours.default_allowed_updates) if ours.enabled else "off",
    )
    if not update.enabled:
        return
    listed = sum(len(product.prices) for product in update.products or ())
    here = len((mine.catalog or config.catalog).plans)
    yield Row("Prices to switch to", str(listed), str(here))
    yield Row(
        "A change is billed",
        _PRORATION.get(update.proration_behavior, update.proration_behavior),
        _PRORATION[ours.proration_behavior],
    )
    yield Row(
        "The billing day", _ANCHOR.get(update.billing_cycle_anchor or "", "stays"), _ANCHOR[ours.billing_cycle_anchor]
    )
    yield Row("A trial", _TRIAL.get(update.trial_update_behavior, "ends"), _TRIAL[ours.trial_update_behavior])
    if update.schedule_at_period_end.conditions:
        waits = _list(tuple(condition.type for condition in update.schedule_at_period_end.conditions))
        yield Row("Waits for the period's end", waits, "nothing")


def limits_that_fall(stripes: PortalConfiguration) -> list[str]:
    """What Stripe's portal cannot do, and this one does, beginning with what this merchant has run into."""
    update = stripes.features.subscription_update
    fall = []
    if update.enabled:
        products = len(update.products or ())
        full = f" (this one lists {products})" if products >= STRIPES_MOST_PRODUCTS else ""
        fall.append(
            f"At most {STRIPES_MOST_PRODUCTS} products to switch to{full}, and no two prices of one product with one interval: "
            "a Catalog holds any number of any prices."
        )
        fall.append("Subscriptions billed by invoice can only be canceled: here their plan can be changed.")
    if stripes.features.subscription_cancel.enabled:
        fall.append("A subscription with a scheduled change cannot be canceled: here it can.")
        fall.append("Why somebody leaves is asked after they have left: here it is part of leaving.")
    if stripes.features.payment_method_update.enabled:
        fall.append("A new default card leaves a subscription on its own, old one: here one tick uses it for all.")
    return [
        *fall,
        "Nobody can start a plan, nor one that has ended again: SubscriptionCreate(enabled=True) lets them, from the Catalog.",
        "No frame, and little styling: PORTAL_EMBED_ORIGINS lets your pages frame it, Theme and templates_dir style it.",
        "A session can be made only: here end_sessions ends it, and scopes say what it may do.",
        "A configuration for each kind of customer has to be made at Stripe: here PortalConfig(configurations=…) holds them.",
    ]


def lines(stripes: PortalConfiguration, config: PortalConfig) -> Iterator[str]:
    """The whole comparison, ready to print."""
    found = rows(stripes, config)
    what = max(len(row.what) for row in found)
    middle = max(len("Stripe's portal today"), *(len(row.stripes) for row in found))
    title = f"{stripes.name or 'unnamed'}, {'default' if stripes.is_default else 'not default'}"
    yield f"Configuration {stripes.id} ({title}){'' if stripes.active else ', INACTIVE: it makes no sessions'}"
    yield ""
    yield f"  {'':{what}}  {'Stripe’s portal today':{middle}}  this portal, with it"
    for row in found:
        yield f"{'≠' if row.differs else ' '} {row.what:{what}}  {row.stripes:{middle}}  {row.ours}"
    missing = not_taken(stripes)
    if missing:
        yield ""
        yield "On at Stripe, and not here yet:"
        yield from (f"  {setting}: {sentence}" for setting, sentence in missing.items())
    yield ""
    yield "Limits of Stripe's portal that fall:"
    yield from (f"  {sentence}" for sentence in limits_that_fall(stripes))
    yield ""
    yield f'To move: PortalConfig.from_env(configuration="{stripes.id}"), or the same keyword of create_session.'


def _on(enabled: bool) -> str:
    return "on" if enabled else "off"


def _lengths(options: Iterable[PauseInterval | PauseOption | None]) -> str:
    return ", ".join("until resumed" if o is None else f"{o.interval_count} {o.interval}" for o in options)


def _methods(enabled: bool, configuration: str | None) -> str:
    return f"on, types of {configuration}" if enabled and configuration else _on(enabled)


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(sorted(names)) or "nothing"
