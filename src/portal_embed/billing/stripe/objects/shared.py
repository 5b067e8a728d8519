"""What several objects need: lists, references."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Listing(Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list. `has_more`: whether Stripe has more in the direction asked."""

    data: tuple[T, ...]
    has_more: bool = False


class Reference(Struct, frozen=True, kw_only=True):
    """Any object of which only the id matters."""

    id: str


def id_of(reference: object) -> str | None:
    """The id behind a reference that may be an id, an expanded object, or null.

    >>> id_of("cus_1"), id_of(None)
    ('cus_1', None)
    """
    if reference is None or isinstance(reference, str):
        return reference
    found = getattr(reference, "id", None)
    return found if isinstance(found, str) else None
