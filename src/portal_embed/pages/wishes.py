"""What the form of a plan change asks for, as it came, what its code gives, and the address at which just that is chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from portal_embed.billing.changes import is_on
from portal_embed.billing.discounts import coupons_on, gives_way
from portal_embed.billing.promotions import CodeRefusal, has_code, order_after
from portal_embed.errors import RateLimited
from portal_embed.pages.promotion_codes import looked_up
from portal_embed.view_models.discounts import code_field
from portal_embed.web.forms import asked_number, whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.billing.changes import Choice, Choosing
    from portal_embed.view_models.discounts import CodeField
    from portal_embed.web.request import PortalRequest

CHOSEN = frozenset({"item", "price", "quantity", "trial", "takes_effect", "takes_effect_on", "promotion_code"})
"""What the fields of a choice are called."""
ADD_ON = "add_on."
"""What the field of an add-on is called, before its price's id."""


@dataclass(frozen=True)
class Wish:
    """What a form asks for: which item, which price, how many, which add-ons, what of the trial, from when on, and which promotion
    code, as typed.
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
        """How many, None where nothing was asked; 0 for what no plan allows."""
        return asked_number(self.quantity)

    def is_met_by(self, state: Choosing, choice: Choice) -> bool:
        """Whether the choice has the numbers that were asked for: those out of bounds it cannot have."""
        limits = choice.offer.plan.quantity if choice.offer is not None else None
        counted = {offer.price.id for offer in state.add_ons if offer.plan.quantity is not None}
        return (limits is None or self.count in {None, choice.quantity}) and all(
            count == choice.add_ons[id] for id, count in self.add_ons.items() if id in counted & choice.add_ons.keys()
        )


def wish_of(fields: Mapping[str, str]) -> Wish:
    """What a form, or the address that it leads to, asks for."""
    return Wish(
        item=fields.get("item") or None,
        price=fields.get("price"),
        quantity=fields.get("quantity"),
        # A box that is not ticked sends nothing: each has a hidden 0 before it.
        add_ons={name.removeprefix(ADD_ON): _count_of(fields[name]) for name in fields if name.startswith(ADD_ON)},
        trial=fields.get("trial"),
        when=fields.get("takes_effect"),
        day=fields.get("takes_effect_on"),
        code=fields.get("promotion_code", "").strip(),
    )


def _count_of(text: str) -> int:
    """How many of an add-on: nothing is none, and what is no whole number is -1, which nothing allows."""
    number = whole_number(text or "0")
    return -1 if number is None else number


def asked(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of a form that are questions about the choice: those that its page's address has."""
    return {name: value for name, value in fields.items() if name in CHOSEN or name.startswith(ADD_ON)}


async def with_code(
    request: PortalRequest, state: Choosing, choice: Choice, wish: Wish
) -> tuple[Choice, CodeField | None]:
    """The choice with the code that was typed, and the field as it then stands: what it gives, or why it is not taken."""
    if not wish.code or not request.terms.features.subscription_update.allows("promotion_code"):
        return choice, None
    order = order_after(state, choice)
    try:
        found = await looked_up(request, wish.code, order)
    except RateLimited:
        return choice, code_field(request.fmt, too_many=True)
    if isinstance(found, CodeRefusal):
        return choice, code_field(request.fmt, refused=found)
    field = code_field(request.fmt, found=found, currency=order.currency, instead_of=gives_way(state, order.products))
    return replace(choice, discount=("promotion_code", found.code.id), coupon=found.coupon), field


def is_so(state: Choosing, choice: Choice, said: str, *, is_billed: bool) -> bool:
    """Whether these very items, whose price was shown, are in force already, with the code that was shown. `is_billed`: by the same
    click before; a code for one bill has left with that bill.
    """
    was = dict(parse_qsl(said))
    counts = {ADD_ON + id: str(count) for id, count in choice.add_ons.items()}
    wanted = {"price": choice.price.id, "quantity": str(choice.quantity or 0), **counts}
    if not wanted.items() <= was.items() or not is_on(state.subscription, state.lines(choice)):
        return False
    code, (kind, id) = was.get("promotion_code"), choice.discount or ("", "")
    if is_billed or code is not None:
        return is_billed or has_code(state.subscription, code or "")
    return choice.discount is None or (kind == "coupon" and id in coupons_on(state.subscription))


def address_of(request: PortalRequest, subscription_id: str, wish: Wish | None) -> str:
    """Where this is chosen, for who goes to another page in between; of a flow that leaves no choice, its own page."""
    flow = request.signed_in.flow
    if wish is None or (flow is not None and flow.type == "subscription_update_confirm"):
        return request.services.urls.path("flows.show")
    takes_codes = request.terms.features.subscription_update.allows("promotion_code")
    fields = {
        "item": wish.item,
        "price": wish.price,
        "quantity": wish.quantity,
        "trial": wish.trial,
        "takes_effect": wish.when,
        "takes_effect_on": wish.day,
        "promotion_code": (wish.code or None) if takes_codes else None,
        **{f"{ADD_ON}{price}": str(count) for price, count in wish.add_ons.items()},
    }
    return request.services.urls.path("plans.index", subscription_id, **fields)
