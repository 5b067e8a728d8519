"""What the host hears: every thing a customer did, once, and every attempt; and never in the customer's way."""

from __future__ import annotations

import asyncio
import functools
import logging
import re

import pytest

from portal_embed import Hooks, LoginPage
from portal_embed.mail.outbox import Outbox
from tests.pages.deeds import DEEDS, client_secret
from tests.pages.people import Books
from tests.pages.postbox import Postbox, link_in
from tests.pages.test_plan_changes import choose
from tests.serving import hosting, server

pytestmark = [pytest.mark.feature(20), pytest.mark.feature(21)]


class Ear:
    """A host that listens."""

    def __init__(self):
        self.host = None
        self._events = []
        self._records = []

    async def event(self, event):
        self._events.append(event)

    def audit(self, record):
        self._records.append(record)

    def drained(self):
        server().run(self.host.portal._services.outbox.drain())

    @property
    def events(self):
        self.drained()
        return self._events

    @property
    def records(self):
        self.drained()
        return self._records


@pytest.fixture
def ear():
    return Ear()


@pytest.fixture
def postbox():
    return Postbox()


@pytest.fixture
def host(world, ear, postbox):
    hooks = Hooks(event=ear.event, audit=ear.audit)
    with hosting(world, hooks=hooks, mail=postbox.deliver, login_page=LoginPage(enabled=True)) as served:
        ear.host = postbox.host = served
        yield served


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10, name="Ada Lovelace", email="ada@example.com")


def cancel(browser, ada):
    return browser.submit(browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation"))


class TestEvents:
    def test_what_was_done_with_whom_and_by_which_calls(self, visit, ear, ada, world):
        browser = visit(ada["customer"], actor="user_42")
        cancel(browser, ada)
        opened, canceled = ear.events
        assert (opened.type, opened.object, opened.actor) == ("portal.opened", None, "user_42")
        assert (canceled.type, canceled.object) == ("subscription.canceled", ada["subscription"])
        assert (canceled.customer, canceled.account, canceled.livemode) == (ada["customer"], None, False)
        write = Books(world).writes()[-1]
        assert write["idempotency_key"] in canceled.idempotency_keys

    @pytest.mark.parametrize(
        ("done", "event"),
        [
            ("pay", "invoice.paid"),
            ("choose", "payment_method.made_default"),
            ("remove", "payment_method.removed"),
            ("change", "subscription.changed"),
            ("cancel", "subscription.canceled"),
            ("keep", "subscription.kept"),
        ],
    )
    def test_each_deed_has_its_event(self, world, books, ear, visit, done, event):
        deed = next(deed for deed in DEEDS if deed.name.startswith(done))
        hooks = Hooks(event=ear.event)
        with hosting(world, hooks=hooks, **deed.settings) as host:
            ear.host = host
            life = deed.prepare(books)
            browser = visit(life["customer"], at=host)
            browser.submit(deed.open(browser, books, life))
            assert [told.type for told in ear.events if told.type != "portal.opened"][-1] == event

    def test_the_customer_s_details(self, visit, ear, ada, postbox):
        browser = visit(ada["customer"])
        browser.submit(browser.get("/details/contact").form("/details/contact"), name="Ada King")
        browser.submit(browser.get("/details/email").form("/details/email"), email="ada@new.example")
        (link,) = [link_in(mail) for mail in postbox.mails() if mail.to == "ada@new.example"]
        other = visit()
        other.submit(other.get(link).form("/email-change"))
        types = [told.type for told in ear.events]
        assert types == [
            *("portal.opened", "customer.updated", "customer.email_change_requested", "customer.email_changed"),
        ]
        assert not any("@" in str(told) for told in ear.events)

    def test_a_click_that_arrives_twice_and_a_reload_are_told_once(self, visit, ear, ada):
        browser = visit(ada["customer"])
        form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        page = browser.submit(form)
        browser.submit(form)
        browser.get(page.url)
        assert [told.type for told in ear.events] == ["portal.opened", "subscription.canceled"]

    def test_an_address_that_says_so_tells_nothing(self, visit, ear, ada):
        browser = visit(ada["customer"])
        browser.get(f"/?done=canceled&of={ada['subscription']}")
        browser.get(f"/invoices?done=paid&of={ada['subscription']}")
        assert [told.type for told in ear.events] == ["portal.opened"]

    def test_a_change_that_the_bank_must_confirm_is_told_when_it_has(self, world, visit, ear, books):
        ada = world.live("monthly", days=10)
        books.add(ada["customer"], "pm_card_authenticationRequired", default=True)
        browser = visit(ada["customer"])
        page = browser.submit(choose(browser, ada, "pro_yearly").form("/plan"))
        assert [told.type for told in ear.events] == ["portal.opened"]
        books.answer_bank(client_secret(page))
        back = next(value for _, name, value in page.attributes if name == "data-return-url")
        browser.get(back)
        browser.get(back)
        assert [told.type for told in ear.events] == ["portal.opened", "subscription.changed"]

    def test_what_was_refused_is_no_event(self, world, visit, ear, books):
        ada = world.live("monthly", days=10)
        books.add(ada["customer"], "pm_card_chargeCustomerFail", default=True)
        browser = visit(ada["customer"])
        assert browser.submit(choose(browser, ada, "pro_yearly").form("/plan")).status == 402
        assert [told.type for told in ear.events] == ["portal.opened"]

    def test_who_signs_in_by_mail_opens_it_too(self, visit, ear, ada, postbox):
        browser = visit()
        browser.submit(browser.get("/login").form("/login"), email="ada@example.com")
        browser.submit(browser.get(link_in(postbox.last())).form("/login/link"))
        assert [(told.type, told.customer) for told in ear.events] == [("portal.opened", ada["customer"])]


class TestTheAuditLog:
    def test_every_attempt_is_a_record_with_its_outcome(self, visit, ear, ada, world):
        browser = visit(ada["customer"], actor="user_42")
        form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        world.fail("/v1/subscriptions/", status=500, times=9)
        browser.submit(form)
        world.fail("/v1/subscriptions/", status=500, times=0)
        [record] = ear.records
        assert (record.action, record.object) == ("cancellations.create", ada["subscription"])
        assert record.outcome not in {"done", ""}
        assert (record.actor, record.by_mail, record.customer) == ("user_42", False, ada["customer"])

    def test_it_agrees_with_the_log_and_with_stripe(self, visit, ear, ada, world, caplog):
        with caplog.at_level(logging.INFO, logger="portal_embed"):
            cancel(visit(ada["customer"]), ada)
        [record] = ear.records
        line = next(r.getMessage() for r in caplog.records if "cancellations.create" in r.getMessage())
        assert record.outcome == "done"
        assert record.request in line
        assert record.session in line
        assert set(record.idempotency_keys) <= {call["idempotency_key"] for call in world.requests()}
        assert not re.search(r"@|Lovelace|cus_\w+.*cus_", str(record))


class TestAHookThatFails:
    @pytest.fixture(autouse=True)
    def _at_once(self, monkeypatch):
        monkeypatch.setattr("portal_embed.portal.Outbox", functools.partial(Outbox, pause=0))
        monkeypatch.setattr("portal_embed.web.heard.SLOWEST", 0.05)

    async def _raises(self, _told):
        raise RuntimeError("the host's own trouble with ada@example.com")

    async def _hangs(self, _told):
        await asyncio.Event().wait()

    @pytest.mark.parametrize("how", ["_raises", "_hangs"])
    def test_canceling_goes_on_and_the_log_says_so(self, world, books, visit, ada, how, caplog):
        hook = getattr(self, how)
        with hosting(world, hooks=Hooks(event=hook, audit=hook)) as host:
            assert "canceled" in cancel(visit(ada["customer"], at=host), ada).text
            server().run(host.portal._services.outbox.drain())
        assert books.subscription(ada["subscription"]).cancel_at is not None
        lines = [r.getMessage() for r in caplog.records if r.levelname == "ERROR"]
        assert any("event subscription.canceled failed" in line for line in lines)
        assert any("audit of cancellations.create failed" in line for line in lines)
        assert "ada@example.com" not in " ".join(lines)

    def test_one_that_fails_once_is_asked_again(self, world, visit, ada, ear):
        async def once(event):
            await ear.event(event)
            if len(ear._events) == 1:
                raise RuntimeError("not yet")

        with hosting(world, hooks=Hooks(event=once)) as host:
            ear.host = host
            visit(ada["customer"], at=host).get("/")
            assert [told.id for told in ear.events] == [ear.events[0].id] * 2
