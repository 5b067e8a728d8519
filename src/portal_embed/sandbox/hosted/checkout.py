"""Stripe's Checkout page, a stand-in: what is bought, a field for a test card, and the bank's question where the card asks.

Whoever has the address may pay, as with Stripe's.
"""

import time

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from portal_embed.sandbox import cards
from portal_embed.sandbox.engine import invoice_intents, settling
from portal_embed.sandbox.hosted.pages import HEADERS, environment
from portal_embed.sandbox.hosted.words import money
from portal_embed.sandbox.inside import call
from portal_embed.sandbox.resources import checkout_sessions, payment_intents
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World
from portal_embed.sandbox.worlds import world_of

TRUTH = [
    ("Checkout shows a page of the sandbox's own with one field for a test card; it saves the card to the customer.", "assumed",
     "the sandbox's own page"),
    ("Checkout's page refuses to be framed.", "documented", "Stripe docs, Checkout: iframes are not supported"),
    ("A card that is declined on Checkout's page leaves no subscription, and another may be tried.", "assumed", "no recording"),
]  # fmt: skip

_HEADERS = {
    **HEADERS,
    # The buttons lead back to the merchant's site, which may be anywhere.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}


async def _show(request: Request) -> Response:
    return _page(request, _session(request))


async def _pay(request: Request) -> Response:
    world, session = world_of(request), _session(request)
    async with request.form() as form:
        number, answer = str(form.get("number", "")).replace(" ", ""), form.get("outcome")
        code = str(form.get("code", "")).strip()
    if session["status"] != "open":
        return _page(request, session)
    try:
        with world.atomic():
            if code and session["allow_promotion_codes"]:
                checkout_sessions.use_code(world, session, code)
                return _page(request, session)
            done = _answered(world, session, answer == "complete") if answer else _subscribed(world, session, number)
    except StripeError as error:
        return _page(request, _session(request), error.message, status=402)
    if not done:
        return _page(request, _session(request))
    back = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
    return RedirectResponse(back, status_code=303)


def _subscribed(world: World, session: JsonObject, number: str) -> bool:
    """Whether the subscription runs; False when the bank wants to ask first. Raises the card's refusal."""
    method = _card(world, session, number)
    asks = (
        method is not None
        and bool(session["amount_total"])
        and cards.behaviour(world, method).asks_at_payment(off_session=False)
    )
    made = checkout_sessions.subscribe(world, session, method, may_wait=asks)
    if made["status"] == "incomplete":
        world.save({**world.need("_checkout", session["id"]), "waits": made["id"]})
        return False
    checkout_sessions.complete(world, session, made)
    return True


def _card(world: World, session: JsonObject, number: str) -> str | None:
    """The card typed in, attached to the customer. None where none was and none is needed."""
    if not number and session["payment_method_collection"] == "if_required" and not session["amount_total"]:
        return None
    if not cards.is_possible(number):
        raise StripeError("Your card number is invalid.", status=402, type="card_error", code="invalid_number")
    card = {"number": number, "exp_month": 12, "exp_year": time.gmtime(world.now()).tm_year + 8, "cvc": "123"}
    method = call(world, "POST", "/v1/payment_methods", type="card", card=card)
    id: str = method["id"]
    call(world, "POST", f"/v1/payment_methods/{id}/attach", customer=session["customer"])
    return id


def _answered(world: World, session: JsonObject, agreed: bool) -> bool:
    """The bank's answer. Raises the refusal where it was no, and nothing of the attempt is left."""
    waits = world.need("_checkout", session["id"]).get("waits")
    if waits is None:
        return False
    subscription = world.need("subscription", waits)
    invoice = world.need("invoice", subscription["latest_invoice"])
    intent = invoice_intents.intent_of(world, invoice)
    if intent is not None:
        payment_intents.complete_authentication(world, intent["id"], agreed)
    subscription = world.need("subscription", waits)
    if subscription["status"] == "active":
        checkout_sessions.complete(world, session, subscription)
        return True
    settling.void(world, world.need("invoice", subscription["latest_invoice"]))
    order = world.need("_checkout", session["id"])
    world.save({name: value for name, value in order.items() if name != "waits"})
    raise StripeError(
        "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
        status=402, type="card_error", code="payment_intent_authentication_failure", keeps_writes=True,
    )  # fmt: skip


def _session(request: Request) -> JsonObject:
    found = world_of(request).get(checkout_sessions.KIND, request.path_params["session"])
    if found is None:
        raise HTTPException(404, "No such Checkout Session.")
    return found


def _page(request: Request, session: JsonObject, error: str = "", *, status: int = 200) -> Response:
    world = world_of(request)
    order = world.need("_checkout", session["id"])
    lines = [
        (f"{item.get('quantity', 1)} × {world.need('product', world.need('price', item['price'])['product'])['name']}")
        for item in order["items"]
    ]
    html = environment.get_template("checkout.html").render(
        lines=lines,
        due=money(session["amount_total"], session["currency"]),
        takes_codes=session["allow_promotion_codes"],
        off=money(-session["total_details"]["amount_discount"], session["currency"])
        if session["total_details"]["amount_discount"]
        else "",
        days=order["data"].get("trial_period_days"),
        status=session["status"],
        asks_bank="waits" in order and session["status"] == "open",
        cancel_url=session["cancel_url"],
        needs_card=session["payment_method_collection"] == "always" or bool(session["amount_total"]),
        error=error,
        stylesheet="../../hosted/document.css",
    )
    return HTMLResponse(html, status_code=status, headers=_HEADERS)


routes = [
    Route("/c/pay/{session}", _show, methods=["GET"]),
    Route("/c/pay/{session}", _pay, methods=["POST"]),
]
