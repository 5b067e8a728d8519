"""The books: copies, order, undoing, ids and time."""

import re

import pytest

from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import World


@pytest.fixture
def books():
    """An empty world at a fixed moment."""
    world = World("unit", seed="unit")
    world.clock.frozen = 1_800_000_000
    return world


def thing(id, **fields):
    """An object of a kind that only these tests know."""
    return {"id": id, "object": "thing", **fields}


def ids(rows):
    """The ids of rows."""
    return [row["id"] for row in rows]


def write_and_fail(books, error):
    """A call that saves something and then raises."""
    with books.atomic():
        books.save(thing("a"))
        raise error


def test_what_was_read_can_be_changed_without_changing_the_books(books):
    books.save(thing("a", tags=["x"]))
    books.get("thing", "a")["tags"].append("y")
    assert books.get("thing", "a")["tags"] == ["x"]


def test_what_was_saved_can_be_changed_without_changing_the_books(books):
    saved = books.save(thing("a", tags=["x"]))
    saved["tags"].append("y")
    assert books.get("thing", "a")["tags"] == ["x"]


def test_a_preview_leaves_no_object_event_or_id_behind(books):
    books.save(thing("a", size=1))
    with books.rolled_back():
        shown = books.new_id("in_")
        books.save(thing(shown))
        books.save(thing("a", size=2))
        books.remove("thing", "a")
        books.emit("product.created", thing(shown))
    assert ids(books.newest_first("thing")) == ["a"]
    assert books.get("thing", "a")["size"] == 1
    assert list(books.newest_first("event")) == []
    assert books.new_id("in_") == shown


def test_a_preview_gives_a_moved_object_its_place_back(books):
    for id in "abc":
        books.save(thing(id, customer="ada"))
    with books.rolled_back():
        books.save(thing("b", customer="mallory"))
    assert ids(books.newest_first("thing", customer="ada")) == ["c", "b", "a"]


def test_a_refusal_undoes_what_was_written(books):
    with pytest.raises(StripeError):
        write_and_fail(books, StripeError("no"))
    assert books.get("thing", "a") is None


def test_a_decline_may_keep_what_was_written(books):
    with pytest.raises(StripeError):
        write_and_fail(books, StripeError("declined", keeps_writes=True))
    assert books.get("thing", "a") is not None


def test_a_preview_inside_a_call_undoes_only_itself(books):
    with books.atomic():
        books.save(thing("a"))
        with books.rolled_back():
            books.save(thing("b"))
    assert ids(books.newest_first("thing")) == ["a"]


def test_an_event_keeps_the_object_as_it_was_then(books):
    books.save(thing("a", size=1))
    books.emit("product.created", thing("a", size=1))
    books.save(thing("a", size=2))
    assert next(books.newest_first("event"))["data"]["object"]["size"] == 1


def test_a_late_comer_is_listed_by_its_age(books):
    for id in "abc":
        books.save(thing(id, customer=None if id == "b" else "ada"))
    books.save(thing("b", customer="ada"))
    rows = books.newest_first("thing", customer="ada")
    assert ids(rows) == ["c", "b", "a"]
    assert ids(books.newest_first("thing", customer="ada").after("c")) == ["b", "a"]


@pytest.mark.parametrize(
    ("prefix", "shape"),
    [
        ("cus_", r"cus_\w{14}"),
        ("si_", r"si_\w{14}"),
        ("sub_", r"sub_1\w{23}"),
        ("in_", r"in_1\w{23}"),
        ("pi_", r"pi_3\w{23}"),
        ("ch_", r"ch_3\w{23}"),
        ("req_", r"req_\w{14}"),
    ],
)
def test_ids_have_stripes_shapes(books, prefix, shape):
    assert re.fullmatch(shape, books.new_id(prefix))


def test_the_ids_of_one_account_share_ten_characters(books):
    assert books.new_id("sub_")[10:20] == books.new_id("in_")[9:19]


def test_it_can_be_another_time_for_a_while(books):
    with books.at(1_000):
        assert books.now() == 1_000
        with books.at(2_000):
            assert books.now() == 2_000
        assert books.now() == 1_000
    assert books.now() == 1_800_000_000
