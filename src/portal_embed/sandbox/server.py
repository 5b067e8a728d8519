"""Running the sandbox: in a thread for tests, or blocking for the command line."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread
from types import TracebackType
from typing import Self

import uvicorn

from portal_embed.sandbox.app import SandboxApp
from portal_embed.sandbox.handle import SandboxWorld

HOST = "127.0.0.1"


class Sandbox:
    """A running sandbox: `with Sandbox() as sandbox: world = sandbox.world("ada")`.

    It listens on 127.0.0.1 on `port`, or on a free one. The same `seed` gives the same ids.
    """

    def __init__(self, *, port: int = 0, seed: str = "") -> None:
        """Bind the port at once, so that `url` is known; nothing answers until `start`."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((HOST, port))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"
        self.app = SandboxApp(base_url=self.url, seed=seed)
        self._server = uvicorn.Server(_config(self.app))
        self._thread = Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def start(self) -> Self:
        """Answer from now on; returns itself."""
        self._socket.listen(256)
        self._thread.start()
        return self

    def run(self) -> None:
        """Answer in this thread until interrupted."""
        self._server.run(sockets=[self._socket])

    @asynccontextmanager
    async def on_this_loop(self) -> AsyncIterator[Self]:
        """`async with`: answer on the running event loop, without a thread, so that everything happens in one order.

        The world's handle blocks its thread, so here it would wait for itself: ask `app` in its place.
        """
        self._socket.listen(256)
        config = self._server.config
        config.load()
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=[self._socket])
        try:
            yield self
        finally:
            await self._server.shutdown(sockets=[self._socket])

    def stop(self) -> None:
        """Answer no more and give the port back."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._socket.close()

    def world(self, name: str | None = None) -> SandboxWorld:
        """A handle on the private world of that name, or on the default world."""
        return SandboxWorld(f"{self.url}/w/{name}" if name else self.url)

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


def serve(port: int, *, seed: str = "") -> None:
    """Run until interrupted, for `portal-embed sandbox`. Raises OSError when the port is taken."""
    Sandbox(port=port, seed=seed).run()


def _config(app: SandboxApp) -> uvicorn.Config:
    # No access log and no "Server" header; cut connections (a fault on demand) are not worth a traceback.
    return uvicorn.Config(
        app,
        log_level="critical",
        access_log=False,
        server_header=False,
        lifespan="off",
        # Kept longer than its clients rest: one that is closed just as it is used again would fail their next call.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
