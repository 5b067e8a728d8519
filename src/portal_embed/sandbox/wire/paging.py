"""Lists: cursors, limits and their refusals (recorded from Stripe's API, Aug 2026)."""

from collections.abc import Iterable, Iterator
from itertools import islice

from portal_embed.sandbox.wire.errors import StripeError, resource_missing
from portal_embed.sandbox.wire.router import Call
from portal_embed.sandbox.world import JsonObject, Rows

TRUTH = [
    (
        "Newest first, ties in reverse order of creation; cursors, also of deleted objects.",
        "recorded",
        "Stripe's API, Aug 2026",
    ),
    ("Limits below 1 give 1 and above 100 give 100.", "documented", "public notes of probing Stripe's API, 2026"),
    ("Both cursors at once are refused; an unknown one is reported first.", "recorded", "Stripe's API, Aug 2026"),
]
DEFAULT_LIMIT = 10
MAX_LIMIT = 100


def page(call: Call, iterator: Iterable[JsonObject], url: str) -> JsonObject:
    """One page of a list. `iterator` gives the rows in the order of the list; `Rows` make cursors quick.

    A limit below 1 gives one row and one above 100 gives 100; both cursors at once are refused, an unknown one first.
    """
    limit = min(max(call.get("limit", DEFAULT_LIMIT), 1), MAX_LIMIT)
    after, before = call.get("starting_after"), call.get("ending_before")
    rows = iterator if isinstance(iterator, Rows) else list(iterator)
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None:
            _check_cursor(call, rows, cursor, name)
    if after is not None and before is not None:
        raise StripeError("Received both starting_after and ending_before parameters. Please pass in only one.")
    found = list(islice(_from_cursor(rows, after, before), limit + 1))
    data = found[:limit]
    if before is not None:
        data.reverse()
    return {"object": "list", "data": data, "has_more": len(found) > limit, "url": url}


def whole(rows: Iterable[JsonObject], url: str, **more: object) -> JsonObject:
    """A list inside an object (`items`, `lines`): everything at once, with `total_count`."""
    data = list(rows)
    return {"object": "list", "data": data, "has_more": False, "total_count": len(data), "url": url, **more}


def _check_cursor(call: Call, rows: Rows | list[JsonObject], cursor: str, name: str) -> None:
    if isinstance(rows, Rows):
        if not rows.knows(cursor):
            raise resource_missing(rows.kind, cursor, param=name, status=400)
    elif not any(row["id"] == cursor for row in rows):
        kind = rows[0]["object"] if rows else call.path.rsplit("/", 1)[-1].rstrip("s")
        raise resource_missing(kind, cursor, param=name, status=400)


def _from_cursor(rows: Rows | list[JsonObject], after: str | None, before: str | None) -> Iterator[JsonObject]:
    if isinstance(rows, Rows):
        if after is not None:
            return rows.after(after)
        return iter(rows) if before is None else rows.before(before)
    ids = [row["id"] for row in rows]
    if after is not None:
        return iter(rows[ids.index(after) + 1 :])
    return iter(rows) if before is None else reversed(rows[: ids.index(before)])
