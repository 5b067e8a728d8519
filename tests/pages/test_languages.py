"""Every word of every page can be translated: in the pseudo-locale nothing is left as it was."""

from __future__ import annotations

import re

import pytest

from portal_embed import Identity
from portal_embed.access.locales import LOCALES
from tests.pages.deeds import add_method
from tests.serving import hosting

DATA = re.compile(
    r"""^[\s\d.,:;·×()/–+%$€¥-]*$                    # figures and punctuation
      | ^\d+\ \w+\ \d{4}(\ ·)?$                   # dates
      | ^-?\$[\d,.]+$
      | ^[A-Z0-9]{8}-\d{4}$                        # numbers of invoices
      | ^(Acme|Pro|Scale|Starter|Visa.*|Mastercard.*)$
      | ^(Ada\ Lovelace|Erin\ Both|Bob\ Past|Ivy\ Owes|Henry\ Back|Clara\ Trial)$
      | ^American\ Express.*|^Apple\ Pay.*|^STRIPE\ TEST.*|^SEPA.*|^(Link|PayPal|iDEAL|Boleto|Amazon\ Pay|Cash\ App\ Pay)$
      | ^For\ (one|teams).*|^Everything\ in.*      # descriptions of products
      | .*\(at\ \$.*\)$|^Setup\ and\ training$|^Free\ trial\ for.*|^(Remaining|Unused)\ time.*
    """,
    re.VERBOSE,
)


@pytest.fixture
def host(world):
    with hosting(world, default_locale="en-XA") as served:
        yield served


def untranslated(page):
    left = []
    for piece in page.pieces:
        words = re.sub(r"⟦[^⟦⟧]*(?:⟦[^⟦⟧]*⟧[^⟦⟧]*)*⟧", "", piece).strip()
        if words and not DATA.match(words):
            left.append(piece)
    spoken = [
        value
        for _, name, value in page.attributes
        if name in {"aria-label", "alt", "title", "placeholder"} or name.startswith(("data-unavailable", "data-failed"))
    ]
    return left + [value for value in spoken if value and "⟦" not in value]


def assert_translated(page):
    assert "⟦" in page.text
    assert untranslated(page) == [], page.url


@pytest.mark.parametrize(
    "life", ["monthly", "past_due", "trialing", "canceling", "two_subscriptions", "new", "open_invoice", "refunded"]
)
def test_no_word_of_the_main_pages_is_left_out(life, world, visit):
    browser = visit(world.live(life, **({"days": 10} if life == "monthly" else {}))["customer"])
    for path in ("/", "/invoices", "/payment-methods"):
        assert_translated(browser.get(path))


def test_nor_of_what_belongs_to_one_subscription(world, visit):
    ada = world.live("monthly", days=10)
    browser = visit(ada["customer"])
    base = f"/subscriptions/{ada['subscription']}"
    for path in (
        f"{base}/next-charge",
        f"{base}/plan",
        f"{base}/plan?price={ada['prices']['scale_monthly']}&quantity=60",
        f"{base}/plan?price={ada['prices']['starter_monthly']}",
        f"{base}/plan?price={ada['prices']['pro_monthly']}",
        f"{base}/cancellation",
    ):
        assert_translated(browser.get(path))


def test_nor_of_what_belongs_to_one_invoice(world, books, visit):
    bob, henry = world.live("past_due"), world.live("refunded", amount=500)
    for life in (bob, henry):
        browser = visit(life["customer"])
        assert_translated(browser.get(f"/invoices/{life['invoice']}"))
    browser = visit(bob["customer"])
    pay = browser.get(f"/invoices/{bob['invoice']}/payment")
    assert_translated(pay)
    assert_translated(browser.submit(pay.form("/payment")))


def test_nor_of_adding_and_removing_a_method(world, books, visit):
    ada = world.live("monthly", days=10)
    spare = books.add(ada["customer"], "pm_card_mastercard")
    browser = visit(ada["customer"])
    assert_translated(browser.get(f"/payment-methods/{spare}/removal"))
    page = add_method(browser)
    page.pieces = [piece for piece in page.pieces if "@example.com" not in piece]
    assert_translated(page)


def test_nor_of_the_bank_s_question(world, visit):
    ivy = world.live("open_invoice", card="pm_card_authenticationRequired")
    browser = visit(ivy["customer"])
    form = browser.get(f"/invoices/{ivy['invoice']}/payment").form("/payment")
    assert_translated(browser.submit(form))


def test_nor_of_confirmations(world, visit):
    ada = world.live("monthly", days=10)
    browser = visit(ada["customer"])
    form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
    canceled = browser.submit(form)
    assert_translated(canceled)
    assert_translated(browser.submit(canceled.form("/continuation")))


@pytest.mark.parametrize("path", ["/nowhere", "/enter?token=x", "/payment-methods/new"])
def test_nor_of_problems(path, world, visit):
    page = visit(world.life("new")).get(path)
    assert page.status >= 400
    page.pieces = [re.sub(r"[0-9a-f]{16}", "", piece) for piece in page.pieces]
    assert_translated(page)


def test_amounts_and_dates_follow_the_link_s_locale(world, visit):
    ada = world.live("monthly", days=10)
    with hosting(world) as plain:
        page = visit(ada["customer"], at=plain, locale="de").get("/")
    assert "29,00" in page.text


@pytest.mark.feature(12)
class TestWhichLanguage:
    """In Stripe's order: the session's locale, the customer's, the browser's."""

    @pytest.fixture
    def host(self, world):
        with hosting(world) as served:
            yield served

    @pytest.fixture
    def gerda(self, world, books):
        ada = world.live("monthly", days=10)
        books.api.customers.update(ada["customer"], {"preferred_locales": ["tlh", "de-AT"]})
        return ada["customer"]

    def test_the_session_s_own_comes_first(self, gerda, visit):
        assert "€" not in visit(gerda, locale="fr").get("/").text
        assert "29,00 $" in visit(gerda, locale="fr").get("/").text.replace("\u202f", " ").replace("\xa0", " ")

    @pytest.mark.parametrize("locale", [None, "auto"])
    def test_then_the_customer_s(self, gerda, visit, locale):
        assert "29,00 $" in visit(gerda, locale=locale).get("/").text.replace("\xa0", " ")

    def test_also_where_the_host_says_on_each_request_who_it_is(self, gerda, world, visit):
        with hosting(world, identity=lambda _request: Identity(customer=gerda)) as host:
            assert "29,00 $" in visit(at=host).get("/").text.replace("\xa0", " ")

    def test_then_the_browser_s(self, world, visit):
        ada = world.live("monthly", days=10)
        assert "$29.00" in visit(ada["customer"]).get("/", **{"Accept-Language": "de, en;q=0.5"}).text

    def test_words_in_english_run_as_english_does_whatever_was_asked_for(self, world, visit, tmp_path):
        ada = world.live("monthly", days=10)["customer"]
        with hosting(world, default_locale="ar") as host:
            page = visit(ada, at=host).get("/")
        assert {("html", "lang", "en"), ("html", "dir", "ltr")} <= set(page.attributes)
        assert "$29.00 a month" in page.text
        (tmp_path / "ar" / "LC_MESSAGES").mkdir(parents=True)
        words = 'msgid "Overview"\nmsgstr "نظرة عامة"\n'
        (tmp_path / "ar" / "LC_MESSAGES" / "portal_embed.po").write_text(words, encoding="utf-8")
        with hosting(world, default_locale="ar", translations_dir=tmp_path) as host:
            said = visit(ada, at=host).get("/").attributes
        assert {("html", "lang", "ar"), ("html", "dir", "rtl")} <= set(said)

    @pytest.mark.parametrize("locale", sorted(LOCALES))
    def test_every_locale_of_stripe_s_opens_a_whole_page(self, gerda, visit, locale):
        page = visit(gerda, locale=locale).get("/")
        assert page.status == 200
        assert "29" in page.text
