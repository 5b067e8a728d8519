"""What must be true of the stylesheet and the scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest

from tests.templates.environment import STATIC, TEMPLATES, assembled, stylesheet

HTMX = STATIC / "vendor" / "htmx-4.0.1.min.js"
STYLES = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
ALONE = {"later.js", "elements.js", "authentication.js"}


def weight(text: str | bytes) -> int:
    """Bytes after brotli, as a browser receives them."""
    return len(brotli.compress(text.encode() if isinstance(text, str) else text))


def bare(css: str) -> str:
    """A stylesheet without comments."""
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def test_every_style_and_script_is_in_its_order_file() -> None:
    assert set((STATIC / "css" / "ORDER").read_text().split()) == {path.name for path in STYLES}
    assert set((STATIC / "js" / "ORDER").read_text().split()) == {path.name for path in SCRIPTS} - ALONE


def test_the_stylesheet_stays_under_its_weight() -> None:
    assert weight(stylesheet()) < 10_000


def test_the_scripts_of_a_page_stay_under_their_weight() -> None:
    assert weight(HTMX.read_bytes()) + weight(assembled("js")) < 18_000


def test_htmx_is_the_file_that_was_published() -> None:
    digest = base64.b64encode(hashlib.sha384(HTMX.read_bytes()).digest()).decode()
    assert digest == "Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn"


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_stays_below_our_root_in_our_layers_and_shouts_nothing_down(path: Path) -> None:
    css = bare(path.read_text())
    assert "!important" not in css
    assert "@import" not in css
    assert "#portal" not in css
    assert css.strip().startswith("@layer portal.")
    for selectors in re.findall(r"([^{}@;]+)\{", re.sub(r"@[^{;]+[{;]", "", css)):
        outermost = re.sub(r"\([^()]*\)", "", re.sub(r"\([^()]*\)", "", selectors))
        for selector in outermost.split(","):
            assert re.match(r"\s*(html)?\.portal\b", selector) or selector.strip() in {"to", ""}, selector


def test_colours_are_named_in_the_tokens_only() -> None:
    for path in STYLES:
        if path.name not in {"tokens.css", "print.css"}:
            assert not re.search(r"#[0-9a-f]{3,8}\b|rgb\(", bare(path.read_text())), path.name


def test_every_token_that_is_used_exists() -> None:
    css = bare(stylesheet())
    assert set(re.findall(r"var\((--portal-[\w-]+)", css)) <= set(re.findall(r"(--portal-[\w-]+):", css))


def test_every_class_in_a_template_is_styled_or_stands_for_a_tone() -> None:
    css = stylesheet()
    used = {
        name
        for template in TEMPLATES.rglob("*.html")
        if template.parent.name != "mail"  # a mail brings its own style
        for value in re.findall(r'class="([^"]*)"', re.sub(r"\{[%{].*?[%}]\}", " ", template.read_text()))
        for name in value.split()
        if not name.endswith("--")
    }
    unstyled = {name for name in used if f".{name}" not in css and name != "portal"}
    assert unstyled <= {"badge--neutral", "bank__state", "line__description", "next-charge__date", "portal--piece"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_evaluates_nothing_and_writes_no_markup(path: Path) -> None:
    text = path.read_text()
    for banned in (
        "eval(",
        "new Function",
        "innerHTML",
        "insertAdjacentHTML",
        "document.write",
        "localStorage",
        "sessionStorage",
    ):
        assert banned not in text


def test_every_behavior_named_in_a_template_has_a_script() -> None:
    scripts = "".join(path.read_text() for path in SCRIPTS)
    for template in TEMPLATES.rglob("*.html"):
        for value in re.findall(r'data-behavior="([^"]+)"', template.read_text()):
            assert f'data-behavior~="{value}"' in scripts
