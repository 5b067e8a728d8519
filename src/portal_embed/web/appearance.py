"""A host's theme as a stylesheet, and as the Payment Element's `appearance`: both from the tokens in `static/css/tokens.css`."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from portal_embed.web.assets import STATIC

if TYPE_CHECKING:
    from portal_embed.config import Theme

_PROPERTY = re.compile(r"(--portal-[\w-]+):\s*([^;]+);")
_REFERENCE = re.compile(r"var\((--portal-[\w-]+)\)")
_DARK_BLOCK = "@media (prefers-color-scheme: dark)"
_VARIABLES = {
    "colorPrimary": "--portal-accent",
    "colorBackground": "--portal-surface-raised",
    "colorText": "--portal-text",
    "colorTextSecondary": "--portal-text-muted",
    "colorDanger": "--portal-critical",
    "fontFamily": "--portal-font",
    "borderRadius": "--portal-radius",
}


def appearance_json(theme: Theme, *, dark: bool) -> str:
    """The `appearance` for Stripe.js as JSON. The host's theme wins over our tokens."""
    dark = {"light": False, "dark": True}.get(theme.scheme, dark)
    tokens = {**_tokens(dark=dark), **theme.properties(dark=dark)}
    variables = {name: _value(tokens, token) for name, token in _VARIABLES.items()}
    return json.dumps({"theme": "night" if dark else "stripe", "labels": "above", "variables": variables})


def stylesheet(theme: Theme, selector: str) -> str:
    """The theme's rules, "" for an unchanged one. Unlayered, so that they beat the portal's own tokens."""
    if theme.scheme == "auto":
        light, dark = theme.properties(), theme.properties(dark=True)
        differs = {name: value for name, value in dark.items() if light.get(name) != value}
        # What is named for light only would hold in the dark too: there the portal's own value stands.
        kept = {name: _value(dict(_tokens(dark=True)), name) for name in light if name not in dark}
        return _rule(selector, light) + _in_the_dark(_rule(selector, {**kept, **differs}))
    is_dark = theme.scheme == "dark"
    own = {"color-scheme": theme.scheme, **theme.properties(dark=is_dark)}
    raw = {name: value for name, value in _tokens(dark=is_dark).items() if name.startswith("--portal-raw-")}
    raised = {"--portal-surface-raised": _value(dict(_tokens(dark=is_dark)), "--portal-surface-raised")}
    rule = _rule(selector, {**raw, **raised, **own})
    return rule + _in_the_dark(rule)


def _rule(selector: str, properties: dict[str, str]) -> str:
    if not properties:
        return ""
    lines = "".join(f"  {name}: {value};\n" for name, value in properties.items())
    return f"{selector} {{\n{lines}}}\n"


def _in_the_dark(rule: str) -> str:
    return f"@media (prefers-color-scheme: dark) {{\n{rule}}}\n" if rule else ""


@lru_cache(maxsize=2)
def _tokens(*, dark: bool) -> dict[str, str]:
    text = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    light, _, rest = text.partition(_DARK_BLOCK)
    found = dict(_PROPERTY.findall(light))
    if dark:
        found.update(_PROPERTY.findall(rest.partition("@media")[0]))
    return found


def _value(tokens: dict[str, str], name: str) -> str:
    value = tokens[name]
    while match := _REFERENCE.fullmatch(value.strip()):
        value = tokens[match[1]]
    return value.strip()
