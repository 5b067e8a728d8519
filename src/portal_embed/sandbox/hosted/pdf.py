"""A small PDF writer: text and rules on A4 pages in Helvetica, enough for an invoice and readable by any viewer.

PDF 1.4 with the standard fonts and WinAnsi encoding (ISO 32000-1, annex D), so nothing is embedded; letters outside
that encoding lose their accents or become a question mark.
"""

import unicodedata
from datetime import UTC, datetime
from hashlib import sha256

WIDTH, HEIGHT = 595, 842
"""A4 in points."""

# Advance widths of Helvetica for the codes 32 to 126, in thousandths of the size (Adobe's font metrics).
_WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
# What Unicode cannot take apart, and signs that the encoding lacks.
_ELSEWHERE = {
    "₹": "INR ",
    "\u2011": "-",
    "\u2212": "-",
    "\u00a0": " ",
    "\u202f": " ",
    "Ł": "L",
    "ł": "l",
    "Đ": "D",
    "đ": "d",
    "\u0131": "i",
}


def win_ansi(text: str) -> bytes:
    """The text in the fonts' encoding."""
    found = bytearray()
    for letter in text:
        spelled = _ELSEWHERE.get(letter, letter)
        try:
            found += spelled.encode("cp1252")
        except UnicodeEncodeError:
            plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore")
            found += plain or b"?"
    return bytes(found)


def width(text: str, size: float) -> float:
    """How wide the text is in points; letters beyond ASCII count as their plain form."""
    total = 0
    for letter in win_ansi(text).decode("cp1252", "replace"):
        plain = unicodedata.normalize("NFKD", letter)[0]
        total += _WIDTHS[ord(plain) - 32] if 32 <= ord(plain) <= 126 else 556
    return total * size / 1000


def wrapped(text: str, size: float, room: float) -> list[str]:
    """The text in lines no wider than `room` points; a word that is wider alone is cut."""
    lines, line = [], ""
    for word in text.split():
        for piece in _pieces(word, size, room):
            longer = f"{line} {piece}".strip()
            if width(longer, size) <= room:
                line = longer
            else:
                lines.append(line)
                line = piece
    return [*lines, line] if line or not lines else lines


class Pdf:
    """A PDF in the making. Points from the top left; text hangs on its baseline."""

    def __init__(self, title: str, moment: int) -> None:
        """An empty document; `moment` is its date in seconds, so the same facts give the same bytes."""
        self.title = title
        self.moment = moment
        self._pages: list[list[bytes]] = []

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return len(self._pages)

    def page(self) -> None:
        """Begin a page."""
        self._pages.append([])

    def text(self, x: float, y: float, text: str, size: float = 10, *, bold: bool = False, page: int = -1) -> None:
        """Text from `x` to the right."""
        font = b"F2" if bold else b"F1"
        place = f"{size:g} Tf {x:.2f} {HEIGHT - y:.2f} Td".encode()
        self._pages[page].append(b"BT /" + font + b" " + place + b" " + _string(text) + b" Tj ET")

    def text_right(
        self, x: float, y: float, text: str, size: float = 10, *, bold: bool = False, page: int = -1
    ) -> None:
        """Text that ends at `x`."""
        self.text(x - width(text, size), y, text, size, bold=bold, page=page)

    def rule(self, y: float, left: float, right: float, thickness: float = 0.5) -> None:
        """A level line."""
        self._pages[-1].append(
            f"{thickness:g} w {left:.2f} {HEIGHT - y:.2f} m {right:.2f} {HEIGHT - y:.2f} l S".encode()
        )

    def bytes(self) -> bytes:
        """The finished file."""
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R /Lang (en) /ViewerPreferences << /DisplayDocTitle true >> >>",
            b"<< /Type /Pages /Count %d /Kids [%s] >>"
            % (len(self._pages), b" ".join(b"%d 0 R" % (6 + 2 * place) for place in range(len(self._pages)))),
            _font(b"Helvetica"),
            _font(b"Helvetica-Bold"),
            b"<< /Title %s /Producer (portal_embed sandbox) /CreationDate (D:%s) >>"
            % (_string(self.title), datetime.fromtimestamp(self.moment, UTC).strftime("%Y%m%d%H%M%SZ").encode()),
        ]
        for place, marks in enumerate(self._pages):
            objects.append(
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R "
                b"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>" % (WIDTH, HEIGHT, 7 + 2 * place)
            )
            content = b"\n".join(marks)
            objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        return _file(objects)


def _pieces(word: str, size: float, room: float) -> list[str]:
    pieces = [""]
    for letter in word:
        if width(pieces[-1] + letter, size) <= room or not pieces[-1]:
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _file(objects: list[bytes]) -> bytes:
    # The second line is binary so that transfers do not take the file for text.
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    fingerprint = sha256(out).hexdigest()[:32].encode()
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R /ID [<%s> <%s>] >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, fingerprint, fingerprint, start,
    )  # fmt: skip
    return bytes(out)


def _font(name: bytes) -> bytes:
    return b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>" % name


def _string(text: str) -> bytes:
    escaped = win_ansi(text).replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return b"(" + escaped.replace(b"\r", b" ").replace(b"\n", b" ") + b")"
