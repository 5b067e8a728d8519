"""Ready customers: whole histories made of real calls at past moments, for the demo and for tests.

Every builder takes a world and its options, and answers a dictionary with `customer` and whatever else it made
(`subscription`, `invoice`, `payment_method`, …), all ids. Options of all: `name`, `email` and `business_name`.
"""

from typing import Any

from portal_embed.sandbox.catalog import catalog
from portal_embed.sandbox.inside import call
from portal_embed.sandbox.lives import agreements, money, plans  # noqa: F401  (they register themselves)
from portal_embed.sandbox.lives.making import LIVES, Life
from portal_embed.sandbox.world import World
from portal_embed.sandbox.worlds import let_happen


def build(world: World, life: str, *, business_name: str = "", **options: Any) -> Life:
    """Build one customer; raises ValueError for an unknown life, TypeError for an unknown option."""
    if life not in LIVES:
        raise ValueError(f"Unknown life {life!r}; there are: {', '.join(LIVES)}.")
    with world.atomic():
        catalog(world)
        let_happen(world)
        made = LIVES[life](world, **options)
        if business_name:
            call(world, "POST", f"/v1/customers/{made['customer']}", business_name=business_name)
        let_happen(world)
    return {"prices": catalog(world), **made}


def names() -> list[str]:
    """The lives there are."""
    return list(LIVES)
