"""Objects by kind and id, in creation order and by whom they belong to; and the rows that queries walk.

What is stored is never changed in place: a change replaces the object. So views and snapshots may be shared freely.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from typing import Any, Self

JsonObject = dict[str, Any]
Undo = Callable[[], None]
Redo = Callable[[], object]

_BY_STATUS = "customer+status"
_INDEXED = ("customer", "subscription", "invoice", "payment_intent", "product", "charge", "coupon", _BY_STATUS)


def copied(value: Any) -> Any:
    """A deep copy of a JSON value; many times faster than `copy.deepcopy`."""
    if type(value) is dict:
        copy = value.copy()
        for key, part in value.items():
            if type(part) is dict or type(part) is list:
                copy[key] = copied(part)
        return copy
    if type(value) is list:
        return [copied(part) for part in value]
    return value


def owner_of(obj: JsonObject, field: str) -> Any:
    """The id an object refers to under `field`, also where the API keeps it below `parent`, `payment` or `source`."""
    kind = obj.get("object")
    if field == _BY_STATUS:
        return f"{owner_of(obj, 'customer')}+{obj['status']}" if kind == "invoice" else None
    value = obj.get(field)
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return value.get("id")
    if field == "subscription" and kind in ("invoice", "invoiceitem"):
        details = (obj.get("parent") or {}).get("subscription_details") or {}
        return details.get("subscription")
    if field == "payment_intent" and kind == "invoice_payment":
        return (obj.get("payment") or {}).get("payment_intent")
    if field == "coupon" and kind in ("promotion_code", "discount"):
        return (obj.get("promotion") or obj.get("source") or {}).get("coupon")
    return None


class Books:
    """All objects of one account. A removed object leaves its place, for its id stays valid as a list cursor."""

    def __init__(self) -> None:
        """Empty books."""
        self.rows: dict[str, dict[str, JsonObject | None]] = {}
        self.order: dict[str, dict[str, int]] = {}
        self.index: dict[tuple[str, str], dict[str, dict[str, None]]] = {}

    def view(self, kind: str, id: str) -> JsonObject | None:
        """The stored object itself, not to be changed; None when there is none."""
        return self.rows.get(kind, {}).get(id)

    def knew(self, kind: str, id: str) -> bool:
        """Whether such an object exists or existed."""
        return id in self.order.get(kind, {})

    def put(self, obj: JsonObject) -> Undo:
        """Store the object itself, new or in place of the old one; returns what undoes it."""
        kind, id = obj["object"], obj["id"]
        rows = self.rows.setdefault(kind, {})
        order = self.order.setdefault(kind, {})
        old, known = rows.get(id), id in rows
        rows[id] = obj
        if not known:
            order[id] = len(order)
        self._reindex(kind, id, old, obj)
        return lambda: self._unput(kind, id, old, obj, known=known)

    def take(self, kind: str, id: str) -> Undo:
        """Remove an object that is there; returns what undoes it."""
        old = self.rows[kind][id]
        self.rows[kind][id] = None
        return lambda: self.rows[kind].__setitem__(id, old)

    def _unput(self, kind: str, id: str, old: JsonObject | None, new: JsonObject, *, known: bool) -> None:
        if known:
            self.rows[kind][id] = old
            if old is not None:
                self._reindex(kind, id, new, old)
            return
        del self.rows[kind][id]
        del self.order[kind][id]
        for field in _INDEXED:
            owner = owner_of(new, field)
            if owner is not None:
                self.index.get((kind, field), {}).get(owner, {}).pop(id, None)

    def _reindex(self, kind: str, id: str, old: JsonObject | None, new: JsonObject) -> None:
        for field in _INDEXED:
            before = owner_of(old, field) if old is not None else None
            after = owner_of(new, field)
            if before == after:
                continue
            index = self.index.setdefault((kind, field), {})
            if before is not None:
                index.get(before, {}).pop(id, None)
            if after is not None:
                ids, order = index.setdefault(after, {}), self.order[kind]
                is_late = bool(ids) and order[next(reversed(ids))] > order[id]
                ids[id] = None
                if is_late:
                    # A late comer (a card attached after others were) takes its place by age, for cursors rely on it.
                    index[after] = dict.fromkeys(sorted(ids, key=order.__getitem__))


class Rows(Iterator[JsonObject]):
    """Objects of one kind in creation order or its reverse, found lazily; read-only views of what is stored."""

    def __init__(self, books: Books, kind: str, equals: dict[str, Any], *, newest: bool) -> None:
        """Rows of `kind` for which every field in `equals` holds that value."""
        self.kind = kind
        self.newest = newest
        self._books = books
        self._tests: list[Callable[[JsonObject], bool]] = []
        self._ids: dict[str, Any] | None = None
        self._iterator: Iterator[JsonObject] | None = None
        if kind == "invoice" and {"customer", "status"} <= equals.keys():
            customer, status = equals.pop("customer"), equals.pop("status")
            equals = {_BY_STATUS: f"{customer}+{status}", **equals}
        for field, value in equals.items():
            if field in _INDEXED and self._ids is None:
                self._ids = books.index.get((kind, field), {}).get(value, {})
            else:
                self._tests.append(_holds(field, value))
        if self._ids is None:
            self._ids = books.rows.get(kind, {})

    def where(self, test: Callable[[JsonObject], bool]) -> Self:
        """The same rows, only those for which `test` holds; returns itself."""
        self._tests.append(test)
        return self

    def knows(self, id: str) -> bool:
        """Whether such an object ever existed; a deleted one still works as a cursor."""
        return self._books.knew(self.kind, id)

    def after(self, id: str) -> Iterator[JsonObject]:
        """The rows that come after the cursor `id` in this order."""
        return self._walk(self._slice(id, after=True), reverse=self.newest)

    def before(self, id: str) -> Iterator[JsonObject]:
        """The rows that come before the cursor, nearest first (so against this order)."""
        return self._walk(self._slice(id, after=False), reverse=not self.newest)

    def _slice(self, id: str, *, after: bool) -> list[str]:
        ids = list(self._ids or ())
        order = self._books.order[self.kind]
        if after == self.newest:
            return ids[: bisect_left(ids, order[id], key=order.__getitem__)]
        return ids[bisect_right(ids, order[id], key=order.__getitem__) :]

    def _walk(self, ids: Any, *, reverse: bool) -> Iterator[JsonObject]:
        rows = self._books.rows.get(self.kind, {})
        for id in reversed(ids) if reverse else iter(ids):
            row = rows.get(id)
            if row is not None and all(test(row) for test in self._tests):
                yield row

    def __iter__(self) -> Self:
        """Start from the first row. Nothing of this kind may be saved while iterating; take a list first."""
        return self

    def __next__(self) -> JsonObject:
        """The next row."""
        if self._iterator is None:
            self._iterator = self._walk(self._ids or {}, reverse=self.newest)
        return next(self._iterator)


def _holds(field: str, value: Any) -> Callable[[JsonObject], bool]:
    return lambda row: owner_of(row, field) == value or row.get(field) == value
