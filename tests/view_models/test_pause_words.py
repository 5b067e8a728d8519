"""Why something is paused, and what ends it, in words."""

from __future__ import annotations

import pytest

from portal_embed.i18n.formatting import Formatter
from portal_embed.view_models.subscription_words import state_badge, state_sentences
from tests.billing.people import DAY, NOW, subscription

pytestmark = pytest.mark.feature(81)

FMT = Formatter("en", "UTC")
SINCE, UNTIL = FMT.date(NOW - 5 * DAY), FMT.date(NOW + 30 * DAY)


def paused(reason, **changes):
    details = {"paused": {"subscription": {"type": reason}, "transitioned_at": NOW - 5 * DAY}}
    return subscription("paused", status_details=details, **changes)


def until(moment):
    return {"id": "sub_sched_1", "pause_schedules": [{"pause": {}, "resume": {"resume_at": moment}}]}


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("pause_requested", f"It has been paused since {SINCE}, and you are not charged."),
        (
            "trial_end_without_payment_method",
            f"Its trial ended on {SINCE} and no payment method was there, so it is paused.",
        ),
        ("first_payment_failure", f"It has been paused since {SINCE} because a payment failed. You are not charged."),
        ("final_payment_failure", f"It has been paused since {SINCE} because a payment failed. You are not charged."),
        ("system", f"It has been paused since {SINCE}, and you are not charged."),
        ("a_new_reason", f"It has been paused since {SINCE}, and you are not charged."),
    ],
)
def test_why_and_since_when(reason, sentence):
    assert state_sentences(paused(reason), FMT) == (sentence, "It stays paused until you resume it.")


def test_what_ends_it():
    timed = paused("pause_requested", schedule=until(NOW + 30 * DAY))
    assert state_sentences(timed, FMT)[1] == f"It goes on by itself on {UNTIL}, and is then billed again."
    assert state_badge(timed, FMT).text == f"Paused until {UNTIL}"
    unpaid = paused("pause_requested", schedule=until(NOW + 30 * DAY), pending_update={}, latest_invoice="in_1")
    since = f"It has been paused since {SINCE}."
    assert state_sentences(unpaid, FMT) == (since, "It goes on as soon as its bill is paid.")
    assert state_badge(unpaid, FMT).text == "Paused"


@pytest.mark.feature(82)
@pytest.mark.parametrize(
    ("collection", "sentence", "badge"),
    [
        ({"behavior": "void"}, "No bill is charged until you resume.", "Billing paused"),
        (
            {"behavior": "void", "resumes_at": NOW + 30 * DAY},
            f"Bills before {UNTIL} are not charged. The first one after that is.",
            f"Billing paused until {UNTIL}",
        ),
        ({"behavior": "keep_as_draft"}, "You are not charged for now.", "Billing paused"),
        (
            {"behavior": "keep_as_draft", "resumes_at": NOW + 30 * DAY},
            f"You are not charged until {UNTIL}.",
            f"Billing paused until {UNTIL}",
        ),
    ],
)
def test_bills_that_are_not_collected(collection, sentence, badge):
    found = subscription(pause_collection=collection)
    assert (state_sentences(found, FMT), state_badge(found, FMT).text) == ((sentence,), badge)
