"""The few values with which a host makes the portal its own. They become CSS custom properties in one small stylesheet."""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal_embed.errors import ConfigError

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_LENGTH = re.compile(r"0|[0-9]{1,3}(?:\.[0-9]{1,3})?(?:px|rem|em)")
_FONT = re.compile(r"[A-Za-z0-9 ,'\"_-]{1,200}")
_WHITE, _INK = "#ffffff", "#111111"


@dataclass(frozen=True, kw_only=True)
class Theme:
    """What differs from the portal's own neutral look. None keeps the portal's value.

    `accent` and `accent_dark` are "#rrggbb"; the text colour on them is chosen for contrast. `radius` is a CSS length.
    `font` is a font-family list; it names fonts, it loads none.
    """

    accent: str | None = None
    accent_dark: str | None = None
    radius: str | None = None
    font: str | None = None

    def __post_init__(self) -> None:
        """Raise `ConfigError` on a value that is not what it says: these are written into a stylesheet."""
        for name in ("accent", "accent_dark"):
            value = getattr(self, name)
            if value is not None and not _HEX.fullmatch(value):
                raise ConfigError(f'Theme.{name} must be a colour like "#0a5cff", not {value!r}.')
        if self.radius is not None and not _LENGTH.fullmatch(self.radius):
            raise ConfigError(f'Theme.radius must be a length like "6px" or "0.5rem", not {self.radius!r}.')
        if self.font is not None and (
            not _FONT.fullmatch(self.font) or self.font.count('"') % 2 or self.font.count("'") % 2
        ):
            raise ConfigError(f'Theme.font must be a font list like "Inter, sans-serif", not {self.font!r}.')

    def properties(self) -> dict[str, str]:
        """The custom properties for light mode, name to value; empty for an unchanged theme."""
        properties = _accent(self.accent)
        if self.radius is not None:
            properties["--portal-radius"] = self.radius
        if self.font is not None:
            properties["--portal-font"] = self.font
        return properties

    def css(self, selector: str = ":root") -> str:
        """The stylesheet: light values, then what differs in the dark. Unlayered, so it beats the portal's own tokens."""
        rules = [_rule(selector, self.properties())]
        dark = _rule(selector, _accent(self.accent_dark))
        if dark:
            rules.append(f"@media (prefers-color-scheme: dark) {{\n{dark}}}\n")
        return "".join(rules)


def _accent(color: str | None) -> dict[str, str]:
    if color is None:
        return {}
    text = max((_WHITE, _INK), key=lambda ink: _contrast(ink, color))
    return {"--portal-accent": color.lower(), "--portal-accent-text": text}


def _rule(selector: str, properties: dict[str, str]) -> str:
    if not properties:
        return ""
    lines = "".join(f"  {name}: {value};\n" for name, value in properties.items())
    return f"{selector} {{\n{lines}}}\n"


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
