"""`create_session` reads as Stripe's own call and refuses what it cannot do with one sentence."""

import inspect

import pytest

from portal_embed.access import create_session, tokens
from portal_embed.access.links import SessionArguments
from tests.access.portal import ADA, NOON, make_config

CONFIG = make_config(
    embed_origins=("https://app.example.com",),
    return_origins=("https://shop.example.com",),
    return_url="https://www.example.com/",
)


def handover(**arguments):
    url = create_session(CONFIG, customer=ADA, now=NOON, **arguments).url
    return tokens.verify(CONFIG, url.partition("?token=")[2], NOON)


def test_a_link_leads_to_the_entrance_and_lives_300_seconds():
    session = create_session(CONFIG, customer=ADA, now=NOON)

    assert session.url.startswith("https://app.example.com/billing/enter?token=")
    assert session.expires_at == int(NOON) + 300


def test_every_keyword_of_stripes_call_has_its_own_name_here():
    # Of POST /v1/billing_portal/sessions, Stripe API 2026-10-28.endive.
    stripes = "after_expiration configuration customer customer_account expand flow_data locale on_behalf_of return_url"

    assert set(stripes.split()) - set(inspect.signature(create_session).parameters) == set()


def test_a_call_written_for_stripe_runs_unchanged():
    made = handover(return_url="https://shop.example.com/account", locale="pt-BR", expand=["configuration"])

    assert (made.return_url, made.locale) == ("https://shop.example.com/account", "pt-BR")


def test_an_unknown_keyword_is_a_type_error():
    with pytest.raises(TypeError):
        create_session(CONFIG, customer=ADA, retrun_url="/account")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"customer": None}, "customer"),
        ({"customer": "sub_123456"}, "customer"),
        ({"return_url": "https://evil.example/"}, "return_url"),
        ({"return_url": "//evil.example"}, "return_url"),
        ({"locale": "klingon"}, "locale"),
        ({"embed_origin": "https://evil.example"}, "embed_origin"),
        ({"stripe_account": "cus_1"}, "stripe_account"),
        ({"on_behalf_of": "cus_1"}, "on_behalf_of"),
        ({"configuration": "nobody's"}, "configuration"),
        ({"customer_account": "acct_1AdaLovelace"}, "one of the two"),
        ({"customer": None, "customer_account": "cus_1"}, "customer_account"),
        ({"flow_data": {"type": "x"}}, "flow_data.type"),
        ({"customers": "cus_123456"}, "customers"),
        ({"after_expiration": {"type": "customer_login"}}, "mail"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["root"]}, "root"),
        ({"actor": "x" * 129}, "actor"),
        ({"host_session": ""}, "host_session"),
        ({"ttl": 301}, "ttl"),
        ({"ttl": 0}, "ttl"),
        ({"ttl": True}, "ttl"),
    ],
)
def test_a_wrong_argument_is_named(arguments, word):
    with pytest.raises(ValueError, match=word):
        create_session(CONFIG, **{"customer": ADA, **arguments})


def test_without_scopes_a_customer_may_do_everything():
    assert handover().scopes == frozenset(tokens.SCOPES)


def test_a_role_stands_for_its_scopes():
    assert handover(scopes="view").scopes == {
        "invoices:read",
        "payment_methods:read",
        "subscriptions:read",
        "customer:read",
    }


def test_who_may_change_a_thing_may_read_it():
    assert handover(scopes=["subscriptions:write"]).scopes == {"subscriptions:write", "subscriptions:read"}


def test_the_hosts_session_id_travels_only_as_a_hash():
    made = handover(host_session="the host's secret session id")

    assert made.host_session == tokens.host_session_digest("the host's secret session id")
    assert "secret" not in made.host_session


def test_printing_a_session_does_not_print_the_link():
    session = create_session(CONFIG, customer=ADA)

    assert "token" not in repr(session)


def test_the_longest_arguments_still_make_a_link_that_works():
    made = handover(
        return_url="https://shop.example.com/" + "a" * 990,
        actor="ж" * 128,
        host_session="x" * 5000,
        embed_origin="https://app.example.com",
        stripe_account="acct_" + "b" * 64,
        locale="es-419",
    )

    assert made.actor == "ж" * 128


def test_editors_know_every_keyword_of_create_session():
    taken = set(inspect.signature(create_session).parameters) - {"config", "now", "jti"}

    assert set(SessionArguments.__annotations__) == taken
