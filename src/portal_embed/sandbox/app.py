"""The sandbox as one ASGI application: the API, the control verbs, Stripe.js and the hosted pages.

The world named `default` is at the root, private ones under `/w/<name>/`; each has the same URLs below.
"""

import re

from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

import portal_embed.sandbox.engine.clock
import portal_embed.sandbox.resources  # noqa: F401 - importing both registers the endpoints and what time does
from portal_embed.sandbox import hosted, index, stripe_js
from portal_embed.sandbox.api import CORS, Api
from portal_embed.sandbox.control import Control
from portal_embed.sandbox.worlds import DEFAULT, Realm, Worlds

_PRIVATE = re.compile(r"^/w/([A-Za-z0-9_.~-]+)(?=/|$)")
_PREFLIGHT = [
    *CORS,
    (b"access-control-allow-methods", b"GET, HEAD, POST, DELETE, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"*, Authorization, Content-Type, Idempotency-Key, Stripe-Version, Stripe-Account",
    ),
    (b"access-control-max-age", b"300"),
]


class SandboxApp:
    """The ASGI callable. `base_url` (no trailing slash) is how clients reach it; without one, each world takes the
    address of its first request.
    """

    def __init__(self, *, base_url: str = "", seed: str = "") -> None:
        """An empty sandbox; the same seed gives the same ids."""
        self.base_url = base_url
        self.worlds = Worlds(seed)
        self._api = Api()
        self._control = Control(self.worlds)
        self._pages = ExceptionMiddleware(Router(routes=[*index.routes, *hosted.routes, *stripe_js.routes]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the world, then the part that answers."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        path: str = scope["path"]
        private = _PRIVATE.match(path)
        name, prefix = (private[1], private[0]) if private else (DEFAULT, "")
        rest = path[len(prefix) :]
        realm = self.worlds.realm(name, (self.base_url or _address(scope)) + prefix)
        if rest.startswith("/_control/"):
            await self._control(realm, rest.removeprefix("/_control/"), scope, receive, send)
        elif rest.startswith(("/v1/", "/v2/")):
            if scope["method"] == "OPTIONS":
                await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
                await send({"type": "http.response.body", "body": b""})
                return
            realm.catch_up()
            await self._api(realm, rest, scope, receive, send)
        else:
            realm.catch_up()
            await self._page(realm, prefix, scope, receive, send)

    async def _page(self, realm: Realm, prefix: str, scope: Scope, receive: Receive, send: Send) -> None:
        page = {
            **scope,
            "path": scope["path"] if scope["path"] != prefix else f"{prefix}/",
            "root_path": prefix,
            "sandbox.world": realm.account().world,
            "sandbox.realm": realm,
            "sandbox.worlds": self.worlds,
        }
        await self._pages(page, receive, send)


def _address(scope: Scope) -> str:
    host = dict(scope["headers"]).get(b"host", b"127.0.0.1").decode()
    return f"{scope['scheme']}://{host}"


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            await send({"type": "lifespan.shutdown.complete"})
            return
