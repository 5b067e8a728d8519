"""The page of last resort: plain HTML without templates, for answers that must not fail themselves."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal_embed.access.requests import Send

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head>
<body>
<main>
<h1>{title}</h1>
<p>{sentence}</p>
<p><small>Reference: {request_id}</small></p>
</main>
</body>
</html>
"""

_WORDS = {
    403: ("This form could not be accepted", "Nothing was changed. Go back, reload the page and try again."),
    405: ("This does not work here", "Nothing was changed. Go back and use the buttons and links of the page."),
    413: ("This is too large", "Nothing was changed. Go back and send less."),
    415: ("This form could not be accepted", "Nothing was changed. Go back, reload the page and try again."),
    429: ("Too many tries", "Nothing was changed. Please wait a moment and try again."),
    503: ("Billing is not available right now", "Nothing was changed. Please try again in a few minutes."),
}
_OTHERWISE = (
    "Something went wrong on our side",
    "We cannot show this page. Please go back and check before you try again.",
)


async def send_last_resort(
    send: Send,
    status: int,
    request_id: str,
    *,
    sentence: str | None = None,
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> None:
    """Send the page for `status`. `sentence` replaces the standing one and is escaped."""
    title, standing = _WORDS.get(status, _OTHERWISE)
    page = _PAGE.format(title=title, sentence=html.escape(sentence or standing), request_id=html.escape(request_id))
    body = page.encode()
    start = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
