"""What recordings of the real API show and no other file here replays: shapes, words, orders and refusals.

Each test's name says the fact; `test_facts.py` has the table from each recorded fact to the tests that replay it.
"""

import re
from typing import Any

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.billing import DAY, Shop, period_of
from tests.sandbox.support import http, refusal_of

MONTH = 30 * DAY


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September 2026, whose month has 30 days."""
    return Shop(client, world)


def get(shop: Shop, path: str) -> dict[str, Any]:
    """The JSON of an answer as it travels, in its order."""
    return http(shop.world, "GET", path).json


def line_of(shop: Shop, subscription: Any) -> Any:
    """The first line of the latest invoice."""
    return shop.api.invoices.retrieve(subscription.latest_invoice).lines.data[0]


# -- words of lines


@pytest.mark.parametrize(
    ("product", "interval", "quantity", "words"),
    [
        ({}, "month", 1, "1 × Pro (at $25.00 / month)"),
        ({"unit_label": "user"}, "month", 1, "1 user × Pro (at $25.00 / month)"),
        ({"unit_label": "user"}, "year", 10, "10 user × Pro (at $25.00 / year)"),
    ],
)
def test_a_line_has_its_unit_and_is_never_pluralised(
    shop: Shop, product: dict[str, str], interval: str, quantity: int, words: str
) -> None:
    made = shop.subscribe(shop.customer(), shop.price(2500, interval, **product), quantity)
    assert line_of(shop, made).description == words


def test_a_trials_line_is_free_and_has_the_unit(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(2500, unit_label="user"), trial_period_days=7)
    line = line_of(shop, made)
    assert (line.description, line.amount, line.pricing.unit_amount_decimal) == ("Free trial for 1 user × Pro", 0, 0)


def test_proration_lines_have_no_unit(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(2500, unit_label="user"))
    changed = shop.change(
        made, shop.price(5000, unit_label="user"), proration_behavior="always_invoice", proration_date=shop.now + DAY
    )
    assert [line.description for line in changed.latest_invoice.lines.data] == [
        "Unused time on Pro after 22 Sep 2026",
        "Remaining time on Pro after 22 Sep 2026",
    ]


def test_a_one_off_line_is_named_as_its_product(shop: Shop) -> None:
    ada = shop.customer()
    shirt = shop.api.prices.create({"currency": "usd", "unit_amount": 1500, "product_data": {"name": "T-Shirt"}})
    shop.api.invoice_items.create({"customer": ada.id, "pricing": {"price": shirt.id}})
    invoice = shop.api.invoices.create({"customer": ada.id, "pending_invoice_items_behavior": "include"})
    line = invoice.lines.data[0]
    assert (line.description, line.parent.type) == ("T-Shirt", "invoice_item_details")


def test_a_normal_line_can_be_discounted_and_tells_its_price(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    line = line_of(shop, made)
    details = line.parent.subscription_item_details
    assert (line.discountable, line.pricing.unit_amount_decimal) == (True, 1000)
    assert (details.invoice_item, details.proration, details.proration_details.credited_items) == (None, False, None)
    assert (line.period.start, line.period.end) == period_of(made)


# -- subscriptions


def test_a_month_is_a_calendar_month(shop: Shop) -> None:
    start, end = period_of(shop.subscribe(shop.customer(), shop.price(1000)))
    assert (start, end) == (shop.now, shop.now + MONTH)
    shop.pass_time(10 * DAY)
    start, end = period_of(shop.subscribe(shop.customer(), shop.price(1000)))
    assert end - start == 31 * DAY


def test_a_subscription_has_the_keys_that_were_seen_in_their_order(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    body = get(shop, f"/v1/subscriptions/{made.id}")
    names = list(body)
    assert names[:2] == ["id", "object"]
    assert names[2:] == sorted(names[2:])
    assert not [name for name in names if name.startswith("current_period")]
    assert body["billing_mode"] == {
        "type": "flexible",
        "flexible": {"proration_discounts": "included"},
        "updated_at": shop.now,
    }
    assert (body["plan"]["id"], body["quantity"]) == (body["items"]["data"][0]["price"]["id"], 1)
    assert body["trial_settings"] == {
        "end_behavior": {"billing_cycle_anchor": "now", "missing_payment_method": "create_invoice"}
    }
    assert body["payment_settings"]["save_default_payment_method"] == "off"


def test_the_items_of_a_subscription_are_a_list_with_a_count(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    items = get(shop, f"/v1/subscriptions/{made.id}")["items"]
    assert (items["total_count"], items["has_more"]) == (1, False)
    assert items["url"] == f"/v1/subscription_items?subscription={made.id}"


def test_items_are_listed_oldest_first_and_leave_three_keys(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    shop.world.move_clock(4)
    added = shop.api.subscription_items.create({"subscription": made.id, "price": shop.price(500, name="Extra")})
    assert added.current_period_start == period_of(made)[0]
    shop.api.subscription_items.update(added.id, {"quantity": 5})
    assert shop.subscription(made.id).latest_invoice == made.latest_invoice
    listed = shop.api.subscription_items.list({"subscription": made.id}).data
    assert [item.id for item in listed] == [made["items"].data[0].id, added.id]
    gone = http(shop.world, "DELETE", f"/v1/subscription_items/{added.id}").json
    assert gone == {"id": added.id, "object": "subscription_item", "deleted": True}


def test_a_canceled_ones_credit_waits_without_a_parent(shop: Shop) -> None:
    ada = shop.customer()
    made = shop.subscribe(ada, shop.price(1000))
    shop.pass_time(15 * DAY)
    shop.api.subscriptions.cancel(made.id, {"prorate": True})
    (credit,) = get(shop, f"/v1/invoiceitems?customer={ada.id}&pending=true")["data"]
    assert (credit["amount"], credit["parent"]) == (-500, None)
    assert "proration_details" not in credit
    assert credit["period"] == {"start": shop.now, "end": period_of(made)[1]}


def test_an_item_that_is_no_proration_has_nothing_of_one(shop: Shop) -> None:
    ada = shop.customer()
    for _ in range(2):
        shop.api.invoice_items.create({"customer": ada.id, "amount": 700, "currency": "usd"})
    one, other = get(shop, f"/v1/invoiceitems?customer={ada.id}")["data"]
    assert (one["frozen_fields"], one["parent"]) == ([], None)
    assert "net_amount" not in one
    assert "proration_details" not in one
    assert one["pricing"]["price_details"] == other["pricing"]["price_details"]


# -- invoices


def test_an_invoice_names_what_it_is_for_and_none_of_the_old_keys(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    body = get(shop, f"/v1/invoices/{made.latest_invoice}")
    assert body["parent"]["type"] == "subscription_details"
    assert body["parent"]["quote_details"] is None
    assert body["parent"]["subscription_details"] == {"metadata": {}, "subscription": made.id}
    assert not {"subscription", "charge", "payment_intent", "paid", "tax", "discount"} & body.keys()
    assert (body["customer_tax_ids"], body["issuer"], body["rendering"]) == ([], {"type": "self"}, None)
    assert (body["lines"]["total_count"], body["lines"]["url"]) == (1, f"/v1/invoices/{made.latest_invoice}/lines")


def test_the_moments_of_an_invoice_that_is_paid_at_once_are_one(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    invoice = shop.api.invoices.retrieve(made.latest_invoice)
    moments = invoice.status_transitions
    assert {invoice.created, invoice.effective_at, moments.finalized_at, moments.paid_at} == {shop.now}
    assert {invoice.period_start, invoice.period_end} == {shop.now}
    assert (moments.voided_at, moments.marked_uncollectible_at) == (None, None)


def test_what_pays_an_invoice_says_so(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    paid = get(shop, f"/v1/invoices/{made.latest_invoice}?expand[]=payments")["payments"]
    assert (paid["url"], "total_count" in paid) == ("/v1/invoices/payments", False)
    (payment,) = shop.api.invoice_payments.list({"invoice": made.latest_invoice}).data
    intent = get(shop, f"/v1/payment_intents/{payment.payment.payment_intent}")
    assert (intent["description"], intent["setup_future_usage"]) == ("Subscription creation", "off_session")
    assert intent["capture_method"] == "automatic"
    assert intent["payment_details"]["order_reference"] == made.latest_invoice[:25]


def test_a_balance_entry_of_an_invoice_has_its_ending(shop: Shop) -> None:
    ada = shop.customer()
    made = shop.subscribe(ada, shop.price(2000))
    shop.change(made, shop.price(1000), proration_behavior="always_invoice", proration_date=shop.now + 20 * DAY)
    (entry,) = get(shop, f"/v1/customers/{ada.id}/balance_transactions")["data"]
    assert (entry["amount"], entry["ending_balance"], entry["type"]) == (-334, -334, "applied_to_invoice")
    assert (entry["description"], entry["credit_note"], entry["checkout_session"]) == (None, None, None)


# -- coupons and codes


@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        ({}, None, "Must provide percent_off or amount_off."),
        (
            {"percent_off": 10, "amount_off": 100, "currency": "usd"},
            None,
            "Received both percent_off and amount_off parameters. Please pass in only one.",
        ),
        (
            {"percent_off": 0},
            None,
            "This value must be greater than or equal to 0.01 (it currently is '0.0').",
        ),
    ],
)
def test_recorded_refusals_of_coupons(shop: Shop, params: dict[str, Any], code: str | None, words: str) -> None:
    refusal = refusal_of(shop.api.coupons.create, {"duration": "once", **params})
    assert (refusal.http_status, refusal.code, refusal.error.message) == (400, code, words)


def test_recorded_refusals_of_promotion_codes(shop: Shop) -> None:
    coupon = shop.api.coupons.create({"duration": "once", "percent_off": 10, "id": "TEN"})
    taken = refusal_of(shop.api.coupons.create, {"duration": "once", "percent_off": 10, "id": "TEN"})
    assert (taken.code, taken.error.message) == ("resource_already_exists", "Coupon already exists.")
    promotion = {"type": "coupon", "coupon": coupon.id}
    shop.api.promotion_codes.create({"promotion": promotion, "code": "s07-promo"})
    twice = refusal_of(shop.api.promotion_codes.create, {"promotion": promotion, "code": "s07-promo"})
    assert twice.error.message == "An active promotion code with `code: s07-promo` already exists."
    spaces = refusal_of(shop.api.promotion_codes.create, {"promotion": promotion, "code": "has spaces!"})
    assert (spaces.param, spaces.error.message) == (
        "code",
        r"This value must match the regex pattern. (/\A[a-zA-Z0-9\-_]+\z/ does not match for the value has spaces!).",
    )
    unknown = refusal_of(shop.api.promotion_codes.retrieve, "promo_nope")
    assert (unknown.http_status, unknown.param, unknown.error.message) == (
        404,
        "promotion_code",
        "No such promotion code: 'promo_nope'",
    )


# -- methods, errors, headers


def test_a_new_cards_details_are_all_there_and_null(shop: Shop) -> None:
    made = shop.api.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    body = get(shop, f"/v1/payment_methods/{made.id}")
    assert (body["customer"], body["allow_redisplay"]) == (None, "unspecified")
    assert body["billing_details"] == {
        "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
        "email": None,
        "name": None,
        "phone": None,
        "tax_id": None,
    }
    assert body["card"]["checks"]["cvc_check"] == "unchecked"


def test_detaching_twice_is_refused_in_the_recorded_words(shop: Shop) -> None:
    method = shop.use(shop.customer(), "pm_card_visa")
    assert shop.api.payment_methods.detach(method.id).customer is None
    refusal = refusal_of(shop.api.payment_methods.detach, method.id)
    assert (refusal.http_status, refusal.code, refusal.param) == (400, None, None)
    assert refusal.error.message == (
        "The payment method you provided is not attached to a customer so detachment is impossible."
    )


def test_a_customer_that_is_not_there_is_named_as_the_place_of_its_id_says(shop: Shop) -> None:
    listed = http(shop.world, "GET", "/v1/payment_methods?customer=cus_nope")
    assert (listed.status, listed.json["error"]["param"]) == (400, "customer")
    nested = http(shop.world, "GET", "/v1/customers/cus_nope/payment_methods")
    assert (nested.status, nested.json["error"]["param"]) == (404, "id")
    attached = refusal_of(shop.api.payment_methods.attach, "pm_card_visa", {"customer": "cus_nope"})
    assert (attached.http_status, attached.code, attached.param) == (400, "resource_missing", "customer")


def test_an_unknown_subscription_item_is_refused_in_words_of_its_own(shop: Shop) -> None:
    error = http(shop.world, "GET", "/v1/subscription_items/si_nope")
    assert error.status == 404
    assert error.json["error"]["message"] == "Invalid subscription_item id: si_nope"
    assert not {"code", "param"} & error.json["error"].keys()


def test_the_keys_of_an_error_are_alphabetical_and_its_address_tells_the_code(shop: Shop) -> None:
    error = http(shop.world, "GET", "/v1/customers/cus_nope").json["error"]
    assert list(error) == sorted(error)
    assert error["doc_url"] == "https://stripe.com/docs/error-codes/resource-missing"


def test_a_write_echoes_its_key_and_its_first_request(shop: Shop) -> None:
    first = http(shop.world, "POST", "/v1/customers", "name=Ada", Idempotency_Key="once")
    assert (first.status, first.headers["idempotency-key"]) == (200, "once")
    assert first.headers["original-request"] == first.headers["request-id"]
    again = http(shop.world, "POST", "/v1/customers", "name=Ada", Idempotency_Key="once")
    assert again.headers["original-request"] == first.headers["request-id"]
    assert again.headers["request-id"] != first.headers["request-id"]


def test_secrets_have_their_length(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    invoice = get(shop, f"/v1/invoices/{made.latest_invoice}?expand[]=confirmation_secret")
    secret = invoice["confirmation_secret"]["client_secret"]
    assert re.fullmatch(r"pi_3[A-Za-z0-9]{23}_secret_[A-Za-z0-9]{25}", secret)


def test_a_list_has_exactly_four_keys(shop: Shop) -> None:
    shop.customer()
    assert list(get(shop, "/v1/customers")) == ["object", "data", "has_more", "url"]


def test_a_voided_pause_of_collection_has_its_end(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    later = shop.now + MONTH
    paused = shop.api.subscriptions.update(made.id, {"pause_collection": {"behavior": "void", "resumes_at": later}})
    assert (paused.status, paused.pause_collection.behavior, paused.pause_collection.resumes_at) == (
        "active",
        "void",
        later,
    )
    assert shop.api.subscriptions.update(made.id, {"pause_collection": ""}).pause_collection is None


def test_a_paid_invoice_cannot_be_sent(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    refusal = refusal_of(shop.api.invoices.send_invoice, made.latest_invoice)
    assert (refusal.http_status, refusal.code) == (400, None)
    assert refusal.error.message == (
        "This invoice cannot be sent right now. Please contact us via https://support.stripe.com/contact with details, "
        "so we can help."
    )


@pytest.mark.parametrize(
    ("amount", "inclusive", "tax", "taxable"), [(19999, False, 4200, 19999), (30882, True, 5360, 25522)]
)
def test_tax_is_rounded_to_the_nearest_cent(shop: Shop, amount: int, inclusive: bool, tax: int, taxable: int) -> None:
    rate = shop.api.tax_rates.create({"display_name": "VAT", "percentage": 21, "inclusive": inclusive})
    made = shop.subscribe(shop.customer(), shop.price(amount), default_tax_rates=[rate.id])
    (line_tax,) = line_of(shop, made).taxes
    assert (line_tax.amount, line_tax.taxable_amount) == (tax, taxable)


def test_subscriptions_are_listed_by_status_and_by_price(shop: Shop) -> None:
    ada, price, other = shop.customer(), shop.price(1000), shop.price(2000)
    over, made = shop.subscribe(ada, price), shop.subscribe(ada, other)
    shop.api.subscriptions.cancel(over.id)
    listed = [found.id for found in shop.api.subscriptions.list({"customer": ada.id}).data]
    assert listed == [made.id]
    everything = [found.id for found in shop.api.subscriptions.list({"customer": ada.id, "status": "all"}).data]
    assert everything == [made.id, over.id]
    priced = [found.id for found in shop.api.subscriptions.list({"price": price, "status": "all"}).data]
    assert priced == [over.id]


def test_deleted_coupons_and_invoice_items_are_gone(shop: Shop) -> None:
    coupon = shop.api.coupons.create({"duration": "once", "percent_off": 10})
    item = shop.api.invoice_items.create({"customer": shop.customer().id, "amount": 700, "currency": "usd"})
    for path, name in ((f"/v1/coupons/{coupon.id}", "coupon"), (f"/v1/invoiceitems/{item.id}", "invoiceitem")):
        deleted = http(shop.world, "DELETE", path).json
        assert deleted == {"id": path.rpartition("/")[2], "object": name, "deleted": True}
        assert http(shop.world, "GET", path).status == 404
