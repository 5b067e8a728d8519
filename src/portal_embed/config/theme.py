"""The few values with which a host makes the portal its own. They become CSS custom properties, see `web/appearance.py`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from portal_embed.config.colors import contrast, mix, readable
from portal_embed.errors import ConfigError

READABLE = 4.5
"""The contrast that text needs: WCAG 2.2, 1.4.3 (AA)."""
VISIBLE = 3.0
"""The contrast that the edge of a field needs: WCAG 2.2, 1.4.11 (AA)."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_LENGTH = re.compile(r"0|[0-9]{1,3}(?:\.[0-9]{1,3})?(?:px|rem|em)")
_FONT = re.compile(r"[A-Za-z0-9 ,'\"_-]{1,200}")
_LOGO = re.compile(r"(?:https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?)?/[A-Za-z0-9._~%/-]{0,400}")
_WHITE, _INK = "#ffffff", "#111111"
_COLORS = ("accent", "accent_dark", "surface", "surface_dark", "text", "text_dark")


@dataclass(frozen=True)
class _Neutral:
    """The portal's own look in one scheme: `surface`, `text`, `accent`, and the words that warn or confirm."""

    surface: str
    text: str
    accent: str
    signals: tuple[str, ...]


LIGHT = _Neutral("#ffffff", "#1a1f29", "#2f4fc9", ("#0a6640", "#7a4700", "#ab1f2d"))
DARK = _Neutral("#12151b", "#e9ecf1", "#9db2ff", ("#74d3a4", "#f0bd6c", "#ff9d9d"))
"""As in static/css/tokens.css."""


@dataclass(frozen=True, kw_only=True)
class Theme:
    """What differs from the portal's own neutral look. None keeps the portal's value.

    Colours are "#rrggbb": `accent` is for links and the main button (the text on it is chosen for contrast), `surface` is the
    page, `text` the words on it; what lies between them (lines, quiet areas, muted words) is mixed from the two. `…_dark` are
    the same in dark mode; without an `accent_dark` the accent is lightened until it can be read there. `scheme`: "auto"
    follows the reader's system, "light" and "dark" do not. `radius` is a CSS length. `font` is a font-family list; it names
    fonts, it loads none. `density`: "comfortable", or "compact" for less space between things. `logo` and `logo_dark`: a path
    of the host's or an https address of an image, shown in place of the host's name.

    `colors_from="stripe"` takes the accent from the branding of the merchant's Stripe account, in place of `accent`. It is
    read while the portal runs, so one that cannot be read is not refused but made darker or lighter, see `in_color`.
    """

    accent: str | None = None
    accent_dark: str | None = None
    surface: str | None = None
    surface_dark: str | None = None
    text: str | None = None
    text_dark: str | None = None
    scheme: Literal["auto", "light", "dark"] = "auto"
    radius: str | None = None
    font: str | None = None
    density: Literal["comfortable", "compact"] = "comfortable"
    logo: str | None = None
    logo_dark: str | None = None
    colors_from: Literal["stripe"] | None = None

    def __post_init__(self) -> None:
        """Raise `ConfigError` on a value that is not what it says, or that cannot be read."""
        for name in _COLORS:
            value = getattr(self, name)
            if value is not None and not _HEX.fullmatch(value):
                raise ConfigError(f'Theme.{name} must be a colour like "#0a5cff", not {value!r}.')
        if self.scheme not in {"auto", "light", "dark"}:
            raise ConfigError(f'Theme.scheme must be "auto", "light" or "dark", not {self.scheme!r}.')
        self._check_source()
        if self.density not in {"comfortable", "compact"}:
            raise ConfigError(f'Theme.density must be "comfortable" or "compact", not {self.density!r}.')
        if self.radius is not None and not _LENGTH.fullmatch(self.radius):
            raise ConfigError(f'Theme.radius must be a length like "6px" or "0.5rem", not {self.radius!r}.')
        if self.font is not None and (
            not _FONT.fullmatch(self.font) or self.font.count('"') % 2 or self.font.count("'") % 2
        ):
            raise ConfigError(f'Theme.font must be a font list like "Inter, sans-serif", not {self.font!r}.')
        for name in ("logo", "logo_dark"):
            value = getattr(self, name)
            if value is not None and (not _LOGO.fullmatch(value) or value.startswith("//")):
                raise ConfigError(
                    f'Theme.{name} must be a path like "/static/logo.svg" or an https address, not {value!r}.'
                )
        if self.scheme != "dark":
            self._check_contrast(dark=False)
        if self.scheme != "light":
            self._check_contrast(dark=True)

    def properties(self, *, dark: bool = False) -> dict[str, str]:
        """The custom properties of one scheme, name to value; empty for an unchanged theme."""
        properties: dict[str, str] = {}
        accent = self._accent(dark=dark)
        if self._named("surface", dark=dark) or self._named("text", dark=dark):
            surface, text = self._surface(dark=dark), self._text(dark=dark)
            properties |= {
                "--portal-surface": surface,
                "--portal-surface-raised": mix(surface, text, 0.03) if dark else surface,
                "--portal-surface-quiet": mix(surface, text, 0.04),
                "--portal-text": text,
                "--portal-text-muted": readable(mix(text, surface, 0.35), mix(surface, text, 0.04), text, READABLE),
                "--portal-line": mix(surface, text, 0.12),
                "--portal-line-strong": readable(mix(surface, text, 0.4), surface, text, VISIBLE),
            }
        if accent is not None:
            properties |= {
                "--portal-accent": accent,
                "--portal-accent-text": max((_WHITE, _INK), key=lambda ink: contrast(ink, accent)),
                "--portal-accent-quiet": mix(self._surface(dark=dark), accent, 0.07),
            }
        if self.radius is not None:
            properties["--portal-radius"] = self.radius
        if self.font is not None:
            properties["--portal-font"] = self.font
        if self.density == "compact":
            sizes = {"3": ".5rem", "4": ".75rem", "5": "1.125rem", "6": "1.75rem"}
            properties |= {f"--portal-space-{step}": size for step, size in sizes.items()}
        return properties

    def in_color(self, brand: str | None) -> Theme:
        """This theme with `brand` ("#rrggbb", None where the merchant chose none) for the accent that `colors_from` left open.

        It is mixed with as much of the text's colour as it takes to be read on the page, in each scheme; `accent_dark` stands.
        """
        if self.colors_from is None or brand is None:
            return replace(self, colors_from=None)
        light = self._blended(brand, dark=False)
        return replace(
            self, colors_from=None, accent=light, accent_dark=self.accent_dark or self._blended(brand, dark=True)
        )

    def told_of(self, brand: str | None) -> tuple[str, ...]:
        """What `in_color` does to a colour that cannot be read as it is: a sentence with the numbers for each scheme."""
        if self.colors_from is None or brand is None:
            return ()
        shown = [dark for dark in (False, True) if self.scheme != ("light" if dark else "dark")]
        return tuple(
            f"the brand's {brand} on the {'dark ' if dark else ''}page's {self._surface(dark=dark)} has a contrast of "
            f"{contrast(brand, self._surface(dark=dark)):.2f}:1, and words need {READABLE}:1 (WCAG AA): it is shown there as "
            f"{self._blended(brand, dark=dark)}."
            for dark in shown
            if not (dark and self.accent_dark) and contrast(brand, self._surface(dark=dark)) < READABLE
        )

    def _blended(self, brand: str, *, dark: bool) -> str:
        return readable(brand, self._surface(dark=dark), self._text(dark=dark), READABLE)

    def _named(self, what: str, *, dark: bool) -> str | None:
        value: str | None = getattr(self, f"{what}_dark" if dark else what)
        return value.lower() if value is not None else None

    def _surface(self, *, dark: bool) -> str:
        return self._named("surface", dark=dark) or (DARK if dark else LIGHT).surface

    def _text(self, *, dark: bool) -> str:
        return self._named("text", dark=dark) or (DARK if dark else LIGHT).text

    def _accent(self, *, dark: bool) -> str | None:
        own = self._named("accent", dark=dark)
        if own is not None or not dark or self.accent is None:
            return own
        return readable(self.accent.lower(), self._surface(dark=True), _WHITE, READABLE)

    def _check_source(self) -> None:
        if self.colors_from not in {None, "stripe"}:
            raise ConfigError(f'Theme.colors_from must be "stripe" or left out, not {self.colors_from!r}.')
        if self.colors_from is not None and self.accent is not None:
            raise ConfigError("Theme.accent and Theme.colors_from both name the accent: leave one of them out.")

    def _check_contrast(self, *, dark: bool) -> None:
        neutral, tail = (DARK, "_dark") if dark else (LIGHT, "")
        surface, text = self._surface(dark=dark), self._text(dark=dark)
        accent = self._accent(dark=dark) or neutral.accent
        pairs = [
            (f"text{tail}", text),
            (f"accent{tail}", accent),
            *((f"surface{tail}", signal) for signal in neutral.signals),
        ]
        for name, color in pairs:
            ratio = contrast(color, surface)
            if ratio < READABLE:
                raise ConfigError(
                    f"Theme.{name}: {color} on the page's {surface} has a contrast of {ratio:.2f}:1, and words need "
                    f"{READABLE}:1 (WCAG AA): choose a {'lighter' if dark else 'darker'} colour, or another surface{tail}."
                )
