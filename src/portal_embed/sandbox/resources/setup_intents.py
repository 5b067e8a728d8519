"""SetupIntents: saving a payment method for later, with 3-D Secure where the card asks for it."""

from typing import Any

from portal_embed.sandbox import cards
from portal_embed.sandbox.authentication import approval, next_action
from portal_embed.sandbox.resources.payment_method_configurations import types_of
from portal_embed.sandbox.resources.payment_method_types import PAYMENT_METHOD_DATA, TYPES
from portal_embed.sandbox.resources.payment_methods import attach_to, make_payment_method, usable
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
    PAGING,
    Accepts,
    anything,
    clearable,
    created_filter,
    merged_metadata,
    metadata,
    within,
)
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("States, refusals and errors of create, confirm and cancel.", "recorded", "Stripe's API, Aug 2026"),
    (
        "Success attaches the method to the intent's customer; `usage` always answers off_session.",
        "recorded",
        "Stripe's API, Aug 2026",
    ),
    ("payment_method_types is refused.", "documented", "Stripe changelog, 2026-09-30.endive"),
    (
        "Dynamic payment methods come to card, link and us_bank_account, or to what the configuration offers.",
        "assumed",
        "depends on an account's settings",
    ),
    (
        "A failed 3-D Secure leaves requires_payment_method and setup_intent_authentication_failure.",
        "documented",
        "Stripe docs, error codes; wording assumed",
    ),
    (
        "Bank accounts and wallets but PayPal are set up at once, without micro-deposits or mandates.",
        "assumed",
        "as after instant verification",
    ),
    (
        "PayPal is saved once the customer approved on its own page; declined there, it is as failed authentication.",
        "documented",
        "Stripe docs, PayPal and error codes; the error's code assumed",
    ),
    ("An intent's other customer's method is refused.", "recorded", "Stripe's API, Aug 2026"),
]

DYNAMIC_TYPES = ("card", "link", "us_bank_account")
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_CONFIRMATION: Accepts = {
    "mandate_data": clearable(anything),
    "payment_method": str,
    "payment_method_data": PAYMENT_METHOD_DATA,
    "payment_method_options": anything,
    "return_url": str,
    "use_stripe_sdk": bool,
}
_DETAILS: Accepts = {
    "allowed_payment_method_types": clearable([TYPES]),
    "customer": str,
    "description": clearable(str),
    "excluded_payment_method_types": clearable([str]),
    "metadata": metadata,
    "payment_method": str,
}


@route(
    "POST",
    "/v1/setup_intents",
    accepts={
        **_CONFIRMATION,
        **_DETAILS,
        "automatic_payment_methods": {"enabled": bool, "allow_redirects": ("always", "never")},
        "confirm": bool,
        "on_behalf_of": str,
        "payment_method_configuration": str,
        "payment_method_types": anything,
        "usage": ("off_session", "on_session"),
    },
)
def create(call: Call) -> JsonObject:
    """A new intent; confirmed in the same call with `confirm`."""
    if call.has("payment_method_types"):
        raise StripeError(
            "The parameter `payment_method_types` is no longer supported. Use `automatic_payment_methods` or "
            "`allowed_payment_method_types` instead.",
            code="payment_method_types_no_longer_supported",
            param="payment_method_types",
        )
    intent = make_setup_intent(call.world, call.params)
    if call.get("confirm"):
        return _confirmed(call, intent)
    if call.has("payment_method") or call.has("payment_method_data"):
        intent["payment_method"] = _method(call, intent)["id"]
        intent["status"] = "requires_confirmation"
        call.world.save(intent)
    return intent


@route("GET", "/v1/setup_intents/{id}", accepts={"client_secret": str}, key="any")
def retrieve(call: Call) -> JsonObject:
    """One intent; a browser proves itself with the client secret."""
    intent = call.world.need("setup_intent", call.ids["id"], param="intent")
    call.check_client_secret(intent)
    return intent


@route(
    "GET",
    "/v1/setup_intents",
    accepts={**PAGING, "created": created_filter, "customer": str, "payment_method": str},
)
def index(call: Call) -> JsonObject:
    """Intents, newest first."""
    equals = {name: call.get(name) for name in ("customer", "payment_method") if call.has(name)}
    rows = call.world.newest_first("setup_intent", **equals)
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    return page(call, rows, "/v1/setup_intents")


@route("POST", "/v1/setup_intents/{id}", accepts=_DETAILS)
def update(call: Call) -> JsonObject:
    """Change words at any time, the customer or method while it is open."""
    intent = call.world.need("setup_intent", call.ids["id"], param="intent")
    if call.has("metadata"):
        intent["metadata"] = merged_metadata(intent["metadata"], call.get("metadata"))
    if call.has("description"):
        intent["description"] = call.get("description")
    for name in ("customer", "payment_method"):
        if call.has(name) and intent["status"] not in _OPEN:
            raise _unexpected(
                intent,
                f"You cannot update this SetupIntent because it has a status of {intent['status']}. Only a "
                "SetupIntent with one of the following statuses may be updated: `requires_payment_method`, "
                "`requires_confirmation`, or `requires_action`.",
            )
    if call.has("customer"):
        call.world.need("customer", call.get("customer"), param="customer", status=400)
        intent["customer"] = call.get("customer")
    if call.has("payment_method"):
        intent["payment_method"] = _method(call, intent)["id"]
        intent["status"] = "requires_confirmation"
    return call.world.save(intent)


@route(
    "POST",
    "/v1/setup_intents/{id}/confirm",
    accepts={
        **_CONFIRMATION,
        "client_secret": str,
        "expected_payment_method_type": str,
        "set_as_default_payment_method": bool,
    },
    key="any",
)
def confirm(call: Call) -> JsonObject:
    """Save the method: `succeeded`, `requires_action` for 3-D Secure, or a 402."""
    intent = call.world.need("setup_intent", call.ids["id"], param="intent")
    call.check_client_secret(intent)
    return _confirmed(call, intent)


@route(
    "POST",
    "/v1/setup_intents/{id}/cancel",
    accepts={"cancellation_reason": ("abandoned", "requested_by_customer", "duplicate")},
)
def cancel(call: Call) -> JsonObject:
    """Give an open intent up."""
    intent = call.world.need("setup_intent", call.ids["id"], param="intent")
    if intent["status"] not in _OPEN:
        raise _unexpected(
            intent,
            f"You cannot cancel this SetupIntent because it has a status of {intent['status']}. Only a SetupIntent with "
            "one of the following statuses may be canceled: `requires_payment_method`, `requires_confirmation`, or "
            "`requires_action`.",
        )
    intent.update(status="canceled", cancellation_reason=call.get("cancellation_reason"), next_action=None)
    call.world.save(intent)
    call.world.emit("setup_intent.canceled", intent)
    return intent


# -- for other resources and the 3-D Secure page


def make_setup_intent(world: World, data: dict[str, Any]) -> JsonObject:
    """A saved intent without a method; `data` as the create call takes it (subscriptions make theirs with `customer`)."""
    if data.get("customer") is not None:
        world.need("customer", data["customer"], param="customer", status=400)
    allowed = data.get("allowed_payment_method_types")
    automatic = data.get("automatic_payment_methods") or {}
    excluded = data.get("excluded_payment_method_types") or []
    redirects = automatic.get("allow_redirects", "always")
    configuration = data.get("payment_method_configuration")
    types = allowed or (types_of(world, configuration) if configuration else DYNAMIC_TYPES)
    id = world.new_id("seti_")
    intent: JsonObject = {
        "id": id,
        "object": "setup_intent",
        "allowed_payment_method_types": allowed,
        "application": None,
        "automatic_payment_methods": None if allowed else {"allow_redirects": redirects, "enabled": True},
        "cancellation_reason": None,
        "client_secret": f"{id}_secret_{world.new_id('', 31)}",
        "created": world.now(),
        "customer": data.get("customer"),
        "customer_account": None,
        "description": data.get("description"),
        "excluded_payment_method_types": excluded or None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "mandate": None,
        "metadata": merged_metadata({}, data.get("metadata", {})),
        "next_action": None,
        "on_behalf_of": data.get("on_behalf_of"),
        "payment_method": None,
        "payment_method_configuration_details": None
        if allowed
        else {"id": configuration or f"pmc_1{world.account_id[-20:]}", "parent": None},
        "payment_method_options": {
            "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": [kind for kind in types if kind not in excluded],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": "off_session",
    }
    world.save(intent)
    world.emit("setup_intent.created", intent)
    return intent


def complete_authentication(world: World, intent_id: str, success: bool) -> JsonObject:
    """The bank's answer to 3-D Secure. Does nothing when the intent is not waiting for one."""
    intent = world.need("setup_intent", intent_id, param="intent")
    if intent["status"] != "requires_action":
        return intent
    intent["next_action"] = None
    method = world.need("payment_method", intent["payment_method"])
    decline = cards.behaviour(world, method["id"]).setup_decline
    if success and decline is None:
        cards.mark_set_up(world, method["id"])
        return _succeeded(world, intent, method)
    fields: JsonObject
    if success and decline is not None:
        fields = {**decline.fields(), "type": "card_error"}
    else:
        fields = {
            "code": "setup_intent_authentication_failure",
            "doc_url": "https://stripe.com/docs/error-codes/setup-intent-authentication-failure",
            "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
            "PaymentMethod to attempt to fulfill this SetupIntent again.",
            "type": "invalid_request_error",
        }
    return _failed(world, intent, method, fields)


def _confirmed(call: Call, intent: JsonObject) -> JsonObject:
    world = call.world
    if intent["status"] == "succeeded":
        raise _unexpected(intent, "You cannot confirm this SetupIntent because it has already succeeded.")
    if intent["status"] not in _OPEN:
        raise _unexpected(
            intent,
            f"You cannot confirm this SetupIntent because it has a status of {intent['status']}. Only a SetupIntent with one "
            "of the following statuses may be confirmed: `requires_payment_method`, `requires_confirmation`, or "
            "`requires_action`.",
        )
    if call.has("payment_method") or call.has("payment_method_data"):
        method = _method(call, intent)
    elif intent["payment_method"]:
        method = world.need("payment_method", intent["payment_method"], param="payment_method", status=400)
    else:
        raise _unexpected(
            intent,
            "You cannot confirm this SetupIntent because it's missing a payment method. You can either update the "
            "SetupIntent with a payment method and then confirm it again, or confirm it again directly with a payment "
            "method or ConfirmationToken.",
        )
    _needs_return_url(call, intent)
    intent.update(
        payment_method=method["id"], last_setup_error=None, next_action=None, latest_attempt=world.new_id("setatt_")
    )
    behaviour = cards.behaviour(world, method["id"])
    if behaviour.decline is not None:
        failed = _failed(world, intent, method, {**behaviour.decline.fields(), "type": "card_error"})
        raise behaviour.decline.error(keeps_writes=True, payment_method=method, setup_intent=failed)
    leaves = method["type"] == "paypal" and not behaviour.set_up
    if leaves or behaviour.asks_at_setup():
        intent["next_action"] = (
            approval(world, intent["id"], call.get("return_url"))
            if leaves
            else next_action(
                world, intent["id"], call.get("return_url"), use_stripe_sdk=bool(call.get("use_stripe_sdk"))
            )
        )
        intent["status"] = "requires_action"
        world.save(intent)
        world.emit("setup_intent.requires_action", intent)
        return intent
    return _succeeded(world, intent, method)


def _method(call: Call, intent: JsonObject) -> JsonObject:
    """The method the call names, or a new one from `payment_method_data`; never another customer's."""
    if call.has("payment_method_data"):
        return make_payment_method(call.world, call.get("payment_method_data"))
    method = usable(call.world, call.get("payment_method"))
    if method["customer"] is not None and method["customer"] != intent["customer"]:
        whose = f"the Customer you supplied {intent['customer']}" if intent["customer"] else "this SetupIntent"
        raise StripeError(
            f"The PaymentMethod {method['id']} does not belong to {whose}. Please use this PaymentMethod with the "
            "Customer that it belongs to instead.",
            param="payment_method",
        )
    return method


def _needs_return_url(call: Call, intent: JsonObject) -> None:
    automatic = intent["automatic_payment_methods"] or {}
    if automatic.get("allow_redirects") != "always" or call.has("return_url") or call.get("use_stripe_sdk"):
        return
    if call.key_kind == "publishable":
        return
    raise StripeError(
        "This SetupIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment "
        "methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept "
        "redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
        "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
    )


def _succeeded(world: World, intent: JsonObject, method: JsonObject) -> JsonObject:
    if intent["customer"]:
        attach_to(world, method, intent["customer"])
    intent.update(status="succeeded", payment_method=method["id"])
    world.save(intent)
    world.emit("setup_intent.succeeded", intent)
    return intent


def _failed(world: World, intent: JsonObject, method: JsonObject, error: JsonObject) -> JsonObject:
    intent.update(
        status="requires_payment_method", payment_method=None, last_setup_error={**error, "payment_method": method}
    )
    world.save(intent)
    world.emit("setup_intent.setup_failed", intent)
    return intent


def _unexpected(intent: JsonObject, message: str) -> StripeError:
    return StripeError(message, code="setup_intent_unexpected_state", extra={"setup_intent": intent})
