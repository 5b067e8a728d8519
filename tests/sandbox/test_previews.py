"""A preview is what the change then bills."""

from typing import Any

import pytest
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal_embed.sandbox import Sandbox, SandboxWorld
from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.billing import DAY, SEPTEMBER_21, Shop, amounts
from tests.sandbox.support import refusal_of, sdk

PLANS = st.tuples(st.integers(1, 200_000), st.sampled_from(["month", "year", "week"]), st.integers(1, 12))
DISCOUNTS = st.none() | st.fixed_dictionaries(
    {
        "duration": st.sampled_from(["once", "forever"]),
        "off": st.integers(1, 100).map(lambda percent: {"percent_off": percent})
        | st.decimals(1, 99, places=1).map(lambda percent: {"percent_off": float(percent)})
        | st.integers(1, 50_000).map(lambda amount: {"amount_off": amount}),
        "on_change": st.booleans(),
    }
)


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September 2026."""
    return Shop(client, world)


@pytest.fixture(scope="module")
def busy(sandbox: Sandbox) -> Shop:
    """One shop for all the examples; each example empties its books."""
    world = sandbox.world("previews")
    return Shop(sdk(world), world)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    old=PLANS,
    new=PLANS,
    currency=st.sampled_from(["usd", "jpy"]),
    mode=st.sampled_from(["flexible", "classic"]),
    discount=DISCOUNTS,
    began=st.integers(SEPTEMBER_21 - 300 * DAY, SEPTEMBER_21),
    passed=st.integers(0, 100 * DAY),
    behaviour=st.sampled_from(["always_invoice", "create_prorations", "none"]),
    reset=st.booleans(),
    thinking=st.integers(0, 900),
)
def test_every_preview_equals_what_the_change_then_bills(  # noqa: PLR0917 - hypothesis names them
    busy: Shop,
    old: Any,
    new: Any,
    currency: str,
    mode: str,
    discount: Any,
    began: int,
    passed: int,
    behaviour: str,
    reset: bool,
    thinking: int,
) -> None:
    busy.world.reset()
    busy.now = busy.world.freeze(began)
    ada = busy.customer()
    coupon = _coupon(busy, discount, currency)
    first = {"discounts": [{"coupon": coupon}]} if coupon and not discount["on_change"] else {}
    made = busy.subscribe(
        ada, busy.price(old[0], old[1], currency=currency), old[2], billing_mode={"type": mode}, **first
    )
    busy.pass_time(passed)
    moment = busy.now
    change: dict[str, Any] = {"proration_behavior": behaviour, "proration_date": moment}
    if reset:
        change["billing_cycle_anchor"] = {"type": "now"}
    redeemed = {"discounts": [{"coupon": coupon}]} if coupon and discount["on_change"] else {}
    item = {"id": made["items"].data[0].id, "price": busy.price(new[0], new[1], currency=currency), "quantity": new[2]}
    before = busy.api.customers.retrieve(ada.id).balance
    preview = busy.api.invoices.create_preview(
        {"subscription": made.id, "subscription_details": {"items": [item], **change}, **redeemed}
    )
    assert busy.api.customers.retrieve(ada.id).balance == before
    unchanged = busy.subscription(made.id)["items"].data[0]
    assert unchanged.price.id == made["items"].data[0].price.id
    if not reset and mode == "flexible" and moment + thinking < unchanged.current_period_end:
        busy.pass_time(
            thinking
        )  # the customer reads the preview; an anchor that moves to now would move with the clock
    changed = busy.api.subscriptions.update(
        made.id, {"items": [item], **change, **redeemed, "expand": ["latest_invoice"]}
    )
    billed = changed.latest_invoice
    if billed.billing_reason != "subscription_update" or billed.created != busy.now:
        busy.pass_time(changed["items"].data[0].current_period_end - busy.now + 3601)
        billed = busy.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]}).latest_invoice
    assert _figures(preview) == _figures(billed)
    assert billed.amount_paid == preview.amount_due
    assert busy.api.customers.retrieve(ada.id).balance == preview.ending_balance


def _coupon(shop: Shop, discount: Any, currency: str) -> str | None:
    if discount is None:
        return None
    money = {"currency": currency} if "amount_off" in discount["off"] else {}
    return str(shop.api.coupons.create({**discount["off"], **money, "duration": discount["duration"]}).id)


def _figures(invoice: Any) -> dict[str, Any]:
    names = ("subtotal", "total", "amount_due", "starting_balance", "ending_balance", "currency", "period_start")
    lines = [(line.amount, line.description, line.period.start, line.period.end) for line in invoice.lines.data]
    return {**{name: invoice[name] for name in names}, "lines": lines}


def test_the_next_renewal_is_previewed_with_what_waits(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000))
    shop.pass_time(10 * DAY)
    shop.change(made, shop.price(6000))
    preview = shop.api.invoices.create_preview({"subscription": made.id})
    assert (amounts(preview), preview.total) == ([-2000, 4000, 6000], 8000)
    recurring = shop.api.invoices.create_preview({"subscription": made.id, "preview_mode": "recurring"})
    assert (amounts(recurring), recurring.total) == ([6000], 6000)
    assert_matches_sdk(preview)


def test_a_preview_leaves_nothing_behind(shop: Shop) -> None:
    ada = shop.customer()
    made = shop.subscribe(ada, shop.price(1000))
    item = {"id": made["items"].data[0].id, "price": shop.price(5000)}
    events = len(shop.api.events.list({"limit": 100}).data)
    shop.api.invoices.create_preview(
        {"subscription": made.id, "subscription_details": {"items": [item], "proration_behavior": "always_invoice"}}
    )
    assert shop.api.invoice_items.list({"customer": ada.id}).data == []
    assert len(shop.api.invoices.list({"customer": ada.id}).data) == 1
    assert len(shop.api.events.list({"limit": 100}).data) == events


def test_after_the_end_there_is_nothing_to_preview(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    shop.api.subscriptions.update(made.id, {"cancel_at_period_end": True})
    refused = refusal_of(shop.api.invoices.create_preview, {"subscription": made.id})
    assert (refused.http_status, refused.code) == (404, "invoice_upcoming_none")


def test_ending_a_trial_now_is_previewed(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000), trial_period_days=14)
    preview = shop.api.invoices.create_preview({"subscription": made.id, "subscription_details": {"trial_end": "now"}})
    assert preview.amount_due == 1000


def test_a_new_subscription_is_previewed_for_a_customer_without_a_card(shop: Shop) -> None:
    preview = shop.api.invoices.create_preview(
        {
            "customer": shop.customer(card=None).id,
            "subscription_details": {"items": [{"price": shop.price(700), "quantity": 3}]},
        }
    )
    assert preview.amount_due == 2100


def test_canceling_now_is_previewed_as_a_credit(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000))
    shop.pass_time(20 * DAY)
    preview = shop.api.invoices.create_preview({"subscription": made.id, "subscription_details": {"cancel_now": True}})
    assert (preview.total, preview.amount_due) == (-1000, 0)
