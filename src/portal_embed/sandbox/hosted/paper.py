"""Lays a document out on A4 pages."""

from portal_embed.sandbox.hosted.documents import Document, Line
from portal_embed.sandbox.hosted.pdf import HEIGHT, WIDTH, Pdf, wrapped

_LEFT, _RIGHT = 48, WIDTH - 48
_BOTTOM = HEIGHT - 72
_QUANTITY, _UNIT = 380, 460
_DESCRIPTION_ROOM = 300
_TOTALS = 320


def printed(document: Document) -> bytes:
    """The document as a PDF."""
    sheet = _Sheet(document)
    sheet.head()
    sheet.table()
    sheet.totals()
    sheet.feet()
    return sheet.pdf.bytes()


class _Sheet:
    """Where the pen is: `y` in points from the top of the current page."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.pdf = Pdf(f"{document.kind} {document.number}".strip(), document.moment)
        self.y = 0.0
        self._new_page()

    def head(self) -> None:
        document = self.document
        self.pdf.text(_LEFT, self.y, document.kind, 20, bold=True)
        self.pdf.text_right(_RIGHT, self.y, document.seller, 12, bold=True)
        self.y += 26
        for label, value in document.facts:
            self.pdf.text(_LEFT, self.y, label, bold=True)
            self.pdf.text(_LEFT + 120, self.y, value)
            self.y += 15
        self.y += 12
        self.pdf.text(_LEFT, self.y, "Bill to", bold=True)
        for row in document.bill_to:
            self.y += 14
            self.pdf.text(_LEFT, self.y, row)
        self.y += 34
        self.pdf.text(_LEFT, self.y, document.headline, 15, bold=True)
        self.y += 30

    def table(self) -> None:
        self._columns()
        for line in self.document.lines:
            self._line(line)
        self.y += 8

    def totals(self) -> None:
        last = len(self.document.totals) - 1
        self._room(16 * len(self.document.totals))
        for place, (label, value) in enumerate(self.document.totals):
            self.pdf.rule(self.y - 11, _TOTALS, _RIGHT)
            self.pdf.text(_TOTALS, self.y, label, bold=place == last)
            self.pdf.text_right(_RIGHT, self.y, value, bold=place == last)
            self.y += 16
        for note in self.document.notes:
            self.y += 8
            for row in wrapped(note, 9, _RIGHT - _LEFT):
                self._room(12)
                self.pdf.text(_LEFT, self.y, row, 9)
                self.y += 12

    def feet(self) -> None:
        for place in range(self.pdf.pages):
            foot = HEIGHT - 36
            name = f"{self.document.number} · made by a sandbox, not a real {self.document.kind.lower()}"
            self.pdf.text(_LEFT, foot, name, 8, page=place)
            self.pdf.text_right(_RIGHT, foot, f"Page {place + 1} of {self.pdf.pages}", 8, page=place)

    def _columns(self) -> None:
        self.pdf.text(_LEFT, self.y, "Description", 9)
        self.pdf.text_right(_QUANTITY, self.y, "Qty", 9)
        self.pdf.text_right(_UNIT, self.y, "Unit price", 9)
        self.pdf.text_right(_RIGHT, self.y, "Amount", 9)
        self.y += 6
        self.pdf.rule(self.y, _LEFT, _RIGHT, 1)
        self.y += 16

    def _line(self, line: Line) -> None:
        rows = wrapped(line.description, 10, _DESCRIPTION_ROOM)
        height = 14 * len(rows) + (12 if line.period else 0) + 6
        if self.y + height > _BOTTOM:
            self._new_page()
            self._columns()
        figures = ((_QUANTITY, line.quantity), (_UNIT, line.unit_price), (_RIGHT, line.amount))
        for place, row in enumerate(rows):
            self.pdf.text(_LEFT, self.y, row)
            # The description comes first in the file too: that is the order in which it is read aloud or copied.
            for x, figure in figures if place == 0 else ():
                self.pdf.text_right(x, self.y, figure)
            self.y += 14
        if line.period:
            self.pdf.text(_LEFT, self.y - 2, line.period, 8)
            self.y += 12
        self.y += 6

    def _room(self, height: float) -> None:
        if self.y + height > _BOTTOM:
            self._new_page()

    def _new_page(self) -> None:
        self.pdf.page()
        self.y = 64.0
