"""A pause in words: since when and until when, why, and what ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.pauses import pause_of
from portal_embed.billing.subscriptions import ends_at
from portal_embed.view_models.shared import Badge

if TYPE_CHECKING:
    from portal_embed.billing.pauses import Pause
    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.config import PauseInterval
    from portal_embed.i18n.formatting import Formatter


def pause_badge(subscription: Subscription, fmt: Formatter) -> Badge:
    """The word "Paused", with the date it ends where there is one."""
    pause = pause_of(subscription)
    until = fmt.date(pause.until) if pause is not None and pause.until is not None else ""
    if pause is not None and pause.is_collection:
        return Badge(
            fmt._("Billing paused until %(date)s", date=until) if until else fmt._("Billing paused"), "neutral"
        )
    return Badge(fmt._("Paused until %(date)s", date=until) if until else fmt._("Paused"), "neutral")


def pause_sentences(subscription: Subscription, fmt: Formatter) -> tuple[str, ...]:
    """Why it is paused and what comes next."""
    pause = pause_of(subscription)
    if pause is None:
        return ()
    if pause.is_collection:
        return (_uncollected(subscription, pause, fmt),)
    if pause.unpaid is not None:
        return _why(pause, fmt), fmt._("It goes on as soon as its bill is paid.")
    ends = ends_at(subscription)
    if pause.until is not None and (ends is None or pause.until < ends):
        return _why(pause, fmt), fmt._(
            "It goes on by itself on %(date)s, and is then billed again.", date=fmt.date(pause.until)
        )
    if ends is not None:
        return (_why(pause, fmt),)  # it neither goes on by itself nor stays so
    return _why(pause, fmt), fmt._("It stays paused until you resume it.")


def length_words(length: PauseInterval | None, fmt: Formatter) -> str:
    """A length in words: "2 months", "Until I resume it"."""
    if length is None:
        return fmt._("Until I resume it")
    count = length.interval_count
    if length.interval == "day":
        return fmt.n("One day", "%(count)s days", count)
    if length.interval == "week":
        return fmt.n("One week", "%(count)s weeks", count)
    if length.interval == "year":
        return fmt.n("One year", "%(count)s years", count)
    return fmt.n("One month", "%(count)s months", count)


def _why(pause: Pause, fmt: Formatter) -> str:
    since = fmt.date(pause.since) if pause.since is not None else ""
    if pause.reason == "trial_end_without_payment_method":
        if since:
            return fmt._("Its trial ended on %(date)s and no payment method was there, so it is paused.", date=since)
        return fmt._("It is paused because no payment method was there when its trial ended.")
    if pause.reason in {"first_payment_failure", "final_payment_failure"}:
        if since:
            return fmt._("It has been paused since %(date)s because a payment failed. You are not charged.", date=since)
        return fmt._("It is paused because a payment failed. You are not charged.")
    if since and pause.unpaid is not None:
        return fmt._("It has been paused since %(date)s.", date=since)
    if since:
        return fmt._("It has been paused since %(date)s, and you are not charged.", date=since)
    return fmt._("It is paused and you are not charged.")


def _uncollected(subscription: Subscription, pause: Pause, fmt: Formatter) -> str:
    collection = subscription.pause_collection
    date = fmt.date(pause.until) if pause.until is not None else ""
    if collection is not None and collection.behavior == "void":
        if date:
            return fmt._("Bills before %(date)s are not charged. The first one after that is.", date=date)
        return fmt._("No bill is charged until you resume.")
    if date:
        return fmt._("You are not charged until %(date)s.", date=date)
    return fmt._("You are not charged for now.")
