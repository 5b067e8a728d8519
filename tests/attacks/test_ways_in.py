"""What somebody with one narrow way in makes of it: a dead link, a deep link, a dunning mail, a mailbox spelled otherwise."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from portal_embed import Identity, LoginPage
from portal_embed.access import tokens
from portal_embed.access.cookies import cookie_name
from tests.pages.deeds import client_secret, finish_form
from tests.pages.postbox import Postbox, link_in
from tests.pages.test_logins import code_in
from tests.pages.test_plan_changes import choose
from tests.serving import hosting

DAY = 24 * 3600
HOMEPAGE = {"type": "portal_homepage"}
RENEWABLE = {"after_expiration": {"type": "customer_login"}}


@pytest.fixture
def postbox():
    return Postbox()


@pytest.fixture
def skew():
    """Seconds by which the portal's clocks are ahead: `skew[0] += DAY`."""
    return [0.0]


@pytest.fixture
def host(world, postbox, skew):
    with hosting(
        world, mail=postbox.deliver, login_page=LoginPage(enabled=True), clock=lambda: time.time() + skew[0]
    ) as served:
        store = served.portal._sessions.store
        monotonic = store._clock
        store._clock = lambda: monotonic() + skew[0]
        postbox.host = served
        yield served


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10, name="Ada Lovelace", email="ada@example.com")


@pytest.fixture
def bob(world):
    return world.live("past_due", name="Bob Marlowe", email="bob@example.com")


def expired(host, skew, **arguments):
    """A link that nobody used while it lived."""
    skew[0] -= 1000
    link = host.portal.create_session(**arguments).url
    skew[0] += 1000
    return link


def enter(browser, link):
    """By the link of a dunning mail."""
    page = browser.get(link)
    return browser.submit(next(form for form in page.forms if "/recover/" in form.action))


def new_card_form(page):
    return next(form for form in page.forms if form.action.endswith("/payment-methods/new"))


class TestWhatTheHostEndedStaysEnded:
    """However long the link could have lived: the store must not forget first."""

    @pytest.mark.parametrize("later", [0, 5 * 3600, 90 * DAY, 364 * DAY])
    def test_a_recovery_link(self, host, visit, bob, skew, later):
        link = host.portal.create_recovery_link(customer=bob["customer"])
        host.portal.end_sessions(customer=bob["customer"])
        skew[0] += later
        assert visit().get(link).status == 400

    @pytest.mark.parametrize("later", [0, 5 * 3600, 90 * DAY, 364 * DAY])
    @pytest.mark.parametrize("by", ["customer", "host_session"])
    def test_a_link_that_may_be_had_anew(self, host, visit, ada, skew, postbox, later, by):
        link = expired(host, skew, customer=ada["customer"], host_session="laptop", **RENEWABLE)
        host.portal.end_sessions(**{by: {"customer": ada["customer"], "host_session": "laptop"}[by]})
        skew[0] += later
        browser = visit()
        page = browser.submit(browser.get(link).form("/login/renewal"))
        assert browser.submit(page.form("/login/code"), code=code_in(postbox.last())).status == 400

    @pytest.mark.parametrize("later", [0, DAY - 60])
    def test_the_mailed_link_of_a_new_email(self, host, visit, ada, books, skew, postbox, later):
        """Or who was thrown out would make their own address the customer's, and sign in by it."""
        intruder = visit(ada["customer"])
        form = intruder.get("/details/email").form("/details/email")
        intruder.submit(form, email="mallory@elsewhere.example")
        (link,) = [link_in(mail) for mail in postbox.mails() if mail.to == "mallory@elsewhere.example"]
        host.portal.end_sessions(customer=ada["customer"])
        skew[0] += later
        page = visit().get(link)
        assert page.status == 400
        assert not page.leads_to("/email-change")
        assert books.api.customers.retrieve(ada["customer"]).email == "ada@example.com"

    def test_nor_by_the_other_name_of_the_customer(self, host, visit, ada, postbox):
        sessions = host.portal._sessions
        link = tokens.verify(host.portal.config, host.link(ada["customer"]).partition("token=")[2], time.time())
        session = replace(sessions.open(link), customer_account="acct_1Ada")
        changes = host.portal._services.email_changes
        token = changes.issue(session, old="ada@example.com", new="m@x.com", locale=None, now=time.time())
        assert visit().get(f"/email-change?token={token}").status == 200
        host.portal.end_sessions(customer="acct_1Ada")
        assert visit().get(f"/email-change?token={token}").status == 400

    def test_the_link_of_a_new_email_is_of_one_portal(self, world, host, visit, ada):
        with hosting(world, mail=Postbox().deliver) as other:
            link = tokens.verify(host.portal.config, host.link(ada["customer"]).partition("token=")[2], time.time())
            session = host.portal._sessions.open(link)
            issue = host.portal._services.email_changes.issue
            token = issue(session, old="ada@example.com", new="m@x.com", locale=None, now=time.time())
            assert visit(at=host).get(f"/email-change?token={token}").status == 200
            assert visit(at=other).get(f"/email-change?token={token}").status == 400

    def test_no_link_outlives_what_the_store_remembers(self, host, visit, ada, bob, skew):
        recovery = host.portal.create_recovery_link(customer=bob["customer"])
        renewable = expired(host, skew, customer=ada["customer"], **RENEWABLE)
        assert visit().get(recovery).status == 200
        assert visit().get(renewable).leads_to("/login/renewal")
        skew[0] += 365 * DAY
        assert visit().get(recovery).status == 400
        assert not visit().get(renewable).leads_to("/login/renewal")


class TestADeepLinkDoesItsOneThing:
    @pytest.mark.parametrize("field", ["in the form", "in the last form", "in both"])
    def test_another_card_cannot_be_put_out_by_the_new_one(self, visit, host, ada, bob, books, field):
        for life, browser, page in (
            (ada, *self.at_the_flow(visit, ada)),
            (bob, *self.at_the_recovery(visit, host, bob)),
        ):
            other = books.add(life["customer"], "pm_card_mastercard")
            start = new_card_form(page)
            if field != "in the last form":
                start.fields["replaces"] = other
            element = browser.submit(start)
            books.confirm_setup(client_secret(element), "pm_card_visa")
            last = finish_form(element)
            if field != "in the form":
                last.fields["replaces"] = other
            assert browser.submit(last).status == 200
            assert other in books.methods(life["customer"])

    def at_the_flow(self, visit, ada):
        browser = visit(ada["customer"], flow_data={"type": "payment_method_update"})
        return browser, browser.get("/flow")

    def at_the_recovery(self, visit, host, bob):
        browser = visit()
        return browser, enter(browser, host.portal.create_recovery_link(customer=bob["customer"]))

    @pytest.mark.parametrize(
        "done",
        [
            *("method_processing", "method_added&of=OLD", "method_default&of=OLD", "changed&of=SUB", "canceled&of=SUB"),
            *("kept&of=SUB", "stayed&of=SUB", "contact", "billing_address", "email_asked"),
        ],
    )
    @pytest.mark.parametrize(
        "kind", ["customer_update", "payment_method_update", "subscription_cancel", "subscription_update"]
    )
    def test_saying_that_it_is_done_does_not_do_it(self, visit, ada, books, kind, done):
        flow = {"type": kind, "after_completion": HOMEPAGE}
        if kind.startswith("subscription"):
            flow[kind] = {"subscription": ada["subscription"]}
        browser = visit(ada["customer"], flow_data=flow)
        done = done.replace("OLD", books.default_of(ada["customer"])).replace("SUB", ada["subscription"])
        browser.get(f"/flow/done?done={done}")
        browser.get(f"/flow/done?done={done}&proof=x")
        assert browser.get("/").status == browser.get("/invoices").status == 404

    def test_nor_does_the_proof_of_another_session_or_deed(self, visit, ada, books):
        def at_the_end(browser, page):
            element = browser.submit(new_card_form(page))
            books.confirm_setup(client_secret(element), "pm_card_visa")
            return browser.submit(finish_form(element)).url.partition("/billing")[2]

        mine, page = self.at_the_flow(visit, ada)
        end = at_the_end(mine, page)
        assert "/flow/done" in end
        other = visit(ada["customer"], flow_data={"type": "payment_method_update", "after_completion": HOMEPAGE})
        other.get(end)
        assert other.get("/").status == 404
        forged = end.replace("done=method_added", "done=method_processing")
        assert forged != end
        assert "is checking" not in mine.get(forged).text
        assert "was added" in mine.get(end).text

    def test_nor_does_the_bill_of_an_earlier_change(self, visit, ada, books):
        item = books.subscription(ada["subscription"])["items"].data[0].id
        change = {"items": [{"id": item, "price": ada["prices"]["scale_monthly"]}]}
        books.api.subscriptions.update(ada["subscription"], {**change, "proration_behavior": "always_invoice"})
        invoice = books.subscription(ada["subscription"]).latest_invoice
        assert books.api.invoices.retrieve(invoice).status == "paid"
        data = {"type": "subscription_update", "subscription_update": {"subscription": ada["subscription"]}}
        browser = visit(ada["customer"], flow_data={**data, "after_completion": HOMEPAGE})
        browser.get(f"/invoices/{invoice}/authentication")
        assert browser.get("/").status == 404
        # Not even with the proof that the bank was asked about another one.
        books.add(ada["customer"], "pm_card_authenticationRequired", default=True)
        page = browser.submit(choose(browser, ada, "pro_yearly").form("/plan"))
        asked = next(value for _, name, value in page.attributes if name == "data-return-url")
        assert "proof=" in asked
        books.api.invoices.void_invoice(books.subscription(ada["subscription"]).latest_invoice)
        browser.get(f"/invoices/{invoice}/authentication?{asked.partition('?')[2]}")
        assert browser.get("/").status == 404

    def test_a_paid_dunning_mail_takes_no_card_any_more(self, visit, host, bob, books):
        browser, page = self.at_the_recovery(visit, host, bob)
        form = new_card_form(page)
        books.add(bob["customer"], "pm_card_visa", default=True)
        books.api.invoices.pay(bob["invoice"], {"payment_method": books.default_of(bob["customer"])})
        page = browser.submit(form)
        assert page.url.endswith("/recovery")
        assert "All is paid" in page.text

    def test_nor_one_that_was_being_entered_meanwhile(self, visit, host, bob, books):
        browser, page = self.at_the_recovery(visit, host, bob)
        element = browser.submit(new_card_form(page))
        books.confirm_setup(client_secret(element), "pm_card_mastercard")
        books.add(bob["customer"], "pm_card_visa", default=True)
        mine = books.default_of(bob["customer"])
        books.api.invoices.pay(bob["invoice"], {"payment_method": mine})
        assert "All is paid" in browser.submit(finish_form(element)).text
        assert books.default_of(bob["customer"]) == mine

    def test_a_renewed_deep_link_for_several_customers_is_still_that_deep_link(
        self, visit, host, ada, bob, skew, postbox
    ):
        flow = {"type": "payment_method_update"}
        link = expired(host, skew, customer=ada["customer"], customers=[bob["customer"]], flow_data=flow, **RENEWABLE)
        browser = visit()
        page = browser.submit(browser.get(link).form("/login/renewal"))
        page = browser.submit(page.form("/login/code"), code=code_in(postbox.last()))
        assert page.url.endswith("/flow")
        assert "Add a payment method" in page.text
        assert browser.get("/").status == 404


class TestMailGoesToWhoIsMeant:
    LURE = "You are owed $500, claim it at https://evil.example"

    def test_no_word_of_the_customer_s_choosing_reaches_an_address_nobody_confirmed(self, visit, ada, books, postbox):
        books.api.customers.update(ada["customer"], {"name": self.LURE})
        browser = visit(ada["customer"])
        browser.submit(browser.get("/details/email").form("/details/email"), email="victim@elsewhere.example")
        (mail,) = [mail for mail in postbox.mails() if mail.to == "victim@elsewhere.example"]
        assert "evil.example" not in mail.text + mail.html + mail.subject

    @pytest.mark.parametrize("path", ["/login", "/recover"])
    @pytest.mark.parametrize("typed", ["\u212aay@example.com", "kay@example.co\u1d50"])
    def test_a_letter_that_only_looks_alike_is_another_mailbox(self, world, visit, postbox, path, typed):
        world.live("past_due", name="Kay", email="kay@example.com")
        browser = visit()
        assert browser.submit(browser.get(path).form(path), email=typed).status == 200
        assert postbox.mails() == []

    @pytest.mark.parametrize("path", ["/login", "/recover"])
    def test_mail_goes_to_the_address_at_stripe_and_not_to_the_typed_one(self, world, visit, postbox, path):
        world.live("past_due", name="Kay", email="kay@example.com")
        browser = visit()
        browser.submit(browser.get(path).form(path), email="KAY@Example.com")
        assert [mail.to for mail in postbox.mails()] == ["kay@example.com"]


class TestWhoMayChooseTheAddressThatSignsIn:
    def test_not_who_may_do_less_than_it_opens(self, visit, ada):
        browser = visit(ada["customer"], scopes="customer:write")
        assert not browser.get("/details").leads_to("/details/email")
        assert browser.get("/details/email").status == 404
        form = browser.get("/details").form("/session/end")
        form.action = form.action.replace("/session/end", "/details/email")
        assert browser.send(form, email="me@elsewhere.example").status_code == 404

    def test_nor_where_only_paying_is_mailed(self, world, visit, ada, postbox):
        with hosting(world, mail=postbox.deliver) as host:
            assert visit(ada["customer"], at=host, scopes="customer:write").get("/details/email").status == 404
            assert visit(ada["customer"], at=host).get("/details/email").status == 200

    def test_nor_who_sees_only_what_is_billed_for_one_account(self, visit, ada):
        browser = visit(ada["customer"], on_behalf_of="acct_1Somebody")
        assert browser.get("/details/email").status == 404


class TestWhomTheHostKnows:
    """`identity=` says who is there; a link in a mail says nothing beside it."""

    @pytest.fixture
    def known(self, world, ada, postbox):
        who = [ada["customer"]]
        settings = {"mail": postbox.deliver, "login_page": LoginPage(enabled=True)}
        with hosting(world, identity=lambda _: Identity(customer=who[0]) if who[0] else None, **settings) as host:
            yield host, who

    def test_another_s_dunning_mail_is_refused_and_says_nothing_false(self, known, visit, bob):
        host, _ = known
        browser = visit(at=host)
        page = browser.get(host.portal.create_recovery_link(customer=bob["customer"]))
        page = browser.submit(next(form for form in page.forms if "/recover/" in form.action))
        assert page.status == 400
        assert "paid" not in page.text
        assert browser.get("/recovery").status == 404

    def test_their_own_leads_to_their_own_billing(self, known, visit, bob):
        host, who = known
        who[0] = bob["customer"]
        browser = visit(at=host)
        page = browser.get(host.portal.create_recovery_link(customer=bob["customer"]))
        page = browser.submit(next(form for form in page.forms if "/recover/" in form.action))
        assert page.title.startswith("Overview")

    def test_no_session_is_kept_aside_for_later(self, known, visit, bob, postbox):
        host, who = known
        browser = visit(at=host)
        postbox.host = host
        browser.submit(browser.get("/login").form("/login"), email="bob@example.com")
        page = browser.get(link_in(postbox.last()))
        assert browser.submit(page.form("/login/link")).status == 400
        who[0] = None
        assert browser.get("/").status == 401


class TestALinkThatSomebodyAskedFor:
    """At `/recover`: it is for whoever reads that address, for as long as it is the customer's."""

    @pytest.fixture
    def link(self, visit, bob, postbox):
        browser = visit()
        browser.submit(browser.get("/recover").form("/recover"), email="bob@example.com")
        return link_in(postbox.last())

    def test_it_opens_nothing_once_the_address_has_changed(self, visit, bob, books, link):
        assert visit().get(link).status == 200
        books.api.customers.update(bob["customer"], {"email": "bob@new.example"})
        assert visit().get(link).status == 400

    def test_nor_after_a_week(self, visit, skew, link):
        skew[0] += 7 * DAY - 60
        assert visit().get(link).status == 200
        skew[0] += 120
        assert visit().get(link).status == 400

    def test_what_was_asked_for_there_uses_up_no_code(self, host, visit, bob, postbox):
        host.portal._services.limits._factor = 1  # as with live keys
        browser = visit()
        for _ in range(6):
            browser.submit(browser.get("/recover").form("/recover"), email="bob@example.com")
        browser.submit(browser.get("/login").form("/login"), email="bob@example.com")
        kinds = [mail.kind for mail in postbox.mails()]
        assert (kinds.count("recovery"), kinds.count("login_code")) == (5, 1)


def test_one_spelling_of_an_address_opens_no_customer_of_another(world, visit, postbox):
    world.live("monthly", days=10, name="Small", email="kay@example.com")
    world.live("monthly", days=10, name="Large", email="Kay@example.com")
    browser = visit()
    page = browser.submit(browser.get("/login").form("/login"), email="Kay@example.com")
    page = browser.submit(page.form("/login/code"), code=code_in(postbox.last()))
    assert postbox.last().to == "Kay@example.com"
    assert "Billing for Large" in page.text


def test_two_cookies_do_not_lock_anybody_out(host, visit, ada):
    browser = visit(ada["customer"])
    other = cookie_name(host.portal.config, framed=True)
    answer = browser.client.get(host.link(ada["customer"]), headers={"Cookie": f"{other}=old"}, follow_redirects=False)
    assert [line.partition("=")[0] for line in answer.headers.get_list("set-cookie")][-1] == other
    assert "Max-Age=0" in answer.headers.get_list("set-cookie")[-1]


class TestNobodyIsOpenBeforeTheChoice:
    @pytest.fixture
    def choosing(self, world, visit, postbox):
        lives = [world.live("monthly", days=10, name=name, email="two@example.com") for name in ("One", "Two")]
        browser = visit()
        page = browser.submit(browser.get("/login").form("/login"), email="two@example.com")
        page = browser.submit(page.form("/login/code"), code=code_in(postbox.last()))
        return browser, page, lives

    def test_the_page_leads_to_no_other(self, choosing):
        _, page, _ = choosing
        assert page.url.endswith("/customers")
        assert "Whose billing?" in page.text
        assert "Open now" not in page.text
        assert not page.leads_to("/billing/invoices")
        assert "Switch account" not in page.text

    @pytest.mark.parametrize("path", ["/", "/invoices", "/payment-methods", "/details"])
    def test_every_other_page_leads_back_to_it(self, choosing, path):
        browser, _, _ = choosing
        page = browser.get(path)
        assert page.url.endswith("/customers")

    @pytest.mark.parametrize("which", [0, 1])
    def test_then_the_chosen_one_is_open(self, choosing, which):
        browser, page, lives = choosing
        page = browser.submit(page.form(f"{lives[which]['customer']}/session"))
        assert f"Billing for {('One', 'Two')[which]}" in page.text
        assert browser.get("/invoices").leads_to("/customers")
        assert "Open now" in browser.get("/customers").text
