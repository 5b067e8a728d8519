"""Faults to plant: each looks like a mistake somebody could make, in the portal or in the sandbox, one line or two."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal_embed.billing import (
    cancellations,
    deeds,
    method_changes,
    pauses,
    payments,
    plan_changes,
    prepaying,
    starting,
)
from portal_embed.billing.account import CustomerAccount
from portal_embed.billing.payments import Paid
from portal_embed.billing.stripe import client, invoices, subscriptions
from portal_embed.errors import Declined, StripeUnavailable
from portal_embed.pages import cancellations as cancel_pages
from portal_embed.pages import plans as plan_pages
from portal_embed.sandbox.engine import clock, ending, lifecycle, settling

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


@dataclass(frozen=True)
class Plant:
    """`sow` patches it in; `found_by` are the invariants of which one must break.

    `seed`: the run in which it was found soon, so that it is looked at first. After a change of the portal it may be
    any other.
    """

    sow: Callable[[pytest.MonkeyPatch], None]
    found_by: tuple[str, ...]
    seed: int = 1

    def __str__(self) -> str:
        """For pytest."""
        return self.sow.__name__


def a_card_is_charged_twice(patch):
    """An answer to a call got lost, and the charge is made again without a key."""
    attempt = settling.charging.attempt

    def twice(world, intent, method, **options):
        outcome = attempt(world, intent, method, **options)
        again = outcome.paid and world.request_id is not None
        return attempt(world, intent, method, **options) if again else outcome

    patch.setattr(settling.charging, "attempt", twice)


def the_moment_of_the_preview_is_forgotten(patch):
    """The change is prorated at the moment of the click and not at the one that was shown."""
    update = subscriptions.update

    async def without_date(*args, proration_date=None, **params):
        return await update(*args, **params)

    patch.setattr(plan_changes.subscriptions, "update", without_date)


def the_preview_forgets_how_many(patch):
    """The preview is for one seat, the change for all."""
    preview = invoices.preview

    async def of_one(stripe, customer, **params):
        details = params.get("subscription_details", {})
        if "items" in details:  # what is billed by use has no number
            items = [{**item, **({"quantity": 1} if "quantity" in item else {})} for item in details["items"]]
            params["subscription_details"] = {**details, "items": items}
        return await preview(stripe, customer, **params)

    patch.setattr(plan_changes.invoices, "preview", of_one)


def a_lost_answer_counts_as_canceled(patch):
    """A 500 is swallowed, and the customer is led to the page that says "canceled"."""

    async def hopeful(write, happened, *, again=False):
        try:
            return await write()
        except StripeUnavailable:
            return None

    patch.setattr(cancellations, "settled", hopeful)


def nobody_asks_whose_it_is(patch):
    """The check of the owner is gone."""
    patch.setattr(CustomerAccount, "_owned", lambda _self, found, _owner: found)


def a_decline_counts_as_paid(patch):
    """The bank said no, and the page says thank you."""
    pay = payments.pay

    async def hopeful(account, invoice_id, *args, **named):
        try:
            return await pay(account, invoice_id, *args, **named)
        except Declined:
            return Paid(await account.invoice(invoice_id))

    patch.setattr(payments, "pay", hopeful)


def what_was_read_is_kept_for_all(patch):
    """A cache of the process, with nobody's name on it."""
    init, shared = CustomerAccount.__init__, {}

    def sharing(self, *args, **named):
        init(self, *args, **named)
        self._kept = shared

    patch.setattr(CustomerAccount, "__init__", sharing)


def keeping_the_plan_writes_nothing(patch):
    """The field that undoes it was renamed."""
    patch.setattr(cancellations, "keep_params", lambda _subscription: {"metadata": {"kept": "yes"}})


def a_canceled_subscription_renews(patch):
    """At the end of the term somebody renews what should have ended."""

    def renews(world, subscription):
        subscription.update(cancel_at=None, cancel_at_period_end=False)
        lifecycle.renew(world, subscription)

    patch.setattr(clock.ending, "end_of_term", renews)
    assert ending.end_of_term is renews


def paying_does_not_bring_it_back(patch):
    """What was owed is paid, and the subscription stays past due."""
    paid = settling._subscription_paid

    def unless_it_renewed(world, invoice, method):
        if invoice["billing_reason"] != "subscription_cycle":
            paid(world, invoice, method)

    patch.setattr(settling, "_subscription_paid", unless_it_renewed)


def a_write_without_an_answer_counts_as_not_done(patch):
    """The page says that nothing was changed, though nobody knows."""
    ours = client.ours

    def certain(error, *, writes):
        return ours(error, writes=False)

    patch.setattr(client, "ours", certain)
    patch.setattr(deeds.NoAnswer, "__init__", lambda self, *args, **named: StripeUnavailable.__init__(self, *args))


def a_page_forgets_a_case(patch):
    """A key is missing in a table of ours."""

    def without_default(*_args, **_named):
        raise KeyError("default")

    patch.setattr(method_changes, "overriding", without_default)


def an_id_stands_for_a_name(patch):
    """A page has no name for a subscription and takes what it has."""
    patch.setattr(cancel_pages, "subscription_name", lambda subscription, _products, _fmt: subscription.id)


def the_button_would_charge_another_sum(patch):
    """The page says one sum, and its form another."""
    preview = plan_pages.plan_preview

    def off_by_one(*args, **named):
        shown = preview(*args, **named)
        return replace(shown, amount_due=shown.amount_due + 1)

    patch.setattr(plan_pages, "plan_preview", off_by_one)


def a_look_at_the_price_of_a_pause_pauses(patch):
    """What was to be a preview is the deed."""

    async def paused(account, subscription):
        await subscriptions.pause(account.stripe, subscription.id, key=f"oops:{subscription.id}")

    patch.setattr(pauses, "_waiting", paused)


def twice_as_many_are_started(patch):
    """What is started is not what was priced."""
    terms = starting._terms

    def doubled(*args, **named):
        params = terms(*args, **named)
        params["items"][0]["quantity"] *= 2
        return params

    patch.setattr(starting, "_terms", doubled)


def a_start_forgets_its_code(patch):
    """What is started is without the discount that its price had."""
    terms = starting._terms

    def in_full(*args, **named):
        params = terms(*args, **named)
        params.pop("discounts", None)
        return params

    patch.setattr(starting, "_terms", in_full)


def paying_ahead_writes_nothing(patch):
    """The page says that it is paid until then, and it is not."""

    async def pretend(account, asked, *_, **__):
        return asked.subscription

    patch.setattr(prepaying, "confirm", pretend)


PLANTS = [
    Plant(twice_as_many_are_started, ("start_is_charge",), seed=3),
    Plant(a_start_forgets_its_code, ("start_is_charge", "told_is_true"), seed=4),
    Plant(paying_ahead_writes_nothing, ("told_is_true",)),
    Plant(a_card_is_charged_twice, ("paid_once", "one_click_one_charge")),
    Plant(the_moment_of_the_preview_is_forgotten, ("preview_is_charge", "one_click_one_charge")),
    Plant(the_preview_forgets_how_many, ("preview_is_charge", "one_click_one_charge", "start_is_charge"), seed=4),
    Plant(a_lost_answer_counts_as_canceled, ("told_is_true",), seed=5),
    Plant(nobody_asks_whose_it_is, ("strangers_find_nothing", "nothing_of_others")),
    Plant(a_decline_counts_as_paid, ("told_is_true",), seed=3),
    Plant(what_was_read_is_kept_for_all, ("nothing_of_others",)),
    Plant(keeping_the_plan_writes_nothing, ("told_is_true",)),
    Plant(a_canceled_subscription_renews, ("cancel_wins",), seed=7),
    Plant(paying_does_not_bring_it_back, ("states_agree",), seed=4),
    Plant(a_write_without_an_answer_counts_as_not_done, ("nothing_means_nothing",), seed=2),
    Plant(a_page_forgets_a_case, ("nobody_crashes",), seed=5),
    Plant(an_id_stands_for_a_name, ("pages_are_calm",)),
    Plant(a_look_at_the_price_of_a_pause_pauses, ("pauses_are_asked_for", "pages_are_calm"), seed=3),
    Plant(the_button_would_charge_another_sum, ("sums_are_shown",)),
]
