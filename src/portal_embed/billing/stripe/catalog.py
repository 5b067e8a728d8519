"""Calls about what is sold: the same for every customer, so kept for a minute per process."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from portal_embed.billing.stripe.objects import Listing, Price, Product
from portal_embed.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from portal_embed.billing.stripe.client import StripeClient

LIFE_SECONDS = 60
MOST = 100
MOST_LOOKUP_KEYS = 10
"""Stripe takes at most ten lookup keys a call."""


class CatalogReader:
    """Products and prices of one Stripe account, read at most once a minute. Holds nothing about any customer."""

    def __init__(self, stripe: StripeClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds; tests move it."""
        self._stripe = stripe
        self._clock = clock
        self._products: dict[str, tuple[float, Product]] = {}
        self._prices: dict[tuple[str, ...], tuple[float, tuple[Price, ...]]] = {}

    async def products(self, ids: Iterable[str]) -> dict[str, Product]:
        """The products with these ids; one call for all that are not fresh."""
        wanted = set(ids)
        now = self._clock()
        stale = sorted(i for i in wanted if now - self._products.get(i, (-LIFE_SECONDS, None))[0] >= LIFE_SECONDS)
        for start in range(0, len(stale), MOST):
            found = await self._stripe.get(
                Listing[Product], "/v1/products", ids=stale[start : start + MOST], limit=MOST
            )
            self._products.update({product.id: (now, product) for product in found.data})
        return {i: self._products[i][1] for i in wanted if i in self._products}

    async def by_lookup_keys(self, keys: tuple[str, ...]) -> tuple[Price, ...]:
        """Active prices with these lookup keys, each with its product and its tiers."""
        kept = self._fresh(("lookup", *keys)) if keys else ()
        if kept is not None:
            return kept
        found: list[Price] = []
        for start in range(0, len(keys), MOST_LOOKUP_KEYS):
            part = list(keys[start : start + MOST_LOOKUP_KEYS])
            page = await self._stripe.get(
                Listing[Price],
                "/v1/prices",
                lookup_keys=part,
                active=True,
                limit=MOST,
                expand=["data.product", "data.tiers"],
            )
            found.extend(page.data)
        return self._keep(("lookup", *keys), tuple(found))

    async def by_id(self, price: str) -> tuple[Price, ...]:
        """The price with this id, its product and its tiers; empty if Stripe does not know it."""
        kept = self._fresh(("id", price))
        if kept is not None:
            return kept
        try:
            found = (await self._stripe.get(Price, f"/v1/prices/{price}", expand=["product", "tiers"]),)
        except NotFound:
            return self._keep(("id", price), ())
        return self._keep(("id", price), found)

    def _fresh(self, key: tuple[str, ...]) -> tuple[Price, ...] | None:
        at, prices = self._prices.get(key, (-float(LIFE_SECONDS), ()))
        return prices if self._clock() - at < LIFE_SECONDS else None

    def _keep(self, key: tuple[str, ...], prices: tuple[Price, ...]) -> tuple[Price, ...]:
        self._prices[key] = (self._clock(), prices)
        return prices
