"""A flow: a session that does one thing to one object. Names and nesting are those of Stripe's `flow_data`.

Source: `billing_portal.Session` create, Stripe API 2026-10-28.endive.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from portal_embed.access.return_url import safe_return_url

if TYPE_CHECKING:
    from collections.abc import Collection

TYPES = (
    "customer_update",
    "payment_method_update",
    "subscription_cancel",
    "subscription_pause",
    "subscription_update",
    "subscription_update_confirm",
)
OURS = "recovery"
"""A flow that Stripe's portal does not have: paying what is owed. Made by `access/recovery.py` only."""
NEED_SUBSCRIPTION = frozenset(TYPES[2:])
COMPLETIONS = ("hosted_confirmation", "redirect", "portal_homepage")
LONGEST_MESSAGE = 500
"""Characters of a custom confirmation: it travels in the link and in the cookie."""

_SUBSCRIPTION = re.compile(r"sub_[A-Za-z0-9_]{1,64}")
_COUPON = re.compile(r"[A-Za-z0-9_\-]{1,64}")
_ITEM = re.compile(r"si_[A-Za-z0-9_]{1,64}")
_PRICE = re.compile(r"(?:price|plan)_[A-Za-z0-9_]{1,120}|[A-Za-z0-9_\-]{1,64}")
_PROMOTION_CODE = re.compile(r"promo_[A-Za-z0-9_]{1,64}")
_LARGEST_QUANTITY = 999_999


@dataclass(frozen=True, kw_only=True)
class AfterCompletion:
    """What the customer sees once the one thing is done.

    `type` "hosted_confirmation": a page that says what was done, and `custom_message` if there is one; "redirect": on
    to `return_url`; "portal_homepage": the whole portal.
    """

    type: str = "hosted_confirmation"
    custom_message: str | None = None
    return_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The one thing that a session may do.

    `subscription` is the object, None for what concerns the customer. `coupon` is offered before a cancellation.
    `item`, `price`, `quantity`, `discounts` ((kind, id), kind "coupon" or "promotion_code") describe the change to be
    confirmed; what is None stays as it is.
    """

    type: str
    subscription: str | None = None
    coupon: str | None = None
    item: str | None = None
    price: str | None = None
    quantity: int | None = None
    discounts: tuple[tuple[str, str], ...] = ()
    after_completion: AfterCompletion = AfterCompletion()

    def flow_data(self) -> dict[str, Any]:
        """The flow as Stripe's `flow_data`, for a token or a cookie: `parse` reads it back."""
        after = self.after_completion
        completion: dict[str, Any] = {"type": after.type}
        if after.custom_message is not None:
            completion["hosted_confirmation"] = {"custom_message": after.custom_message}
        if after.return_url is not None:
            completion["redirect"] = {"return_url": after.return_url}
        data: dict[str, Any] = {"type": self.type, "after_completion": completion}
        if self.subscription is not None:
            data[self.type] = detail = dict[str, Any](subscription=self.subscription)
            if self.coupon is not None:
                detail["retention"] = {"type": "coupon_offer", "coupon_offer": {"coupon": self.coupon}}
            if self.item is not None:
                change = {"id": self.item, "price": self.price, "quantity": self.quantity}
                detail["items"] = [{name: value for name, value in change.items() if value is not None}]
                detail["discounts"] = [{kind: id} for kind, id in self.discounts]
        return data


def parse(flow_data: object, return_origins: Collection[str]) -> Flow:
    """The flow that `flow_data` describes. Raises ValueError with one sentence that says what to change."""
    data = _mapping(flow_data, "flow_data")
    kind = data.get("type")
    if kind not in TYPES and kind != OURS:
        raise ValueError(f"flow_data.type must be one of {', '.join(TYPES)}, not {kind!r}.")
    _only(data, "flow_data", {"type", "after_completion", kind})
    after = _after_completion(data.get("after_completion"), return_origins)
    if kind not in NEED_SUBSCRIPTION:
        if data.get(kind):
            raise ValueError(f"flow_data.{kind} takes nothing: leave it out.")
        return Flow(type=kind, after_completion=after)
    name = f"flow_data.{kind}"
    detail = _mapping(data.get(kind), name)
    known = {"subscription_cancel": {"retention"}, "subscription_update_confirm": {"items", "discounts"}}
    _only(detail, name, {"subscription", *known.get(kind, set())})
    subscription = _id(detail.get("subscription"), _SUBSCRIPTION, f"{name}.subscription", "sub_1MowQVLkdIwHu7ix")
    found = Flow(type=kind, subscription=subscription, after_completion=after)
    if kind == "subscription_cancel":
        return replace(found, coupon=_coupon_offered(detail.get("retention"), f"{name}.retention"))
    if kind == "subscription_update_confirm":
        item, price, quantity = _the_item(detail.get("items"), f"{name}.items")
        discounts = _discounts(detail.get("discounts"), f"{name}.discounts")
        return replace(found, item=item, price=price, quantity=quantity, discounts=discounts)
    return found


def _after_completion(value: object, return_origins: Collection[str]) -> AfterCompletion:
    if value is None:
        return AfterCompletion()
    name = "flow_data.after_completion"
    data = _mapping(value, name)
    kind = data.get("type")
    if kind not in COMPLETIONS:
        raise ValueError(f"{name}.type must be one of {', '.join(COMPLETIONS)}, not {kind!r}.")
    _only(data, name, {"type", "hosted_confirmation", "redirect"} if kind == "portal_homepage" else {"type", kind})
    if kind == "redirect":
        url = _mapping(data.get("redirect"), f"{name}.redirect").get("return_url")
        if safe_return_url(url, return_origins) is None:
            raise ValueError(
                f"{name}.redirect.return_url must be a path such as /account, or an address on an origin listed in "
                "PORTAL_RETURN_ORIGINS."
            )
        return AfterCompletion(type=kind, return_url=str(url))
    shown = data.get("hosted_confirmation") if kind == "hosted_confirmation" else None
    message = _mapping(shown, f"{name}.hosted_confirmation").get("custom_message") if shown else None
    if message is not None and not (isinstance(message, str) and 0 < len(message) <= LONGEST_MESSAGE):
        raise ValueError(f"{name}.hosted_confirmation.custom_message must be 1 to {LONGEST_MESSAGE} characters.")
    return AfterCompletion(type=kind, custom_message=message)


def _coupon_offered(value: object, name: str) -> str | None:
    if value is None:
        return None
    data = _mapping(value, name)
    if data.get("type") != "coupon_offer":
        raise ValueError(f'{name}.type must be "coupon_offer", not {data.get("type")!r}.')
    offer = _mapping(data.get("coupon_offer"), f"{name}.coupon_offer")
    return _id(offer.get("coupon"), _COUPON, f"{name}.coupon_offer.coupon", "25OFF")


def _the_item(value: object, name: str) -> tuple[str, str | None, int | None]:
    if not isinstance(value, list | tuple) or len(value) != 1:
        raise ValueError(f"{name} must be a list of exactly one item, as in Stripe's portal.")
    item = _mapping(value[0], f"{name}[0]")
    _only(item, f"{name}[0]", {"id", "price", "quantity"})
    price, quantity = item.get("price"), item.get("quantity")
    if price is None and quantity is None:
        raise ValueError(f"{name}[0] changes nothing: give a price or a quantity.")
    if quantity is not None and not (type(quantity) is int and 1 <= quantity <= _LARGEST_QUANTITY):
        raise ValueError(f"{name}[0].quantity must be a whole number from 1 to {_LARGEST_QUANTITY}.")
    return (
        _id(item.get("id"), _ITEM, f"{name}[0].id", "si_NcLYdDxLHxlFo7"),
        None if price is None else _id(price, _PRICE, f"{name}[0].price", "price_1MoBy5LkdIwHu7ix"),
        quantity,
    )


def _discounts(value: object, name: str) -> tuple[tuple[str, str], ...]:
    if not value:
        return ()
    if not isinstance(value, list | tuple) or len(value) != 1:
        raise ValueError(f"{name} must be a list of at most one coupon or promotion code.")
    given = {kind: id for kind, id in _mapping(value[0], f"{name}[0]").items() if id is not None}
    _only(given, f"{name}[0]", {"coupon", "promotion_code"})
    if len(given) != 1:
        raise ValueError(f"{name}[0] must name either a coupon or a promotion_code.")
    ((kind, id),) = given.items()
    forms = {"coupon": (_COUPON, "25OFF"), "promotion_code": (_PROMOTION_CODE, "promo_1Mi1kl2eZvKYlo2C")}
    return ((kind, _id(id, forms[kind][0], f"{name}[0].{kind}", forms[kind][1])),)


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} must be a dict, as in stripe.billing_portal.sessions.create.")  # noqa: TRY004  (one kind of error for a wrong argument)
    return value


def _only(data: Mapping[str, Any], name: str, allowed: set[str]) -> None:
    unknown = sorted(key for key, value in data.items() if key not in allowed and value is not None)
    if unknown:
        raise ValueError(f"{name}.{unknown[0]} is not part of this flow: it takes {', '.join(sorted(allowed))}.")


def _id(value: object, form: re.Pattern[str], name: str, example: str) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ValueError(f"{name} must be an id such as {example}.")
    return value
