"""The ready customers: each is in the state that its name promises, reached by real calls."""

import time

import pytest

from tests.sandbox.annotations import assert_matches_sdk

EVERY = [
    "monthly", "past_due", "trialing", "canceling", "two_subscriptions", "new", "many_invoices", "refunded", "open_invoice",
    "3ds_renewal", "every_method", "discounted", "reverse_charge", "paused", "metered", "several_items", "ended", "incomplete",
    "add_ons", "no_address", "invoiced", "contract", "planned", "waiting", "paid_ahead",
]  # fmt: skip


@pytest.mark.parametrize("life", EVERY)
def test_every_life_answers_in_the_sdks_own_shapes(client, world, life):
    ada = world.life(life)
    for listed in (
        client.v1.customers.list(),
        client.v1.subscriptions.list({"customer": ada, "status": "all"}),
        client.v1.invoices.list({"customer": ada, "expand": ["data.payments", "data.confirmation_secret"]}),
        client.v1.payment_methods.list({"customer": ada}),
        client.v1.charges.list({"customer": ada}),
        client.v1.payment_intents.list({"customer": ada}),
    ):
        assert_matches_sdk(listed.to_dict())


def test_ada_has_paid_a_year_of_months(client, world):
    ada = world.life("monthly")
    invoices = client.v1.invoices.list({"customer": ada, "limit": 100}).data
    assert {invoice.status for invoice in invoices} == {"paid"}
    assert len(invoices) == 12
    (subscription,) = client.v1.subscriptions.list({"customer": ada}).data
    assert subscription.status == "active"
    assert subscription["items"].data[0].current_period_end > world.now()


def test_bob_is_past_due_with_one_open_invoice(client, world):
    bob = world.live("past_due")
    assert client.v1.subscriptions.retrieve(bob["subscription"]).status == "past_due"
    invoice = client.v1.invoices.retrieve(bob["invoice"])
    assert invoice.status == "open"
    assert invoice.attempt_count in {1, 2}  # after a short month it was tried again already


def test_clara_is_in_her_trial(client, world):
    clara = world.live("trialing")
    subscription = client.v1.subscriptions.retrieve(clara["subscription"])
    assert subscription.status == "trialing"
    assert subscription.trial_end > world.now()


def test_dan_leaves_at_the_end_of_his_period(client, world):
    dan = world.live("canceling")
    subscription = client.v1.subscriptions.retrieve(dan["subscription"])
    assert (subscription.status, subscription.cancel_at_period_end) == ("active", True)
    assert subscription.cancellation_details.feedback == "too_expensive"


def test_erin_pays_each_subscription_with_its_own_card(client, world):
    erin = world.live("two_subscriptions")
    defaults = [row.default_payment_method for row in client.v1.subscriptions.list({"customer": erin["customer"]}).data]
    assert defaults == [erin["second_payment_method"], None]


def test_grace_has_as_many_invoices_as_asked_quickly(client, world):
    begun = time.process_time()  # not the clock on the wall: the machine may be busy with other things
    grace = world.life("many_invoices", count=500)
    assert time.process_time() - begun < 2
    assert len(list(client.v1.invoices.list({"customer": grace, "limit": 100}).auto_paging_iter())) == 500


def test_henry_has_his_money_back(client, world):
    henry = world.live("refunded")
    assert (
        client.v1.refunds.retrieve(henry["refund"]).amount == client.v1.invoices.retrieve(henry["invoice"]).amount_paid
    )


def test_ivy_owes_what_was_sent(client, world):
    ivy = world.live("open_invoice")
    invoice = client.v1.invoices.retrieve(ivy["invoice"])
    assert (invoice.status, invoice.amount_remaining, invoice.collection_method) == ("open", 4900, "send_invoice")
    assert invoice.due_date > world.now()


def test_jos_bank_wants_to_see_jo(client, world):
    jo = world.live("3ds_renewal")
    assert client.v1.subscriptions.retrieve(jo["subscription"]).status == "past_due"
    assert client.v1.invoices.retrieve(jo["invoice"]).status == "open"


def test_kim_has_an_apple_pay_card_among_fifteen_methods(client, world):
    kim = world.live("every_method")
    assert client.v1.payment_methods.retrieve(kim["payment_methods"]["apple_pay"]).card.wallet.type == "apple_pay"


def test_several_lives_share_one_catalogue(client, world):
    assert world.live("monthly")["prices"] == world.live("new")["prices"]
    assert len(client.v1.products.list().data) == 3


def test_the_second_life_with_the_same_name_is_another_customer(world):
    assert world.life("monthly") != world.life("monthly")


def test_an_unknown_life_names_those_there_are(world):
    with pytest.raises(ValueError, match="there are: invoiced"):
        world.life("nobody")


def test_time_moved_renews_what_falls_due(client, world):
    ada = world.life("monthly")
    world.move_clock(31 * 86_400)
    assert len(client.v1.invoices.list({"customer": ada, "limit": 100}).data) == 13


def test_lou_pays_a_fifth_less_and_the_codes_are_made_once(client, world):
    lou, other = world.live("discounted"), world.live("discounted")
    assert {invoice.total for invoice in client.v1.invoices.list({"customer": lou["customer"]}).data} == {2320}
    assert lou["promotion_codes"] == other["promotion_codes"]


def test_lea_had_a_plan_and_max_has_not_paid_for_his(client, world):
    lea, max_ = world.live("ended"), world.live("incomplete")
    assert client.v1.subscriptions.retrieve(lea["subscription"]).status == "canceled"
    assert client.v1.subscriptions.retrieve(max_["subscription"]).status == "incomplete"
    assert client.v1.invoices.retrieve(max_["invoice"]).status == "open"


def test_nina_has_two_packs_of_storage_beside_her_plan(client, world):
    for _ in range(2):  # sold once, however many have it
        nina = world.live("add_ons")
    rows = client.v1.subscriptions.retrieve(nina["subscription"]).items.data
    assert {row.price.lookup_key: row.quantity for row in rows} == {"pro_monthly": 1, "storage_monthly": 2}
    assert len(client.v1.prices.list({"lookup_keys": ["storage_monthly", "storage_yearly"]}).data) == 2
