"""The check that stands behind every test here can fail: it sees what is missing, unknown or of a wrong type."""

import pytest

from tests.sandbox.annotations import problems_of


@pytest.fixture
def ada(client):
    """A customer as the API tells it."""
    return client.v1.customers.create({"name": "Ada"}).to_dict()


def test_a_right_body_has_no_problems(ada):
    assert problems_of(ada) == []


def test_a_missing_key_is_seen_though_it_might_be_null(ada):
    del ada["phone"]
    assert problems_of(ada) == ["customer.phone: missing, Customer requires it"]


def test_an_unknown_key_is_seen(ada):
    assert problems_of({**ada, "nickname": "Countess"}) == ["customer.nickname: not declared by Customer"]


def test_a_wrong_type_is_seen(ada):
    (problem,) = problems_of({**ada, "balance": "0"})
    assert problem.startswith("customer.balance: '0' does not fit")


def test_a_null_where_none_may_be_is_seen(ada):
    (problem,) = problems_of({**ada, "livemode": None})
    assert problem.startswith("customer.livemode: null")


def test_an_object_inside_a_list_is_looked_at(ada):
    del ada["email"]
    answer = {"object": "list", "data": [ada], "has_more": False, "url": "/v1/customers"}
    assert problems_of(answer) == ["list[0].email: missing, Customer requires it"]


def test_what_the_api_answers_is_read_along(sandbox, client):
    before = sandbox.app._api.checked
    client.v1.customers.create({"name": "A name nobody else has"})
    assert sandbox.app._api.problems() == []
    assert sandbox.app._api.checked == before + 1
