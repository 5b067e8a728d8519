"""The customer keeps a receipt of what was changed: once, in their language, with the sums that Stripe's books have."""

from __future__ import annotations

import pytest

from portal_embed import Features, MailReceipts
from portal_embed.config import SubscriptionCancel
from tests.pages.deeds import add_method, client_secret, finish_form
from tests.pages.postbox import Postbox, link_in
from tests.pages.test_plan_changes import choose
from tests.serving import hosting


@pytest.fixture
def postbox():
    return Postbox()


@pytest.fixture
def host(world, postbox):
    with hosting(world, mail=postbox.deliver) as served:
        postbox.host = served
        yield served


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10)


def cancel(browser, life):
    return browser.submit(browser.get(f"/subscriptions/{life['subscription']}/cancellation").form("/cancellation"))


def add(browser, books):
    page = add_method(browser)
    books.confirm_setup(client_secret(page), "pm_card_mastercard")
    return browser.submit(finish_form(page))


def test_a_changed_plan_is_told_with_what_was_paid_and_what_comes_next(ada, visit, postbox, books):
    browser = visit(ada["customer"])
    before = books.charged(ada["customer"])
    browser.submit(choose(browser, ada, "pro_yearly").form("/plan"))
    (mail,) = postbox.mails()
    assert (mail.kind, mail.to, mail.subject) == ("plan_changed", "ada@example.com", "Your plan is now Pro")
    assert "$290.00 a year" in mail.text
    paid = books.charged(ada["customer"]) - before
    assert f"Paid for the change: ${paid / 100:.2f}" in mail.text
    assert "Next charge: $290.00" in mail.text
    assert link_in(mail) == postbox.host.origin + "/account"


def test_a_cancellation_is_told_with_the_day_it_ends(ada, visit, postbox, books):
    cancel(visit(ada["customer"]), ada)
    (mail,) = postbox.mails()
    assert (mail.kind, mail.subject) == ("canceled", "Pro is canceled")
    assert "You keep Pro until" in mail.text
    assert "not charged again" in mail.text


def test_one_that_ends_at_once_is_told_as_that(world, ada, visit, postbox):
    with hosting(
        world, mail=postbox.deliver, features=Features(subscription_cancel=SubscriptionCancel(mode="immediately"))
    ) as host:
        postbox.host = host
        cancel(visit(ada["customer"], at=host), ada)
        (mail,) = postbox.mails()
    assert "Pro has ended. You are not charged again." in mail.text


def test_a_new_payment_method_is_told(ada, visit, postbox, books):
    add(visit(ada["customer"]), books)
    (mail,) = postbox.mails()
    assert mail.kind == "payment_method_added"
    assert "Mastercard •••• 4444 was added to your billing." in mail.text


def test_the_same_click_is_told_once_however_often_it_arrives(ada, visit, postbox):
    browser = visit(ada["customer"])
    form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
    for _ in range(3):
        browser.submit(form)
    assert len(postbox.mails()) == 1


def test_canceling_again_after_a_change_of_mind_is_told_again(ada, visit, postbox, world):
    browser = visit(ada["customer"])
    browser.submit(cancel(browser, ada).form("/continuation"))
    world.move_clock(5)
    cancel(browser, ada)
    assert [mail.kind for mail in postbox.mails()] == ["canceled", "canceled"]


def test_a_declined_change_is_not_told(ada, visit, postbox, books):
    books.add(ada["customer"], "pm_card_chargeCustomerFail", default=True)
    browser = visit(ada["customer"])
    assert browser.submit(choose(browser, ada, "pro_yearly").form("/plan")).status == 402
    assert postbox.mails() == []


def test_it_is_written_in_the_reader_s_language(ada, visit, postbox):
    browser = visit(ada["customer"], locale="de")
    browser.submit(choose(browser, ada, "pro_yearly").form("/plan"))
    assert postbox.last().locale == "de"
    assert "290,00" in postbox.last().text


def test_a_customer_without_an_address_gets_none(ada, visit, postbox, books):
    books.api.customers.update(ada["customer"], {"email": ""})
    cancel(visit(ada["customer"]), ada)
    assert postbox.mails() == []


@pytest.mark.parametrize("kind", ["plan_changed", "canceled", "payment_method_added"])
def test_each_kind_can_be_switched_off(kind, world, ada, visit, postbox, books):
    with hosting(world, mail=postbox.deliver, mail_receipts=MailReceipts(**{kind: False})) as host:
        postbox.host = host
        browser = visit(ada["customer"], at=host)
        browser.submit(choose(browser, ada, "pro_yearly").form("/plan"))
        add(browser, books)
        cancel(browser, ada)
        told = {mail.kind for mail in postbox.mails()}
    assert told == {"plan_changed", "canceled", "payment_method_added"} - {kind}


def test_while_mail_or_stripe_fails_the_page_says_what_was_done(world, ada, visit, postbox):
    async def fails(_mail):
        raise OSError

    with hosting(world, mail=fails) as host:
        postbox.host = host
        browser = visit(ada["customer"], at=host)
        form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        assert "Pro is canceled" in browser.submit(form).text


def test_without_mail_nothing_more_is_asked_of_stripe(world, ada, visit):
    with hosting(world) as host:
        browser = visit(ada["customer"], at=host)
        form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        world.forget_requests()
        browser.send(form)
        calls = [call["path"] for call in world.requests()]
    assert not any(path.endswith(("/create_preview", "/v1/products")) for path in calls[:4])
