"""Coupons and promotion codes turned into discounts, and what they take off."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from portal_embed.sandbox.engine.money import exact, rounded
from portal_embed.sandbox.engine.periods import stepped
from portal_embed.sandbox.wire.errors import StripeError, resource_missing
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    (
        "a subscription's discount lowers the total, not the subtotal; lines keep their amount and list `discount_amounts`",
        "recorded",
        "Recorded from Stripe's API, Oct 2025",
    ),
    ("a discount on an invoice item is inside the subtotal", "recorded", "Recorded from Stripe's API, Oct 2025"),
    ("a `once` coupon leaves the subscription after its first invoice", "documented", "Stripe docs, coupons: duration"),
    ("a coupon for certain products lowers only their lines", "documented", "Stripe docs, coupons: applies_to"),
    (
        "a percentage is rounded per line, an exact half in the customer's favour",
        "assumed",
        "no recording shows a half",
    ),
    (
        "an amount off is spread over the discountable lines by their amounts, the last takes the rest",
        "assumed",
        "no recording with several lines",
    ),
    (
        "in flexible mode a proration is computed net of the subscription's discounts (`proration_discounts: included`)",
        "documented",
        "Stripe docs, billing mode: proration discounts; no recording of the figures",
    ),
    (
        "a discount of a single item lowers its lines, inside the subtotal, before the subscription's",
        "documented",
        "Stripe docs, stacking discounts; the subtotal recorded for invoice items only",
    ),
    (
        "a customer's discount lowers what a subscription without discounts of its own bills",
        "documented",
        "Stripe docs, coupons: customer discounts; that one of a single item leaves it in force is assumed",
    ),
    ("deleting a coupon leaves it to those who have it", "documented", "Stripe docs, coupons"),
    (
        "a repeating coupon lowers every invoice made before its months are over",
        "documented",
        "Stripe docs, coupons: duration",
    ),
    (
        "promotion codes refuse another customer, a late or used up code, a buyer who is not new, too small an amount",
        "documented",
        "Stripe docs, promotion codes; but for prior transactions the wording is assumed",
    ),
    (
        "a void invoice is no prior transaction; an open one is",
        "assumed",
        "the open one by a public issue (stripe-node 2349); no recording of a void one",
    ),
    ("the least amount is compared with one full period of all items at list price", "assumed", "no recording"),
    ("voiding or expiring a pending update gives its redemptions back", "assumed", "no recording"),
    ("an amount off lowers a proration's charge by its share of the period", "assumed", "no recording"),
]


def redeem(
    world: World,
    wanted: list[JsonObject],
    customer: JsonObject,
    *,
    subscription: str | None = None,
    invoice: str | None = None,
    invoice_item: str | None = None,
    subscription_item: str | None = None,
    currency: str | None = None,
    amount: Fraction | int | None = None,
) -> list[str]:
    """Make discounts of the requested coupons, promotion codes and existing discounts; their ids in order.

    `amount` (minor units of `currency`) is what they are to lower, for codes that want a least amount. Raises Stripe's
    refusals for unknown, expired or exhausted ones (the texts for the latter are assumed).
    """
    target = {
        "invoice": invoice,
        "invoice_item": invoice_item,
        "subscription": subscription,
        "subscription_item": subscription_item,
    }
    purchase = Purchase(currency, amount)
    return [
        _redeem_one(world, one, customer, f"discounts[{position}]", target, purchase)
        for position, one in enumerate(wanted)
    ]


@dataclass(frozen=True)
class Purchase:
    """What a discount is to lower: `amount` in minor units; None where that is not known or does not matter."""

    currency: str | None
    amount: Fraction | int | None


def _redeem_one(
    world: World, wanted: JsonObject, customer: JsonObject, path: str, target: dict[str, str | None], purchase: Purchase
) -> str:
    if wanted.get("discount"):
        return _own(world, wanted["discount"], customer, f"{path}[discount]")
    promotion_code = None
    if wanted.get("promotion_code"):
        path_in = f"{path}[promotion_code]"
        promotion_code = world.need("promotion_code", wanted["promotion_code"], param=path_in, status=400)
        _check_promotion_code(world, promotion_code, customer, path_in, purchase)
        coupon_id = promotion_code["promotion"]["coupon"]
    elif wanted.get("coupon"):
        coupon_id = wanted["coupon"]
    else:
        raise StripeError("You must provide one of coupon, discount or promotion_code.", param=path)
    coupon = world.need("coupon", coupon_id, param=f"{path}[coupon]", status=400)
    _check_coupon(world, coupon, path)
    if coupon["currency"] and purchase.currency and coupon["currency"] != purchase.currency:
        raise StripeError(
            f"The coupon {coupon['id']} takes off {coupon['currency']} and cannot lower an amount in {purchase.currency}.",
            param=path,
        )
    now = world.now()
    end = stepped(now, "month", coupon["duration_in_months"], 1) if coupon["duration"] == "repeating" else None
    discount = {
        "id": world.new_id("di_"),
        "object": "discount",
        "checkout_session": None,
        "customer": customer["id"],
        "customer_account": None,
        "end": end,
        "invoice": target["invoice"],
        "invoice_item": target["invoice_item"],
        "promotion_code": promotion_code["id"] if promotion_code else None,
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": now,
        "subscription": target["subscription"],
        "subscription_item": target["subscription_item"],
    }
    world.save(discount)
    world.save({"object": "_redeemed", "id": discount["id"], "coupon_body": coupon})
    for counted in (coupon, promotion_code):
        if counted:
            counted["times_redeemed"] += 1
            if counted["times_redeemed"] == counted["max_redemptions"]:
                counted["valid" if counted is coupon else "active"] = False
            world.save(counted)
    discount_id: str = discount["id"]
    return discount_id


def _own(world: World, id: str, customer: JsonObject, path: str) -> str:
    discount = world.need("discount", id, param=path, status=400)
    if discount["customer"] != customer["id"]:
        raise resource_missing("discount", id, param=path, status=400)
    return id


def _check_coupon(world: World, coupon: JsonObject, path: str) -> None:
    if (coupon.get("redeem_by") and coupon["redeem_by"] < world.now()) or not coupon["valid"]:
        raise StripeError(f"Coupon expired: {coupon['id']}", code="coupon_expired", param=path)
    if coupon.get("max_redemptions") and coupon["times_redeemed"] >= coupon["max_redemptions"]:
        raise StripeError(f"Coupon expired: {coupon['id']}", code="coupon_expired", param=path)


def release(world: World, discount_ids: list[str]) -> None:
    """What was redeemed never came to be: its coupon and promotion code may be redeemed once more."""
    for id in discount_ids:
        discount = world.need("discount", id)
        for kind, of in (("coupon", discount["source"]["coupon"]), ("promotion_code", discount["promotion_code"])):
            counted = world.get(kind, of) if of else None
            if counted is None:
                continue
            if counted["times_redeemed"] == counted["max_redemptions"]:
                counted["valid" if kind == "coupon" else "active"] = True
            counted["times_redeemed"] -= 1
            world.save(counted)


def _check_promotion_code(world: World, code: JsonObject, customer: JsonObject, path: str, purchase: Purchase) -> None:
    expired = code.get("expires_at") and code["expires_at"] < world.now()
    exhausted = code.get("max_redemptions") and code["times_redeemed"] >= code["max_redemptions"]
    if not code["active"] or expired or exhausted:
        raise StripeError("This promotion code is expired.", param=path)
    if code.get("customer") and code["customer"] != customer["id"]:
        raise StripeError("This promotion code cannot be redeemed by this customer.", param=path)
    restrictions = code.get("restrictions") or {}
    billed = world.newest_first("invoice", customer=customer["id"]).where(lambda invoice: invoice["status"] != "void")
    if restrictions.get("first_time_transaction") and next(billed, None):
        raise StripeError(
            "This promotion code cannot be redeemed because the associated customer has prior transactions.", param=path
        )
    limits = {restrictions.get("minimum_amount_currency"): restrictions.get("minimum_amount")}
    further = world.get("_least_amounts", code["id"]) or {"by_currency": {}}
    limits |= {currency: one["minimum_amount"] for currency, one in further["by_currency"].items()}
    limited = any(least is not None for least in limits.values())
    if limited and purchase.amount is not None:
        least = limits.get(purchase.currency)
        if least is None or purchase.amount < least:
            raise StripeError(
                "This promotion code cannot be redeemed because the order does not meet the minimum amount.", param=path
            )


def coupons_of(world: World, discount_ids: list[str], at: int) -> list[tuple[str, JsonObject]]:
    """The (discount id, coupon) pairs of those discounts that still run at `at`."""
    found = []
    for id in discount_ids:
        discount = world.need("discount", id)
        if discount["end"] is None or discount["end"] > at:
            found.append((id, world.need("_redeemed", id)["coupon_body"]))
    return found


def held(world: World, subscription: JsonObject) -> list[str]:
    """The ids of the discounts that lower the whole of a subscription: its own that run, else the customer's."""
    own = [id for id, _ in coupons_of(world, subscription["discounts"], world.now())]
    of_customer = world.need("customer", subscription["customer"])["discount"]
    if own or of_customer is None:
        return own
    currency = world.need("_redeemed", of_customer["id"])["coupon_body"]["currency"]
    return [of_customer["id"]] if currency in (None, subscription["currency"]) else []


def covers(world: World, coupon: JsonObject, product: str) -> bool:
    """Whether the coupon may lower lines of this product."""
    limits = world.get("_applies_to", coupon["id"])
    return limits is None or not limits["products"] or product in limits["products"]


def spread(
    world: World, coupons: list[tuple[str, JsonObject]], amounts: list[tuple[str, int]], currency: str
) -> list[list[tuple[str, int]]]:
    """What each discount takes off each (product, amount): per amount a list of (discount id, minor units off).

    Discounts apply one after the other, each to what the ones before left.
    """
    left = [amount for _, amount in amounts]
    taken: list[list[tuple[str, int]]] = [[] for _ in amounts]
    for id, coupon in coupons:
        at = [i for i, (product, _) in enumerate(amounts) if left[i] > 0 and covers(world, coupon, product)]
        for i, off in zip(at, _off(coupon, [left[i] for i in at], currency), strict=True):
            left[i] -= off
            taken[i].append((id, off))
    return taken


def _off(coupon: JsonObject, amounts: list[int], currency: str) -> list[int]:
    if coupon["percent_off"] is not None:
        rate = exact(str(coupon["percent_off"])) / 100
        return [-rounded(-amount * rate, currency) for amount in amounts]
    whole = sum(amounts)
    off = min(coupon["amount_off"], whole)
    shares = [-rounded(-Fraction(off * amount, whole), currency) for amount in amounts] if whole else []
    for i in range(len(shares)):
        shares[i] = min(shares[i], off - sum(shares[:i]))
    if shares:
        shares[-1] = off - sum(shares[:-1])
    return shares


def net(
    world: World, coupons: list[tuple[str, JsonObject]], product: str, gross: Fraction, whole: Fraction
) -> Fraction:
    """The exact price of one full period of an item after discounts; `whole` is the sum of all items' gross prices."""
    left = gross
    for _, coupon in coupons:
        if not covers(world, coupon, product):
            continue
        if coupon["percent_off"] is not None:
            left -= left * exact(str(coupon["percent_off"])) / 100
        elif whole:
            left -= min(left, coupon["amount_off"] * gross / whole)
    return left


def as_amounts(pairs: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """The wire form of (discount id, amount) pairs."""
    return [{"amount": amount, "discount": id} for id, amount in pairs]
