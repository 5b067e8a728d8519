"""Everything that can happen has words: states, refusals, declines, problems, confirmations."""

from __future__ import annotations

import inspect

import msgspec
import pytest

from portal_embed import Plan, Quantity, errors
from portal_embed.billing.catalog import Offer
from portal_embed.billing.declines import SHOWN_CODES
from portal_embed.billing.eligibility import REASONS
from portal_embed.billing.stripe.objects import PaymentMethod, Price
from portal_embed.billing.subscriptions import State
from portal_embed.config.features import FEEDBACK
from portal_embed.i18n.formatting import Formatter
from portal_embed.view_models import confirmations
from portal_embed.view_models.cancellations import reason_words
from portal_embed.view_models.problem_words import problem_page, refusal_text
from portal_embed.view_models.quantities import quantity_field
from portal_embed.view_models.subscription_words import state_badge
from portal_embed.view_models.wording import counted, decline_text, method_label, price_text
from tests.billing.people import NOW, card, customer, invoice, price, subscription

FMT = Formatter("en", "UTC")
GENERIC_REFUSAL = "It is not possible at the moment."
ERRORS = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, errors.PortalError) and found not in {errors.PortalError, errors.ConfigError}
]


def made(kind):
    return (
        kind("in_use")
        if kind in {errors.NotAllowed, errors.LinkRefused, errors.Declined, errors.DetailRefused, errors.StepUpNeeded}
        else kind()
    )


def problem(error, *, post=True, signed_in=True):
    return problem_page(error, FMT, reference="abc", signed_in=signed_in, was_post=post)


class TestDeclines:
    @pytest.mark.parametrize("code", sorted(SHOWN_CODES))
    def test_every_code_says_what_happened_and_what_to_do(self, code):
        title, body = decline_text(code, FMT)
        assert title.endswith(".")
        assert "another payment method" in body

    @pytest.mark.parametrize("code", sorted(SHOWN_CODES - {"generic"}))
    def test_no_code_falls_back_to_the_plain_decline(self, code):
        assert decline_text(code, FMT) != decline_text("generic", FMT)


class TestRefusals:
    RAISED = frozenset(
        {
            *("in_use", "not_payable", "no_payment_method", "not_saved", "too_many_methods", "too_many_tax_ids"),
            *("not_on_offer", "offer_gone", "not_paused", "has_plan", "start_waits", "pays_later"),
        }
    )

    @pytest.mark.parametrize("reason", sorted((REASONS | RAISED) - {"unknown_state"}))
    def test_every_reason_has_words_of_its_own(self, reason):
        assert refusal_text(reason, FMT) not in {"", GENERIC_REFUSAL}

    def test_every_reason_that_the_code_raises_is_among_them(self):
        import re
        from pathlib import Path

        import portal_embed

        root = Path(portal_embed.__file__).parent
        raised = {
            reason
            for room in ("billing", "pages")
            for path in (root / room).rglob("*.py")
            for reason in re.findall(r'NotAllowed\((?:refusal or )?"(\w+)"\)', path.read_text())
        }
        assert raised <= REASONS | self.RAISED

    def test_a_reason_of_tomorrow_says_at_least_something(self):
        assert refusal_text("something_new", FMT) == GENERIC_REFUSAL


class TestProblems:
    @pytest.mark.parametrize("kind", ERRORS, ids=lambda it: it.__name__)
    def test_every_error_has_a_title_a_way_on_and_a_reference(self, kind):
        page = problem(made(kind))
        assert page.title
        assert page.sentences
        assert page.reference == "abc"
        assert page.status == kind.status

    @pytest.mark.parametrize("kind", ERRORS, ids=lambda it: it.__name__)
    def test_what_the_log_may_know_no_page_tells(self, kind):
        error = made(kind)
        error.args = ("secret words for the log",)
        page = problem(error)
        assert "secret words" not in " ".join((page.title, *page.sentences, page.money))

    @pytest.mark.parametrize("kind", ERRORS, ids=lambda it: it.__name__)
    def test_a_page_that_was_only_read_says_nothing_of_money(self, kind):
        assert problem(made(kind), post=False).money == ""

    def test_an_unknown_outcome_is_called_unknown(self):
        page = problem(errors.StripeUnavailable(outcome_unknown=True))
        assert page.money.startswith("We could not find out whether it went through.")

    def test_a_known_one_says_that_nothing_happened(self):
        assert problem(errors.StripeUnavailable()).money == "Nothing was charged and nothing was changed."

    def test_an_error_that_nobody_thought_of_does_not_claim_to_know(self):
        assert problem(errors.PortalError("unexpected")).money.startswith("We could not find out")

    @pytest.mark.parametrize("kind", [errors.SessionExpired, errors.LinkRefused, errors.Forbidden])
    def test_where_only_the_host_can_help_the_page_leads_there(self, kind):
        assert problem(made(kind), signed_in=False).leads_to_host

    def test_nobody_is_sent_to_pages_they_cannot_open(self):
        assert problem(errors.NotFound(), signed_in=False).action_route is None
        assert problem(errors.NotFound()).action_route == "overview.show"


class TestConfirmations:
    """The address names what was done; the words come from what is so."""

    @pytest.mark.parametrize("done", ["canceled", "change_unconfirmed", "changed_", "", "paid", "<b>"])
    def test_an_active_plan_was_neither_canceled_nor_left_waiting(self, done):
        assert confirmations.of_subscription(done, subscription(), {}, FMT) is None

    @pytest.mark.parametrize("done", ["kept", "changed", "change_withdrawn"])
    def test_an_ended_plan_was_neither_kept_nor_changed(self, done):
        assert confirmations.of_subscription(done, subscription("canceled"), {}, FMT) is None

    def test_a_plan_that_ends_was_not_kept(self):
        assert confirmations.of_subscription("kept", subscription(cancel_at=NOW), {}, FMT) is None

    @pytest.mark.parametrize("done", ["changed", "change_withdrawn"])
    def test_a_plan_whose_change_still_waits_was_not_changed(self, done):
        waiting = subscription(pending_update={"expires_at": NOW})
        assert confirmations.of_subscription(done, waiting, {}, FMT) is None

    @pytest.mark.parametrize(("done", "status"), [("paid", "open"), ("paid", "void"), ("payment_unconfirmed", "paid")])
    def test_an_invoice_says_only_what_it_is(self, done, status):
        assert confirmations.of_invoice(done, invoice(status), FMT) is None

    @pytest.mark.parametrize("done", ["method_default", "method_removed"])
    def test_a_method_that_is_there_and_not_the_default_is_neither(self, done):
        methods = [card("pm_spare")]
        assert confirmations.of_methods(done, "pm_spare", customer(), methods, FMT, now=NOW) is None


class TestStates:
    @pytest.mark.parametrize(
        "status",
        ["active", "trialing", "past_due", "unpaid", "incomplete", "paused", "canceled", "incomplete_expired"],
    )
    def test_no_state_shows_stripe_s_own_word(self, status):
        badge = state_badge(subscription(status, trial_end=NOW), FMT)
        assert "_" not in badge.text
        assert badge.text[0].isupper()

    def test_a_status_of_tomorrow_is_readable(self):
        assert state_badge(subscription("half_asleep"), FMT).text == "Half asleep"

    def test_every_state_is_told_apart(self):
        assert len({state.value for state in State}) == len(State)

    def test_every_reason_for_leaving_has_words(self):
        assert set(reason_words(FMT)) == set(FEEDBACK)
        assert not any("_" in words for words in reason_words(FMT).values())


class TestPrices:
    def text(self, quantity=1, **changes):
        return price_text(msgspec.convert(price(**changes), Price), quantity, FMT)

    @pytest.mark.parametrize(
        ("interval", "count", "words"),
        [
            ("day", 1, "$29.00 a day"),
            ("week", 1, "$29.00 a week"),
            ("month", 1, "$29.00 a month"),
            ("year", 1, "$29.00 a year"),
            ("month", 3, "$29.00 every 3 months"),
            ("week", 2, "$29.00 every 2 weeks"),
        ],
    )
    def test_the_rhythm_is_said_in_words(self, interval, count, words):
        assert self.text(recurring={"interval": interval, "interval_count": count}) == words

    def test_several_are_multiplied_in_words(self):
        assert self.text(5) == "$29.00 a month × 5"

    def test_a_price_finer_than_a_cent_is_not_rounded(self):
        assert self.text(unit_amount=None, unit_amount_decimal="0.05") == "$0.0005 a month"

    @pytest.mark.parametrize(
        ("unit", "label", "words"),
        [
            ("seat", "Seats", "5 seats"),
            ("API call", "API calls", "5 API calls"),
            ("company", "Companies", "5 companies"),
            ("box", "Boxes", "5 boxes"),
            ("seats", "Seats", "5 seats"),
            ("GB", "Quantity (GB)", "5 (GB)"),
            ("", "Quantity", "5"),
        ],
    )
    def test_what_one_of_it_is_called_says_what_several_are(self, unit, label, words):
        product = {"id": "prod_1", "name": "Team", "unit_label": unit or None}
        found = msgspec.convert(price(product=product), Price)
        field = quantity_field(Offer(Plan(price="price_pro", quantity=Quantity(1, 9)), found), 5, None, FMT)
        assert field.label == label
        assert price_text(found, 5, FMT) == f"$29.00 a month × {words}"

    def test_where_another_language_is_read_the_merchant_s_word_stays_as_it_is(self):
        assert counted(5, "seat", Formatter("de", "UTC")) == "5 (seat)"

    def test_a_licensed_price_in_steps_depends_on_the_number_and_a_metered_one_on_use(self):
        assert self.text(None, billing_scheme="tiered", unit_amount=None) == "Price depends on quantity"
        metered = {"interval": "month", "usage_type": "metered"}
        assert self.text(None, billing_scheme="tiered", unit_amount=None, recurring=metered) == "Price depends on use"

    def test_a_tiered_price_names_no_sum(self):
        assert self.text(billing_scheme="tiered", unit_amount=None) == "Price depends on quantity"

    def test_free_is_a_price_too(self):
        assert self.text(unit_amount=0) == "$0.00 a month"


class TestMethods:
    def label(self, **raw):
        return method_label(msgspec.convert({"id": "pm_1", **raw}, PaymentMethod), FMT, NOW)

    def test_a_card_says_brand_last_four_and_expiry(self):
        label = method_label(card(), FMT, NOW)
        assert (label.text, label.text_spoken, label.detail) == (
            "Visa •••• 4242",
            "Visa ending in 4242",
            "Expires 12/2030",
        )

    def test_an_expired_card_says_so_in_words_and_not_by_colour_alone(self):
        label = method_label(card(year=2020), FMT, NOW)
        assert label.detail == "Expired 12/2020"
        assert label.badge.text == "Expired"

    def test_the_brand_the_holder_chose_is_shown(self):
        assert method_label(card(display_brand="cartes_bancaires"), FMT, NOW).text.startswith("Cartes Bancaires")

    def test_a_card_in_a_wallet_names_both(self):
        label = method_label(card(wallet={"type": "apple_pay"}), FMT, NOW)
        assert label.text == "Apple Pay · Visa •••• 4242"

    @pytest.mark.parametrize(
        ("raw", "text"),
        [
            ({"type": "sepa_debit", "sepa_debit": {"last4": "3201"}}, "SEPA Direct Debit •••• 3201"),
            (
                {"type": "us_bank_account", "us_bank_account": {"bank_name": "STRIPE", "last4": "6789"}},
                "STRIPE •••• 6789",
            ),
            ({"type": "link", "link": {"email": "a@b.c"}}, "Link"),
            ({"type": "pay_by_moon"}, "Pay by moon"),
        ],
    )
    def test_other_types_have_their_names_and_unknown_ones_are_readable(self, raw, text):
        assert self.label(**raw).text == text
