#!/usr/bin/env python3
"""Collects every translatable text of the package into `i18n/locale/portal_embed.pot`, the file that translators start from.

`make messages` writes it; `python scripts/messages.py --check` fails when it is out of date.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "portal_embed"
TARGET = PACKAGE / "i18n" / "locale" / "portal_embed.pot"
METHODS = [
    ("templates/**.html", "jinja2.ext:babel_extract"),
    ("templates/**.txt", "jinja2.ext:babel_extract"),
    ("view_models/**.py", "python"),
    ("pages/**.py", "python"),
    ("web/**.py", "python"),
]
HEADER = (
    "# Every text of portal_embed. To translate: copy to <lang>/LC_MESSAGES/portal_embed.po and fill in each msgstr."
)
UNSTEADY = tuple(f'"{name}' for name in "Project-Id Report PO-Rev POT- Last-T Language-T Generated".split())
OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "n": (1, 2)}


def collected() -> bytes:
    """The catalog as it should be; without line numbers and dates, so that it changes only when a text does."""
    catalog = Catalog(charset="utf-8", header_comment=HEADER, fuzzy=False)
    found = extract_from_dir(str(PACKAGE), METHODS, OPTIONS, keywords=KEYWORDS, strip_comment_tags=True)
    for filename, _line, message, comments, context in found:
        catalog.add(message, None, [(Path(filename).as_posix(), 0)], auto_comments=comments, context=context)
    lines = (line for line in _as_text(catalog).splitlines() if not line.startswith(UNSTEADY))
    return ("\n".join(lines) + "\n").encode()


def _as_text(catalog: Catalog) -> str:
    out = io.BytesIO()
    write_po(out, catalog, sort_output=True, omit_header=False, include_lineno=False, width=120)
    return out.getvalue().decode()


def main(arguments: list[str]) -> int:
    """Write the catalog, or with --check say whether it is current."""
    wanted = collected()
    if "--check" in arguments:
        if TARGET.is_file() and TARGET.read_bytes() == wanted:
            return 0
        print("The catalog of texts is out of date: run `make messages`.", file=sys.stderr)
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(wanted)
    print(f"{wanted.count(b'msgid ') - 1} texts in {TARGET.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
