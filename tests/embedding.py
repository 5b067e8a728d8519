"""How a portal gets into a host's site: the rows by which portals are compared, what others do, and the tests that keep ours.

`python -m tests.embedding` prints the table. Others as of November 2026, from their sources, documents and measurements: Y yes,
N no or not found, ~ partly, ? unknown, - does not apply.
"""

from __future__ import annotations

import ast
from pathlib import Path

from portal_embed.web.assets import assets

ROOT = Path(__file__).parent.parent
OTHERS = ("Stripe hosted", "Polar", "Lago", "Meteroid", "Schematic", "Stigg", "Flowglad", "Dodo")
SCRIPTS = ("vendor/htmx-4.0.1.min.js", "js/portal.js", "embed/frame.js", "embed/embed.js")
"""What a browser loads to show the whole portal in a frame; Stripe's own where a card is entered."""

Row = tuple[str, str, str, tuple[str, ...]]
ROWS: tuple[Row, ...] = (
    # what, how the others do it, how we do, tests
    ("Hosted page reached by a link", "Y Y Y Y N N Y Y", "Y", ("tests/demo/test_site.py",)),
    ("Mounts inside the host's own server app (same origin)", "N N N N N N N N", "Y", ("e2e/hosts/test_hosts.py",)),
    ("Open-source portal code", "N Y Y Y Y N Y Y", "Y", ("tests/test_wheel.py",)),
    ("Back end can be self-hosted", "N ~ ~ ~ N N ~ N", "Y", ("tests/test_cli.py",)),
    (
        "Works directly on an existing Stripe Billing account as the only back end",
        "Y N N N ~ ~ N N",
        "Y",
        ("tests/test_architecture.py",),
    ),
    ("Full portal may be shown in an iframe", "N N ~ Y - - N N", "Y", ("e2e/test_framed.py::TestTheWholeStory",)),
    (
        "Merchant can set the allowed embed origins",
        "N N N N - - N N",
        "Y",
        ("e2e/test_framed.py::TestTheFrame::test_who_is_not_in_the_list_cannot_frame_it",),
    ),
    (
        "iframe grows with its content",
        "N N N Y - - N N",
        "Y",
        ("e2e/test_framed.py::TestTheFrame::test_it_is_as_high_as_its_content_and_does_not_grow_by_itself",),
    ),
    ("Chromeless layout when framed", "- N Y Y - - - N", "Y", ("tests/pages/test_frames.py::TestWhatStandsAround",)),
    ("Single-section widgets", "~ N N Y Y Y ~ N", "Y", ("e2e/test_pieces.py::TestTheElement",)),
    ("Script-tag embed, no framework", "N N N Y N N N N", "Y", ("e2e/test_framed.py::TestTheFrame",)),
    ("React component", "N N N Y Y Y ~ N", "~", ("tests/sandbox/test_stripe_js_types.py",)),
    ("Events to the host page", "N N N ~ Y Y ~ N", "Y", ("e2e/test_framed.py::TestMessages",)),
    (
        "Host script checks message origin and source",
        "- - - Y - - - -",
        "Y",
        ("e2e/test_framed.py::TestMessages::test_those_of_others_do_nothing",),
    ),
    ("Deep link into one action", "Y ~ N ~ Y N N ~", "Y", ("tests/pages/test_flows.py", "e2e/test_flows.py")),
    (
        "Choice of what follows an action (redirect / message / home)",
        "Y N N N ~ ~ N N",
        "Y",
        ("tests/pages/test_flows.py",),
    ),
    ("Link back to the host", "Y Y N N - - N Y", "Y", ("tests/pages/test_own_domain.py",)),
    ("Readable with JavaScript off", "? ~ N N N N N Y", "Y", ("e2e/test_story.py",)),
    ("Usable with JavaScript off (a working form)", "? N N N N N N N", "Y", ("e2e/test_story.py",)),
    ("Script bytes to show it, brotli kB", "? 613 1817 621 194 486 135 446", "", ()),
)
"""A custom element stands where others have a React component: React takes it as it is, typed by embed.d.ts."""


def script_kilobytes() -> float:
    """Our scripts for the whole portal in a frame, brotli, in kB."""
    import brotli

    return sum(len(brotli.compress(assets()[name].body)) for name in SCRIPTS) / 1000


def is_there(test: str) -> bool:
    """Whether a test is there by this name: "tests/pages/test_x.py::TestClass::test_y", or a class or a file of tests."""
    path, *names = test.split("::")
    place: ast.Module | ast.ClassDef | ast.FunctionDef = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    for name in names:
        found = next((child for child in place.body if getattr(child, "name", None) == name), None)
        if not isinstance(found, ast.ClassDef | ast.FunctionDef):
            return False
        place = found
    return any(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in ast.walk(place))


def lines() -> list[str]:
    """The table in Markdown."""
    head = ["| | ours | " + " | ".join(OTHERS) + " |", "|---" * (len(OTHERS) + 2) + "|"]
    return head + [
        f"| {what} | {ours or f'{script_kilobytes():.0f}'} | {' | '.join(others.split())} |"
        for what, others, ours, _ in ROWS
    ]


if __name__ == "__main__":
    print("\n".join(lines()))
