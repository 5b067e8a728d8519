"""What `portal-embed check --url` says, sorted."""

from __future__ import annotations

from portal_embed.cli.outside import NOT_SEEN, look

SHOP = "https://shop.example"


def said(url, page_url=None):
    """(problems, notes), without the note about what cannot be seen."""
    findings = [finding for finding in look(url, page_url) if finding.sentence != NOT_SEEN]
    return tuple([one.sentence for one in findings if one.kind == kind] for kind in ("problem", "note"))


def the_problem(url, page_url=None):
    """The one thing that is wrong."""
    problems, notes = said(url, page_url)
    assert len(problems) == 1, problems
    assert notes == []
    return problems[0]


def the_note(url, page_url=None):
    problems, notes = said(url, page_url)
    assert problems == []
    assert len(notes) == 1, notes
    return notes[0]
