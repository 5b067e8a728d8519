"""What nginx would do in front of a WSGI site: /billing to the portal's process, everything else to the site's."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager, contextmanager

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

OF_ONE_CONNECTION = {b"connection", b"keep-alive", b"transfer-encoding", b"content-length"}


def proxy(site, portal):
    """An ASGI app over two origins. `Host` stays as the browser sent it, and redirects and cookies are the browser's."""

    @asynccontextmanager
    async def lifespan(app):
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False) as client:
            app.state.client = client
            yield

    async def forward(request):
        path = request.scope["raw_path"].decode()
        upstream = portal if f"{path}/".startswith("/billing/") else site
        async with request.app.state.client.request(
            request.method,
            f"{upstream}{path}?{request.url.query}".removesuffix("?"),
            headers=[(name.decode(), value.decode()) for name, value in request.headers.raw if kept(name)],
            data=await request.body(),
            allow_redirects=False,
        ) as answer:
            response = Response(await answer.read(), answer.status)
        response.raw_headers += [(name.lower(), value) for name, value in answer.raw_headers if kept(name.lower())]
        return response

    return Starlette(routes=[Route("/{path:path}", forward, methods=["GET", "HEAD", "POST"])], lifespan=lifespan)


def kept(name):
    return name not in OF_ONE_CONNECTION


@contextmanager
def serving(app, listener):
    """A uvicorn in a thread, on a socket that listens already."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
