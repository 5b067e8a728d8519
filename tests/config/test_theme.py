"""A theme is a handful of checked values in a small stylesheet."""

import pytest

from portal_embed.config import Theme
from portal_embed.errors import ConfigError


def test_an_unchanged_theme_says_nothing():
    assert Theme().css() == ""


def test_values_become_custom_properties_and_the_dark_ones_stand_apart():
    css = Theme(accent="#0A5CFF", accent_dark="#ffee00", radius="0.5rem", font='"Inter", sans-serif').css(".portal")

    assert css == (
        ".portal {\n  --portal-accent: #0a5cff;\n  --portal-accent-text: #ffffff;\n  --portal-radius: 0.5rem;\n"
        '  --portal-font: "Inter", sans-serif;\n}\n'
        "@media (prefers-color-scheme: dark) {\n"
        ".portal {\n  --portal-accent: #ffee00;\n  --portal-accent-text: #111111;\n}\n}\n"
    )


@pytest.mark.parametrize(("accent", "text"), [("#ffffff", "#111111"), ("#000000", "#ffffff"), ("#00ff00", "#111111")])
def test_text_on_the_accent_can_be_read(accent, text):
    assert Theme(accent=accent).properties()["--portal-accent-text"] == text


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
    ],
)
def test_what_could_break_the_stylesheet_is_refused(arguments):
    with pytest.raises(ConfigError):
        Theme(**arguments)
