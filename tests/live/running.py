"""Running errands somewhere, and keeping what was said."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import stripe

from portal_embed.sandbox import SandboxWorld
from tests.live.compare import differences
from tests.live.errands import ERRANDS, Errand
from tests.live.normal import Normaliser, insist_on_scrubbed
from tests.live.safety import Refused
from tests.live.stage import Clock, clean_up
from tests.live.wire import API_VERSION, Wire, client_on

RECORDINGS = Path(__file__).parent / "recordings"

Place = Callable[[Wire], stripe.StripeClient]
"""Makes the client of an errand: on Stripe, or on a sandbox."""


@dataclass
class Run:
    """What came of one errand in one place."""

    exchanges: list[dict[str, Any]]
    broke: str | None = None
    left: list[str] = field(default_factory=list)


def sandbox_place(world: SandboxWorld) -> Place:
    """Errands in a world of a sandbox."""
    return lambda wire: client_on(wire, "sk_test_sandbox", world.api_base)


def run(errand: Errand, place: Place, pause: float = 0.0) -> Run:
    """Do one errand and clean up after it, whatever happens."""
    started, wire = time.time(), Wire(pause)
    client = place(wire)
    broke = None
    try:
        errand(client, Clock(client, wire))
    except (stripe.StripeError, Refused, RuntimeError, LookupError, AttributeError, ValueError) as error:
        broke = f"{type(error).__name__}: {error}"
    finally:
        left = clean_up(client, wire)
    normal = Normaliser(started)
    return Run([normal.exchange(exchange) for exchange in wire.exchanges], broke, left)


def write(folder: Path, name: str, found: Run) -> Path:
    """Write one recording. Raises NotScrubbed, and writes nothing, when something private is left in it."""
    content = {"errand": name, "api_version": API_VERSION, "exchanges": found.exchanges}
    path = folder / f"{name}.json"
    path.write_text(insist_on_scrubbed(json.dumps(content, indent=1, ensure_ascii=False)) + "\n", "utf-8")
    return path


def replay(path: Path, place: Place) -> list[str]:
    """Do the recorded errand at the sandbox; returns where it differs from the recording."""
    recorded = json.loads(path.read_text("utf-8"))
    name = recorded["errand"]
    if name not in ERRANDS:
        return [f"there is no errand {name!r} any more"]
    found = run(ERRANDS[name], place)
    broken = [f"the errand broke off at the sandbox: {found.broke}"] if found.broke else []
    return differences(recorded["exchanges"], found.exchanges) + broken + found.left
