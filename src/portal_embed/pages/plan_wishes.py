"""What the form for changing a plan asks for, and the address at which just that is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.web.forms import whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.web.request import PortalRequest

ADD_ON = "add_on."
"""What the field of an add-on is called, before its price's id."""


@dataclass(frozen=True)
class Wish:
    """What a form asks for: which item, which price, how many, which add-ons, what of the trial, from when on, and which promotion
    code: as typed to look at it, its id to confirm.
    """

    item: str | None
    price: str | None
    quantity: str | None
    add_ons: dict[str, int]
    trial: str | None
    when: str | None
    day: str | None
    code: str

    @property
    def is_made(self) -> bool:
        """Whether anything was chosen at all."""
        return self.price is not None or self.quantity is not None or bool(self.add_ons) or bool(self.code)

    @property
    def count(self) -> int | None:
        """What is not a whole number counts as 0, which no plan allows. None when nothing was asked."""
        return None if not self.quantity else whole_number(self.quantity) or 0


def read_wish(fields: Mapping[str, str]) -> Wish:
    """What the fields of a form, or of an address, ask for."""
    return Wish(
        item=fields.get("item") or None,
        price=fields.get("price"),
        quantity=fields.get("quantity"),
        # A box that is not ticked sends nothing: each has a hidden 0 before it.
        add_ons={
            name.removeprefix(ADD_ON): whole_number(fields[name]) or 0 for name in fields if name.startswith(ADD_ON)
        },
        trial=fields.get("trial"),
        when=fields.get("takes_effect"),
        day=fields.get("takes_effect_on"),
        code=fields.get("promotion_code", "").strip(),
    )


def address_of(request: PortalRequest, subscription_id: str, wish: Wish | None) -> str:
    """Where this is chosen, for who goes to another page in between; of a flow that leaves no choice, its own page. A code only as
    it was typed: a form has its id.
    """
    if wish is None or (
        request.signed_in.flow is not None and request.signed_in.flow.type == "subscription_update_confirm"
    ):
        return request.services.urls.path("flows.show")
    takes_codes = request.terms.features.subscription_update.allows("promotion_code")
    asked = {
        "item": wish.item,
        "price": wish.price,
        "quantity": wish.quantity,
        "trial": wish.trial,
        "takes_effect": wish.when,
        "takes_effect_on": wish.day,
        "promotion_code": (wish.code or None) if takes_codes and request.method == "GET" else None,
        **{f"{ADD_ON}{price}": str(count) for price, count in wish.add_ons.items()},
    }
    return request.services.urls.path("plans.index", subscription_id, **asked)
