"""A theme is a handful of checked values; what cannot be read is refused with the numbers."""

import re

import pytest

from portal_embed.config import Theme
from portal_embed.config.colors import contrast
from portal_embed.config.theme import DARK, LIGHT, READABLE, VISIBLE
from portal_embed.errors import ConfigError
from portal_embed.web.appearance import _tokens, stylesheet


def test_an_unchanged_theme_says_nothing():
    assert stylesheet(Theme(), ".portal") == ""


def test_values_become_custom_properties_and_the_dark_ones_stand_apart():
    css = stylesheet(
        Theme(accent="#0A5CFF", accent_dark="#ffee00", radius="0.5rem", font='"Inter", sans-serif'), ".portal"
    )
    light, _, dark = css.partition("@media (prefers-color-scheme: dark)")

    assert "--portal-accent: #0a5cff;" in light
    assert "--portal-accent-text: #ffffff;" in light
    assert "--portal-radius: 0.5rem;" in light
    assert '--portal-font: "Inter", sans-serif;' in light
    assert "--portal-accent: #ffee00;" in dark
    assert "--portal-accent-text: #111111;" in dark
    assert "radius" not in dark


def test_what_is_named_for_light_alone_leaves_the_dark_as_it_was():
    _, _, dark = stylesheet(Theme(surface="#fff8ee", text="#331a00"), ".portal").partition("@media")

    assert "--portal-surface: #12151b;" in dark
    assert "--portal-text: #e9ecf1;" in dark
    assert "var(" not in dark


def test_an_accent_for_light_alone_is_lightened_until_it_can_be_read_in_the_dark():
    accent = Theme(accent="#1a237e").properties(dark=True)["--portal-accent"]

    assert accent != "#1a237e"
    assert contrast(accent, DARK.surface) >= READABLE


@pytest.mark.parametrize(("accent", "text"), [("#000000", "#ffffff"), ("#0a5cff", "#ffffff"), ("#767676", "#ffffff")])
def test_text_on_the_accent_can_be_read(accent, text):
    assert Theme(accent=accent).properties()["--portal-accent-text"] == text


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    "colors",
    [("#fff8ee", "#331a00", "#8a3b00"), ("#f2f7f4", "#10302a", "#0b6e4f"), ("#ffffff", "#595959", "#0a5cff")],
)
def test_what_is_mixed_between_page_and_words_can_be_read_too(colors, dark):
    surface, text, accent = colors
    if dark:
        surface, text, accent = "#1b1030", "#efe6ff", "#c9a6ff"
    names = ("surface", "text", "accent")
    theme = Theme(
        **{
            f"{name}{'_dark' if dark else ''}": color
            for name, color in zip(names, (surface, text, accent), strict=True)
        }
    )
    made = theme.properties(dark=dark)

    for words in ("text", "text-muted"):
        for page in ("surface", "surface-raised", "surface-quiet"):
            assert contrast(made[f"--portal-{words}"], made[f"--portal-{page}"]) >= READABLE - 0.3, (words, page)
    assert contrast(made["--portal-text-muted"], made["--portal-surface"]) >= READABLE
    assert contrast(made["--portal-line-strong"], made["--portal-surface"]) >= VISIBLE


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"accent": "#ffcc00"},
            "Theme.accent: #ffcc00 on the page's #ffffff has a contrast of 1.51:1, and words need 4.5:1",
        ),
        ({"text": "#999999"}, "Theme.text: #999999 on the page's #ffffff has a contrast of 2.85:1"),
        ({"surface": "#808080"}, "on the page's #808080"),
        ({"accent_dark": "#1a237e"}, "choose a lighter colour, or another surface_dark"),
        ({"surface_dark": "#ffffff"}, "Theme.text_dark: #e9ecf1 on the page's #ffffff"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_numbers(arguments, sentence):
    with pytest.raises(ConfigError, match=re.escape(sentence)):
        Theme(**arguments)


def test_a_scheme_that_is_never_shown_need_not_be_readable():
    assert Theme(accent_dark="#1a237e", scheme="light").scheme == "light"
    assert Theme(accent="#ffcc00", accent_dark="#ffcc00", scheme="dark").scheme == "dark"


@pytest.mark.parametrize(("scheme", "page"), [("light", "#fff"), ("dark", "#12151b")])
def test_a_fixed_scheme_holds_whatever_the_system_says(scheme, page):
    always, _, in_the_dark = stylesheet(Theme(scheme=scheme), ".portal").partition(
        "@media (prefers-color-scheme: dark)"
    )

    for rule in (always, in_the_dark):
        assert f"color-scheme: {scheme};" in rule
        assert f"--portal-raw-paper: {page};" in rule


def test_the_numbers_are_those_of_the_tokens():
    for neutral, dark in ((LIGHT, False), (DARK, True)):
        tokens = _tokens(dark=dark)
        names = ("paper", "ink", "blue", "green", "amber", "red")
        ours = [neutral.surface.replace("#ffffff", "#fff"), neutral.text, neutral.accent, *neutral.signals]
        assert [tokens[f"--portal-raw-{name}"] for name in names] == ours


@pytest.mark.parametrize(
    "arguments",
    [
        {"accent": "red"},
        {"accent": "#fff"},
        {"accent_dark": "#12345g"},
        {"accent": "#123456;}"},
        {"radius": "8"},
        {"radius": "calc(1px)"},
        {"font": "x; } body { display: none"},
        {"font": "url(https://evil.example)"},
        {"font": '"unclosed'},
        {"scheme": "night"},
        {"density": "tight"},
        {"logo": "javascript:alert(1)"},
        {"logo": "//evil.example/logo.svg"},
        {"logo": "http://shop.example/logo.svg"},
        {"logo_dark": '/logo.svg" onerror="x'},
    ],
)
def test_what_could_break_the_page_is_refused(arguments):
    with pytest.raises(ConfigError, match=next(iter(arguments))):
        Theme(**arguments)


COLORS = ("#ffcc00", "#000000", "#ffffff", "#808080", "#1a237e", "#7ee787", "#ff0000")


@pytest.mark.parametrize("brand", COLORS)
@pytest.mark.parametrize(
    "rest",
    [
        {},
        {"scheme": "light", "surface": "#fbf6ec", "text": "#33261a"},
        {"scheme": "dark", "surface_dark": "#0d1117", "text_dark": "#e6edf3"},
    ],
)
def test_a_brand_s_colour_can_be_read_on_every_page(brand, rest):
    theme = Theme(colors_from="stripe", **rest).in_color(brand)
    for dark in (False, True):
        if theme.scheme not in {"auto", "dark" if dark else "light"}:
            continue
        made = theme.properties(dark=dark)
        page = made.get("--portal-surface") or (DARK if dark else LIGHT).surface
        assert contrast(made["--portal-accent"], page) >= READABLE
        assert contrast(made["--portal-accent-text"], made["--portal-accent"]) >= READABLE


def test_a_brand_s_colour_that_can_be_read_is_shown_as_it_is():
    theme = Theme(colors_from="stripe", scheme="light")
    assert theme.in_color("#0a5cff").accent == "#0a5cff"
    assert theme.told_of("#0a5cff") == ()


def test_what_is_changed_is_told_with_the_numbers_for_each_scheme_that_is_shown():
    said = Theme(colors_from="stripe").told_of("#ffcc00") + Theme(colors_from="stripe").told_of("#1a237e")
    assert [re.findall(r"contrast of ([\d.]+):1", sentence) for sentence in said] == [["1.51"], ["1.38"]]
    assert Theme(colors_from="stripe", scheme="dark").told_of("#ffcc00") == ()


def test_a_dark_accent_of_the_host_s_stays():
    theme = Theme(colors_from="stripe", accent_dark="#8ab4ff")
    assert theme.in_color("#0a5cff").accent_dark == "#8ab4ff"
    assert theme.told_of("#1a237e") == ()


def test_without_a_brand_it_is_the_portal_s_own_look():
    assert Theme(colors_from="stripe").in_color(None) == Theme()


@pytest.mark.parametrize("arguments", [{"colors_from": "paypal"}, {"colors_from": "stripe", "accent": "#0a5cff"}])
def test_two_sources_and_unknown_ones_are_refused(arguments):
    with pytest.raises(ConfigError, match="colors_from"):
        Theme(**arguments)
