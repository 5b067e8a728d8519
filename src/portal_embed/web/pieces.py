"""A page, or a section of one, as a piece of a host's page: what it tells the page around it, and how it is dressed there."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from portal_embed.view_models.chrome import Piece
from portal_embed.web.appearance import stylesheet
from portal_embed.web.assets import assets
from portal_embed.web.frames import facts_of

if TYPE_CHECKING:
    from portal_embed.config import PortalConfig, Theme
    from portal_embed.web.request import PortalRequest

_HEADING = re.compile(r"(</?h)([1-5])\b")
_ATTRIBUTE = r"\s+([^\s=<>\"'/]+)(?:=(?:\"[^\"]*\"|'[^']*'))?"
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_TAG = re.compile(rf"<([a-z][\w-]*)((?:{_ATTRIBUTE})+)")
_OF_OUR_HTMX = re.compile(r"hx-(?:get|post|trigger|target|swap|vals|include|push-url|replace-url|status:\d+)")
"""Attributes for the version of htmx that our own pages load. A host's may be another, and whole pieces are swapped there."""
_WIDTH = re.compile(r"@media \((min|max)-width: ([\d.]+)rem\)")
_LAYER = re.compile(r"@layer [\w.]+ \{")
_REM = re.compile(r"(?<![\w.])(-?[\d.]+)rem\b")


def piece_of(request: PortalRequest, config: PortalConfig, page: object, status: int) -> Piece | None:
    """What the answer tells a host that takes it in, None for a whole page. `page`: the view model."""
    if not request.piece:
        return None
    facts = facts_of(request, page, status)
    styles = [request.services.urls.path("pieces.css", account=request.terms.theme_of)]
    if config.stylesheet_url is not None:
        styles.append(config.stylesheet_url)
    return Piece(
        name=request.piece,
        view=facts.view,
        changed=facts.changed,
        problem=facts.problem,
        expires_in=facts.expires_in,
        customer=facts.customer,
        styles=tuple(styles),
        is_entry="portal.piece" in request.scope,
    )


def as_piece(html: str) -> Markup:
    """The body of a page for the inside of another: headings a level lower, no attributes for our own htmx."""
    lowered = _HEADING.sub(lambda found: f"{found[1]}{int(found[2]) + 1}", html)
    return Markup(_TAG.sub(_without_htmx, lowered))  # noqa: S704 - it was escaped when it was rendered


def _without_htmx(tag: re.Match[str]) -> str:
    """The whole tag is read, so that nothing is taken for an attribute that stands in the value of one."""
    kept = (found[0] for found in _ATTRIBUTES.finditer(tag[2]) if not _OF_OUR_HTMX.fullmatch(found[1]))
    return f"<{tag[1]}{''.join(kept)}"


def piece_stylesheet(theme: Theme) -> str:
    """The portal's styles and the host's theme, for a part of a page that they do not own.

    Widths are asked of the piece and not of the window, and lengths are not the page's `rem`, which hosts redefine: they
    hang on `--portal-rem`, 16px where nothing sets it.
    """
    return _portal_css() + stylesheet(theme, ".portal")


@lru_cache(maxsize=1)
def _portal_css() -> str:
    own = _unlayered(assets()["css/portal.css"].body.decode())
    own = _WIDTH.sub(lambda found: f"@container ({found[1]}-width: {float(found[2]) * 16:g}px)", own)
    first, last = (assets()[f"embed/{name}.css"].body.decode() for name in ("piece_reset", "piece"))
    return first + _REM.sub(r"calc(\1 * var(--portal-rem))", own) + last


def _unlayered(css: str) -> str:
    """Rules in layers lose to every rule of the host's that is in none, so that its `.badge` would become ours. Without them
    ours are more specific.
    """
    while (found := _LAYER.search(css)) is not None:
        end, depth = found.end(), 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        css = css[: found.start()] + css[found.end() : end - 1] + css[end:]
    return re.sub(r"@layer [^;{]+;", "", css)
