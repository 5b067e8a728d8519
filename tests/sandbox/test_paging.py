"""Lists: order, cursors, limits."""

import pytest
import stripe

from tests.sandbox.support import refusal_of


@pytest.fixture
def names(client: stripe.StripeClient) -> list[str]:
    """The ids of twelve customers, newest first."""
    return [client.v1.customers.create({"name": f"Customer {number}"}).id for number in range(12)][::-1]


def ids(listed: stripe.ListObject[stripe.Customer]) -> list[str]:
    """The ids of a page."""
    return [row.id for row in listed.data]


def test_lists_are_newest_first_and_ten_long(client: stripe.StripeClient, names: list[str]) -> None:
    listed = client.v1.customers.list()
    assert ids(listed) == names[:10]
    assert listed.has_more is True


def test_starting_after_goes_on_where_the_page_ended(client: stripe.StripeClient, names: list[str]) -> None:
    listed = client.v1.customers.list({"limit": 5, "starting_after": names[9]})
    assert (ids(listed), listed.has_more) == (names[10:], False)


def test_ending_before_gives_the_rows_just_before_in_order(client: stripe.StripeClient, names: list[str]) -> None:
    listed = client.v1.customers.list({"limit": 3, "ending_before": names[6]})
    assert (ids(listed), listed.has_more) == (names[3:6], True)


def test_a_deleted_customer_still_works_as_a_cursor(client: stripe.StripeClient, names: list[str]) -> None:
    client.v1.customers.delete(names[4])
    assert ids(client.v1.customers.list({"limit": 2, "starting_after": names[4]})) == names[5:7]


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-3, 1), (1, 1), (500, 12)])
def test_limits_are_clamped_and_never_refused(
    client: stripe.StripeClient, names: list[str], asked: int, given: int
) -> None:
    assert len(client.v1.customers.list({"limit": asked}).data) == given


def test_an_unknown_cursor_is_a_400(client: stripe.StripeClient, names: list[str]) -> None:
    error = refusal_of(client.v1.customers.list, {"starting_after": "cus_nope"})
    assert (error.http_status, error.code, error.param) == (400, "resource_missing", "starting_after")


def test_both_cursors_at_once_are_refused(client: stripe.StripeClient, names: list[str]) -> None:
    error = refusal_of(client.v1.customers.list, {"starting_after": names[2], "ending_before": names[8]})
    assert error.user_message == "Received both starting_after and ending_before parameters. Please pass in only one."


def test_a_list_says_its_url_and_nothing_else(client: stripe.StripeClient, names: list[str]) -> None:
    listed = client.v1.customers.list({"limit": 1})
    assert set(listed.to_dict()) == {"object", "data", "has_more", "url"}
    assert listed.url == "/v1/customers"


def test_the_sdk_walks_all_pages(client: stripe.StripeClient, names: list[str]) -> None:
    assert [row.id for row in client.v1.customers.list({"limit": 5}).auto_paging_iter()] == names
