"""What letters say, and that text and HTML say the same."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace

import pytest

from portal_embed import BusinessProfile, Theme
from portal_embed.i18n.formatting import Formatter
from portal_embed.view_models import letters
from portal_embed.view_models.shared import SumRow
from portal_embed.web.mails import compose
from portal_embed.web.rendering import Renderer
from tests.access.portal import make_config

EN = Formatter("en", "UTC")
LINK = "https://app.example.com/billing/login/link?token=a.b&x=1"


def every_letter(fmt=EN, business="Tom & Jerry", name="Ada <b>Lovelace</b>"):
    facts = (SumRow("Paid today", "$13.40"), SumRow("Next", "$49.00", "on 1 April 2027"))
    return [
        letters.login_code(business, "K7P-4QX", LINK, fmt),
        letters.email_confirmation(business, LINK, fmt),
        letters.email_changed_notice(business, name, "n***@example.com", fmt),
        letters.email_changed(business, name, "n***@example.com", fmt),
        letters.plan_changed(business, name, plan="Pro", price="$49.00 a month", facts=facts, url=LINK, fmt=fmt),
        letters.canceled(business, name, plan="Pro", ends="1 April 2027", url=LINK, fmt=fmt),
        letters.canceled(business, name, plan="Pro", ends=None, url="", fmt=fmt),
        letters.payment_method_added(business, name, method="Visa •••• 4242", is_default=True, url=LINK, fmt=fmt),
    ]


def composed(letter, fmt=EN, business="Tom & Jerry", **settings):
    config = make_config(business_profile=BusinessProfile(name=business), **settings)
    services = SimpleNamespace(renderer=Renderer(config))
    return compose(services, config.terms, letter, to="ada@example.com", fmt=fmt)


def words_of(html):
    body = re.sub(r"(?s)<head>.*</head>", "", html)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.mark.parametrize("letter", every_letter(), ids=lambda letter: letter.kind)
def test_text_and_html_say_the_same(letter):
    mail = composed(letter)
    said = [letter.greeting, *letter.sentences, letter.code, letter.button_url, letter.note, "Tom & Jerry"]
    said += [part for row in letter.facts for part in (row.label, row.amount, row.detail)]
    for part in filter(None, said):
        assert part in mail.text
        assert " ".join(part.split()) in words_of(mail.html)
    assert mail.subject == letter.subject


def test_text_is_plain_and_html_is_escaped():
    mail = composed(letters.email_changed("Tom & Jerry", "Ada <b>Lovelace</b>", "n***@example.com", EN))
    assert "Hello Ada <b>Lovelace</b>," in mail.text
    assert "<b>" not in mail.html
    assert "&amp;" not in mail.text


def test_nothing_is_loaded_and_nothing_runs():
    for letter in every_letter():
        html = composed(letter).html
        assert not re.search(r"<(script|img|link|iframe|form)|\bsrc=|url\(|\bon\w+=", html)


def test_it_has_the_hosts_colour():
    html = composed(every_letter()[0], theme=Theme(accent="#0b6e75")).html
    assert "background: #0b6e75; color: #ffffff" in html


def test_it_speaks_its_reader_s_language():
    fmt = Formatter("en-XA", "UTC")
    for letter in every_letter(fmt, business="", name=None):
        mail = composed(letter, fmt, business="")
        for line in mail.text.splitlines():
            left = re.sub(r"⟦[^⟧]*(?:⟦[^⟧]*⟧[^⟧]*)*⟧", "", line)
            assert not re.search(
                r"[A-Za-z]{3,}", re.sub(r"https\S+|K7P-4QX|Pro|Visa|April|Paid today|Next", "", left)
            ), line


def test_a_subject_is_one_line():
    letter = letters.canceled("", None, plan="Pro\nBcc: x@y.z", ends=None, url="", fmt=EN)
    assert composed(letter).subject == "Pro Bcc: x@y.z is canceled"


def test_the_code_stands_in_the_subject_so_that_a_phone_shows_it():
    assert letters.login_code("Acme", "K7P-4QX", LINK, EN).subject == "K7P-4QX is your code for billing at Acme"
