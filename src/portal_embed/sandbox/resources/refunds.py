"""Refunds: money back from a charge."""

from typing import Any

from portal_embed.sandbox.changes import previous_attributes
from portal_embed.sandbox.engine import bodies, refunding
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import PAGING, created_filter, merged_metadata, metadata, within
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("card refunds succeed at once and never exceed what is left of the charge", "documented", "Stripe docs, refunds"),
    ("the wording of the refusals", "assumed", "no recording"),
    ("refunding a charge does not reopen its invoice", "documented", "Stripe docs, invoices and refunds"),
]  # fmt: skip

_REASONS = ("duplicate", "fraudulent", "requested_by_customer")


@route(
    "POST",
    "/v1/refunds",
    accepts={"amount": int, "charge": str, "metadata": metadata, "payment_intent": str, "reason": _REASONS},
)
def create(call: Call) -> JsonObject:
    """Give back all or a part of a charge."""
    world = call.world
    if call.has("charge"):
        charge = world.need("charge", call.get("charge"), param="charge", status=400)
    elif call.has("payment_intent"):
        intent = world.need("payment_intent", call.get("payment_intent"), param="payment_intent", status=400)
        if intent["latest_charge"] is None:
            raise StripeError("This PaymentIntent does not have a successful charge to refund.", param="payment_intent")
        charge = world.need("charge", intent["latest_charge"])
    else:
        raise StripeError("One of the following params should be provided for this request: payment_intent or charge.")
    return make_refund(
        world,
        charge,
        call.get("amount"),
        reason=call.get("reason"),
        metadata=merged_metadata({}, call.get("metadata", {})),
    )


def make_refund(world: World, charge: JsonObject, amount: int | None, **given: Any) -> JsonObject:
    """Refund `amount` minor units of a charge, or what is left of it; raises Stripe's refusals."""
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge["status"] != "succeeded":
        raise StripeError(f"Charge {charge['id']} has not been captured and cannot be refunded.", param="charge")
    if left == 0:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    wanted = left if amount is None else amount
    if not 0 < wanted <= left:
        raise StripeError(
            f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})", param="amount",
        )  # fmt: skip
    refund = bodies.ordered(
        {
            "id": world.new_id("re_"),
            "object": "refund",
            "amount": wanted,
            "balance_transaction": None,
            "charge": charge["id"],
            "created": world.now(),
            "currency": charge["currency"],
            "customer": charge["customer"],
            "customer_account": None,
            "destination_details": _destination(charge),
            "metadata": {},
            "next_action": None,
            "payment_intent": charge["payment_intent"],
            "payment_method": charge["payment_method"],
            "reason": None,
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": refunding.first_status(world, charge),
            "transfer_reversal": None,
            **given,
        }
    )  # fmt: skip
    world.save(refund)
    refunding.wait(world, refund)
    before = dict(charge)
    charge["amount_refunded"] += wanted
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    world.save(charge)
    world.emit("refund.created", refund)
    world.emit("charge.refunded", charge, previous_attributes(before, charge))
    return refund


def _destination(charge: JsonObject) -> JsonObject:
    kind = charge["payment_method_details"]["type"]
    if kind != "card":
        return {"type": kind}
    reference = {
        "reference": None,
        "reference_status": "pending",
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    return {"card": reference, "type": "card"}


@route("GET", "/v1/refunds/{id}")
def retrieve(call: Call) -> JsonObject:
    """One refund."""
    return call.world.answer("refund", call.ids["id"])


@route("GET", "/v1/refunds", accepts={**PAGING, "charge": str, "created": created_filter, "payment_intent": str})
def index(call: Call) -> JsonObject:
    """Refunds, newest first."""
    equals = {name: call.get(name) for name in ("charge", "payment_intent") if call.has(name)}
    rows = call.world.newest_first("refund", **equals)
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    return page(call, rows, "/v1/refunds")
