"""What templates may read is written down once, is what they read and get, and changes only on purpose.

`python -m tests.web.test_contract` writes tests/web/template_contract.txt anew, after such a change.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from jinja2 import PackageLoader

import portal_embed
from portal_embed.cli import main
from portal_embed.cli.contract import classes, context, facts, words
from portal_embed.web.contract import TEMPLATES, names_of
from tests.web.reading import misreadings

KEPT = Path(__file__).parent / "template_contract.txt"
PACKAGE = Path(portal_embed.__file__).parent
MODELS = {cls.__name__: cls for name in TEMPLATES for cls in (names_of(name), *classes(name))}


def shape() -> list[str]:
    """The contract in lines: what each template is given, and the fields of all that can be reached from there."""
    given = [
        f"{template}: {', '.join(f'{name}: {kind if isinstance(kind, str) else kind.__name__}' for name, kind in row.items())}"
        for template, row in sorted(TEMPLATES.items())
    ]
    chosen = {name: kind for template in TEMPLATES for name, kind in words(template).items()}
    return [
        *given,
        *(f"{name}.{fact.name}: {fact.type}" for name in sorted(MODELS) for fact in facts(MODELS[name])),
        *(f"{name}: {kind}" for name, kind in sorted(chosen.items())),
    ]


def changes(before: list[str], after: list[str]) -> list[str]:
    """A sentence for each line that is not as it was."""
    was, now = (dict(line.split(": ", 1) for line in lines) for lines in (before, after))
    return [
        *(f"{name} is gone: a host's template that reads it fails." for name in was if name not in now),
        *(f"{name} was {was[name]!r} and is {now[name]!r}." for name in was if name in now and was[name] != now[name]),
        *(f"{name} is new." for name in now if name not in was),
    ]


def test_the_contract_changes_only_on_purpose():
    found = changes(KEPT.read_text(encoding="utf-8").splitlines(), shape())

    assert found == [], (
        "What templates may read has changed. If that is meant, note it in CHANGELOG.md and run "
        "`python -m tests.web.test_contract`."
    )


def test_a_field_that_goes_changes_or_comes_is_told_apart():
    before = ["Badge.text: str", "Badge.tone: Tone", "x.html: page: Badge"]
    after = ["Badge.tone: str", "x.html: page: Badge", "Badge.hint: str"]

    assert changes(before, after) == [
        "Badge.text is gone: a host's template that reads it fails.",
        "Badge.tone was 'Tone' and is 'str'.",
        "Badge.hint is new.",
    ]


def test_every_template_of_ours_has_its_row_and_no_row_is_left_over():
    assert sorted(TEMPLATES) == PackageLoader("portal_embed").list_templates()


def test_every_template_that_the_pages_and_mails_name_is_one_that_is_there():
    named = {
        node.value
        for path in [*(PACKAGE / "pages").glob("*.py"), PACKAGE / "web" / "mails.py"]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and str(node.value).endswith((".html", ".txt"))
    }

    assert named - set(TEMPLATES) == set()
    assert {name for name in TEMPLATES if "/_" not in name} - named == {
        "layout.html",
        "layouts/inside.html",
        "layouts/piece.html",
        "layouts/whole.html",
    }


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_reads_only_what_it_is_given(template):
    assert misreadings(template) == []


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("{{ page.subscription }}", "OverviewPage has no subscription"),
        ("{{ pages }}", "pages is not given"),
        ("{% if chrome.frame %}{{ chrome.frame.host }}{% endif %}", "Frame has no host"),
        ("{% for it in page.subscriptions %}{{ it.method.brand }}{% endfor %}", "MethodLabel has no brand"),
        ("{% trans price=page.price %}{{ price }}{% endtrans %}", "OverviewPage has no price"),
        ('{% from "shared/_parts.html" import badge %}{{ badge(page.attention) }}', "Notice has no text"),
        ("{% set it = page.attention %}{{ it.text }}", "Notice has no text"),
        (
            '{% with notice=page.balance, takes_focus=true %}{% include "shared/_notice.html" %}{% endwith %}',
            "includes shared/_notice.html, which needs notice",
        ),
    ],
)
def test_one_that_reads_something_else_is_found(source, complaint):
    assert any(complaint in found for found in misreadings("overview/show.html", source)), complaint


@pytest.mark.parametrize("name", MODELS)
def test_every_name_says_what_it_means(name):
    assert [fact.name for fact in facts(MODELS[name]) if not fact.meaning] == []


def test_the_command_prints_what_a_template_may_read(capsys):
    assert main(["templates", "show", "overview/_subscription.html", "--context"]) == 0

    printed = capsys.readouterr().out
    assert printed == context("overview/_subscription.html")
    for line in (
        "  subscription           SubscriptionCard",
        "  shows_next_charge      bool\n      whether a next bill exists, loaded later (JavaScript) or one link away (without)",
        "  url                    Callable[..., str]\n      the address of a route",
        "Tone: one of 'neutral', 'positive', 'caution', 'critical'",
    ):
        assert line in printed


def test_a_mail_s_template_has_names_of_its_own(capsys):
    assert main(["templates", "show", "mail/letter.html", "--context"]) == 0

    printed = capsys.readouterr().out
    assert "  letter                 Letter" in printed
    assert "chrome" not in printed


def test_of_a_file_of_macros_the_macros_are_printed(capsys):
    assert main(["templates", "show", "shared/_parts.html", "--context"]) == 0

    assert "  sums(rows, label)\n" in capsys.readouterr().out


if __name__ == "__main__":
    KEPT.write_text("\n".join(shape()) + "\n", encoding="utf-8")
