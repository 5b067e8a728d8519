"""The bank's 3-D Secure page: in the dialog that Stripe.js opens, and as a page of its own to be redirected to.

Both end in the intent's `complete_authentication`, so what follows (a charge, a decline, an attached card) happens in
the books before the customer's page hears of it.
"""

from html import escape
from string import Template
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from portal_embed.sandbox.resources import payment_intents, setup_intents
from portal_embed.sandbox.stripe_js.files import frame_file
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World
from portal_embed.sandbox.worlds import Realm

TRUTH = [
    ("3-D Secure shows a page with two buttons instead of a bank's.", "assumed", "the sandbox's own page"),
    ("Closing the 3-D Secure dialog counts as a failed authentication.", "assumed", "seen in Stripe.js, not recorded"),
    ("After a redirect, `redirect_status` is succeeded, pending or failed.", "documented", "Stripe's docs, return_url"),
]

_KINDS = {"seti": "setup_intent", "pi": "payment_intent"}
_REDIRECT_STATUS = {"succeeded": "succeeded", "requires_capture": "succeeded", "processing": "pending"}
_PAGE = Template("""<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>3D Secure authentication</title>
    <link rel="stylesheet" href="../../elements/three_d_secure.css">
  </head>
  <body>
    <main>
      <h1>3D Secure authentication</h1>
      <p>This page stands in for your bank. The real one would ask you to approve this card here.</p>
      <p>Choose how the bank answers:</p>
      <form method="post">
        <input type="hidden" name="client_secret" value="$client_secret">
        <button name="outcome" value="complete" class="primary">Complete authentication</button>
        <button name="outcome" value="fail">Fail authentication</button>
      </form>
    </main>
  </body>
</html>
""")


async def _dialog(request: Request) -> Response:
    intent_of(request, request.query_params.get("client_secret", ""))
    return frame_file("three_d_secure.html")


async def _answer(request: Request) -> Response:
    """Take the answer from the dialog; `{"status": …}` of the intent, or Stripe's refusal with its status."""
    try:
        intent = await _completed(request)
    except StripeError as error:
        return JSONResponse(error.body(), status_code=error.status)
    return JSONResponse({"status": intent["status"]})


async def _page(request: Request) -> Response:
    # Whoever was given this address was given the intent, as with Stripe's own redirect addresses.
    intent = intent_of(request, None)
    return HTMLResponse(_PAGE.substitute(client_secret=escape(intent["client_secret"])))


async def answer_and_return(request: Request) -> Response:
    """Take the answer from the page and lead back to the intent's `return_url` with the query Stripe adds."""
    before = intent_of(request, None)
    return_url = ((before["next_action"] or {}).get("redirect_to_url") or {}).get("return_url")
    if not return_url:
        raise HTTPException(400, "This intent is not waiting for a redirect, or was confirmed without a return_url.")
    try:
        intent = await _completed(request)
    except StripeError:
        intent = intent_of(request, None)
    added = {
        intent["object"]: intent["id"],
        f"{intent['object']}_client_secret": intent["client_secret"],
        "redirect_status": _REDIRECT_STATUS.get(intent["status"], "failed"),
    }
    parts = urlsplit(return_url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *added.items()])
    return RedirectResponse(urlunsplit(parts._replace(query=query)), status_code=303)


async def _completed(request: Request) -> JsonObject:
    async with request.form() as form:
        secret, outcome = str(form.get("client_secret", "")), form.get("outcome")
    if outcome not in ("complete", "fail"):
        raise HTTPException(400, "outcome must be complete or fail")
    intent = intent_of(request, secret)
    module = setup_intents if intent["object"] == "setup_intent" else payment_intents
    world = _books(request)
    with world.atomic():
        completed: JsonObject = module.complete_authentication(world, intent["id"], outcome == "complete")
    return completed


def intent_of(request: Request, secret: str | None) -> JsonObject:
    """The intent of the path, or 404; where a secret is given, only with the right one."""
    id: str = request.path_params["intent"]
    intent = _books(request).get(_KINDS.get(id.partition("_")[0], ""), id)
    if intent is None or (secret is not None and secret != intent["client_secret"]):
        raise HTTPException(404, "No such intent.")
    return intent


def _books(request: Request) -> World:
    realm: Realm = request.scope["sandbox.realm"]
    return realm.account(request.query_params.get("stripe_account")).world


routes = [
    Route("/3ds/{intent}", _dialog, methods=["GET"]),
    Route("/3ds/{intent}", _answer, methods=["POST"]),
    Route("/3ds/{intent}/redirect", _page, methods=["GET"]),
    Route("/3ds/{intent}/redirect", answer_and_return, methods=["POST"]),
]
