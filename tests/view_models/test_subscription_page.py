"""Everything that can be true of one subscription, in words: tiers, usage, what is planned, what waits, how it ended."""

from __future__ import annotations

import msgspec
import pytest

from portal_embed.billing.stripe.objects import MeterSummary, PaymentMethod, Price, Product, Recurring
from portal_embed.billing.usage import Usage
from portal_embed.config import Catalog, Features, Plan
from portal_embed.i18n.formatting import Formatter
from portal_embed.view_models.outcomes import PAUSES, outcome
from portal_embed.view_models.overview import overview_page
from portal_embed.view_models.subscription_cards import OverviewFacts
from portal_embed.view_models.subscription_words import ended_sentence, planned_sentence, waiting_sentence
from portal_embed.view_models.subscriptions import subscription_page
from portal_embed.view_models.wording import price_text, tier_rows, tiers_note, unit_price_text, used_text
from tests.billing.people import DAY, NOW, PERIOD_END, customer, invoice, item, price, subscription

FMT = Formatter("en", "UTC")
MIDNIGHT = NOW - NOW % DAY
METERED = {"interval": "month", "interval_count": 1, "usage_type": "metered", "meter": "mtr_1"}
PRODUCTS = {
    "prod_pro": Product(id="prod_pro", name="Pro"),
    "prod_calls": Product(id="prod_calls", name="API calls", unit_label="API call"),
}
PRICES = {
    "price_basic": Price(
        id="price_basic",
        currency="usd",
        product=Product(id="prod_basic", name="Basic"),
        unit_amount=900,
        recurring=Recurring(interval="month"),
    )
}


def priced(**changes):
    return msgspec.convert(price(**changes), Price)


def facts(one, **changes):
    given = {
        "customer": customer(),
        "subscriptions": (one,),
        "methods": (),
        "open_invoices": (),
        "products": PRODUCTS,
        "features": Features(),
        "may_write": True,
        "may_pay": True,
        "catalog": Catalog([Plan(price="price_pro")]),
        "now": NOW,
        "prices": PRICES,
    }
    return OverviewFacts(**{**given, **changes})


def page_of(one, usage=None, invoices=(), **changes):
    return subscription_page(
        one,
        facts(one, **changes),
        usage or {},
        invoices,
        FMT,
        confirmation=None,
        changes_method=True,
    )


def scheduled(*items, mark=True, **more):
    """A subscription whose next period has these items."""
    phase = {"items": list(items), "start_date": PERIOD_END, "end_date": PERIOD_END + 30 * DAY}
    running = {"start_date": NOW - 9 * DAY, "end_date": PERIOD_END}
    metadata = {"portal_embed": "1"} if mark else {}
    return subscription(
        schedule={"id": "sub_sched_1", "current_phase": running, "phases": [phase], "metadata": metadata, **more}
    )


@pytest.mark.feature(24)
class TestTiers:
    TIERS = (
        {"up_to": 1000, "unit_amount_decimal": "0"},
        {"up_to": 10000, "unit_amount_decimal": "0.05"},
        {"up_to": None, "unit_amount_decimal": "0.04", "flat_amount_decimal": "500"},
    )

    def tiered(self, mode="graduated", currency="usd", tiers=TIERS):
        return priced(billing_scheme="tiered", unit_amount=None, tiers_mode=mode, tiers=tiers, currency=currency)

    def test_each_step_says_its_units_its_price_and_its_fee(self):
        assert [(t.units, t.each, t.flat) for t in tier_rows(self.tiered(), FMT)] == [
            ("1 to 1,000", "", ""),
            ("1,001 to 10,000", "$0.0005", ""),
            ("10,001 and more", "$0.0004", "$5.00"),
        ]

    def test_a_step_of_one_unit_is_one_number(self):
        tiers = ({"up_to": 1, "unit_amount_decimal": "100"}, {"up_to": None, "unit_amount_decimal": "90"})
        assert [t.units for t in tier_rows(self.tiered(tiers=tiers), FMT)] == ["1", "2 and more"]

    def test_yen_have_no_cents_and_may_have_parts(self):
        tiers = ({"up_to": 10, "unit_amount_decimal": "500"}, {"up_to": None, "unit_amount_decimal": "0.5"})
        assert [t.each for t in tier_rows(self.tiered(currency="jpy", tiers=tiers), FMT)] == ["¥500", "¥0.5"]

    def test_graduated_and_volume_are_read_differently(self):
        graduated, volume = (tiers_note(self.tiered(mode), FMT) for mode in ("graduated", "volume"))
        assert "only for what goes beyond it" in graduated
        assert "is the price of all of them" in volume
        assert tiers_note(priced(), FMT) == ""

    def test_a_package_says_for_how_many(self):
        assert unit_price_text(priced(transform_quantity={"divide_by": 1000}), FMT) == "$29.00 for every 1,000"

    def test_use_is_priced_by_the_unit(self):
        metered = priced(unit_amount=None, unit_amount_decimal="0.05", recurring=METERED)
        assert used_text(metered, FMT, "API call") == "$0.0005 per API call"
        assert price_text(metered, None, FMT) == "$0.0005 per unit used"

    def test_tiers_that_were_not_read_are_said_to_be_steps(self):
        one = subscription(items=[item(billing_scheme="tiered", unit_amount=None, tiers_mode="volume")])
        assert page_of(one).items[0].unit_price == "In steps"

    def test_several_items_are_multiplied_and_a_metered_one_is_not(self):
        one = subscription(
            items=[
                item("si_1", quantity=5),
                item("si_2", quantity=None, product="prod_calls", unit_amount=3, recurring=METERED),
            ]
        )
        seats, calls = page_of(one).items
        assert (seats.quantity, seats.unit_price, seats.price, seats.billed) == (
            "5",
            "$29.00",
            "$145.00 a month",
            "Monthly",
        )
        assert (calls.quantity, calls.unit_price) == ("", "$0.03 per API call")

    def test_one_plain_plan_needs_no_table(self):
        assert not page_of(subscription()).has_parts
        assert page_of(subscription(items=[item(quantity=2)])).has_parts


@pytest.mark.feature(31)
class TestUsage:
    ONE = subscription(items=[item(quantity=None, product="prod_calls", recurring=METERED, unit_amount=3)])

    def row(self, usage):
        return page_of(self.ONE, {"si_1": usage}).items[0]

    def test_the_sum_and_the_days_are_told(self):
        days = (MeterSummary(aggregated_value=34.5, start_time=MIDNIGHT, end_time=MIDNIGHT + DAY),)
        row = self.row(Usage(MIDNIGHT, 1234.0, days))
        assert (row.used, row.used_unit) == ("1,234", "API call")
        assert [(d.label, d.amount) for d in row.used_days] == [(FMT.short_date(MIDNIGHT), "34.5")]
        assert row.used_note == "Days run from midnight to midnight UTC."

    def test_a_day_of_utc_keeps_its_date_where_the_clock_is_behind(self):
        behind = Formatter("en", "America/Los_Angeles")
        assert behind.utc_day(MIDNIGHT) == FMT.short_date(MIDNIGHT)

    def test_a_period_that_began_within_a_day_says_so(self):
        days = (MeterSummary(aggregated_value=1, start_time=MIDNIGHT, end_time=MIDNIGHT + DAY),)
        assert "may have use of the period before" in self.row(Usage(MIDNIGHT + 60, 1.0, days)).used_note

    def test_nothing_used_is_zero_and_unknown_is_not(self):
        assert self.row(Usage(NOW, 0.0)).used == "0"
        assert self.row(Usage(NOW)).used == "What was used is not known at the moment."


@pytest.mark.feature(28)
class TestPlanned:
    def words(self, one):
        return planned_sentence(one, PRICES, PRODUCTS, FMT)

    def test_another_plan_by_its_name_and_day(self):
        one = scheduled({"price": "price_basic", "quantity": 1})
        day = FMT.date(PERIOD_END)
        assert self.words(one) == f"Changes to Basic on {day}. Its price is then $9.00 a month."
        assert page_of(one).card.sentences == (self.words(one),)
        assert page_of(one).card.may_unschedule

    def test_another_number_by_its_number_and_several_parts_by_their_sum(self):
        one = scheduled({"price": "price_basic", "quantity": 5})
        assert self.words(one).endswith("Its price is then $9.00 a month × 5.")
        known = {**PRICES, "price_extra": priced(id="price_extra", unit_amount=500, product="prod_extra")}
        one = scheduled({"price": "price_basic", "quantity": 1}, {"price": "price_extra", "quantity": 2})
        assert planned_sentence(one, known, PRODUCTS, FMT).endswith("Its price is then $19.00 a month.")

    def test_a_price_in_steps_names_none(self):
        product = {"id": "prod_basic", "name": "Basic"}
        known = {"price_basic": priced(id="price_basic", product=product, billing_scheme="tiered")}
        one = scheduled({"price": "price_basic", "quantity": 1})
        assert planned_sentence(one, known, PRODUCTS, FMT) == f"Changes to Basic on {FMT.date(PERIOD_END)}."

    def test_a_schedule_of_the_merchant_s_that_ends_it_is_told(self):
        one = scheduled({"price": "price_basic", "quantity": 1}, mark=False, end_behavior="cancel")
        assert page_of(one).card.sentences[-1] == f"It ends on {FMT.date(PERIOD_END + 30 * DAY)}."
        assert page_of(one).card.may_cancel
        assert not page_of(one).card.may_keep

    def test_one_that_ends_with_the_running_period_is_not_charged_again(self):
        running = {"items": [], "start_date": NOW - 9 * DAY, "end_date": PERIOD_END}
        one = scheduled(mark=False, end_behavior="cancel", phases=[running])
        card = page_of(one).card
        assert card.sentences == (f"It ends on {FMT.date(PERIOD_END)}, and you are not charged again.",)
        assert not card.shows_next_charge

    def test_the_same_plan_by_what_it_then_costs(self):
        one = scheduled({"price": price(), "quantity": 3})
        known = {"price_pro": priced()}
        assert planned_sentence(one, known, PRODUCTS, FMT).startswith("Changes to $29.00 a month × 3 on ")

    def test_a_price_that_is_not_known_still_has_its_day(self):
        assert self.words(scheduled({"price": "price_gone"})) == f"Changes on {FMT.date(PERIOD_END)}."

    def test_what_the_merchant_planned_cannot_be_undone_here(self):
        page = page_of(scheduled({"price": "price_basic"}, mark=False))
        assert page.card.sentences[0].startswith("Changes to Basic")
        assert not page.card.may_unschedule

    def test_a_pause_has_words_of_its_own(self):
        pause = [{"key": "p", "pause": {"pause_at": PERIOD_END}}]
        assert self.words(scheduled({"price": "price_basic"}, pause_schedules=pause)) == ""

    def test_nothing_planned_says_nothing(self):
        assert self.words(subscription()) == ""


@pytest.mark.feature(29)
class TestWaiting:
    OWED = invoice("open", id="in_1", amount_remaining=1333)

    def one(self):
        then = {**item(), "price": price("price_basic", product="prod_basic")}
        return subscription(
            pending_update={"expires_at": NOW + 3600, "subscription_items": [then]}, latest_invoice="in_1"
        )

    def page(self, **changes):
        products = {**PRODUCTS, "prod_basic": Product(id="prod_basic", name="Basic")}
        return page_of(self.one(), open_invoices=(self.OWED,), products=products, **changes)

    def test_it_says_from_what_to_what_for_how_much_and_until_when(self):
        page = self.page()
        assert page.waiting.title == "Changes to Basic once it is paid."
        assert "once $13.33 is paid" in page.waiting.body
        assert FMT.moment(NOW + 3600) in page.waiting.body
        assert [row.amount for row in page.waiting_rows] == ["Pro, $29.00 a month", "Basic, $29.00 a month"]
        assert (page.waiting_invoice, page.may_drop) == ("in_1", True)

    def test_the_notice_says_it_once(self):
        assert self.page().waiting.title not in self.page().card.sentences

    def test_who_may_only_look_gets_no_button(self):
        page = self.page(may_write=False, may_pay=False)
        assert (page.waiting_invoice, page.may_drop) == (None, False)

    def test_while_its_payment_is_on_its_way_there_is_nothing_to_do(self):
        owed = msgspec.structs.replace(self.OWED, parent=None)
        assert owed.subscription is None
        page = page_of(self.one(), open_invoices=(of_subscription(self.OWED),), on_their_way=frozenset({"in_1"}))
        assert (page.waiting_invoice, page.may_drop) == (None, False)
        assert page.card.outcome.invoice_id == "in_1"

    def test_the_card_has_it_in_one_sentence(self):
        (card,) = overview_page(facts(self.one(), open_invoices=(self.OWED,)), FMT, None).subscriptions
        assert any(s.startswith("Changes to ") and s.endswith(" once it is paid.") for s in card.sentences)
        assert waiting_sentence(subscription(), PRODUCTS, FMT) == ""


def of_subscription(found):
    return msgspec.convert(
        {**msgspec.to_builtins(found), "parent": {"subscription_details": {"subscription": "sub_1"}}}, type(found)
    )


class TestOnItsWay:
    OWED = of_subscription(invoice("open", id="in_1", amount_remaining=2900, attempted=True, attempt_count=1))

    def overview(self, status="active", **changes):
        one = subscription(status, latest_invoice="in_1")
        return overview_page(facts(one, open_invoices=(self.OWED,), **changes), FMT, None)

    def test_it_is_no_failure_and_nothing_to_pay(self):
        page = self.overview(on_their_way=frozenset({"in_1"}))
        (card,) = page.subscriptions
        assert "Your payment of $29.00 is on its way. You need not do anything." in card.sentences
        assert card.open_invoice_id is None
        assert card.outcome.invoice_id == "in_1"
        assert page.attention is None or page.attention.link_id != "in_1"

    def test_without_that_it_is_a_failure_to_be_paid(self):
        page = self.overview()
        assert page.attention.title == "Your last payment of $29.00 failed"
        assert page.subscriptions[0].outcome is None

    @pytest.mark.parametrize("status", ["incomplete", "past_due", "unpaid"])
    def test_nobody_is_asked_to_pay_what_is_being_paid(self, status):
        (card,) = self.overview(status, on_their_way=frozenset({"in_1"})).subscriptions
        assert card.sentences == ("Your payment of $29.00 is on its way. You need not do anything.",)

    def test_the_pauses_grow_and_end_after_minutes(self):
        asked = [outcome("in_1", "invoices.show", "in_1", n).pause for n in range(len(PAUSES) + 2)]
        assert asked[: len(PAUSES)] == sorted(PAUSES)
        assert asked[len(PAUSES) :] == [0, 0]
        assert 120 <= sum(PAUSES) <= 600
        assert outcome("in_1", "invoices.show", "in_1", -1).pause == 0


@pytest.mark.feature(30)
class TestMethod:
    CARD = msgspec.convert(
        {"id": "pm_1", "type": "card", "card": {"brand": "visa", "last4": "4242"}, "customer": "cus_1"},
        PaymentMethod,
    )

    def test_its_own_method_and_the_account_s_are_told_apart(self):
        own = page_of(subscription(default_payment_method="pm_1"), methods=(self.CARD,))
        account = page_of(
            subscription(),
            methods=(self.CARD,),
            customer=customer(invoice_settings={"default_payment_method": "pm_1"}),
        )
        assert own.method_note == "Chosen for this subscription alone."
        assert account.method_note == "Your default payment method."
        assert own.card.method.text == account.card.method.text == "Visa •••• 4242"

    def test_without_one_there_is_no_reason_but_a_way_to_add_one(self):
        page = page_of(subscription())
        assert (page.method_note, page.changes_method) == ("", True)

    def test_who_pays_by_invoice_has_none_to_change(self):
        assert not page_of(subscription(collection_method="send_invoice")).changes_method
        assert not page_of(subscription(managed_payments={"enabled": True})).changes_method


@pytest.mark.feature(23)
class TestEnded:
    @pytest.mark.parametrize(
        ("reason", "words"),
        [
            ("cancellation_requested", "It was canceled on request."),
            ("payment_failed", "Its invoice was not paid, so it was ended."),
            ("payment_disputed", "A payment was disputed at the bank, so it was ended."),
            ("of_tomorrow", ""),
        ],
    )
    def test_why_it_ended(self, reason, words):
        one = subscription("canceled", ended_at=NOW, cancellation_details={"reason": reason})
        assert ended_sentence(one, FMT) == words
        page = page_of(one)
        assert (page.facts[-1].amount, page.facts[-1].detail) == (FMT.date(NOW), words)
        assert (page.card.may_change, page.card.may_cancel, page.changes_method) == (False, False, False)

    def test_one_that_was_never_paid_never_began(self):
        assert "never began" in ended_sentence(subscription("incomplete_expired"), FMT)

    def test_three_stand_on_the_overview_and_all_are_one_link_away(self):
        def overview(count):
            ended = tuple(subscription("canceled", id=f"sub_{n}", ended_at=NOW) for n in range(count))
            return overview_page(facts(ended[0], subscriptions=ended), FMT, None)

        assert (len(overview(3).ended), overview(3).more_ended) == (3, "")
        assert (len(overview(5).ended), overview(5).more_ended) == (3, "All that ended (5)")


@pytest.mark.feature(27)
def test_a_trial_says_when_it_ends_instead_of_a_period():
    rows = {row.label: row.amount for row in page_of(subscription("trialing", trial_end=PERIOD_END)).facts}
    assert rows["Trial ends"] == FMT.date(PERIOD_END)
    assert "Billing period" not in rows


def test_parts_of_different_intervals_have_a_period_each():
    one = subscription(items=[item("si_1"), item("si_2", end=PERIOD_END + 300 * DAY)])
    assert [row.label for row in page_of(one).facts].count("Billing period") == 2


@pytest.mark.feature(22)
class TestEndsThatAreSet:
    """Whatever else is true of it, that it is going to end is said."""

    ENDS = FMT.date(PERIOD_END)

    def sentences(self, status, **more):
        return page_of(subscription(status, cancel_at=PERIOD_END, **more)).card.sentences

    @pytest.mark.parametrize("status", ["past_due", "unpaid", "paused", "incomplete"])
    def test_it_is_said_last_and_nothing_promises_that_it_goes_on(self, status):
        said = self.sentences(status)
        assert said[-1] == f"It ends on {self.ENDS}."
        assert not [words for words in ("to keep", "stays paused", "by itself") if words in " ".join(said)]

    def test_a_pause_that_is_over_before_still_goes_on(self):
        resume = {"resume_at": NOW + 3 * DAY, "status": {"type": "scheduled"}}
        schedule = {"id": "sub_sched_1", "pause_schedules": [{"key": "p", "pause": {}, "resume": resume}]}
        said = self.sentences("paused", schedule=schedule)
        assert said[1].startswith("It goes on by itself on")
        assert said[-1] == f"It ends on {self.ENDS}."

    def test_the_failed_payment_above_keeps_nothing_either(self):
        one = subscription("past_due", cancel_at=PERIOD_END, latest_invoice="in_1")
        parent = {"subscription_details": {"subscription": "sub_1"}}
        owed = invoice("open", amount_remaining=2900, parent=parent, attempted=True, attempt_count=1)
        page = overview_page(facts(one, open_invoices=(owed,)), FMT, None)
        assert page.attention.body == f"Your plan ends on {self.ENDS}. The invoice is to be paid all the same."

    def test_a_trial_that_is_not_collected_after_it(self):
        said = page_of(
            subscription("trialing", trial_end=PERIOD_END, pause_collection={"behavior": "void"})
        ).card.sentences
        assert said == (
            f"Your trial ends on {self.ENDS}. You are not charged before then.",
            "No bill is charged until you resume.",
        )


@pytest.mark.feature(27)
class TestATrialWithoutAMethod:
    def card(self, then, **more):
        settings = {"end_behavior": {"missing_payment_method": then}}
        one = subscription("trialing", trial_end=PERIOD_END, trial_settings=settings, **more)
        return page_of(one, customer=customer(None)).card

    @pytest.mark.parametrize(("then", "words"), [("cancel", "it ends"), ("pause", "it is paused")])
    def test_what_becomes_of_it_and_what_to_do(self, then, words):
        card = self.card(then)
        day = FMT.date(PERIOD_END)
        assert card.method_note == (
            f"Without a payment method {words} on {day}, and nothing is charged. Add one to keep your plan."
        )
        assert not card.shows_next_charge

    def test_one_that_is_billed_all_the_same_has_a_next_charge(self):
        card = self.card("create_invoice")
        assert card.method_note == "No payment method is saved. Add one so that the next bill can be paid."
        assert card.shows_next_charge

    def test_one_that_is_sent_an_invoice_needs_none(self):
        assert self.card("cancel", collection_method="send_invoice").shows_next_charge
