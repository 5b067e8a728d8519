"""A host's webhook endpoint on this machine: hears what is sent to it, and answers as told."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import stripe


class Ear:
    """`with Ear() as ear:` listens at `ear.url`; `heard` are bodies with their signatures, in the order they came."""

    def __init__(self) -> None:
        """Not listening yet; answers 200."""
        self.answers: list[int] = []
        self.heard: list[tuple[bytes, str]] = []
        self.arrived = threading.Condition()
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with ear.arrived:
                    ear.heard.append((body, self.headers["Stripe-Signature"]))
                    status = ear.answers.pop(0) if ear.answers else 200
                    ear.arrived.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"

    def events(self, secret: str) -> list[stripe.Event]:
        """What was heard, each verified by the SDK."""
        return [stripe.Webhook.construct_event(body, header, secret) for body, header in self.heard]

    def wait_for(self, count: int) -> None:
        """Wait until so many have come, at most ten seconds."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.heard) >= count, timeout=10), (
                f"{len(self.heard)} of {count} came"
            )

    def __enter__(self) -> Self:
        """Listen."""
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
