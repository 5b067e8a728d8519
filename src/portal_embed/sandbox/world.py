"""The books of one pretend Stripe account: every object, the clock, the ids, and a journal that can undo.

Objects are plain JSON dictionaries as Stripe sends them, kept by `object` and `id`. What is stored is never changed in
place: `get` hands out a copy, `save` stores one, so views and event snapshots may be shared freely. Rows whose kind
begins with an underscore are private notes of the sandbox (a card's behaviour) that no answer contains.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import blake2b
from typing import Any

from portal_embed.sandbox.books import Books, JsonObject, Redo, Rows, Undo, copied
from portal_embed.sandbox.event_types import EMITTED
from portal_embed.sandbox.wire.errors import resource_missing

__all__ = ["API_VERSION", "Clock", "JsonObject", "Rows", "World", "copied"]

API_VERSION = "2026-10-28.endive"
"""The one API version this sandbox speaks; a request that names another is refused."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHORT = frozenset({"cus_", "prod_", "si_", "req_"})
Listener = Callable[["World", list[JsonObject]], None]
_STARTS_WITH_THREE = frozenset({"pi_", "ch_", "re_", "txn_", "payatt_", "py_"})


class Clock:
    """The time of one world: real time plus an offset, or frozen; `at` pretends for a while."""

    def __init__(self) -> None:
        """A clock that shows real time."""
        self.offset = 0
        self.frozen: int | None = None
        self.pretended: list[int] = []

    def now(self) -> int:
        """Seconds since 1970."""
        if self.pretended:
            return self.pretended[-1]
        if self.frozen is not None:
            return self.frozen
        return int(time.time()) + self.offset

    def move(self, seconds: int) -> None:
        """Go forward by `seconds`, frozen or not."""
        if self.frozen is not None:
            self.frozen += seconds
        else:
            self.offset += seconds


class World:
    """One account's books. Private worlds and connected accounts are further instances."""

    def __init__(
        self, name: str = "default", *, account_id: str | None = None, clock: Clock | None = None, seed: str = ""
    ) -> None:
        """An empty world; the same seed gives the same ids in the same order."""
        self.name = name
        self.api_base = ""
        self.clock = clock or Clock()
        self._seed = f"{seed}/{name}/{account_id or ''}"
        self._made = 0
        self._asked = 0
        self.is_connected = account_id is not None
        self.account_id = account_id or "acct_1" + self._letters(15)
        self.branding: JsonObject = {"primary_color": None, "secondary_color": None}
        self._stem = self.account_id.removeprefix("acct_")[1:11].ljust(10, "0")
        self._books = Books()
        self._journal: list[tuple[Undo, Redo]] = []
        self._last_write: list[tuple[Undo, Redo]] = []
        self._posted: list[JsonObject] = []
        self.on_events: Listener | None = None
        self._depth = 0
        self._quiet = 0
        self.request_id: str | None = None
        self.idempotency_key: str | None = None

    # -- time and ids

    def now(self) -> int:
        """The world's time in seconds."""
        return self.clock.now()

    @contextmanager
    def _at(self, when: int) -> Iterator[None]:
        self.clock.pretended.append(int(when))
        try:
            yield
        finally:
            self.clock.pretended.pop()

    def at(self, when: int) -> AbstractContextManager[None]:
        """Pretend inside the block that it is `when` (seconds)."""
        return self._at(when)

    def new_id(self, prefix: str, length: int | None = None) -> str:
        """A fresh id such as `cus_…`, in the shapes recorded from Stripe's API, Sept 2026; `prefix` with its underscore.

        14 characters after `cus_`, `prod_`, `si_` and `req_`, 24 after all others; `length` asks for another.
        """
        if prefix == "req_":
            # Counted apart, so that how often someone reads does not change the ids of what is made.
            self._asked += 1
            return prefix + self._digest(f"{self._seed}:req:{self._asked}", 14)
        if length is None and prefix not in _SHORT:
            first = "3" if prefix in _STARTS_WITH_THREE else "1"
            random = self._letters(13)
            return prefix + first + random[:5] + self._stem + random[5:]
        return prefix + self._letters(length or 14)

    def _letters(self, length: int) -> str:
        self._made += 1
        return self._digest(f"{self._seed}:{self._made}", length)

    @staticmethod
    def _digest(text: str, length: int) -> str:
        number = int.from_bytes(blake2b(text.encode(), digest_size=48).digest(), "big")
        letters = []
        for _ in range(length):
            number, rest = divmod(number, 62)
            letters.append(_ALPHABET[rest])
        return "".join(letters)

    # -- objects

    def get(self, kind: str, id: str) -> JsonObject | None:
        """A private copy of one object, or None; changing it changes nothing until `save`."""
        row = self._books.view(kind, id)
        return None if row is None else copied(row)

    def view(self, kind: str, id: str) -> JsonObject | None:
        """As `get`, but the stored object itself: cheaper, and not to be changed."""
        return self._books.view(kind, id)

    def answer(self, kind: str, id: str, param: str = "id") -> JsonObject:
        """As `need` for an id in the path, but the stored object itself, only to be answered: without a copy."""
        found = self._books.view(kind, id)
        return found if found is not None else self.need(kind, id, param)

    def need(self, kind: str, id: str, param: str = "id", status: int = 404) -> JsonObject:
        """As `get`, or Stripe's `resource_missing` naming `param`: 404 for an id in the path, 400 elsewhere."""
        found = self.get(kind, id)
        if found is None:
            raise resource_missing(kind, id, param=param, status=status)
        return found

    def was_removed(self, kind: str, id: str) -> bool:
        """Whether such an object existed and was removed."""
        return self._books.knew(kind, id) and self._books.view(kind, id) is None

    def save(self, obj: JsonObject) -> JsonObject:
        """Insert or replace by `obj["object"]` and `obj["id"]`; stores a copy and returns `obj`."""
        self._put(copied(obj))
        return obj

    def remove(self, kind: str, id: str) -> None:
        """Take an object out; its id stays valid as a list cursor."""
        if self._books.view(kind, id) is not None:
            self._wrote(self._books.take(kind, id), lambda: self._books.take(kind, id))

    def newest_first(self, kind: str, **equals: Any) -> Rows:
        """Read-only views, newest first; quick by customer, subscription, invoice, payment_intent, product."""
        return Rows(self._books, kind, equals, newest=True)

    def oldest_first(self, kind: str, **equals: Any) -> Rows:
        """Read-only views in creation order."""
        return Rows(self._books, kind, equals, newest=False)

    def _put(self, row: JsonObject) -> None:
        self._wrote(self._books.put(row), lambda: self._books.put(row))

    def _wrote(self, undo: Undo, redo: Redo) -> None:
        if self._depth:
            self._journal.append((undo, redo))
        else:
            self._last_write = [(undo, redo)]

    @contextmanager
    def _before_last_write(self) -> Iterator[None]:
        undone = self._last_write
        for undo, _ in reversed(undone):
            undo()
        try:
            yield
        finally:
            for _, redo in undone:
                redo()

    def before_last_write(self) -> AbstractContextManager[None]:
        """Inside the block the books are as before the last call that wrote: for stale reads. Nothing may be written."""
        return self._before_last_write()

    # -- events

    def emit(self, type: str, obj: JsonObject, previous: JsonObject | None = None) -> None:
        """Write an event row. `previous` holds the old values of changed keys; leave it out for creations.

        Raises KeyError for a type that the table of events does not know.
        """
        if self._quiet:
            return
        if type not in EMITTED:
            raise KeyError(type)
        stored = self._books.view(obj["object"], obj.get("id", ""))
        data: JsonObject = {"object": stored if stored == obj else copied(obj)}
        if previous:
            data["previous_attributes"] = copied(previous)
        event: JsonObject = {
            "id": self.new_id("evt_"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": type,
        }
        self._put(event)
        self._posted.append(event)
        if not self._depth:
            self._post()

    def _post(self) -> None:
        """What was emitted is certain now: tell who listens (webhooks)."""
        posted, self._posted = self._posted, []
        if posted and self.on_events is not None:
            self.on_events(self, posted)

    def count_webhooks(self, event_id: str, change: int) -> None:
        """Let an event's `pending_webhooks` rise or fall. It is no write of any call, so no undoing and no stale read
        knows of it: alone of all that is stored, the number changes in place.
        """
        event = self._books.view("event", event_id)
        if event is not None:
            event["pending_webhooks"] = max(0, event["pending_webhooks"] + change)

    @property
    def is_quiet(self) -> bool:
        """Whether no events are written now."""
        return self._quiet > 0

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Inside the block no events are written: for building long histories."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    # -- undoing

    @contextmanager
    def _savepoint(self, *, keep: bool) -> Iterator[None]:
        mark, made, posted = len(self._journal), self._made, len(self._posted)
        self._depth += 1
        try:
            yield
        except BaseException as error:
            keep = keep and getattr(error, "keeps_writes", False)
            raise
        finally:
            self._depth -= 1
            if not keep:
                self._undo(mark)
                del self._posted[posted:]
                self._made = made
            if not self._depth:
                if self._journal:
                    self._last_write, self._journal = self._journal, []
                self._post()

    def _undo(self, mark: int) -> None:
        while len(self._journal) > mark:
            undo, _ = self._journal.pop()
            undo()

    def rolled_back(self) -> AbstractContextManager[None]:
        """Everything written inside (objects, events, ids) is undone at the end: how previews are made."""
        return self._savepoint(keep=False)

    def atomic(self) -> AbstractContextManager[None]:
        """As `rolled_back`, but undone only when an exception leaves the block that does not say `keeps_writes`."""
        return self._savepoint(keep=True)
