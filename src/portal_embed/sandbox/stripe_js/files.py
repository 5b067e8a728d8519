"""Serves `/stripe.js` and the pages of the frames with what they need."""

from functools import cache
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TRUTH = [
    (
        "The Payment Element takes cards, and PayPal where a SetupIntent offers it; its texts are English in every locale.",
        "assumed",
        "no other wallets, no bank",
    ),
    (
        "The Address Element's billing address goes into the payment method, and the Payment Element asks for none.",
        "documented",
        "Stripe docs, Address Element",
    ),
    (
        "Which fields of an address a country needs; a shipping address is the page's to send on.",
        "assumed",
        "Stripe knows each country's form, and puts it into payments",
    ),
    ("Field errors carry Stripe.js's codes and texts.", "assumed", "seen in Stripe.js, not recorded"),
    ("A postal code is asked for in the United States, Canada and the United Kingdom.", "assumed", "not recorded"),
    ("`paymentMethodTypes` in `stripe.elements()` throws.", "documented", "Stripe changelog, 2026-09-30.endive"),
    (
        "Methods, options and results have the shapes of @stripe/stripe-js 10.2.",
        "documented",
        "its types, checked by tsc",
    ),
    ("Success leads to `return_url` unless `redirect` is `if_required`.", "documented", "@stripe/stripe-js"),
]

_HERE = files(__package__)
_HOST_PARTS = ("api.js", "frames.js", "element.js", "elements.js", "stripe.js")
_TYPES = {"css": "text/css", "html": "text/html", "js": "text/javascript"}
_FRAME_FILES = frozenset(
    {
        "address.js",
        "cards.js",
        "fields.js",
        "frame.js",
        "payment.css",
        "payment.js",
        "three_d_secure.css",
        "three_d_secure.js",
    }
)
_HEADERS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
_COUNTRIES = "<!-- countries.html -->"
_FRAME_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"
)


@cache
def stripe_js() -> str:
    """The whole script: the parts in order, closed off from the page, which sees only `Stripe`."""
    parts = "\n".join(_HERE.joinpath("host", name).read_text("utf-8") for name in _HOST_PARTS)
    return f'var Stripe = (() => {{\n"use strict";\n{parts}\nreturn Stripe;\n}})();\n'


def frame_file(name: str) -> Response:
    """A page, script or style sheet of the frames, by its file name; framed by whoever wants, as Stripe's are."""
    headers = dict(_HEADERS)
    if name.endswith(".html"):
        headers["Content-Security-Policy"] = _FRAME_CSP
        headers["Referrer-Policy"] = "no-referrer"
    media_type = _TYPES[name.rsplit(".", 1)[-1]]
    return Response(_read(name), media_type=media_type, headers=headers)


@cache
def _read(name: str) -> str:
    text = _HERE.joinpath("frames", name).read_text("utf-8")
    if name.endswith(".html") and _COUNTRIES in text:
        text = text.replace(_COUNTRIES, _HERE.joinpath("frames", "countries.html").read_text("utf-8").strip())
    return text


async def _script(_: Request) -> Response:
    headers = {**_HEADERS, "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(stripe_js(), media_type="text/javascript", headers=headers)


async def _payment_element(_: Request) -> Response:
    return frame_file("payment.html")


async def _address_element(_: Request) -> Response:
    return frame_file("address.html")


async def _frame_part(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _FRAME_FILES:
        raise HTTPException(404)
    return frame_file(name)


routes = [
    Route("/stripe.js", _script),
    Route("/elements/payment", _payment_element),
    Route("/elements/address", _address_element),
    Route("/elements/{name}", _frame_part),
]
