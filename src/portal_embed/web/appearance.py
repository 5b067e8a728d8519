"""The Payment Element's `appearance`, from the same tokens as our own pages: read out of `static/css/tokens.css` itself."""

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
    tokens = dict(_tokens(dark=dark))
    own = theme.properties()
    if dark and theme.accent_dark:
        own["--portal-accent"] = theme.accent_dark
    tokens.update(own)
    variables = {name: _value(tokens, token) for name, token in _VARIABLES.items()}
    return json.dumps({"theme": "night" if dark else "stripe", "labels": "above", "variables": variables})


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
