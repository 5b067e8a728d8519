"""What must be true of every page, whatever it shows."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

import html5lib  # type: ignore[import-untyped]
import pytest

from tests.templates.environment import ENGLISH, NONCE, PSEUDO, TEMPLATES, render
from tests.templates.samples import HOSTILE, PAGES, SAMPLES, Sample

ALL_TEMPLATES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
every_page = pytest.mark.parametrize("sample", PAGES.values(), ids=PAGES.keys())
every_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())
every_template = pytest.mark.parametrize("name", ALL_TEMPLATES)


def source(name: str) -> str:
    """The text of a template without its comments."""
    return re.sub(r"\{#.*?#\}", "", (TEMPLATES / name).read_text(encoding="utf-8"), flags=re.DOTALL)


@cache
def show(sample: Sample, **changed: Any) -> str:
    """A sample as HTML."""
    return render(sample.template, sample.page, sample.chrome, **changed)


@cache
def tree(html: str) -> Element:
    """The parsed document, only to be read; fails on anything a strict HTML parser minds."""
    document: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    return document


@cache
def lenient_tree(html: str) -> Element:
    """The same of a part, which is no whole document: a strict parser would mind."""
    document: Element = html5lib.parse(html, namespaceHTMLElements=False)
    return document


@every_template
def test_a_template_compiles(name: str) -> None:
    ENGLISH.get_template(name)


@every_template
def test_a_template_marks_nothing_as_safe(name: str) -> None:
    assert "|safe" not in source(name).replace(" ", "")
    assert "Markup(" not in source(name)


@every_template
def test_a_template_holds_no_htmx_that_needs_eval_or_was_renamed(name: str) -> None:
    text = source(name)
    for banned in ("hx-on", "js:", "javascript:", "hx-ext", "hx-disabled-elt", "hx-vars", "hx-params", "hx-prompt"):
        assert banned not in text
    assert not re.search(r'hx-trigger="[^"]*\[', text)
    assert not re.search(r'hx-(get|post)="https?:', text)


def test_only_the_form_macro_writes_the_fields_that_prove_a_form_is_ours() -> None:
    writers = {name for name in ALL_TEMPLATES if re.search(r'name="_(csrf|op)"', source(name))}
    assert writers == {"shared/_form.html"}


@every_page
def test_a_page_is_clean_html(sample: Sample) -> None:
    tree(show(sample))


@every_page
def test_a_page_has_a_title_and_one_heading_of_the_first_level(sample: Sample) -> None:
    document = tree(show(sample))
    assert (document.findtext("head/title") or "").strip()
    assert len(document.findall(".//h1")) == 1


@every_page
def test_headings_skip_no_level(sample: Sample) -> None:
    levels = [int(element.tag[1]) for element in tree(show(sample)).iter() if re.fullmatch(r"h[1-6]", str(element.tag))]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@every_page
def test_an_id_stands_once_and_ours_begin_with_portal(sample: Sample) -> None:
    ids = [element.attrib["id"] for element in tree(show(sample)).iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    assert all(id.startswith("portal-") for id in ids)


@every_page
def test_labels_and_descriptions_point_at_something(sample: Sample) -> None:
    document = tree(show(sample))
    ids = {element.attrib["id"] for element in document.iter() if "id" in element.attrib}
    for element in document.iter():
        for attribute in ("for", "aria-labelledby", "aria-describedby"):
            assert set(element.attrib.get(attribute, "").split()) <= ids


@every_sample
def test_nothing_is_inline_that_the_content_policy_refuses(sample: Sample) -> None:
    html = show(sample)
    document = lenient_tree(html)
    for element in document.iter():
        assert "style" not in element.attrib
        assert not [name for name in element.attrib if str(name).startswith("on")]
        if element.tag == "style":
            raise AssertionError("an inline style element")
        if element.tag == "script" or element.attrib.get("rel") == "stylesheet":
            assert element.attrib["nonce"] == NONCE
            assert element.attrib.get("src") or element.attrib.get("href")


@every_sample
def test_a_form_that_changes_something_carries_its_proof_and_is_sent_once(sample: Sample) -> None:
    document = lenient_tree(show(sample))
    for form in document.iter("form"):
        if form.attrib["method"] == "get":
            continue
        fields = {field.attrib.get("name"): field.attrib.get("value") for field in form.iter("input")}
        assert fields["_csrf"] == "csrf-for-tests"
        assert str(fields["_op"]).startswith("op-for-")
        assert form.attrib["method"] == "post"
        assert form.attrib["action"].startswith("/billing/")
        boosted = form.attrib.get("hx-boost") != "false"
        assert not boosted or form.attrib["hx-sync"] == "this:drop"
        assert "data-behavior" in form.attrib


@every_page
def test_links_that_leave_the_portal_or_download_are_not_boosted(sample: Sample) -> None:
    for link in tree(show(sample)).iter("a"):
        href = link.attrib["href"]
        if href.startswith("http") or href.endswith(("/pdf", "/receipt")):
            assert link.attrib.get("hx-boost") == "false" or link.attrib.get("target") == "_blank"


@every_page
def test_the_way_back_to_the_host_leaves_every_frame(sample: Sample) -> None:
    ways = [link for link in tree(show(sample)).iter("a") if link.attrib["href"] == sample.chrome.return_url]
    assert ways
    assert all(link.attrib["target"] == "_top" for link in ways)


@every_page
def test_at_most_one_button_is_filled(sample: Sample) -> None:
    shown = re.sub(r"<(noscript|details)\b.*?</\1>", "", show(sample), flags=re.DOTALL)
    assert shown.count("button--primary") <= 1


@pytest.mark.parametrize("name", ["hostile", "hostile_invoices", "details_hostile", "shipping_address"])
def test_what_a_customer_or_host_typed_stays_text(name: str) -> None:
    html = show(SAMPLES[name])
    assert HOSTILE not in html
    assert "<img" not in html
    assert "{{ 7 * 7 }}" in html


@every_sample
def test_a_part_has_one_root(sample: Sample) -> None:
    if sample.is_part:
        roots = list(html5lib.parseFragment(show(sample), namespaceHTMLElements=False))
        assert len(roots) == 1


def test_pages_with_stripes_own_script_load_no_htmx() -> None:
    for name in ("new_method", "authentication"):
        html = show(SAMPLES[name])
        assert 'src="/stripe.js"' in html
        assert "htmx-4" not in html
    assert "/stripe.js" not in show(SAMPLES["overview"])


def test_the_hosts_own_stylesheet_comes_last() -> None:
    html = show(SAMPLES["overview"], theme_url="/billing/theme.css", stylesheet_url="https://host.example/own.css")
    assert html.index("portal.css") < html.index("theme.css") < html.index("own.css")


def _words(element: Element) -> list[str]:
    """All the words a reader sees or hears on a page, markup aside."""
    found = [element.text or ""] if element.tag not in {"script", "style"} else []
    found += [
        element.attrib.get(name, "") for name in ("aria-label", "placeholder", "alt", "data-unavailable", "data-failed")
    ]
    for child in element:
        found += _words(child)
        found.append(child.tail or "")
    return found


@every_sample
def test_every_word_of_ours_can_be_translated(sample: Sample) -> None:
    """In the pseudo-locale our words wear brackets; what comes from the view model is blanked out by comparing with English."""
    english = lenient_tree(show(sample))
    foreign = lenient_tree(show(sample, env=PSEUDO))
    given = repr(sample.page) + repr(sample.chrome)
    for before, after in zip(_words(english), _words(foreign), strict=True):
        for piece in after.split(" · " if before == after else "\0"):
            word = piece.strip(" ·\n")
            assert (
                before != after
                or not re.search(r"[^\W\d_]", word)
                or word in given
                or word.replace("'", "\\'") in given
            )
