"""Signing in by email: by code, by link, past mail scanners, and without a hint to whoever tries addresses out."""

from __future__ import annotations

import re
import time

import pytest

from portal_embed import LoginPage
from tests.pages.postbox import Postbox, link_in
from tests.pages.test_every_page import body_without_reference
from tests.serving import hosting


@pytest.fixture
def postbox():
    return Postbox()


@pytest.fixture
def host(world, postbox):
    with hosting(world, mail=postbox.deliver, login_page=LoginPage(enabled=True)) as served:
        postbox.host = served
        yield served


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10, name="Ada Lovelace", email="ada@example.com")


def ask(browser, email="ada@example.com"):
    return browser.submit(browser.get("/login").form("/login"), email=email)


def code_in(mail):
    return re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", mail.text)[0]


AGAIN = {"type": "customer_login"}


@pytest.mark.feature(3)
class TestByCode:
    def test_the_code_of_the_mail_opens_the_customer_s_billing(self, ada, visit, postbox):
        browser = visit()
        page = ask(browser)
        mail = postbox.last()
        assert (mail.kind, mail.to) == ("login_code", "ada@example.com")
        page = browser.submit(page.form("/login/code"), code=code_in(mail))
        assert page.title.startswith("Overview")
        assert "Billing for Ada Lovelace" in page.text

    def test_a_wrong_code_is_said_and_the_right_one_still_works(self, ada, visit, postbox):
        browser = visit()
        page = browser.submit(ask(browser).form("/login/code"), code="BBBB-BBBB")
        assert page.status == 422
        assert "That is not the code" in page.text
        assert browser.submit(page.form("/login/code"), code=code_in(postbox.last())).status == 200

    def test_after_five_wrong_ones_only_a_new_one_helps(self, ada, visit, postbox):
        browser = visit()
        page = ask(browser)
        form, code = page.form("/login/code"), code_in(postbox.last())
        for _ in range(5):
            page = browser.submit(form, code="BBBB-BBBB")
        assert "Ask for a new one" in page.text
        assert not page.leads_to("/login/code")
        assert browser.submit(form, code=code).status == 422

    def test_it_works_only_where_it_was_asked_for(self, ada, visit, postbox):
        ask(visit())
        other = visit()
        page = ask(other)
        first, second = postbox.mails()
        assert other.submit(page.form("/login/code"), code=code_in(first)).status == 422
        assert other.submit(page.form("/login/code"), code=code_in(second)).status == 200

    @pytest.mark.parametrize("typed", ["ADA@Example.com", " ada@example.com "])
    def test_an_address_may_be_typed_as_people_type(self, ada, visit, postbox, typed):
        ask(visit(), typed)
        assert len(postbox.mails()) == 1

    @pytest.mark.parametrize("typed", ["", "ada", "a b@c", "ada@example.com\r\nBcc: x@y.z"])
    def test_what_is_no_address_is_said_at_the_field_and_kept(self, visit, postbox, typed):
        page = ask(visit(), typed)
        assert page.status == 422
        assert "Enter an email address" in page.text
        assert postbox.mails() == []

    def test_what_they_may_do_is_everything_but_to_change_the_address(self, ada, visit, postbox, host):
        browser = visit()
        browser.submit(ask(browser).form("/login/code"), code=code_in(postbox.last()))
        assert browser.get(f"/subscriptions/{ada['subscription']}/cancellation").status == 200
        details = browser.get("/details")
        assert "Ask Acme to change it." in details.text
        assert not details.leads_to("/details/email")
        assert browser.get("/details/email").status == 404
        assert visit(ada["customer"], at=host).get("/details").leads_to("/details/email")


@pytest.mark.feature(3)
class TestByLink:
    def test_it_names_whose_billing_it_opens_and_a_button_opens_it(self, ada, visit, postbox):
        ask(visit())
        phone = visit()
        page = phone.get(link_in(postbox.last()))
        assert "This opens the billing of ada@example.com." in page.text
        assert "Billing for Ada Lovelace" in phone.submit(page.form("/login/link")).text

    def test_a_mail_scanner_that_looks_first_uses_nothing_up(self, ada, visit, postbox):
        ask(visit())
        link = link_in(postbox.last())
        scanner = visit()
        for method in ("GET", "HEAD", "GET"):
            assert scanner.ask(method, link).status_code == 200
        assert scanner.get("/").status == 401
        phone = visit()
        assert phone.submit(phone.get(link).form("/login/link")).status == 200

    def test_it_opens_once_and_the_code_is_used_up_with_it(self, ada, visit, postbox):
        browser = visit()
        asked = ask(browser)
        link, code = link_in(postbox.last()), code_in(postbox.last())
        phone = visit()
        page = phone.get(link)
        phone.submit(page.form("/login/link"))
        again = visit().submit(page.form("/login/link"))
        assert again.status == 400
        assert again.leads_to("/login")
        assert browser.submit(asked.form("/login/code"), code=code).status == 400

    def test_another_site_cannot_press_the_button(self, ada, visit, postbox):
        """Or it would sign its visitors in to a billing of its own choice, and have their card saved there."""
        ask(visit())
        browser = visit()
        form = browser.get(link_in(postbox.last())).form("/login/link")
        answer = browser.ask(
            "POST",
            form.action,
            data=form.fields,
            headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        )
        assert answer.status_code == 403
        assert browser.get("/").status == 401


class TestSeveralCustomers:
    """Two customers with one address: nobody is picked for them."""

    pytestmark = pytest.mark.feature(5)

    @pytest.fixture
    def engines(self, world):
        return world.live("past_due", name="Analytical Engines Ltd", email="ada@example.com")

    def test_they_choose_before_they_see_anything(self, ada, engines, visit, postbox):
        browser = visit()
        page = browser.submit(ask(browser).form("/login/code"), code=code_in(postbox.last()))
        assert "Whose billing?" in page.text
        assert "Ada Lovelace" in page.text
        assert "Analytical Engines Ltd" in page.text
        assert "Open now" not in page.text
        page = browser.submit(page.form(f"{engines['customer']}/session"))
        assert "Billing for Analytical Engines Ltd" in page.text
        assert len(postbox.mails()) == 1

    def test_two_of_one_name_are_told_apart_by_the_business_or_by_their_age(self, world, ada, visit, postbox):
        world.life("open_invoice", name="Ada Lovelace", email="ada@example.com", business_name="The Kiosk")
        world.life("new", name="Ada Lovelace", email="ada@example.com")
        browser = visit()
        page = browser.submit(ask(browser).form("/login/code"), code=code_in(postbox.last()))
        details = [piece for piece in page.pieces if "ada@example.com" in piece]
        assert "The Kiosk · ada@example.com" in details
        assert len(set(details)) == 3
        assert sum("Customer since" in detail for detail in details) == 2

    def test_and_can_switch_later(self, ada, engines, visit, postbox):
        browser = visit()
        page = browser.submit(ask(browser).form("/login/code"), code=code_in(postbox.last()))
        browser.submit(page.form(f"{engines['customer']}/session"))
        page = browser.submit(browser.get("/customers").form(f"{ada['customer']}/session"))
        assert "Billing for Ada Lovelace" in page.text

    def test_a_deleted_one_is_not_among_them(self, ada, engines, books, visit, postbox):
        books.api.customers.delete(engines["customer"])
        browser = visit()
        page = browser.submit(ask(browser).form("/login/code"), code=code_in(postbox.last()))
        assert "Billing for Ada Lovelace" in page.text


class TestNoHint:
    """Whoever tries addresses out learns nothing: not from words, headers, timing or mail."""

    pytestmark = pytest.mark.feature(3)
    UNKNOWN = "nobody@example.com"

    @pytest.fixture
    def addresses(self, ada, world, books):
        gone = world.life("monthly", email="gone@example.com")
        books.api.customers.delete(gone)
        world.life("monthly", email="two@example.com")
        world.life("new", email="two@example.com")
        return ["ada@example.com", "two@example.com", "gone@example.com", self.UNKNOWN]

    def answers(self, visit, addresses):
        browser = visit()
        form = browser.get("/login").form("/login")
        return {email: browser.send(form, email=email) for email in addresses}

    def test_the_answers_are_the_same(self, addresses, visit):
        def shape(email, answer):
            body = body_without_reference(answer).replace(email, "EMAIL")
            body = re.sub(r'name="token" value="[^"]*"', "token", body)
            headers = {
                name: re.sub(r"nonce-[\w-]+", "nonce", value)
                for name, value in answer.headers.items()
                if name not in {"date", "x-request-id", "content-length"}
            }
            return answer.status_code, body, headers

        shapes = [shape(email, answer) for email, answer in self.answers(visit, addresses).items()]
        assert shapes.count(shapes[0]) == len(shapes)

    def test_no_answer_waits_for_stripe_or_for_mail(self, addresses, visit, world, postbox):
        """Their timing is one class: Stripe takes far longer here than the slowest answer may."""
        browser = visit()
        form = browser.get("/login").form("/login")
        world.latency(1.0)
        for email in addresses:
            began = time.perf_counter()
            assert browser.send(form, email=email).status_code == 200
            assert time.perf_counter() - began < 0.9, email
        world.latency(0)
        assert {mail.to for mail in postbox.mails()} == {"ada@example.com", "two@example.com"}

    def test_nothing_is_sent_to_strangers(self, addresses, visit, postbox):
        ask(visit(), self.UNKNOWN)
        ask(visit(), "gone@example.com")
        assert postbox.mails() == []

    def test_a_code_guessed_for_a_stranger_reads_like_any_wrong_one(self, addresses, visit):
        pages = []
        for email in addresses:
            browser = visit()
            answer = browser.send(ask(browser, email).form("/login/code"), code="BBBB-BBBB")
            body = re.sub(r'name="token" value="[^"]*"', "token", body_without_reference(answer))
            pages.append((answer.status_code, body.replace(email, "EMAIL")))
        assert pages.count(pages[0]) == len(pages)

    def test_over_the_limit_of_mails_nothing_is_sent_and_nothing_is_said(self, world, ada, visit, postbox, monkeypatch):
        monkeypatch.setattr("portal_embed.access.limits.TEST_MODE_FACTOR", 1)
        with hosting(world, mail=postbox.deliver, login_page=LoginPage(enabled=True)) as host:
            postbox.host = host
            browser = visit(at=host)
            pages = [ask(browser) for _ in range(7)]
            assert {page.status for page in pages} == {200}
            assert len(postbox.mails()) == 5

    def test_one_address_of_the_network_may_not_try_for_ever(self, world, visit, postbox, monkeypatch):
        monkeypatch.setattr("portal_embed.access.limits.TEST_MODE_FACTOR", 1)
        with hosting(world, mail=postbox.deliver, login_page=LoginPage(enabled=True)) as host:
            postbox.host = host
            browser = visit(at=host)
            form = browser.get("/login").form("/login")
            statuses = [browser.send(form, email=f"a{number}@x.com").status_code for number in range(11)]
        assert statuses == [200] * 10 + [429]


@pytest.mark.feature(4)
def test_the_address_may_be_filled_in_beforehand(visit):
    assert visit().get("/login?prefilled_email=ada%40example.com").form("/login").fields["email"] == "ada@example.com"


@pytest.mark.feature(4)
@pytest.mark.parametrize("email", ["%22%3E%3Cscript%3E", "not-an-address", "a" * 300 + "@x.com"])
def test_but_only_with_an_address(visit, email):
    assert visit().get(f"/login?prefilled_email={email}").form("/login").fields["email"] == ""


@pytest.mark.feature(120)
class TestSentHereByACheckout:
    """A checkout that sells a plan once leads here who has it: `/login?subscribed=1`, with their address."""

    WAY = "/login?subscribed=1&prefilled_email=ada%40example.com"

    def arrive(self, visit, postbox):
        browser = visit()
        page = browser.get(self.WAY)
        assert "You may have this plan already" in page.text
        page = browser.submit(page.form("/login"))
        return browser.submit(page.form("/login/code"), code=code_in(postbox.last()))

    def test_the_overview_says_what_they_have(self, ada, visit, postbox):
        page = self.arrive(visit, postbox)
        assert page.title.startswith("Overview")
        assert "You have Pro already" in page.text

    def test_a_mistyped_address_loses_nothing(self, ada, visit, postbox):
        browser = visit()
        page = browser.submit(browser.get(self.WAY).form("/login"), email="ada")
        assert page.status == 422
        page = browser.submit(page.form("/login"), email="ada@example.com")
        page = browser.submit(page.form("/login/code"), code=code_in(postbox.last()))
        assert "You have Pro already" in page.text

    def test_by_the_mailed_link_too(self, ada, visit, postbox):
        browser = visit()
        browser.submit(browser.get(self.WAY).form("/login"))
        page = browser.get(link_in(postbox.last()))
        assert "You have Pro already" in browser.submit(page.form("/login/link")).text

    def test_who_is_signed_in_is_led_there_at_once(self, ada, visit):
        assert "You have Pro already" in visit(ada["customer"]).get(self.WAY).text

    def test_who_has_none_is_told_nothing_untrue(self, world, visit, postbox):
        world.live("new", email="ada@example.com")
        page = self.arrive(visit, postbox)
        assert "already" not in page.text

    def test_a_plain_sign_in_says_nothing_of_it(self, ada, visit, postbox):
        browser = visit()
        page = ask(browser)
        page = browser.submit(page.form("/login/code"), code=code_in(postbox.last()))
        assert "already" not in page.text


@pytest.mark.parametrize("path", ["/login", "/login/link?token=x"])
def test_no_page_of_signing_in_may_be_framed(world, postbox, visit, path):
    embed = ("https://shop.example.com",)
    with hosting(world, mail=postbox.deliver, login_page=LoginPage(enabled=True), embed_origins=embed) as host:
        policy = visit(at=host).ask("GET", path).headers["content-security-policy"]
        elsewhere = visit(at=host).ask("GET", "/").headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "frame-ancestors https://shop.example.com" in elsewhere


def test_without_the_login_page_there_is_none(world, postbox, visit):
    with hosting(world, mail=postbox.deliver) as host:
        assert visit(at=host).get("/login").status == 404
        assert not visit(at=host).get("/").leads_to("/login")


def test_an_ended_session_leads_to_it(visit):
    assert visit().get("/").leads_to("/login")


def test_the_mail_speaks_the_customer_s_language(ada, books, visit, postbox):
    books.api.customers.update(ada["customer"], {"preferred_locales": ["de-AT"]})
    ask(visit())
    assert postbox.last().locale == "de"


def test_while_stripe_is_down_the_page_is_as_always(ada, visit, world, postbox):
    world.fail(r"^/v1/customers", status=500, times=None)
    assert ask(visit()).status == 200
    assert postbox.mails() == []


class TestALinkThatMayBeHadAnew:
    """`after_expiration`: an expired or used link of the host's leads to a mail to the customer's own address."""

    pytestmark = pytest.mark.feature(6)

    def dead_link(self, host, ada, visit, **arguments):
        link = host.link(ada["customer"], **{"after_expiration": AGAIN, **arguments})
        visit().enter(link)
        return link

    def test_the_customer_gets_a_new_one_at_their_own_address(self, host, ada, visit, postbox):
        browser = visit()
        page = browser.get(self.dead_link(host, ada, visit))
        assert page.status == 400
        assert "We can send a new one to a•••@example.com." in page.text
        page = browser.submit(page.form("/login/renewal"))
        page = browser.submit(page.form("/login/code"), code=code_in(postbox.last()))
        assert "Billing for Ada Lovelace" in page.text

    def test_it_is_what_the_first_one_was(self, host, ada, visit, postbox):
        browser = visit()
        page = browser.get(self.dead_link(host, ada, visit, scopes="view", return_url="/special"))
        browser.submit(page.form("/login/renewal"))
        phone = visit()
        page = phone.submit(phone.get(link_in(postbox.last())).form("/login/link"))
        assert "Read-only view" in page.text
        assert "/special" in page.links

    def test_who_does_not_read_that_mail_is_not_let_in(self, host, ada, visit, postbox, books):
        browser = visit()
        page = browser.submit(browser.get(self.dead_link(host, ada, visit)).form("/login/renewal"))
        code = code_in(postbox.last())
        books.api.customers.update(ada["customer"], {"email": "ada@new.example"})
        assert browser.submit(page.form("/login/code"), code=code).status == 400

    def test_the_host_may_end_it_meanwhile(self, host, ada, visit, postbox):
        browser = visit()
        page = browser.submit(browser.get(self.dead_link(host, ada, visit)).form("/login/renewal"))
        host.portal.end_sessions(customer=ada["customer"])
        assert browser.submit(page.form("/login/code"), code=code_in(postbox.last())).status == 400

    @pytest.mark.parametrize("after", [None, {"type": "customer_login", "customer_login": {"expires_at": 1}}])
    def test_without_it_or_past_its_deadline_a_dead_link_is_dead(self, host, ada, visit, postbox, after):
        link = self.dead_link(host, ada, visit, after_expiration=after)
        page = visit().get(link)
        assert page.status == 400
        assert not page.leads_to("/login/renewal")

    def test_a_forged_one_is_not_renewed(self, host, ada, visit, postbox):
        browser = visit()
        form = browser.get(self.dead_link(host, ada, visit)).form("/login/renewal")
        form.fields["token"] = form.fields["token"][:-8] + "AAAAAAAA"
        assert browser.submit(form).status == 400
        assert postbox.mails() == []

    def test_a_renewed_one_can_be_asked_for_again(self, host, ada, visit, postbox):
        browser = visit()
        page = browser.submit(browser.get(self.dead_link(host, ada, visit)).form("/login/renewal"))
        browser.submit(page.form("/login/renewal"))
        assert len(postbox.mails()) == 2

    @pytest.mark.parametrize(
        "after", ["customer_login", {"type": "x"}, {"type": "customer_login", "customer_login": {"expires_at": "soon"}}]
    )
    def test_a_wrong_wish_is_said_at_once(self, host, ada, after):
        with pytest.raises(ValueError, match="after_expiration"):
            host.link(ada["customer"], after_expiration=after)

    def test_it_needs_mail(self, world, ada):
        with hosting(world) as host, pytest.raises(ValueError, match="mail"):
            host.link(ada["customer"], after_expiration=AGAIN)
