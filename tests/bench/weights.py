"""Bytes as they travel: pages, styles and scripts, as they are and compressed."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import brotli

from portal_embed.web.assets import assets

if TYPE_CHECKING:
    from collections.abc import Iterable

_SCRIPT = re.compile(r'<script[^>]* src="[^"]*?/static/[0-9a-f]+/([^"]+)"')
_STYLES = re.compile(r'<link rel="stylesheet"[^>]* href="[^"]*?/static/[0-9a-f]+/([^"]+)"')


@dataclass(frozen=True)
class Weight:
    """Bytes: as they are, gzip level 6 (a proxy's default), brotli 11 (what a static file deserves) or 4 (a page made now)."""

    raw: int
    gzip: int
    brotli: int

    def __add__(self, other: Weight) -> Weight:
        """Files travel one by one, so their compressed sizes add up."""
        return Weight(self.raw + other.raw, self.gzip + other.gzip, self.brotli + other.brotli)


NOTHING = Weight(0, 0, 0)


def page_weight(html: bytes) -> Weight:
    """A page."""
    return Weight(len(html), len(gzip.compress(html, 6)), len(brotli.compress(html, quality=4)))


def asset_weight(names: Iterable[str]) -> Weight:
    """Static files, by name."""
    total = NOTHING
    for name in names:
        body = assets()[name].body
        total += Weight(len(body), len(gzip.compress(body, 6)), len(brotli.compress(body, quality=11)))
    return total


def scripts_of(html: str) -> list[str]:
    """Our own scripts on a page. Stripe's is not ours to weigh."""
    return _SCRIPT.findall(html)


def styles_of(html: str) -> list[str]:
    """Our own stylesheets on a page."""
    return _STYLES.findall(html)
