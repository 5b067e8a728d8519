"""The harness run with a sandbox in Stripe's place: it finds nothing, leaves nothing, and harms nobody."""

import json

import pytest

from tests.live import __main__ as command
from tests.live.errands import ERRANDS
from tests.live.running import run, sandbox_place
from tests.live.safety import ID, Ours, Refused, key_from
from tests.live.stage import customer, price, refused, subscribe
from tests.live.wire import SLOWLY, Wire, client_on

KEY = "sk_test_abc123"


def test_every_errand_at_two_sandboxes_shows_no_difference_and_is_recorded(other, tmp_path, capsys):
    code = command.check(list(ERRANDS), sandbox_place(other.world("all")), tmp_path, 0.0)
    assert code == 0, capsys.readouterr().out
    assert {path.stem for path in tmp_path.glob("*.json")} == set(ERRANDS)


def test_a_difference_is_printed_under_its_errand(other, tmp_path, capsys, monkeypatch):
    def tells_the_time(client, clock):
        client.v1.customers.retrieve(customer(client, clock, name=f"Ada of {id(client)}").id)

    monkeypatch.setitem(ERRANDS, "detach_default", tells_the_time)
    assert command.check(["detach_default"], sandbox_place(other.world("odd")), tmp_path, 0.0) == 1
    assert "the errand asked otherwise" in capsys.readouterr().out


def test_nothing_is_left_behind(other):
    world = other.world("clean")
    for name in ("coupon", "tax", "declined_renewal"):
        assert run(ERRANDS[name], sandbox_place(world)).left == []
    api = world.stripe_client().v1
    assert api.test_helpers.test_clocks.list().data == []
    assert api.customers.list().data == []
    assert api.coupons.list().data == []
    assert {product.active for product in api.products.list().data} == {False}
    assert {price.active for price in api.prices.list().data} == {False}
    assert {rate.active for rate in api.tax_rates.list().data} == {False}
    assert api.subscriptions.list().data == []


def test_an_errand_that_breaks_off_is_cleaned_up_and_told(other):
    world = other.world("broken")

    def breaks(client, clock):
        subscribe(client, customer(client, clock), price(client, 1000))
        raise LookupError("nothing there")

    found = run(breaks, sandbox_place(world))
    assert (found.broke, found.left) == ("LookupError: nothing there", [])
    assert world.stripe_client().v1.customers.list().data == []


def test_an_object_that_it_did_not_make_is_never_named(other):
    world = other.world("strangers")
    stranger = world.life("monthly")

    def meddles(client, clock):
        client.v1.customers.update(stranger, {"name": "Mallory"})

    def peeps(client, clock):
        client.v1.customers.list()

    world.forget_requests()
    assert stranger in run(meddles, sandbox_place(world)).broke
    assert "names no object of this run" in run(peeps, sandbox_place(world)).broke
    assert [call["path"] for call in world.requests() if "customers" in call["path"]] == []


def test_a_call_that_was_cut_off_is_made_again_and_nothing_is_made_twice(other):
    world = other.world("cut")
    world.fail("^/v1/prices$", when="after", reset=True)
    world.fail("^/v1/customers$", status=429)
    assert run(ERRANDS["refund"], sandbox_place(world)).broke is None
    api = world.stripe_client().v1
    assert len(api.prices.list().data) == 1
    assert [price.active for price in api.prices.list().data] == [False]


def test_a_key_that_is_not_taken_ends_it(other, tmp_path, capsys):
    base = other.world("locked").api_base
    assert command.check(list(ERRANDS), lambda wire: client_on(wire, "sk_test", base), tmp_path, 0.0) == 2
    assert "does not take the key" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_another_collection_than_the_listed_is_not_added_to():
    with pytest.raises(Refused):
        Ours().check("post", "/v1/webhook_endpoints", "url=https%3A%2F%2Fexample.com")


def test_it_stays_below_twenty_calls_a_second(other):
    assert 1 / SLOWLY < 20
    waits = []
    wire = Wire(SLOWLY)
    wire._wait = lambda: waits.append(1)
    refused(client_on(wire, KEY, other.world("slow").api_base).v1.customers.retrieve, "cus_nope")
    assert waits == [1]


def test_a_recording_holds_no_key_no_account_no_address_and_no_id(other, tmp_path):
    command.check(["declined_renewal", "errors"], sandbox_place(other.world("scrub")), tmp_path, 0.0)
    text = "".join(path.read_text() for path in tmp_path.glob("*.json"))
    assert "@" not in text
    assert "acct_" not in text
    assert "_secret_" not in text
    assert "sk_test" not in text
    assert ID.search(text) is None
    first = json.loads((tmp_path / "declined_renewal.json").read_text())["exchanges"][0]
    assert (first["params"]["email"], first["body"]["email"], first["body"]["id"]) == ("<email>", "<email>", "<cus:1>")


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "needs a secret test key"),
        ({"STRIPE_LIVE_CHECK_KEY": "sk_live_abc123"}, "holds a live key"),
        ({"STRIPE_LIVE_CHECK_KEY": "rk_live_abc123"}, "holds a live key"),
        ({"STRIPE_LIVE_CHECK_KEY": "pk_test_abc123"}, "holds no secret test key"),
        ({"STRIPE_LIVE_CHECK_KEY": KEY, "CI": "true"}, "never runs in CI"),
    ],
)
def test_what_is_refused_is_refused_in_one_sentence_and_sends_nothing(environ, words, capsys, monkeypatch):
    monkeypatch.setattr(command, "check", lambda *_: pytest.fail("it ran"))
    assert command.main([], environ) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert "abc123" not in said


def test_a_test_key_is_taken():
    assert key_from({"STRIPE_LIVE_CHECK_KEY": KEY}) == KEY


def test_an_unknown_errand_is_refused(capsys):
    assert command.main(["dance"], {"STRIPE_LIVE_CHECK_KEY": KEY}) == 2
    assert "There is no errand dance" in capsys.readouterr().err
