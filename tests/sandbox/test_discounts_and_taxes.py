"""What lowers a bill and for how long, who may redeem it, and the taxes on top of it or inside it."""

from typing import Any

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.billing import DAY, Shop, amounts
from tests.sandbox.support import refusal_of

BERLIN = {"country": "DE", "city": "Berlin"}


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September 2026."""
    return Shop(client, world)


def coupon(shop: Shop, **more: Any) -> str:
    """The id of a new coupon: ten percent for ever, unless told otherwise."""
    off = {} if "amount_off" in more else {"percent_off": 10}
    return str(shop.api.coupons.create({**off, "duration": "forever", **more}).id)


def code(shop: Shop, **more: Any) -> str:
    """The id of a promotion code for ten percent."""
    return str(shop.api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon(shop)}, **more}).id)


def latest(shop: Shop, subscription: Any) -> Any:
    """The latest invoice of a subscription."""
    return shop.api.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]}).latest_invoice


def rate(shop: Shop, percentage: float, *, inclusive: bool = False) -> str:
    """The id of a new tax rate."""
    made = shop.api.tax_rates.create({"display_name": "VAT", "percentage": percentage, "inclusive": inclusive})
    return str(made.id)


# -- discounts


def test_a_repeating_coupon_ends_after_its_months(shop: Shop) -> None:
    made = shop.subscribe(
        shop.customer(),
        shop.price(1000),
        discounts=[{"coupon": coupon(shop, duration="repeating", duration_in_months=3)}],
    )
    totals = [latest(shop, made).total]
    for _ in range(4):
        shop.pass_time(31 * DAY)
        totals.append(latest(shop, made).total)
    assert totals == [900, 900, 900, 1000, 1000]
    assert shop.subscription(made.id).discounts == []


def test_a_discount_of_one_item_lowers_that_item_inside_the_subtotal(shop: Shop) -> None:
    items = [
        {"price": shop.price(1000), "discounts": [{"coupon": coupon(shop, percent_off=50)}]},
        {"price": shop.price(3000, name="Disk")},
    ]
    made = shop.api.subscriptions.create({"customer": shop.customer().id, "items": items, "expand": ["latest_invoice"]})
    invoice = made.latest_invoice
    assert (amounts(invoice), invoice.subtotal, invoice.total, invoice.amount_paid) == ([1000, 3000], 3500, 3500, 3500)
    assert invoice.discounts == []
    assert invoice.lines.data[0].discounts == made["items"].data[0].discounts
    assert_matches_sdk(made)


def test_a_discounted_item_is_credited_at_what_was_paid(shop: Shop) -> None:
    items = [{"price": shop.price(3000), "discounts": [{"coupon": coupon(shop, percent_off=50)}]}]
    made = shop.api.subscriptions.create({"customer": shop.customer().id, "items": items})
    shop.pass_time(20 * DAY)
    changed = shop.change(made, shop.price(6000), proration_behavior="always_invoice")
    assert amounts(changed.latest_invoice) == [-500, 1000]


def test_a_coupon_for_one_product_leaves_the_others_alone(shop: Shop) -> None:
    only, other = shop.price(1000), shop.price(3000, name="Disk")
    product = shop.api.prices.retrieve(only).product
    made = shop.api.subscriptions.create(
        {
            "customer": shop.customer().id, "items": [{"price": only}, {"price": other}],
            "discounts": [{"coupon": coupon(shop, percent_off=50, applies_to={"products": [product]})}],
            "expand": ["latest_invoice"],
        }
    )  # fmt: skip
    offs = [sum(off.amount for off in line.discount_amounts) for line in made.latest_invoice.lines.data]
    assert (offs, made.latest_invoice.total) == ([500, 0], 3500)


def test_a_deleted_coupon_stays_with_those_who_have_it(shop: Shop) -> None:
    given = coupon(shop)
    made = shop.subscribe(shop.customer(), shop.price(1000), discounts=[{"coupon": given}])
    shop.api.coupons.delete(given)
    shop.pass_time(31 * DAY)
    assert latest(shop, made).total == 900


def test_taking_the_discount_off_bills_in_full(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000), discounts=[{"coupon": coupon(shop)}])
    gone = shop.api.subscriptions.delete_discount(made.id)
    assert gone.deleted
    shop.pass_time(31 * DAY)
    assert latest(shop, made).total == 1000
    assert refusal_of(shop.api.subscriptions.delete_discount, made.id).http_status == 404


def test_a_coupon_in_another_currency_is_refused(shop: Shop) -> None:
    euros = coupon(shop, amount_off=500, currency="eur")
    refused = refusal_of(lambda: shop.subscribe(shop.customer(), shop.price(1000), discounts=[{"coupon": euros}]))
    assert (refused.http_status, refused.param) == (400, "discounts[0]")


def test_a_code_for_first_orders_is_refused_to_those_who_bought(shop: Shop) -> None:
    ada = shop.customer()
    made = shop.subscribe(ada, shop.price(1000))
    first = code(shop, restrictions={"first_time_transaction": True})
    refused = refusal_of(shop.api.subscriptions.update, made.id, {"discounts": [{"promotion_code": first}]})
    assert "prior transactions" in str(refused.user_message)


def test_what_waits_for_its_payment_is_a_prior_transaction_until_it_is_void(shop: Shop) -> None:
    ada = shop.customer()
    first = [{"promotion_code": code(shop, restrictions={"first_time_transaction": True})}]
    waits = shop.subscribe(ada, shop.price(1000), payment_behavior="default_incomplete")
    assert "prior transactions" in str(refusal_of(lambda: shop.subscribe(ada, shop.price(1000), discounts=first)))
    shop.api.invoices.void_invoice(waits.latest_invoice)
    assert shop.subscribe(ada, shop.price(1000), discounts=first).status == "active"


def test_a_code_with_a_least_amount_counts_the_items(shop: Shop) -> None:
    least = code(shop, restrictions={"minimum_amount": 3000, "minimum_amount_currency": "usd"})
    price = shop.price(1000)
    wanted = [{"promotion_code": least}]
    assert refusal_of(lambda: shop.subscribe(shop.customer(), price, 2, discounts=wanted)).http_status == 400
    assert shop.subscribe(shop.customer(), price, 3, discounts=wanted).status == "active"


def test_a_code_of_another_customer_a_late_one_and_a_used_up_one_are_refused(shop: Shop) -> None:
    mallory, price = shop.customer(), shop.price(1000)
    hers = code(shop, customer=shop.customer().id)
    late = code(shop, expires_at=shop.now + DAY)
    once = code(shop, max_redemptions=1)
    shop.subscribe(shop.customer(), price, discounts=[{"promotion_code": once}])
    shop.pass_time(2 * DAY)
    for refused in (hers, late, once):
        wanted = [{"promotion_code": refused}]
        assert refusal_of(lambda wanted=wanted: shop.subscribe(mallory, price, discounts=wanted)).http_status == 400


# -- taxes


def test_a_credit_gives_back_its_tax(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000), default_tax_rates=[rate(shop, 20)])
    shop.pass_time(20 * DAY)
    changed = shop.change(made, shop.price(6000), proration_behavior="always_invoice")
    taxes = [line.taxes[0].amount for line in changed.latest_invoice.lines.data]
    assert (taxes, changed.latest_invoice.total) == ([-200, 400], 1200)


def test_flexible_mode_credits_the_tax_that_was_billed_and_classic_the_rate_of_now(shop: Shop) -> None:
    for mode, tax in (("flexible", []), ("classic", [-200])):
        made = shop.subscribe(shop.customer(), shop.price(3000), billing_mode={"type": mode})
        shop.api.subscriptions.update(made.id, {"default_tax_rates": [rate(shop, 20)]})
        item = {"id": made["items"].data[0].id, "price": shop.price(6000)}
        moment = {"proration_behavior": "always_invoice", "proration_date": shop.now + 20 * DAY}
        preview = shop.api.invoices.create_preview(
            {"subscription": made.id, "subscription_details": {"items": [item], **moment}}
        )
        assert [one.amount for one in preview.lines.data[0].taxes] == tax


def test_an_inclusive_rate_is_inside_the_price(shop: Shop) -> None:
    made = shop.subscribe(
        shop.customer(),
        shop.price(12000),
        default_tax_rates=[rate(shop, 20, inclusive=True)],
        expand=["latest_invoice"],
    )
    invoice = made.latest_invoice
    assert (invoice.total, invoice.total_excluding_tax, invoice.total_taxes[0].amount) == (12000, 10000, 2000)


def test_an_item_with_a_rate_of_its_own_does_not_take_the_default(shop: Shop) -> None:
    items = [{"price": shop.price(1000), "tax_rates": [rate(shop, 10)]}, {"price": shop.price(2000)}]
    made = shop.api.subscriptions.create(
        {
            "customer": shop.customer().id, "items": items, "default_tax_rates": [rate(shop, 20)],
            "expand": ["latest_invoice"],
        }
    )  # fmt: skip
    assert [line.taxes[0].amount for line in made.latest_invoice.lines.data] == [100, 400]
    assert_matches_sdk(made)


def test_an_exempt_customer_pays_no_tax(shop: Shop) -> None:
    made = shop.subscribe(
        shop.customer(tax_exempt="exempt"),
        shop.price(1000),
        default_tax_rates=[rate(shop, 20)],
        expand=["latest_invoice"],
    )
    assert made.latest_invoice.total == 1000


def test_automatic_tax_goes_by_the_customers_place(shop: Shop) -> None:
    made = shop.subscribe(
        shop.customer(address=BERLIN), shop.price(1000), automatic_tax={"enabled": True}, expand=["latest_invoice"]
    )
    invoice = made.latest_invoice
    assert (invoice.total, invoice.automatic_tax.status) == (1190, "complete")
    assert_matches_sdk(made)


def test_automatic_tax_without_a_place_is_refused_and_says_so_in_a_preview(shop: Shop) -> None:
    nowhere, price = shop.customer(), shop.price(1000)
    refused = refusal_of(lambda: shop.subscribe(nowhere, price, automatic_tax={"enabled": True}))
    assert (refused.http_status, refused.code) == (400, "customer_tax_location_invalid")
    preview = shop.api.invoices.create_preview(
        {
            "customer": nowhere.id, "automatic_tax": {"enabled": True},
            "subscription_details": {"items": [{"price": price}]},
        }
    )  # fmt: skip
    assert (preview.total, preview.automatic_tax.status) == (1000, "requires_location_inputs")


def test_a_renewal_whose_customer_lost_the_place_says_why_it_has_no_tax(shop: Shop) -> None:
    ada = shop.customer(address=BERLIN)
    made = shop.subscribe(ada, shop.price(1000), automatic_tax={"enabled": True})
    shop.api.customers.update(ada.id, {"address": ""})
    shop.pass_time(31 * DAY)
    invoice = latest(shop, made)
    assert (invoice.total, invoice.automatic_tax.disabled_reason) == (1000, "finalization_requires_location_inputs")
    assert shop.subscription(made.id).automatic_tax.disabled_reason == "requires_location_inputs"
