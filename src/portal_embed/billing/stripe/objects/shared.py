"""What every object needs: lists, deletions, references."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Listing(Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list. `has_more`: whether Stripe has more in the direction asked."""

    data: tuple[T, ...]
    has_more: bool = False


class BusinessProfile(Struct, frozen=True, kw_only=True):
    """The merchant's public name."""

    name: str | None = None


class Account(Struct, frozen=True, kw_only=True):
    """The merchant's own Stripe account, as far as `portal-embed check` asks."""

    id: str
    business_profile: BusinessProfile | None = None


class Deleted(Struct, frozen=True, kw_only=True):
    """Stripe's answer to a deletion."""

    id: str
    deleted: bool = False


def id_of(reference: object) -> str | None:
    """The id behind a reference that may be an id, an expanded object, or null.

    >>> id_of("cus_1"), id_of(None)
    ('cus_1', None)
    """
    if reference is None or isinstance(reference, str):
        return reference
    found = getattr(reference, "id", None)
    return found if isinstance(found, str) else None
