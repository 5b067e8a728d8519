"""Answers for the addresses that Stripe's objects carry: `hosted_invoice_url`, `invoice_pdf`, `receipt_url`, `pdf`."""

import re
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from portal_embed.sandbox.hosted import documents
from portal_embed.sandbox.hosted.documents import Document
from portal_embed.sandbox.hosted.paper import printed
from portal_embed.sandbox.resources.charges import charge_by_token
from portal_embed.sandbox.resources.credit_notes import credit_note_by_token
from portal_embed.sandbox.resources.invoices import invoice_by_token
from portal_embed.sandbox.worlds import world_of

TRUTH = [
    ("Hosted invoice pages, receipts and PDFs have a layout of our own; numbers, dates and amounts are the object's.",
     "assumed", "Stripe's own layout was not recorded"),
    ("Dates on documents are in UTC.", "assumed", "Stripe uses the account's time zone; the sandbox's account is in UTC"),
    ("A PDF is named `Invoice-<number>.pdf`.", "documented", "Stripe's docs, hosted invoice page"),
]  # fmt: skip

_TEMPLATES = Path(str(files(__package__) / "templates"))
environment = Environment(
    loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


async def _invoice(request: Request) -> Response:
    return _page(_invoice_document(request), up="..", pdf=f"{request.path_params['token']}/pdf")


async def _invoice_pdf(request: Request) -> Response:
    return _pdf(_invoice_document(request), "Invoice")


async def _receipt(request: Request) -> Response:
    world = world_of(request)
    charge = charge_by_token(world, request.path_params["token"])
    if charge is None:
        raise HTTPException(404, "No such receipt.")
    return _page(documents.of_charge(world, charge), up="..", pdf=None)


async def _credit_note_pdf(request: Request) -> Response:
    world = world_of(request)
    note = credit_note_by_token(world, request.path_params["token"])
    if note is None:
        raise HTTPException(404, "No such credit note.")
    return _pdf(documents.of_credit_note(world, note), "CreditNote")


async def _stylesheet(_: Request) -> Response:
    return Response((_TEMPLATES / "document.css").read_text("utf-8"), media_type="text/css", headers=HEADERS)


def _invoice_document(request: Request) -> Document:
    world = world_of(request)
    invoice = invoice_by_token(world, request.path_params["token"])
    if invoice is None or invoice["status"] == "draft":
        raise HTTPException(404, "No such invoice.")
    return documents.of_invoice(world, invoice)


def _page(document: Document, *, up: str, pdf: str | None) -> Response:
    html = environment.get_template("document.html").render(
        document=document, pdf=pdf, stylesheet=f"{up}/hosted/document.css"
    )
    return HTMLResponse(html, headers=HEADERS)


def _pdf(document: Document, prefix: str) -> Response:
    name = f"{prefix}-{re.sub(r'[^A-Za-z0-9.-]', '_', document.number)}.pdf"
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(printed(document), media_type="application/pdf", headers=headers)


routes = [
    Route("/hosted/document.css", _stylesheet),
    Route("/i/{token}", _invoice),
    Route("/i/{token}/pdf", _invoice_pdf),
    Route("/receipts/{token}", _receipt),
    Route("/c/{token}/pdf", _credit_note_pdf),
]
