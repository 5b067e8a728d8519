"""How quick the sandbox is: private worlds, and one connection that retrieves a customer."""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING

from portal_embed.sandbox import SandboxWorld
from tests.bench.tables import aim, heading, note, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.processes import Server

WORLDS = 100
WORLDS_SECONDS = 5
CALLS, ROUNDS = 500, 4
AIM_RETRIEVE = 1_000


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
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port)
    key = {"Authorization": "Bearer sk_test_bench"}

    def bare() -> None:
        connection.request("GET", f"/w/retrieve/v1/customers/{customer}", headers=key)
        assert connection.getresponse().read()

    heading("customers.retrieve", "one connection", "/s")
    rate = a_second(bare)
    row("over HTTP", f"{rate:,.0f}")
    client = ours.stripe_client(max_network_retries=0)
    row("through the SDK", f"{a_second(lambda: client.v1.customers.retrieve(customer)):,.0f}")
    connection.close()
    aim("customers.retrieve a second", rate, at_least=AIM_RETRIEVE)
    note("The SDK's own work takes most of its time: the sandbox answers both alike.")


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
