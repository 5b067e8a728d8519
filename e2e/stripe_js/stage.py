"""A host page of another origin than the sandbox, with a strict Content Security Policy, in a real browser.

What the tests of the stand-in for Stripe.js share: the stage and the steps on it.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

FRAME = "iframe[title='Secure payment input frame']"
BANK = "iframe[title='3D Secure authentication']"
GOOD_CARD = "4242 4242 4242 4242"
DECLINED_CARD = "4000000000000002"
ASKING_CARD = "4000002500003155"

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Host</title><style nonce="n">body {{ margin: 20px }}</style></head>
<body>
<form><div id="payment-element"></div><button>Save</button></form>
<output></output>
<pre></pre>
<script nonce="n">
  window.heard = [];
  window.violations = [];
  addEventListener("message", (message) => heard.push(JSON.stringify(message.data)));
  addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
</script>
<script src="{stripe_js}"></script>
<script nonce="n">
  const stripe = Stripe("pk_test_ada");
  const shown = (result) => {{ document.querySelector("output").textContent = JSON.stringify(result); return result; }};
  function mount(options, elementOptions) {{
    window.elements = stripe.elements(options);
    window.element = elements.create("payment", elementOptions);
    window.events = [];
    for (const name of ["ready", "change", "loaderror", "escape"]) {{
      element.on(name, (event) => {{
        events.push([name, event]);
        document.querySelector("pre").textContent = JSON.stringify(events);
      }});
    }}
    const ready = new Promise((resolve) => {{ element.on("ready", resolve); element.on("loaderror", resolve); }});
    element.mount("#payment-element");
    return ready.then(() => null);
  }}
  function save(redirect = "if_required") {{
    stripe.confirmSetup({{elements, confirmParams: {{return_url: location.origin + "/return?kept=1"}}, redirect}}).then(shown);
  }}
</script>
</body></html>"""


class Host(BaseHTTPRequestHandler):
    """A host site with one page; its policy names the sandbox as a portal's would name Stripe."""

    def do_GET(self):
        stripe_js = parse_qs(urlsplit(self.path).query).get("js", [""])[0]
        parts = urlsplit(stripe_js)
        origin = f"{parts.scheme}://{parts.netloc}"
        body = PAGE.format(stripe_js=stripe_js).encode() if stripe_js else b"<!doctype html><title>Returned</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header(
            "Content-Security-Policy",
            f"default-src 'none'; script-src 'nonce-n' {origin}; style-src 'nonce-n'; frame-src {origin}; "
            f"connect-src {origin}; form-action 'self'; base-uri 'none'; object-src 'none'",
        )
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Say nothing."""


def mount(page, intent, appearance=None, element=None):
    options = {"clientSecret": intent.client_secret, "locale": "en", "appearance": appearance or {}}
    page.evaluate("([options, element]) => mount(options, element)", [options, element or {}])
    return page.frame_locator(FRAME)


def fill(fields, number=GOOD_CARD, expiry="12 / 34", cvc="123", postal="12345"):
    fields.get_by_label("Card number").fill(number)
    fields.get_by_label("Expiration date").fill(expiry)
    fields.get_by_label("Security code").fill(cvc)
    fields.get_by_label("Country").select_option("US")
    fields.get_by_label("ZIP code").fill(postal)


def result(page):
    output = page.locator("output")
    expect(output).not_to_be_empty()
    return json.loads(output.inner_text())
