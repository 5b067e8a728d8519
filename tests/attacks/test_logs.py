"""A whole visit, with everything that goes wrong in it, leaves no secret in any line that the portal writes."""

from __future__ import annotations

import logging

from tests.pages.deeds import add_method, client_secret, finish_form


def test_no_token_cookie_secret_address_or_key_is_written(world, books, host, visit, caplog):
    caplog.set_level(logging.DEBUG, logger="portal_embed")
    ada = world.live("monthly", days=10)
    link = host.link(ada["customer"])
    browser = visit()
    browser.enter(link)
    cookie = next(iter(browser.client.cookies.values()))
    visit().ask("GET", link)
    page = add_method(browser)
    secret = client_secret(page)
    books.confirm_setup(secret, "pm_card_mastercard")
    done = browser.submit(finish_form(page))
    form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
    browser.submit(form, comment="reach me at ada@example.com", _op="forged")
    browser.submit(form, _csrf="forged")
    world.fail("^/v1/subscriptions", status=400, times=9)
    browser.submit(form)
    world.heal()
    browser.get(f"/payment-methods/return?setup_intent=seti_1&setup_intent_client_secret={secret}")
    browser.get("/invoices/in_1\\nINFO portal_embed: forged line")
    assert done.status == 200
    written = caplog.text
    assert "link refused: replay" in written
    token, proofs = link.partition("token=")[2], [form.fields["_csrf"], form.fields["_op"]]
    private = [token, cookie, secret, "ada@example.com", "sk_test_portal", *proofs]
    assert [word for word in private if word in written] == []


def test_what_an_engineer_prints_by_chance_shows_no_key(host):
    portal = host.portal
    session = portal.create_session(customer="cus_Ada123456")
    for thing in (portal, portal.config, portal._services, portal._services.stripe, session):
        text = repr(thing)
        assert "sk_test_portal" not in text
        assert "a-signing-key-only-for-tests" not in text
        assert "token=" not in text
