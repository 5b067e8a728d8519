"""Static files: read once, named by their content's hash, so that a browser may keep them for a year.

`css/portal.css` and `js/portal.js` are made of the files named in `static/css/ORDER` and `static/js/ORDER`, one after
the other: small files to read, one to load. No build step.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STATIC = Path(__file__).parent.parent / "static"
BUNDLES = {"css/portal.css": "css", "js/portal.js": "js"}
SERVED = (".css", ".js", ".svg", ".woff2", ".d.ts")
SMALLEST_WORTH_ZIPPING = 600


@dataclass(frozen=True)
class Asset:
    """One file as it is served. `zipped` is None where gzip gains nothing."""

    body: bytes
    zipped: bytes | None
    media_type: str
    hash: str


@lru_cache(maxsize=1)
def assets() -> dict[str, Asset]:
    """All static files by name: "css/portal.css", "vendor/htmx-4.0.1.min.js"."""
    return dict(_read_all())


def _read_all() -> Iterator[tuple[str, Asset]]:
    for name, folder in BUNDLES.items():
        order = (STATIC / folder / "ORDER").read_text(encoding="utf-8").split()
        yield name, _asset(name, b"\n".join((STATIC / folder / part).read_bytes() for part in order))
    for path in sorted(STATIC.rglob("*")):
        name = path.relative_to(STATIC).as_posix()
        if path.name.endswith(SERVED) and name not in BUNDLES:
            yield name, _asset(name, path.read_bytes())


def _asset(name: str, body: bytes) -> Asset:
    zipped = gzip.compress(body, 9, mtime=0) if len(body) > SMALLEST_WORTH_ZIPPING else None
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if name.endswith((".js", ".ts")):
        media_type = "text/javascript"
    return Asset(body, zipped, media_type, hashlib.sha256(body).hexdigest()[:16])
