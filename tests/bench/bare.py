"""The floor: a page of the same number of bytes from Starlette and Jinja2 alone, with a table of rows and nothing to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import DictLoader, Environment
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

ROWS = 20
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title></head>
<body><h1>{{ title }}</h1><table>
{%- for row in rows %}
<tr><th><a href="/invoices/{{ row.id }}">{{ row.number }}</a></th>
<td>{{ row.date }}</td><td>{{ row.status }}</td><td>{{ row.amount }}</td></tr>
{%- endfor %}
</table>
<p>{{ padding }}</p></body></html>"""


def bare_app(sizes: Mapping[str, int]) -> Starlette:
    """One route for each page: `sizes` maps "/invoices" to the bytes that the portal's page has."""
    template = Environment(loader=DictLoader({"page": PAGE}), autoescape=True).get_template("page")
    rows = [
        {"id": f"in_{n}", "number": f"A-{n:04}", "date": f"{n} Mar 2027", "status": "Paid", "amount": "$29.00"}
        for n in range(ROWS)
    ]
    empty = len(template.render(title="Page", rows=rows, padding=""))

    def page_of(size: int) -> Route:
        padding = "x" * max(0, size - empty)

        async def show(_: Request) -> HTMLResponse:
            return HTMLResponse(template.render(title="Page", rows=rows, padding=padding))

        return show

    return Starlette(routes=[Route(path, page_of(size)) for path, size in sizes.items()])
