"""`make bench`: pages per second, calls to Stripe, bytes and added latency, from one run, within a minute and a half.

Speed is told, not judged: the exit code is 0 unless something failed. `tests/test_budgets.py` holds what must not grow.
"""

from __future__ import annotations

import http.client
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from portal_embed import Portal
from portal_embed.sandbox import SandboxWorld
from tests.bench.cores import OTHER_CORE, pin
from tests.bench.errands import CHANGE, calls_of, run_errands, run_other_changes, the_form
from tests.bench.pretend_stripe import sandbox_bench
from tests.bench.processes import Server, running, under_load
from tests.bench.stand_in import record
from tests.bench.tables import aim, heading, note, row
from tests.bench.weights import asset_weight, page_weight, scripts_of, styles_of
from tests.pages.visitor import Visitor
from tests.serving import Host, config_for

PAGES = {"overview": "/", "invoice list": "/invoices"}
CONNECTIONS = 16
ROUNDS, ROUND_SECONDS = 4, 0.8
READ_SECONDS = 0.15
REPEATS = 5

AIM_TYPED = 6.0
AIM_FIRST_BYTE = 1.15
AIM_CHANGE = 5
AIM_SCRIPT, AIM_STYLE = 18_000, 10_000


def main() -> None:
    """Measure and print."""
    start = time.monotonic()
    pin(OTHER_CORE)
    with running("sandbox") as sandbox:
        sandbox_bench(sandbox)
        pages_per_second(SandboxWorld(f"{sandbox.url}/w/load"))
        with running("portal", api_base=f"{sandbox.url}/w/errands") as portal:
            world = SandboxWorld(f"{sandbox.url}/w/errands")
            visitors_bench(world, portal)
    print(f"\nTook {time.monotonic() - start:.0f} s.")


# ---- Pages per second ------------------------------------------------------------------------------------------------


def pages_per_second(world: SandboxWorld) -> None:
    """The portal, the typed SDK and the bare page, in turns so that a noisy machine is unfair to all alike."""
    customer = world.life("many_invoices", count=60)
    with tempfile.TemporaryDirectory() as folder:
        tape = Path(folder) / "tape.json"
        with running("portal", api_base=world.api_base) as portal:
            sizes, recorded = sizes_of(world, portal, customer, tape)
        with (
            running("stand_in", tape=str(tape)) as stripe,
            running("portal", api_base=stripe.url) as portal,
            running("typed", api_base=stripe.url) as typed,
            running("bare", sizes={path: sizes[name] for name, path in PAGES.items()}) as bare,
        ):
            cookies = {server.url: cookie_for(host_of(server, stripe.url), customer) for server in (portal, typed)}
            heading(
                "Pages per second",
                f"one worker on a core of its own, {CONNECTIONS} connections, the best of {ROUNDS} rounds",
                "/s",
                "CPU ms",
                "p50 ms",
                "p99 ms",
            )
            for name, path in PAGES.items():
                rivals = {
                    "portal_embed": (portal, f"/billing{path}"),
                    "typed SDK, same page": (typed, f"/billing{path}"),
                    f"bare page, {sizes[name]:,} B": (bare, path),
                }
                measured: dict[str, list[dict[str, float]]] = {rival: [] for rival in rivals}
                for _ in range(ROUNDS):
                    for rival, (server, address) in rivals.items():
                        measured[rival].append(one_round(server, address, cookies.get(server.url, "")))
                results = {rival: best(rounds) for rival, rounds in measured.items()}
                for rival, result in results.items():
                    row(f"{name}: {rival}", *(f"{result[key]:,.{digits}f}" for key, digits in COLUMNS))
                ours, theirs, floor = results.values()
                aim(f"{name}: times the typed SDK, by CPU", theirs["cpu"] / ours["cpu"], at_least=AIM_TYPED)
                note(
                    f"by the clock {ours['rate'] / theirs['rate']:.1f} times; {floor['cpu'] / ours['cpu']:.0%} of the bare page"
                )
    note(
        f"Stripe is a stand-in that replays the sandbox's {recorded:,} bytes, indented as Stripe prints them: "
        "the sandbox computes every answer, and its speed is not the question."
    )
    note("The aim goes by CPU a page, which is what bounds a core's pages, and which a busy machine falsifies least.")


COLUMNS = (("rate", 0), ("cpu", 2), ("p50", 1), ("p99", 1))


def sizes_of(world: SandboxWorld, portal: Server, customer: str, tape: Path) -> tuple[dict[str, int], int]:
    """Open each page once against the sandbox: the bytes of each, and a tape of what Stripe was asked."""
    visitor = visitor_at(host_of(portal, world.api_base), customer)
    world.forget_requests()
    with running("portal", api_base=world.api_base) as fresh:
        # A portal that has read nothing yet asks for everything, the products too.
        cold = visitor_at(host_of(fresh, world.api_base), customer)
        for path in PAGES.values():
            cold.get(path)
        cold.close()
    recorded = record(world, world.requests(), tape)
    sizes = {name: len(visitor.get(path).response.content) for name, path in PAGES.items()}
    visitor.close()
    return sizes, recorded


def one_round(server: Server, path: str, cookie: str) -> dict[str, float]:
    """One server under load: pages a second, CPU a page, waiting times."""
    before = server.cpu_seconds()
    found = under_load(server.port, path, cookie, connections=CONNECTIONS, seconds=ROUND_SECONDS)
    used = server.cpu_seconds() - before
    took: list[float] = found["took"]
    return {
        "rate": found["pages"] / found["seconds"],
        "cpu": 1000 * used / found["pages"],
        "p50": 1000 * took[len(took) // 2],
        "p99": 1000 * took[min(len(took) - 1, len(took) * 99 // 100)],
    }


def best(rounds: list[dict[str, float]]) -> dict[str, float]:
    """The round that was disturbed least."""
    return max(rounds, key=lambda found: found["rate"])


# ---- Calls, bytes, first byte ----------------------------------------------------------------------------------------


def visitors_bench(world: SandboxWorld, portal: Server) -> None:
    """What needs a world with a slow Stripe: every read takes as long as a real one."""
    host = host_of(portal, world.api_base)
    world.latency(READ_SECONDS)
    heading(
        "Calls to Stripe",
        "products and prices known; `then` is the page an action leads to",
        "calls",
        "waves",
        "then",
        "waves",
    )
    errands = run_errands(world, host)
    for errand in errands:
        then = (errand.shown.count, errand.shown.waves) if errand.shown else ("", "")
        row(errand.name, errand.asked.count, errand.asked.waves, *then)
    change = sum(errand.asked.count for errand in errands if errand.name in CHANGE)
    aim("change plan, preview and click", change, at_most=AIM_CHANGE)
    other_changes(world)

    made = world.live("monthly")
    visitor = visitor_at(host, made["customer"])
    paths = {
        "overview": "/",
        "invoice list": "/invoices",
        "one invoice": f"/invoices/{made['invoice']}",
        "payment methods": "/payment-methods",
        "change plan": f"/subscriptions/{made['subscription']}/plan?price={made['prices']['pro_yearly']}",
        "cancel": f"/subscriptions/{made['subscription']}/cancellation",
    }
    bytes_of_pages(visitor, paths)
    first_bytes(world, portal, visitor, {name: paths[name] for name in list(paths)[:4]})
    visitor.close()


def other_changes(world: SandboxWorld) -> None:
    """What the aim does not speak of: changes with more to them ask Stripe more often."""
    heading("Calls to Stripe, other changes", "no aim", "preview", "click", "in all")
    with running("portal", api_base=world.api_base, has_choices=True) as portal:
        for name, (preview, click) in run_other_changes(world, host_of(portal, world.api_base)).items():
            row(f"change plan, {name}", preview.count, click.count, preview.count + click.count)


def bytes_of_pages(visitor: Visitor, paths: dict[str, str]) -> None:
    """Pages, and what they link to."""
    heading("Bytes", "", "raw", "gzip", "brotli")
    scripts: dict[tuple[str, ...], str] = {}
    styles: set[str] = set()
    for name, path in paths.items():
        body = visitor.get(path).response.content
        weigh(f"HTML {name}", page_weight(body))
        scripts.setdefault(tuple(scripts_of(body.decode())), name)
        styles.update(styles_of(body.decode()))
    adding = visitor.send(the_form(visitor.get("/payment-methods"), "/payment-methods/new", without="replaces"))
    weigh("HTML add method", page_weight(adding.content))
    scripts.setdefault(tuple(scripts_of(adding.text)), "add method")
    for names, page in scripts.items():
        weigh(f"JavaScript, {page}", asset_weight(names))
    weigh("CSS", asset_weight(styles))
    aim("JavaScript on a page, brotli B", max(asset_weight(names).brotli for names in scripts), below=AIM_SCRIPT)
    aim("CSS, brotli B", asset_weight(styles).brotli, below=AIM_STYLE)


def weigh(name: str, weight: Any) -> None:
    """One row of bytes."""
    row(name, *(f"{value:,}" for value in (weight.raw, weight.gzip, weight.brotli)))


def first_bytes(world: SandboxWorld, portal: Server, visitor: Visitor, paths: dict[str, str]) -> None:
    """How long until the first byte, beside the slowest single read that the page needs."""
    heading(
        "First byte",
        f"over a sandbox that takes {READ_SECONDS * 1000:.0f} ms a read, median of {REPEATS}",
        "ms",
        "read ms",
        "ratio",
    )
    cookie = cookie_of(visitor)
    ratios = {}
    for name, path in paths.items():
        took, reads = [], []
        for _ in range(REPEATS):
            world.forget_requests()
            took.append(first_byte(portal, f"/billing{path}", cookie))
            reads.append(calls_of(world.requests()).slowest)
        page, read = statistics.median(took), statistics.median(reads)
        ratios[name] = page / read
        row(name, f"{page * 1000:.1f}", f"{read * 1000:.1f}", f"{ratios[name]:.2f}")
    for name in ("overview", "invoice list"):
        aim(f"{name}: first byte / slowest read", ratios[name], below=AIM_FIRST_BYTE)


def first_byte(server: Server, path: str, cookie: str) -> float:
    """Seconds from asking to the start of the answer, on a connection of its own."""
    connection = http.client.HTTPConnection("localhost", server.port, timeout=10)
    try:
        connection.connect()
        start = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        took = time.perf_counter() - start
        answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    return took


# ---- Customers -------------------------------------------------------------------------------------------------------


def host_of(server: Server, api_base: str) -> Host:
    """The host of a portal in another process: it has the same keys, so its links lead in there."""
    return Host(server.url, "/billing", Portal(config_for(SandboxWorld(api_base), f"{server.url}/billing")))


def visitor_at(host: Host, customer: str) -> Visitor:
    """A signed-in browser."""
    return Visitor(host).enter(host.link(customer))


def cookie_for(host: Host, customer: str) -> str:
    """The `Cookie` header of a fresh session."""
    visitor = visitor_at(host, customer)
    cookie = cookie_of(visitor)
    visitor.close()
    return cookie


def cookie_of(visitor: Visitor) -> str:
    """The `Cookie` header that a browser would send."""
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.client.cookies.jar)


if __name__ == "__main__":
    sys.exit(main())
