"""A host's page on another site with the portal in it, and a browser that does or does not keep cookies there."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.routing import Route

from e2e.steps import Visit
from portal_embed import Portal
from tests.serving import Host, config_for, server

_numbers = count(1)

PAGE = """<!doctype html><html lang="en"><title>Shop</title><style>body {{ margin: 2rem; font-family: serif }}</style>
<h1>Your account at the shop</h1>{body}<p id="below">Below the portal</p>
<script>
  window.heard = [];
  for (const type of ["ready", "navigate", "changed", "done", "expired", "error"])
    document.addEventListener(`billing-${{type}}`, ({{ detail }}) => window.heard.push([type, detail]));
</script>"""
ELEMENT = """<billing-portal src="{portal}" token-url="token" view="{view}"></billing-portal>
<script src="{portal}/embed.js"></script>"""
PROBE_COOKIE = "probe=1; SameSite=None; Secure; Path=/"


class Shop:
    """A host whose pages stand on one origin and whose portal may stand on another.

    `customer` is who is signed in at the shop, None for nobody; `arguments` go to `create_session`; `policy` is its pages' CSP.
    """

    def __init__(self, origin, portal_host):
        self.origin = origin
        self.path = f"/shop{next(_numbers)}"
        self.host = portal_host
        self.customer = None
        self.arguments = {}
        self.body = ELEMENT
        self.policy = None

    def app(self):
        return Starlette(
            routes=[Route("/account", self._page), Route("/token", self._token), Route("/probe", self._probe)]
        )

    def page_url(self, view=""):
        return f"{self.origin}{self.path}/account?view={view}"

    async def _page(self, request):
        portal = self.host.origin + self.host.path
        body = self.body.replace("{portal}", portal).replace("{view}", request.query_params.get("view", ""))
        policy = {"Content-Security-Policy": self.policy} if self.policy else None
        return HTMLResponse(PAGE.format(body=body), headers=policy)

    async def _token(self, _request):
        if self.customer is None:
            return JSONResponse({"error": "nobody is signed in"}, status_code=401)
        return JSONResponse({"url": self.host.link(self.customer, **self.arguments)})

    async def _probe(self, request):
        """Asks twice: does what the first answer sets come back with the second question?"""
        if "again" not in request.query_params:
            return RedirectResponse("probe?again=1", headers={"Set-Cookie": PROBE_COOKIE})
        return HTMLResponse(f"<title>{'kept' if 'probe' in request.cookies else 'blocked'}</title>")


@contextmanager
def shop_and_portal(world, *, shop_host="shop.localhost", portal_host="portal.localhost", allowed=None, **settings):
    """`allowed`: who may frame the portal, the shop if nothing is said."""
    carrier = server()
    port = carrier.origin.rpartition(":")[2]
    shop_origin, portal_origin = f"http://{shop_host}:{port}", f"http://{portal_host}:{port}"
    path = carrier.next_path()
    origins = (shop_origin,) if allowed is None else allowed
    config = config_for(world, portal_origin + path, embed_origins=origins, **settings)
    portal = Portal(config)
    shop = Shop(shop_origin, Host(portal_origin, path, portal))
    with carrier.carrying(path, portal), carrier.carrying(shop.path, shop.app()):
        try:
            yield shop
        finally:
            carrier.run(portal.aclose())


def framed(page, shop):
    """The portal in a page of the shop, as a `Visit` of its own."""
    page.locator("billing-portal iframe").wait_for()
    frame = page.locator("billing-portal iframe").element_handle().content_frame()
    return Visit(frame, shop.host)


def block_third_party_cookies(page):
    """As Chromium's setting does; only its developer tools can turn it on here."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    names = (
        "enableThirdPartyCookieRestriction",
        "disableThirdPartyCookieMetadata",
        "disableThirdPartyCookieHeuristics",
    )
    devtools.send("Network.setCookieControls", dict.fromkeys(names, True))


def third_party_cookies(page, shop):
    """Say "kept" or "blocked": what became of a plain cookie that a third site's frame was given."""
    before = shop.body
    port = shop.origin.rpartition(":")[2]
    shop.body = f'<iframe id="probe" src="http://elsewhere.localhost:{port}{shop.path}/probe"></iframe>'
    page.goto(shop.page_url())
    probe = page.locator("#probe").element_handle().content_frame()
    probe.wait_for_function("document.title")
    shop.body = before
    return probe.title()
