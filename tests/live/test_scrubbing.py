"""What is replaced before two answers are compared, and what is never written down."""

import pytest

from tests.live.normal import WALL, Normaliser, NotScrubbed, insist_on_scrubbed
from tests.live.stage import START

NOW = 1_800_000_000


def scrubbed(**body):
    call = {"method": "GET", "path": "/v1/customers/cus_QwErTy12345678", "params": {}, "status": 200, "body": body}
    return Normaliser(NOW).exchange(call)["body"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("cus_QwErTy12345678", "<cus:1>"),
        ("No such customer: 'cus_nope'", "No such customer: 'cus_nope'"),
        ("pi_3Abc12345678_secret_Xyz987", "<secret>"),
        ("https://invoice.stripe.com/i/acct_1Abc/test_x?s=ap", "<url>"),
        ("https://stripe.com/docs/error-codes/card-declined", "https://stripe.com/docs/error-codes/card-declined"),
        ("write to ada.l+x@example.com now", "write to <email> now"),
        ("Invalid API Key provided: sk_test_51Abc", "Invalid API Key provided: <key>"),
        ("on account acct_1AbcDef", "on account <account>"),
        ("ABCD1234-0001", "<prefix>-0001"),
        ("subscription_payment_intent_requires_action", "subscription_payment_intent_requires_action"),
        ("pm_card_threeDSecure2Required", "pm_card_threeDSecure2Required"),
        (START + 60, "clock+60"),
        (NOW + 5, WALL),
        (1000, 1000),
        (True, True),
    ],
)
def test_what_is_another_in_every_run_becomes_the_same(said, kept):
    assert scrubbed(field=said) == {"field": kept}


def test_of_the_account_only_remains_that_something_is_there():
    assert scrubbed(account_name="Ada Ltd", account_country=None) == {
        "account_name": "<of the account>",
        "account_country": None,
    }


@pytest.mark.parametrize(
    "private",
    ["sk_test_51Abc", "whsec_abc", "acct_1AbcDef", "ada@example.com", "pi_3Abc12345678_secret_X", "cus_QwErTy12"],
)
def test_a_recording_with_something_private_left_is_not_written(private):
    with pytest.raises(NotScrubbed) as caught:
        insist_on_scrubbed(f'{{"field": "{private}"}}')
    assert private not in str(caught.value)


def test_a_scrubbed_recording_is_written_as_it_is():
    assert insist_on_scrubbed('{"id": "<cus:1>"}') == '{"id": "<cus:1>"}'
