"""A merchant's own reasons for canceling, as Stripe keeps them."""

import pytest
import stripe

from tests.sandbox.support import refusal_of

pytestmark = pytest.mark.feature(40)


@pytest.fixture
def options(client):
    return client.v1.billing.feedback_options


def test_one_is_made_read_reworded_and_listed_newest_first(options):
    first = options.create({"description": "The harbour is closed in winter"})
    second = options.create({"description": "I sold my boat"})
    assert (first.object, first.status, first.status_transitions.deactivated_at) == (
        "billing.feedback_option",
        "active",
        None,
    )
    options.update(first.id, {"description": "The harbour is closed"})
    assert options.retrieve(first.id).description == "The harbour is closed"
    assert [option.id for option in options.list().data] == [second.id, first.id]


def test_a_deactivated_one_is_listed_apart_and_taken_nowhere(options, client, world):
    kept, gone = (options.create({"description": words}) for words in ("Kept", "Gone"))
    assert options.deactivate(gone.id).status_transitions.deactivated_at == pytest.approx(world.now(), abs=5)
    assert [option.id for option in options.list({"status": "active"}).data] == [kept.id]
    assert [option.id for option in options.list({"status": "inactive"}).data] == [gone.id]

    def configure(option):
        reason = {"enabled": True, "options": ["other"], "feedback_options": [option]}
        cancel = {"enabled": True, "cancellation_reason": reason}
        return client.v1.billing_portal.configurations.create({"features": {"subscription_cancel": cancel}})

    assert configure(kept.id).features.subscription_cancel.cancellation_reason.feedback_options == [kept.id]
    assert isinstance(refusal_of(configure, gone.id), stripe.InvalidRequestError)


def test_it_says_why_a_subscription_was_canceled(options, client, world):
    option = options.create({"description": "I sold my boat"})
    ada = world.live("monthly", days=10)
    details = {"cancellation_details": {"feedback_option": option.id}}
    client.v1.subscriptions.update(ada["subscription"], {"cancel_at_period_end": True, **details})
    found = client.v1.subscriptions.retrieve(ada["subscription"])
    assert found.cancellation_details.feedback_option == option.id
    client.v1.subscriptions.cancel(ada["subscription"], details)
    found = client.v1.subscriptions.retrieve(ada["subscription"])
    assert found.cancellation_details.feedback_option == option.id


def test_its_words_are_a_hundred_characters_at_most(options):
    assert "100 characters" in str(refusal_of(options.create, {"description": "x" * 101}))


def test_an_unknown_one_is_refused(client, world):
    ada = world.live("monthly", days=10)
    error = refusal_of(
        client.v1.subscriptions.update, ada["subscription"], {"cancellation_details": {"feedback_option": "fdbk_none"}}
    )
    assert error.http_status == 400
