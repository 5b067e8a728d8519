"""How quick the sandbox is: private worlds, and one connection that retrieves a customer."""

from __future__ import annotations

import http.client
import socket
import time
from typing import TYPE_CHECKING, Any, Self

from stripe import HTTPClient, HTTPXClient

from portal_embed.sandbox import SandboxWorld
from tests.bench.tables import aim, heading, note, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.processes import Server

WORLDS = 100
WORLDS_SECONDS = 5
CALLS, ROUNDS = 500, 4
AIM_RETRIEVE = 1_000
KEY = "sk_test_bench"


def sandbox_bench(sandbox: Server) -> None:
    """Measure and print; the best round counts."""
    heading("The sandbox", "in a process of its own", "seconds")
    empty = timed(lambda: [world(sandbox, f"empty{number}").life("new") for number in range(WORLDS)])
    row(f"{WORLDS} private worlds, a customer in each", f"{empty:.2f}")
    years = timed(lambda: [world(sandbox, f"year{number}").life("monthly") for number in range(WORLDS)])
    row(f"{WORLDS} private worlds, a year of invoices in each", f"{years:.2f}")
    aim(f"seconds for {WORLDS} private worlds", empty, below=WORLDS_SECONDS)

    ours = world(sandbox, "retrieve")
    customer = ours.life("monthly")
    path = f"/w/retrieve/v1/customers/{customer}"
    heading(
        "customers.retrieve", "one connection kept alive, HTTP/1.1", "/s", "its CPU", "ours, ms",
    )  # fmt: skip
    with Bare(sandbox.port, path) as bare:
        rate = measure("a bare socket", sandbox, bare.ask)
        body = bare.body()
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port)

    def over_http() -> None:
        connection.request("GET", path, headers={"Authorization": f"Bearer {KEY}"})
        assert connection.getresponse().read()

    measure("http.client", sandbox, over_http)
    connection.close()
    for name, client in {
        "stripe.StripeClient": ours.stripe_client(KEY, max_network_retries=0),
        "... over httpx": ours.stripe_client(KEY, http_client=HTTPXClient(allow_sync_methods=True)),
        "... without a wire": ours.stripe_client(KEY, http_client=NoWire(body)),
    }.items():
        measure(name, sandbox, lambda client=client: client.v1.customers.retrieve(customer))  # type: ignore[misc]
    aim("customers.retrieve a second", rate, at_least=AIM_RETRIEVE)
    note("Without a wire the SDK is handed the same bytes at once: what is left is what it costs itself.")


class NoWire(HTTPClient):
    """What the SDK sends its requests with, but every answer is known already."""

    name = "no wire"

    def __init__(self, body: str) -> None:
        """`body` is what every request is answered."""
        super().__init__()
        self._answer = (body, 200, {"request-id": "req_bench"})

    def request(self, *_: Any, **__: Any) -> tuple[str, int, dict[str, str]]:
        """The one answer."""
        return self._answer

    def close(self) -> None:
        """Nothing to close."""


class Bare:
    """One connection and one request, already written down: as little of a client as there can be."""

    def __init__(self, port: int, path: str) -> None:
        """Connect."""
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {KEY}\r\n\r\n".encode()

    def ask(self) -> bytes:
        """Send the request; the whole answer."""
        self._socket.sendall(self._request)
        answer = self._socket.recv(65_536)
        head, _, rest = answer.partition(b"\r\n\r\n")
        missing = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]) - len(rest)
        while missing > 0:
            more = self._socket.recv(missing)
            answer, missing = answer + more, missing - len(more)
        return answer

    def body(self) -> str:
        """What is answered, without the headers."""
        return self.ask().partition(b"\r\n\r\n")[2].decode()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up."""
        self._socket.close()


def measure(name: str, sandbox: Server, call: Callable[[], object]) -> float:
    """Print one row; calls a second in the best round."""
    call()
    theirs, ours = sandbox.cpu_seconds(), time.process_time()
    rate = a_second(call)
    mine = time.process_time() - ours
    calls = CALLS * ROUNDS
    row(name, f"{rate:,.0f}", f"{(sandbox.cpu_seconds() - theirs) * 1000 / calls:.2f}", f"{mine * 1000 / calls:.2f}")
    return rate


def world(sandbox: Server, name: str) -> SandboxWorld:
    """A private world."""
    return SandboxWorld(f"{sandbox.url}/w/{name}")


def a_second(call: Callable[[], object]) -> float:
    """Calls a second, in the best round."""
    return max(CALLS / timed(lambda: [call() for _ in range(CALLS)]) for _ in range(ROUNDS))


def timed(action: Callable[[], object]) -> float:
    """Seconds it took."""
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun
