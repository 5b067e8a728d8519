"""Reads a PDF the strict way, for tests: by its cross-reference table, from the catalog to each page's text."""

from __future__ import annotations

import re

ESCAPED = re.compile(rb"\\([\\()])")


def pages_of(data: bytes) -> list[list[str]]:
    """The shown strings of each page, in the order of the file; fails where an offset, length or link is wrong."""
    assert data.startswith(b"%PDF-1.4\n")
    assert data.endswith(b"%%EOF\n")
    objects = _objects(data)
    trailer = data[data.rindex(b"trailer") :]
    catalog = objects[_link(b"Root", trailer)]
    tree = objects[_link(b"Pages", catalog)]
    kids = [int(number) for number in re.findall(rb"(\d+) 0 R", re.search(rb"/Kids \[(.*?)\]", tree)[1])]
    assert int(re.search(rb"/Count (\d+)", tree)[1]) == len(kids)
    return [_strings(objects[_link(b"Contents", objects[kid])]) for kid in kids]


def title_of(data: bytes) -> str:
    """The title in the document's information."""
    objects = _objects(data)
    info = objects[_link(b"Info", data[data.rindex(b"trailer") :])]
    return _decoded(re.search(rb"/Title \((.*?)\) /", info)[1])


def _objects(data: bytes) -> dict[int, bytes]:
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", data)[1])
    table = re.match(rb"xref\n0 (\d+)\n((?:\d{10} \d{5} [nf] \n)+)", data[start:])
    entries = table[2].splitlines()
    assert len(entries) == int(table[1])
    found = {}
    for number, entry in enumerate(entries[1:], 1):
        offset = int(entry[:10])
        opening = b"%d 0 obj\n" % number
        assert data[offset:].startswith(opening)
        found[number] = data[offset + len(opening) : data.index(b"\nendobj\n", offset)]
    return found


def _link(name: bytes, body: bytes) -> int:
    return int(re.search(rb"/" + name + rb" (\d+) 0 R", body)[1])


def _strings(body: bytes) -> list[str]:
    head, rest = body.split(b">>\nstream\n", 1)
    length = int(re.search(rb"/Length (\d+)", head)[1])
    assert rest[length:] == b"\nendstream"
    return [_decoded(text) for text in re.findall(rb"\((.*)\) Tj", rest[:length])]


def _decoded(text: bytes) -> str:
    return ESCAPED.sub(rb"\1", text).decode("cp1252")
