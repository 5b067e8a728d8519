"""PaymentIntents: made directly or by invoices, confirmed by a server or by the customer's browser."""

from portal_embed.sandbox.engine import agenda, bodies, changes, charging
from portal_embed.sandbox.engine.charging import Outcome
from portal_embed.sandbox.engine.money import smallest_step
from portal_embed.sandbox.resources.payment_method_types import PAYMENT_METHOD_DATA, TYPES
from portal_embed.sandbox.resources.payment_methods import attach_to, make_payment_method, usable
from portal_embed.sandbox.wire.errors import StripeError, empty_param
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
    PAGING,
    Accepts,
    anything,
    clearable,
    created_filter,
    merged_metadata,
    metadata,
    required,
    within,
)
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("an amount in a three-decimal currency has to be a multiple of ten", "documented",
     "Stripe docs, three-decimal currencies; wording assumed"),
    ("states and the decline's body of a confirm", "recorded", "Recorded from Stripe's API, Aug 2026"),
    ("payment_method_types is refused", "documented", "Stripe changelog, 2026-09-30.endive"),
    ("confirming an invoice's intent pays the invoice", "documented", "Stripe docs, invoices and payment intents"),
    ("a method used with setup_future_usage and a customer is attached by the success", "documented",
     "Stripe docs, save details during payment"),
    ("only automatic capture", "assumed", "manual capture is refused"),
]  # fmt: skip

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_CONFIRMATION: Accepts = {
    "mandate_data": clearable(anything),
    "off_session": bool,
    "payment_method": str,
    "payment_method_data": PAYMENT_METHOD_DATA,
    "payment_method_options": anything,
    "receipt_email": clearable(str),
    "return_url": str,
    "setup_future_usage": clearable(("off_session", "on_session")),
    "use_stripe_sdk": bool,
}


@route(
    "POST",
    "/v1/payment_intents",
    accepts={
        **_CONFIRMATION,
        "allowed_payment_method_types": clearable([TYPES]),
        "amount": required(int),
        "automatic_payment_methods": {"enabled": bool, "allow_redirects": ("always", "never")},
        "confirm": bool,
        "currency": required(str),
        "customer": str,
        "description": str,
        "metadata": metadata,
        "payment_method_types": anything,
    },
)
def create(call: Call) -> JsonObject:
    """A new intent; confirmed in the same call with `confirm`."""
    world = call.world
    if call.has("payment_method_types"):
        raise StripeError(
            "The parameter `payment_method_types` is no longer supported. Use `automatic_payment_methods` or "
            "`allowed_payment_method_types` instead.",
            code="payment_method_types_no_longer_supported",
            param="payment_method_types",
        )
    if call.get("amount") % smallest_step(call.get("currency").lower()):
        raise StripeError(
            "The amount must be a multiple of 10 in a three-decimal currency.",
            code="parameter_invalid_integer",
            param="amount",
        )
    if call.get("amount") < 1:
        raise StripeError(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    if call.has("customer"):
        world.need("customer", call.get("customer"), param="customer", status=400)
    automatic = call.get("automatic_payment_methods") or {}
    allowed = call.get("allowed_payment_method_types")
    intent = bodies.payment_intent(
        world,
        call.get("amount"),
        call.get("currency").lower(),
        call.get("customer"),
        allowed_payment_method_types=allowed,
        automatic_payment_methods={"allow_redirects": automatic.get("allow_redirects", "always"), "enabled": True},
        description=call.get("description"),
        metadata=merged_metadata({}, call.get("metadata", {})),
        payment_method_types=allowed or ["card", "link"],
        receipt_email=call.get("receipt_email"),
        setup_future_usage=call.get("setup_future_usage"),
    )
    world.save(intent)
    world.emit("payment_intent.created", intent)
    if call.get("confirm"):
        return _confirmed(call, intent)
    if call.has("payment_method") or call.has("payment_method_data"):
        intent["payment_method"] = _method(call, intent)
        intent["status"] = "requires_confirmation"
        world.save(intent)
    return intent


@route("GET", "/v1/payment_intents/{id}", accepts={"client_secret": str}, key="any")
def retrieve(call: Call) -> JsonObject:
    """One intent; a browser must show its client secret."""
    intent = call.world.need("payment_intent", call.ids["id"], param="intent")
    call.check_client_secret(intent)
    return intent


@route("GET", "/v1/payment_intents", accepts={**PAGING, "created": created_filter, "customer": str})
def index(call: Call) -> JsonObject:
    """Intents, newest first."""
    equals = {"customer": call.get("customer")} if call.has("customer") else {}
    rows = call.world.newest_first("payment_intent", **equals)
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    return page(call, rows, "/v1/payment_intents")


@route(
    "POST",
    "/v1/payment_intents/{id}",
    accepts={"description": clearable(str), "metadata": metadata, "receipt_email": clearable(str)},
)
def update(call: Call) -> JsonObject:
    """Change the words."""
    intent = call.world.need("payment_intent", call.ids["id"], param="intent")
    for name in ("description", "receipt_email"):
        if call.has(name):
            intent[name] = call.get(name)
    if call.has("metadata"):
        intent["metadata"] = merged_metadata(intent["metadata"], call.get("metadata"))
    return call.world.save(intent)


@route(
    "POST",
    "/v1/payment_intents/{id}/confirm",
    accepts={**_CONFIRMATION, "client_secret": str, "expected_payment_method_type": str},
    key="any",
)
def confirm(call: Call) -> JsonObject:
    """Pay: `succeeded`, `requires_action` for 3-D Secure, or a 402."""
    intent = call.world.need("payment_intent", call.ids["id"], param="intent")
    call.check_client_secret(intent)
    return _confirmed(call, intent)


@route(
    "POST",
    "/v1/payment_intents/{id}/cancel",
    accepts={"cancellation_reason": ("abandoned", "duplicate", "fraudulent", "requested_by_customer")},
)
def cancel(call: Call) -> JsonObject:
    """Give an open intent up; an invoice's own is refused."""
    world = call.world
    intent = world.need("payment_intent", call.ids["id"], param="intent")
    if intent["status"] not in _OPEN:
        raise _unexpected(intent, "canceled", "You cannot cancel this PaymentIntent")
    if _payment(world, intent):
        raise StripeError(
            "You cannot cancel this PaymentIntent because it was created by an Invoice. Void the invoice instead."
        )
    intent.update(
        status="canceled",
        canceled_at=world.now(),
        cancellation_reason=call.get("cancellation_reason"),
        next_action=None,
    )
    world.save(intent)
    world.emit("payment_intent.canceled", intent)
    return intent


def _payment(world: World, intent: JsonObject) -> JsonObject | None:
    return next(world.newest_first("invoice_payment", payment_intent=intent["id"]), None)


def _unexpected(intent: JsonObject, verb: str, start: str) -> StripeError:
    return StripeError(
        f"{start} because it has a status of {intent['status']}. Only a PaymentIntent with one of the following statuses may be "
        f"{verb}: requires_payment_method, requires_confirmation, requires_action.",
        code="payment_intent_unexpected_state",
        extra={"payment_intent": intent},
    )


def _confirmed(call: Call, intent: JsonObject) -> JsonObject:
    world = call.world
    if intent["status"] == "succeeded":
        raise StripeError(
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.",
            code="payment_intent_unexpected_state",
            extra={"payment_intent": intent},
        )
    if intent["status"] not in _OPEN:
        raise _unexpected(intent, "confirmed", "You cannot confirm this PaymentIntent")
    if "setup_future_usage" in call.params:
        intent["setup_future_usage"] = call.get("setup_future_usage")
    method = _method(call, intent)
    customer = world.get("customer", intent["customer"]) if intent["customer"] else None
    if customer is None:
        return _answer(_tried(call, intent, method))
    with agenda.own_time(world, customer):
        return _answer(_tried(call, intent, method))


def _method(call: Call, intent: JsonObject) -> str:
    world = call.world
    if call.has("payment_method_data"):
        made: str = make_payment_method(world, call.get("payment_method_data"))["id"]
        return made
    given = call.get("payment_method") or intent["payment_method"]
    if not given:
        if call.has("payment_method"):
            raise empty_param("payment_method")
        raise StripeError(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method "
            "or ConfirmationToken.",
            code="payment_intent_unexpected_state",
            extra={"payment_intent": intent},
        )
    method = usable(world, given)
    if method["customer"] is not None and method["customer"] != intent["customer"]:
        whose = f"the Customer you supplied {intent['customer']}" if intent["customer"] else "this PaymentIntent"
        raise StripeError(
            f"The PaymentMethod {method['id']} does not belong to {whose}. Please use this PaymentMethod with the Customer that "
            "it belongs to instead.",
            param="payment_method",
        )
    found: str = method["id"]
    charging.check_not_spent(world, found)
    return found


def _tried(call: Call, intent: JsonObject, method: str) -> Outcome:
    outcome = charging.attempt(
        call.world,
        intent,
        method,
        off_session=bool(call.get("off_session")) and call.key_kind == "secret",
        return_url=call.get("return_url"),
        use_stripe_sdk=bool(call.get("use_stripe_sdk")),
    )
    _settle(call.world, outcome)
    return outcome


def _answer(outcome: Outcome) -> JsonObject:
    if outcome.status == "declined":
        raise charging.as_error(outcome)
    return outcome.intent


def _settle(world: World, outcome: Outcome) -> None:
    """Attach a method that was saved by paying, and carry the outcome to the invoice that the intent pays."""
    intent = outcome.intent
    method = world.need("payment_method", intent["payment_method"]) if outcome.paid else None
    if method and method["customer"] is None and intent["setup_future_usage"] and intent["customer"]:
        attach_to(world, method, intent["customer"])
    elif method and method["customer"] is None:
        charging.spend(world, method["id"])
    changes.settle_intent(world, outcome)


def complete_authentication(world: World, intent_id: str, success: bool) -> JsonObject:
    """The bank's answer to 3-D Secure: pays (or declines) the intent and everything that hangs on it.

    Does nothing when the intent is not waiting for one. Returns the intent.
    """
    intent = world.need("payment_intent", intent_id, param="intent")
    if intent["status"] != "requires_action":
        return intent
    customer = world.get("customer", intent["customer"]) if intent["customer"] else None
    with agenda.own_time(world, customer or {"test_clock": None}):
        if success:
            outcome = charging.attempt(world, intent, intent["payment_method"], off_session=False, authenticated=True)
        else:
            outcome = charging.authentication_failed(world, intent)
        _settle(world, outcome)
    return world.need("payment_intent", intent_id)
