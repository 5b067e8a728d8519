"""Webhooks: events signed and sent to the world's endpoints in the background, retried, and troubled on demand.

Every event that is certain (its call went through) becomes a delivery for each endpoint that wants its type. Deliveries
to one endpoint go out one after another, endpoints do not wait for each other, and no API answer waits for either.
Moments are the world's: retries happen as its clock passes them. A held world sends nothing until it is told to.
"""

import asyncio
import contextlib
import hashlib
import hmac
import logging
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

import aiohttp
import msgspec

from portal_embed.sandbox.world import Clock, JsonObject, World

TRUTH = [
    ("`Stripe-Signature` carries `t` and `v1`, HMAC-SHA256 of `t.body` with the endpoint's secret.", "documented",
     "Stripe docs, webhook signatures"),
    ("Its `t` is real time also in worlds whose clock was moved, for verifying compares it with real time.", "assumed",
     "our choice, so that `construct_event` works everywhere"),
    ("Any answer but 2xx, a redirect too, is a failure; a sandbox tries three times more within hours.", "documented",
     "Stripe docs, webhook retries"),
    ("The retries come 1, 3 and 7 hours after the event, and an answer may take 10 seconds.", "assumed", "not documented"),
    ("A deleted or disabled endpoint is sent nothing more.", "documented", "Stripe docs, webhook retries"),
    ("`pending_webhooks` counts the deliveries that have not succeeded.", "documented", "stripe-python 16.1 annotations"),
    ("A Connect endpoint hears of connected accounts, with `account` in the event.", "documented",
     "Stripe docs, Connect webhooks"),
]  # fmt: skip

RETRIES = (3_600, 7_200, 14_400)
"""Seconds from one failed attempt to the next; after the last the delivery is given up."""
PATIENCE = 10
"""Seconds an endpoint may take to answer."""
LOG = logging.getLogger("portal_embed.sandbox")

Mischief = Literal["drop", "duplicate", "delay", "reorder"]


@dataclass
class Trouble:
    """What happens to the next `times` deliveries whose event type matches the pattern (`invoice.*`).

    `drop`: lost on the way, and Stripe believes it arrived. `duplicate`: sent twice. `delay`: `seconds` late by the
    world's clock. `reorder`: kept back until all `times` are there, then sent last first.
    """

    kind: Mischief
    type: str = "*"
    times: int = 1
    seconds: int = 0
    kept: list["Delivery"] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse a kind that does not exist, with a sentence."""
        if self.kind not in ("drop", "duplicate", "delay", "reorder"):
            raise ValueError(f"No such trouble: {self.kind}; there are: drop, duplicate, delay, reorder.")


@dataclass
class Delivery:
    """One event on its way to one endpoint. `due` is a moment of the world, in seconds; `statuses` the answers so far,
    0 where none came. `state` is `waiting`, `delivered`, `given_up` or `dropped`.
    """

    world: World
    home: World
    event: str
    type: str
    endpoint: str
    due: int
    state: str = "waiting"
    statuses: list[int] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """What the control says of it."""
        names = ("event", "type", "endpoint", "state", "statuses", "due")
        return {name: getattr(self, name) for name in names}


class Courier:
    """Sends one world's events."""

    def __init__(self, clock: Clock) -> None:
        """Nothing to send yet."""
        self.held = False
        self.troubles: list[Trouble] = []
        self.platform: World | None = None
        self._clock = clock
        self._waiting: list[Delivery] = []
        self._past: deque[Delivery] = deque(maxlen=5_000)
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    # -- taking

    def take(self, world: World, events: list[JsonObject]) -> None:
        """Events became certain: make a delivery for every endpoint that wants one."""
        for event in events:
            wanted = [
                Delivery(world, home, event["id"], event["type"], endpoint["id"], self._clock.now())
                for home, endpoint in self._endpoints(world, event["type"])
            ]
            if wanted:
                world.count_webhooks(event["id"], len(wanted))
            for delivery in wanted:
                self._queue(delivery)
        self.wake()

    def _endpoints(self, world: World, type: str) -> Iterable[tuple[World, JsonObject]]:
        homes = {id(home): home for home in (world, self.platform) if home is not None}
        for home in homes.values():
            for endpoint in home.oldest_first("webhook_endpoint"):
                wants = endpoint["enabled_events"]
                note = home.view("_webhook_secret", endpoint["id"]) or {}
                hears = endpoint["status"] == "enabled" and note.get("connect", False) == (home is not world)
                if hears and ("*" in wants or type in wants):
                    yield home, endpoint

    def _queue(self, delivery: Delivery) -> None:
        trouble = next((one for one in self.troubles if fnmatchcase(delivery.type, one.type)), None)
        if trouble is None:
            self._waiting.append(delivery)
            return
        trouble.times -= 1
        if trouble.times <= 0:
            self.troubles.remove(trouble)
        if trouble.kind == "drop":
            self._end(delivery, "dropped")
        elif trouble.kind == "duplicate":
            twin = Delivery(
                delivery.world, delivery.home, delivery.event, delivery.type, delivery.endpoint, delivery.due
            )
            self._waiting += [delivery, twin]
        elif trouble.kind == "delay":
            delivery.due += trouble.seconds
            self._waiting.append(delivery)
        else:
            trouble.kept.append(delivery)
            if trouble.times <= 0:
                self._waiting += reversed(trouble.kept)

    # -- sending

    def wake(self) -> None:
        """Begin to send what is due, in the background, unless the world is held or sends already."""
        if self.held or not self._waiting or (self._task is not None and not self._task.done()):
            return
        with contextlib.suppress(RuntimeError):  # no event loop: nobody serves this world
            loop = asyncio.get_running_loop()
            if any(delivery.due <= self._clock.now() for delivery in self._waiting):
                self._task = loop.create_task(self._send_due())
            elif self._clock.frozen is None:
                # By itself, as the clock runs; a frozen one is moved, and moving wakes.
                if self._timer is not None:
                    self._timer.cancel()
                wait = min(delivery.due for delivery in self._waiting) - self._clock.now()
                self._timer = loop.call_later(max(wait, 0.1), self.wake)

    async def _send_due(self) -> None:
        while not self.held:
            due = [delivery for delivery in self._waiting if delivery.due <= self._clock.now()]
            if not due:
                break
            await self._send(due)
        self._task = None
        self.wake()

    async def deliver(self, *, reverse: bool = False) -> list[dict[str, Any]]:
        """Attempt everything that waits, once, whenever it is due and held or not; returns what came of each."""
        if self._task is not None:
            await self._task
        waiting = self._waiting[::-1] if reverse else self._waiting[:]
        await self._send(waiting)
        return [delivery.told() for delivery in waiting]

    async def _send(self, deliveries: list[Delivery]) -> None:
        lines: dict[str, list[Delivery]] = {}
        for delivery in deliveries:
            lines.setdefault(delivery.endpoint, []).append(delivery)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session:
            await asyncio.gather(*(self._send_line(session, line) for line in lines.values()))

    async def _send_line(self, session: aiohttp.ClientSession, line: list[Delivery]) -> None:
        for delivery in line:
            endpoint = delivery.home.view("webhook_endpoint", delivery.endpoint)
            if endpoint is None or endpoint["status"] != "enabled":
                self._end(delivery, "given_up")
                continue
            status = await _attempt(session, endpoint["url"], delivery)
            delivery.statuses.append(status)
            if 200 <= status < 300:
                self._end(delivery, "delivered")
            elif len(delivery.statuses) > len(RETRIES):
                self._end(delivery, "given_up")
            else:
                delivery.due = self._clock.now() + RETRIES[len(delivery.statuses) - 1]

    def _end(self, delivery: Delivery, state: str) -> None:
        delivery.state = state
        if delivery in self._waiting:
            self._waiting.remove(delivery)
        self._past.append(delivery)
        if state != "given_up":
            delivery.world.count_webhooks(delivery.event, -1)

    # -- telling

    def told(self) -> list[dict[str, Any]]:
        """Every delivery, those that are over first."""
        return [delivery.told() for delivery in (*self._past, *self._waiting)]

    def close(self) -> None:
        """Send no more."""
        self.held = True
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()


async def _attempt(session: aiohttp.ClientSession, url: str, delivery: Delivery) -> int:
    """Send it once; the answer's status, 0 when none came."""
    event = delivery.world.view("event", delivery.event)
    if event is not None and delivery.home is not delivery.world:
        event = {**event, "account": delivery.world.account_id}
    body = msgspec.json.format(msgspec.json.encode(event), indent=2)
    note = delivery.home.view("_webhook_secret", delivery.endpoint) or {}
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Cache-Control": "no-cache",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": signature(body, note.get("secret", ""), int(time.time())),
    }
    try:
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
            return answer.status
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        LOG.debug("webhook to %s: %r", url, error)
        return 0


def signature(body: bytes, secret: str, moment: int) -> str:
    """The value of `Stripe-Signature` for a body sent at `moment` (seconds since 1970)."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"
