"""The host's own words stand over ours, text by text, on pages, in mails and on pages of problems, in every language."""

from __future__ import annotations

import pytest

from tests.pages.postbox import Postbox
from tests.serving import hosting

ENGLISH = """
msgid "Cancel subscription"
msgstr "End membership"

msgid "%(plan)s is canceled"
msgstr "Your %(plan)s membership ends"

msgid "We could not find this page"
msgstr "Nothing here"

msgid "Overview"
msgstr "Membership <b>& more</b> \\"here\\""

msgid "Use for my subscription too"
msgid_plural "Use for all my subscriptions too"
msgstr[0] "Use for my membership too"
msgstr[1] "Use for all my memberships too"
"""
GERMAN = """
msgid "Change plan"
msgstr "Tarif wechseln"

msgid "%(plan)s is canceled"
msgstr "%(plan)s ist gekündigt"

msgid "It may have been removed, or the address is not quite right."
msgstr "Vielleicht wurde sie entfernt."
"""


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    for locale, text in (("en", ENGLISH), ("de", GERMAN)):
        (folder / locale / "LC_MESSAGES").mkdir(parents=True)
        (folder / locale / "LC_MESSAGES" / "portal_embed.po").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def postbox():
    return Postbox()


@pytest.fixture
def host(world, words, postbox):
    with hosting(world, translations_dir=words, mail=postbox.deliver) as served:
        postbox.host = served
        yield served


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10)


def cancel(browser, life):
    return browser.submit(browser.get(f"/subscriptions/{life['subscription']}/cancellation").form("/cancellation"))


def test_the_host_s_english_stands_on_the_page_and_ours_where_it_has_none(ada, visit):
    page = visit(ada["customer"]).get("/")

    assert "End membership" in page.pieces
    assert "Cancel subscription" not in page.text
    assert "Change plan" in page.pieces


def test_a_reader_of_german_reads_the_german_there_is_and_the_host_s_english_else(ada, visit):
    page = visit(ada["customer"], locale="de").get("/")

    assert {"Tarif wechseln", "End membership", "Payment methods"} <= set(page.pieces)
    assert ("html", "lang", "de") in page.attributes


@pytest.mark.parametrize("locale", ["de-AT", "de"])
def test_a_language_of_the_host_s_is_one_that_browsers_may_ask_for(locale, ada, visit):
    page = visit(ada["customer"]).get("/", **{"Accept-Language": f"{locale}, en;q=0.5"})

    assert "Tarif wechseln" in page.pieces
    assert "29,00" in page.text


def test_one_without_a_catalog_is_still_not(ada, visit):
    page = visit(ada["customer"]).get("/", **{"Accept-Language": "fr, en;q=0.5"})

    assert "$29.00" in page.text
    assert "End membership" in page.pieces


@pytest.mark.parametrize(
    ("locale", "subject"),
    [(None, "Your Pro membership ends"), ("de", "Pro ist gekündigt"), ("fr", "Your Pro membership ends")],
)
def test_mails_are_written_in_them(locale, subject, ada, visit, postbox):
    cancel(visit(ada["customer"], locale=locale), ada)

    assert postbox.last().subject == subject


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [(None, "It may have been removed, or the address is not quite right."), ("de", "Vielleicht wurde sie entfernt.")],
)
def test_so_are_pages_of_problems(locale, sentence, ada, visit):
    page = visit(ada["customer"], locale=locale).get("/nowhere")

    assert page.status == 404
    assert {"Nothing here", sentence} <= set(page.pieces)


def test_plurals_are_the_host_s_too(world, visit, books):
    erin = world.live("two_subscriptions")
    ada = world.live("monthly", days=10)
    books.add(ada["customer"], "pm_card_mastercard")

    assert "Use for all my memberships too" in visit(erin["customer"]).get("/payment-methods").text
    assert "Use for my membership too" in visit(ada["customer"]).get("/payment-methods").text


def test_a_translation_is_text_and_never_markup(ada, visit):
    page = visit(ada["customer"]).get("/")

    assert "b" not in page.tags
    assert 'Membership <b>& more</b> "here"' in page.pieces
    assert page.title.startswith('Membership <b>& more</b> "here" ·')


def test_another_portal_beside_it_keeps_its_words(world, ada, visit, host):
    with hosting(world) as plain:
        assert "Cancel subscription" in visit(ada["customer"], at=plain).get("/").pieces
    assert "End membership" in visit(ada["customer"], at=host).get("/").pieces
