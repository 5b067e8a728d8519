"""All worlds of one sandbox process: by name, made on first use, each with its connected accounts."""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request

from portal_embed.sandbox.faults import Trouble
from portal_embed.sandbox.webhooks import Courier
from portal_embed.sandbox.wire.idempotency import Keys
from portal_embed.sandbox.world import Clock, World

TRUTH = [
    (
        "A key that was said to be another account's opens that account's books.",
        "assumed",
        "stands for having two accounts",
    )
]

DEFAULT = "default"

Timekeeper = Callable[[World], None]
_TIMEKEEPERS: list[Timekeeper] = []


def timekeeper(function: Timekeeper) -> Timekeeper:
    """Register what happens by itself as time passes (renewals, retries, expiries).

    It is called with a world whose clock may have moved on, and does everything that fell due up to `world.now()`,
    each at its own moment (`world.at`). It must be quick when nothing is due.
    """
    _TIMEKEEPERS.append(function)
    return function


def let_happen(world: World) -> None:
    """Let everything happen that fell due up to the world's time."""
    for tick in _TIMEKEEPERS:
        with world.atomic():
            tick(world)


@dataclass
class Account:
    """One account's books and the idempotency keys used on them."""

    world: World
    keys: Keys = field(default_factory=Keys)


class Realm:
    """One named world: a clock, failures, and one set of books for each account."""

    def __init__(self, name: str, api_base: str, seed: str) -> None:
        """Empty books under `api_base`, the URL without a trailing slash that clients reach this world by."""
        self.name = name
        self.api_base = api_base
        self.seed = seed
        self.clock = Clock()
        self.trouble = Trouble()
        self.courier = Courier(self.clock)
        self._accounts: dict[str, Account] = {}
        self.owners: dict[str, str] = {}
        """API key → the account that it belongs to. Every other key belongs to the world's first account."""
        self.caught_up = 0

    def account(self, account_id: str | None = None) -> Account:
        """The books of a connected account, or of the platform itself."""
        key = account_id or ""
        if key not in self._accounts:
            world = World(self.name, account_id=account_id, clock=self.clock, seed=self.seed)
            world.api_base = self.api_base
            world.on_events = self.courier.take
            if account_id is None:
                self.courier.platform = world
            self._accounts[key] = Account(world)
        return self._accounts[key]

    def catch_up(self) -> None:
        """Let happen what fell due since the last call; does nothing twice within a second."""
        now = self.clock.now()
        if now == self.caught_up:
            return
        self.caught_up = now
        for account in self._accounts.values():
            let_happen(account.world)
        self.courier.wake()


class Worlds:
    """The worlds of a process."""

    def __init__(self, seed: str = "") -> None:
        """No worlds yet; the seed decides every id."""
        self._seed = seed
        self._realms: dict[str, Realm] = {}

    def realm(self, name: str, api_base: str) -> Realm:
        """The world of that name, made when it is new."""
        if name not in self._realms:
            self._realms[name] = Realm(name, api_base, self._seed)
        return self._realms[name]

    def names(self) -> list[str]:
        """The worlds in use, oldest first."""
        return list(self._realms)

    def reset(self, name: str) -> None:
        """Forget a world; the next use begins with empty books and real time."""
        realm = self._realms.pop(name, None)
        if realm is not None:
            realm.courier.close()


def world_of(request: Request) -> World:
    """The books that a hosted page's request is about."""
    world: World = request.scope["sandbox.world"]
    return world
