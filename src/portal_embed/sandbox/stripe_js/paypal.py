"""PayPal's page: what a customer who saves it is redirected to, approves or declines, and comes back from.

It ends in the intent's `complete_authentication` as the bank's page does, and leads to the intent's `return_url`.
"""

from html import escape
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from portal_embed.sandbox.stripe_js.three_d_secure import answer_and_return, intent_of

TRUTH = [
    ("PayPal shows a page with two buttons instead of its own.", "assumed", "the sandbox's own page"),
    ("PayPal's page refuses to be framed.", "assumed", "as Stripe's test page and PayPal's own are seen to"),
]

_PAGE = Template("""<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>PayPal</title>
    <link rel="stylesheet" href="../elements/three_d_secure.css">
  </head>
  <body>
    <main>
      <h1>PayPal</h1>
      <p>This page stands in for PayPal's. The real one would ask you to sign in and agree here.</p>
      <form method="post">
        <input type="hidden" name="client_secret" value="$client_secret">
        <button name="outcome" value="complete" class="primary">Agree and continue</button>
        <button name="outcome" value="fail">Cancel and return</button>
      </form>
    </main>
  </body>
</html>
""")
_ALONE = {"X-Frame-Options": "DENY", "Content-Security-Policy": "frame-ancestors 'none'", "Cache-Control": "no-store"}


async def _page(request: Request) -> Response:
    intent = intent_of(request, None)
    return HTMLResponse(_PAGE.substitute(client_secret=escape(intent["client_secret"])), headers=_ALONE)


routes = [
    Route("/paypal/{intent}", _page, methods=["GET"]),
    Route("/paypal/{intent}", answer_and_return, methods=["POST"]),
]
