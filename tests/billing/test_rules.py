"""Facts and rules about subscriptions, methods, invoices and money: pure, so tested as tables."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from portal_embed.billing import invoices, payment_methods, subscriptions
from portal_embed.billing.declines import SHOWN, SHOWN_CODES, shown_code
from portal_embed.billing.invoices import InvoiceState
from portal_embed.billing.money import Money, exponent, unit_price
from portal_embed.billing.payment_methods import Expiry
from portal_embed.billing.subscriptions import State
from tests.billing.people import DAY, NOW, PERIOD_END, card, customer, invoice, item, subscription


def at(year, month, day, hour=12):
    return int(dt.datetime(year, month, day, hour, tzinfo=dt.UTC).timestamp())


class TestSubscriptions:
    @pytest.mark.parametrize(
        ("status", "changes", "state"),
        [
            ("active", {}, State.ACTIVE),
            ("trialing", {}, State.TRIAL),
            ("active", {"cancel_at": NOW}, State.CANCELING),
            ("trialing", {"cancel_at_period_end": True}, State.CANCELING),
            ("past_due", {"cancel_at": NOW}, State.PAST_DUE),
            ("active", {"pause_collection": {"behavior": "void"}}, State.COLLECTION_PAUSED),
            ("a_status_of_tomorrow", {}, State.OTHER),
        ],
    )
    def test_the_most_telling_state_is_shown(self, status, changes, state):
        assert subscriptions.state_of(subscription(status, **changes)) is state

    def test_it_ends_when_either_field_says_so(self):
        assert subscriptions.ends_at(subscription()) is None
        assert subscriptions.ends_at(subscription(cancel_at=NOW)) == NOW
        assert subscriptions.ends_at(subscription(cancel_at_period_end=True)) == PERIOD_END

    def test_what_has_ended_does_not_end_again(self):
        assert subscriptions.ends_at(subscription("canceled", cancel_at=NOW)) is None

    def test_with_mixed_intervals_the_next_bill_is_the_earliest_and_the_end_the_latest(self):
        mixed = subscription(items=[item("si_1", PERIOD_END), item("si_2", PERIOD_END + 300 * DAY)])
        assert subscriptions.period_end(mixed) == PERIOD_END
        assert subscriptions.latest_period_end(mixed) == PERIOD_END + 300 * DAY

    def test_canceling_is_written_as_the_billing_mode_wants_it(self):
        assert subscriptions.cancel_params(subscription()) == {"cancel_at": "max_period_end"}
        classic = subscription(billing_mode={"type": "classic"})
        assert subscriptions.cancel_params(classic) == {"cancel_at_period_end": True}

    def test_keeping_clears_the_field_that_is_set(self):
        assert subscriptions.keep_params(subscription(cancel_at=NOW)) == {"cancel_at": "", "proration_behavior": "none"}
        both = subscription(cancel_at=NOW, cancel_at_period_end=True)
        assert subscriptions.keep_params(both) == {"cancel_at_period_end": False}

    @pytest.mark.parametrize(
        ("own", "own_source", "default", "source", "effective"),
        [
            ("pm_own", "card_own", "pm_default", "card_default", "pm_own"),
            (None, "card_own", "pm_default", "card_default", "card_own"),
            (None, None, "pm_default", "card_default", "pm_default"),
            (None, None, None, "card_default", "card_default"),
            (None, None, None, None, None),
        ],
    )
    def test_stripe_s_order_decides_what_is_charged(self, own, own_source, default, source, effective):
        theirs = subscription(default_payment_method=own, default_source=own_source)
        assert subscriptions.effective_method(theirs, customer(default, default_source=source)) == effective

    def test_only_live_subscriptions_with_another_method_override_the_default(self):
        same = subscription(id="sub_same", default_payment_method="pm_new")
        other = subscription(id="sub_other", default_payment_method="pm_old")
        ended = subscription("canceled", id="sub_ended", default_payment_method="pm_old")
        none = subscription(id="sub_none")
        managed = subscription(
            id="sub_managed", default_payment_method="pm_old", managed_payments={"enabled": True}
        )  # Stripe's portal alone may change it
        found = subscriptions.overriding([same, other, ended, none, managed], "pm_new")
        assert [s.id for s in found] == ["sub_other"]


class TestPaymentMethods:
    @pytest.mark.parametrize(
        ("month", "year", "now", "expiry"),
        [
            (11, 2026, at(2026, 11, 30, 23), Expiry.SOON),
            (11, 2026, at(2026, 12, 1, 0), Expiry.EXPIRED),
            (12, 2026, at(2026, 12, 31, 23), Expiry.SOON),
            (12, 2026, at(2027, 1, 1, 0), Expiry.EXPIRED),
            (12, 2026, at(2026, 11, 17, 0), Expiry.SOON),
            (12, 2026, at(2026, 11, 16, 0), Expiry.GOOD),
            (2, 2028, at(2028, 2, 29, 12), Expiry.SOON),
        ],
    )
    def test_a_card_is_good_through_the_last_day_of_its_month(self, month, year, now, expiry):
        assert payment_methods.expiry_of(card(month=month, year=year), now) is expiry

    def test_what_has_no_date_does_not_expire(self):
        assert payment_methods.expiry_of(card(exp_month=None), NOW) is Expiry.NONE

    def test_a_method_that_a_live_subscription_will_charge_is_in_use(self):
        assert payment_methods.removal_refusal("pm_visa", customer(), [subscription()]) == "in_use"

    @pytest.mark.parametrize(
        "theirs",
        [
            subscription("canceled"),
            subscription(collection_method="send_invoice"),
            subscription(default_payment_method="pm_other"),
        ],
    )
    def test_one_that_none_will_charge_is_not(self, theirs):
        assert payment_methods.removal_refusal("pm_visa", customer(), [theirs]) is None

    def test_the_default_is_listed_first(self):
        methods = [card("pm_1"), card("pm_2"), card("pm_3")]
        assert [m.id for m in payment_methods.ordered(methods, "pm_2")] == ["pm_2", "pm_1", "pm_3"]

    @pytest.mark.parametrize(("kind", "waits"), [("card", True), ("sepa_debit", False), ("boleto", False)])
    def test_only_some_types_can_keep_a_change_waiting(self, kind, waits):
        method = type(card())(id="pm_1", type=kind)
        assert payment_methods.can_wait_for_payment(method) is waits


class TestInvoices:
    @pytest.mark.parametrize(
        ("status", "changes", "state"),
        [
            ("paid", {}, InvoiceState.PAID),
            ("paid", {"post_payment_credit_notes_amount": 900}, InvoiceState.PARTLY_REFUNDED),
            ("paid", {"post_payment_credit_notes_amount": 2900}, InvoiceState.REFUNDED),
            ("open", {}, InvoiceState.OPEN),
            ("open", {"due_date": NOW - 1}, InvoiceState.OVERDUE),
            ("open", {"due_date": NOW + 1}, InvoiceState.OPEN),
            ("open", {"attempted": True, "attempt_count": 1}, InvoiceState.FAILED),
            ("open", {"attempted": True, "attempt_count": 1, "collection_method": "send_invoice"}, InvoiceState.OPEN),
            ("void", {}, InvoiceState.VOID),
            ("uncollectible", {}, InvoiceState.UNCOLLECTIBLE),
            ("a_status_of_tomorrow", {}, InvoiceState.OTHER),
        ],
    )
    def test_the_state_in_the_customer_s_eyes(self, status, changes, state):
        assert invoices.state_of(invoice(status, **changes), NOW) is state

    @pytest.mark.parametrize(
        ("status", "left", "payable"),
        [
            ("open", 100, True),
            ("open", 0, False),
            ("uncollectible", 100, True),
            ("paid", 0, False),
            ("void", 100, False),
        ],
    )
    def test_only_what_is_owed_can_be_paid(self, status, left, payable):
        assert invoices.is_payable(invoice(status, amount_remaining=left)) is payable

    @pytest.mark.parametrize(("status", "visible"), [("draft", False), (None, False), ("open", True), ("new", True)])
    def test_drafts_are_the_merchant_s_own(self, status, visible):
        assert invoices.is_visible(invoice(status)) is visible


class TestMoney:
    @pytest.mark.parametrize(
        ("amount", "currency", "major"),
        [
            (1340, "usd", "13.40"),
            (500, "jpy", "500"),
            (1234, "kwd", "1.234"),
            (-5, "eur", "-0.05"),
            (100, "isk", "1.00"),
        ],
    )
    def test_minor_units_become_major_ones_exactly(self, amount, currency, major):
        assert Money(amount, currency).decimal == Decimal(major)

    def test_the_currency_s_case_does_not_matter(self):
        assert exponent("JPY") == exponent("jpy") == 0

    def test_a_unit_price_may_be_finer_than_a_cent(self):
        assert unit_price("0.05", "usd") == Decimal("0.0005")


class TestDeclines:
    @pytest.mark.parametrize("hidden", ["lost_card", "stolen_card", "fraudulent", "pickup_card", "merchant_blacklist"])
    def test_suspicion_reads_as_a_plain_decline(self, hidden):
        assert shown_code("card_declined", hidden) == "generic"

    def test_no_detail_helps_to_test_stolen_cards(self):
        assert (
            shown_code("incorrect_cvc", None)
            == shown_code("incorrect_zip", None)
            == shown_code("incorrect_number", None)
        )

    def test_a_code_of_tomorrow_is_a_plain_decline(self):
        assert shown_code("new_code", "new_decline") == "generic"

    def test_whatever_comes_out_has_words(self):
        assert {shown_code(code, None) for code in SHOWN} | {shown_code(None, None)} <= SHOWN_CODES
