"""A catalog of the host's that would break a text stops the start, with a sentence that names the file and the entry."""

from __future__ import annotations

import io

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from portal_embed.config import PortalConfig
from portal_embed.errors import ConfigError
from portal_embed.i18n.catalog import Languages

GOOD = {
    "stripe_secret_key": "rk_test_123",
    "stripe_publishable_key": "pk_test_123",
    "secret_keys": ("a" * 32,),
    "base_url": "https://app.example.com/billing",
}


def entry(source, translation, plural=None, *forms):
    if plural is None:
        return f'msgid "{source}"\nmsgstr "{translation}"\n'
    lines = [f'msgstr[{index}] "{form}"' for index, form in enumerate((translation, *forms))]
    return "\n".join([f'msgid "{source}"', f'msgid_plural "{plural}"', *lines, ""])


@pytest.fixture
def write(tmp_path):
    def catalog(*entries, locale="de", name="portal_embed.po"):
        folder = tmp_path / locale / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("\n".join(entries), encoding="utf-8")

    return catalog


def problems(folder):
    try:
        PortalConfig(**GOOD, translations_dir=folder)
    except ConfigError as error:
        return str(error).splitlines()
    return []


def test_a_few_entries_are_enough(write, tmp_path):
    write(entry("Overview", "Übersicht"), entry("Pay %(amount)s", "%(amount)s zahlen"))
    write(entry("Overview", "Home"), locale="en")
    write(entry("Overview", "Início"), locale="pt_BR")

    config = PortalConfig(**GOOD, translations_dir=tmp_path)
    assert sorted(config.translations) == ["de", "en", "pt_BR"]
    assert "Home" not in repr(config)


def test_without_a_folder_there_is_nothing_to_read():
    assert PortalConfig(**GOOD).translations == {}


def test_a_compiled_catalog_is_read_where_there_is_no_other(tmp_path):
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "portal_embed.mo").open("wb") as file:
        text = entry("Overview", "Übersicht") + entry("Daily", "Täglich", "Every %(count)s days", "Alle %(count)s Tage")
        write_mo(file, read_po(io.BytesIO(text.encode()), locale="de"))

    german = Languages(PortalConfig(**GOOD, translations_dir=tmp_path).translations).translations("de")
    assert german.gettext("Overview") == "Übersicht"
    assert german.ngettext("Daily", "Every %(count)s days", 2) == "Alle %(count)s Tage"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (entry("Overviev", "Übersicht"), "line 1, 'Overviev' is no text of this portal: did you mean 'Overview'."),
        (entry("Frobnicate", "x"), "line 1, 'Frobnicate' is no text of this portal; portal_embed.pot lists them all."),
        (
            'msgctxt "nav"\n' + entry("Overview", "x"),
            "'Overview' in the context 'nav' is no text of this portal: ours has no",
        ),
        (entry("Pay %(amount)s", "Zahlen"), "line 1, 'Pay %(amount)s': 'Zahlen' lacks %(amount)s."),
        (
            entry("Pay %(amount)s", "%(amont)s oder %(amount)s zahlen"),
            "has %(amont)s, which this text does not have.",
        ),
        (entry("Pay %(amount)s", "%(amount)d zahlen"), "lacks %(amount)s."),
        (entry("Pay %(amount)s", "%(amount)s zu 100 % zahlen"), "has a % that begins no placeholder: write it as %%."),
        (entry("Overview", "100 %"), "has a % that begins no placeholder."),
        (entry("Daily", "Täglich", "Every %(count)s days", "Alle Tage"), "'Alle Tage' lacks %(count)s."),
        (
            'msgid ""\nmsgstr "Plural-Forms: nplurals=3; plural=n%3;\\n"\n\n'
            + entry("Daily", "Täglich", "Every %(count)s days", "%(count)s", "%(count)s"),
            "'Daily' has 3 plural forms, and de has 2.",
        ),
        (
            entry("Daily", "Täglich", "Every %(count)s days", ""),
            "'' is missing, while other plural forms are there.",
        ),
        (
            entry("Overview", "Übersicht", "Overviews", "Übersichten"),
            "'Overview' is no text of this portal: its plural is",
        ),
    ],
)
def test_an_entry_that_would_break_a_text_is_named(wrong, sentence, write, tmp_path):
    write(wrong)

    (found,) = problems(tmp_path)
    assert found.startswith("translations_dir: de/LC_MESSAGES/portal_embed.po: ")
    assert sentence in found


def test_all_that_is_wrong_is_named_at_once(write, tmp_path):
    write(entry("Pay %(amount)s", "Zahlen"), entry("Overviev", "x"))
    write("nonsense", locale="fr")

    assert len(problems(tmp_path)) == 3


@pytest.mark.parametrize(
    "good",
    [
        entry("Daily", "Täglich", "Every %(count)s days", "Alle %(count)s Tage"),
        entry("Pay %(amount)s", "%(amount)s, 100 %% sicher"),
        entry("Pay %(amount)s", ""),
        "#, fuzzy\n" + entry("Pay %(amount)s", "Zahlen"),
    ],
)
def test_what_breaks_nothing_is_let_through(good, write, tmp_path):
    write(good)

    assert problems(tmp_path) == []


def test_a_folder_of_no_language_is_named(write, tmp_path):
    write(entry("Overview", "x"), locale="klingon")

    (found,) = problems(tmp_path)
    assert found == (
        "translations_dir: klingon/LC_MESSAGES/portal_embed.po is not named by a locale: use one such as de or pt_BR."
    )


def test_a_file_that_is_no_catalog_is_named(write, tmp_path):
    write("this is no catalog")

    (found,) = problems(tmp_path)
    assert found.startswith("translations_dir: de/LC_MESSAGES/portal_embed.po cannot be read: ")


def test_so_is_a_compiled_one(write, tmp_path):
    write("this is no catalog", name="portal_embed.mo")

    (found,) = problems(tmp_path)
    assert found.startswith("translations_dir: de/LC_MESSAGES/portal_embed.mo cannot be read: ")


def test_a_folder_without_catalogs_is_a_mistake(tmp_path):
    assert problems(tmp_path) == [f"translations_dir {str(tmp_path)!r} holds no <locale>/LC_MESSAGES/portal_embed.po."]
    assert problems(tmp_path / "gone") == [f"translations_dir {str(tmp_path / 'gone')!r} is not a directory."]


def test_the_texts_of_templates_of_the_host_s_may_be_translated_too(write, tmp_path):
    templates = tmp_path / "templates" / "overview"
    templates.mkdir(parents=True)
    (templates / "show.html").write_text(
        "{% trans %}Ask\n  us{% endtrans %} {{ _('Call') }} "
        "{% trans count=n %}One seat{% pluralize %}{{ count }} seats{% endtrans %}",
        encoding="utf-8",
    )
    write(
        entry("Ask us", "Fragen"), entry("Call", "Anruf"), entry("One seat", "Ein Platz", "%(count)s seats", "Plätze")
    )

    def told(**settings):
        with pytest.raises(ConfigError) as error:
            PortalConfig(**GOOD, translations_dir=tmp_path / "words", **settings)
        return str(error.value).splitlines()

    (tmp_path / "de").rename((tmp_path / "words").mkdir() or tmp_path / "words" / "de")
    assert len(told()) == 3
    (lacking,) = told(templates_dir=tmp_path / "templates")
    assert "'One seat': 'Plätze' lacks %(count)s." in lacking
