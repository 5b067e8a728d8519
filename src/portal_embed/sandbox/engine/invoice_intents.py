"""The payment intent that pays an invoice, and the `invoice_payment` between the two."""

from portal_embed.sandbox.engine import bodies
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("an invoice's intent: description, `setup_future_usage`, order reference cut to 25 characters", "recorded",
     "Recorded from Stripe's API, Oct 2025"),
]  # fmt: skip


def open_payment(world: World, invoice: JsonObject) -> None:
    """Make the intent that will pay an invoice, and the payment that ties the two."""
    words = {"manual": "Payment for Invoice", "subscription_create": "Subscription creation"}
    intent = bodies.payment_intent(
        world,
        invoice["amount_due"],
        invoice["currency"],
        invoice["customer"],
        capture_method="automatic",
        description=words.get(invoice["billing_reason"], "Subscription update"),
        payment_details={"customer_reference": None, "order_reference": invoice["id"][:25]},
        setup_future_usage="off_session" if invoice["parent"] else None,
    )
    world.save(intent)
    world.emit("payment_intent.created", intent)
    payment = bodies.ordered(
        {
            "id": world.new_id("inpay_"),
            "object": "invoice_payment",
            "amount_paid": None,
            "amount_requested": invoice["amount_due"],
            "created": world.now(),
            "currency": invoice["currency"],
            "invoice": invoice["id"],
            "is_default": True,
            "livemode": False,
            "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
            "status": "open",
            "status_transitions": {"canceled_at": None, "paid_at": None},
        }
    )
    world.save(payment)


def payment_of(world: World, invoice: JsonObject) -> JsonObject | None:
    """The invoice's default payment: the one that carries its intent."""
    found = next(world.oldest_first("invoice_payment", invoice=invoice["id"]), None)
    return world.get("invoice_payment", found["id"]) if found else None


def intent_of(world: World, invoice: JsonObject) -> JsonObject | None:
    """The payment intent of an invoice, or None while it has none."""
    payment = payment_of(world, invoice)
    return world.get("payment_intent", payment["payment"]["payment_intent"]) if payment else None


def cancel_payment(world: World, payment: JsonObject, reason: str) -> None:
    """Nothing will be paid by this payment any more, nor by its intent."""
    payment["status"] = "canceled"
    payment["status_transitions"]["canceled_at"] = world.now()
    world.save(payment)
    intent = world.need("payment_intent", payment["payment"]["payment_intent"])
    if intent["status"] not in ("succeeded", "canceled"):
        intent.update(status="canceled", canceled_at=world.now(), cancellation_reason=reason, next_action=None)
        world.save(intent)
        world.emit("payment_intent.canceled", intent)
