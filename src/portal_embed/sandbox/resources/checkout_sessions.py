"""Checkout Sessions: one visit of a customer to Stripe's own page, to buy a subscription."""

from typing import Any

from portal_embed.sandbox.engine import agenda, checkouts
from portal_embed.sandbox.inside import call as inside
from portal_embed.sandbox.resources.subscription_params import check_quantity, price_of
from portal_embed.sandbox.wire.errors import StripeError, missing_param
from portal_embed.sandbox.wire.expand import expandable
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
    PAGING,
    Accepts,
    anything,
    created_filter,
    merged_metadata,
    metadata,
    required,
    timestamp,
    within,
)
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("A Checkout Session's keys and parameters, and the names of `ui_mode`.", "documented", "stripe-python 16.1 annotations"),
    ("`ui_mode` is hosted_page unless it is said; it takes success_url and no return_url.", "documented",
     "stripe-python 16.1 annotations"),
    ("Only mode subscription, ui_mode hosted_page and a customer who is there already; all else is refused.", "assumed",
     "not built"),
    ("It expires after a day, or between half an hour and a day from now as `expires_at` says.", "documented",
     "stripe-python 16.1, Session.create expires_at"),
    ("`{CHECKOUT_SESSION_ID}` in success_url becomes the session's id.", "documented",
     "Stripe docs, Checkout: custom success page"),
    ("The subscription is made when the customer pays, and only then.", "documented", "Stripe docs, Checkout: fulfilment"),
    ("It takes `allow_promotion_codes`, with which its page has a field for a code, or else one of `discounts`.",
     "documented", "stripe-python 16.1 annotations; the refusal's wording from a public issue (stripe-php 1731)"),
    ("The discount on it is redeemed when the customer pays, and not before.", "assumed", "no recording"),
    ("The wording of its refusals; that expiring or paying one that is over is refused.", "assumed", "not recorded"),
]  # fmt: skip

KIND = "checkout.session"
UI_MODES = ("elements", "embedded_page", "form", "hosted_page")
LONGEST, SHORTEST = 24 * 3_600, 30 * 60
_DATA: Accepts = {
    "billing_mode": {"type": required(("classic", "flexible"))},
    "description": str,
    "metadata": metadata,
    "on_behalf_of": str,
    "trial_end": timestamp,
    "trial_period_days": int,
    "trial_settings": {
        "end_behavior": {"missing_payment_method": required(("cancel", "create_invoice", "pause"))},
    },
}


@route(
    "POST",
    "/v1/checkout/sessions",
    accepts={
        "allow_promotion_codes": bool,
        "automatic_tax": {"enabled": required(bool)},
        "cancel_url": str,
        "client_reference_id": str,
        "customer": str,
        "discounts": [{"coupon": str, "promotion_code": str}],
        "customer_update": dict.fromkeys(("address", "name", "shipping"), ("auto", "never")),
        "expires_at": timestamp,
        "line_items": [{"price": str, "quantity": int}],
        "locale": str,
        "metadata": metadata,
        "mode": ("payment", "setup", "subscription"),
        "payment_method_collection": ("always", "if_required"),
        "payment_method_types": anything,
        "return_url": str,
        "subscription_data": _DATA,
        "success_url": str,
        "ui_mode": UI_MODES,
    },
)
def create(call: Call) -> JsonObject:
    """A visit that can be paid once."""
    world, params = call.world, call.params
    _check(params)
    customer = world.need("customer", params["customer"], param="customer", status=400)
    items = params["line_items"]
    for position, item in enumerate(items):
        if "price" not in item:
            raise missing_param(f"line_items[{position}][price]")
        check_quantity(item, position)
        price_of(world, item["price"], f"line_items[{position}][price]")
    expires_at = params.get("expires_at", world.now() + LONGEST)
    if not world.now() + SHORTEST <= expires_at <= world.now() + LONGEST:
        raise StripeError(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    session = _body(world, customer, params, expires_at)
    price_anew(world, session)
    agenda.put(world, {**session, "test_clock": customer["test_clock"]}, expires_at)
    return session


def price_anew(world: World, session: JsonObject) -> None:
    """Put the sums of the first invoice on it, and keep it."""
    bill = _bill(world, session)
    session.update(
        amount_subtotal=bill["subtotal"],
        amount_total=bill["amount_due"],
        currency=bill["currency"],
        total_details={
            "amount_discount": sum(off["amount"] for off in bill["total_discount_amounts"]),
            "amount_shipping": 0,
            "amount_tax": sum(tax["amount"] for tax in bill["total_taxes"]),
        },
    )
    world.save(session)


def use_code(world: World, session: JsonObject, code: str) -> None:
    """Put a promotion code, as it was typed, on an open visit. Raises Stripe's refusal; then nothing of it is kept."""
    found = inside(world, "GET", "/v1/promotion_codes", code=code, active=True, limit=1)["data"]
    if not found:
        raise StripeError("This code is invalid.", param="promotion_code")
    session["discounts"] = [{"coupon": None, "promotion_code": found[0]["id"]}]
    price_anew(world, session)


def _check(params: dict[str, Any]) -> None:
    if "payment_method_types" in params:
        raise StripeError(
            "The parameter `payment_method_types` is no longer supported. Use `allowed_payment_method_types` instead.",
            code="payment_method_types_no_longer_supported",
            param="payment_method_types",
        )
    if "mode" not in params:
        raise missing_param("mode")
    if params["mode"] != "subscription":
        raise StripeError("The sandbox's Checkout has no other mode than subscription.", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise StripeError(
            f"The sandbox's Checkout has no other ui_mode than hosted_page: {params['ui_mode']} is not built.",
            param="ui_mode",
        )
    if "return_url" in params:
        raise StripeError("`return_url` cannot be set when `ui_mode` is `hosted_page`.", param="return_url")
    if params.get("allow_promotion_codes") and params.get("discounts"):
        raise StripeError("You may only specify one of these parameters: allow_promotion_codes, discounts.")
    if len(params.get("discounts", ())) > 1:
        raise StripeError("Checkout takes one discount at most.", param="discounts")
    for name in ("success_url", "line_items"):
        if not params.get(name):
            raise missing_param(name)
    if "customer" not in params:
        raise StripeError("The sandbox's Checkout sells only to a customer who is there already.", param="customer")


@route("GET", "/v1/checkout/sessions/{id}")
def retrieve(call: Call) -> JsonObject:
    """How a visit stands."""
    return call.world.answer(KIND, call.ids["id"], "session")


@route(
    "GET",
    "/v1/checkout/sessions",
    accepts={
        **PAGING,
        "created": created_filter,
        "customer": str,
        "status": ("complete", "expired", "open"),
        "subscription": str,
    },
)
def index(call: Call) -> JsonObject:
    """Visits, newest first."""
    rows = call.world.newest_first(KIND)
    for name in ("customer", "status", "subscription"):
        if call.has(name):
            rows = rows.where(lambda row, name=name: row[name] == call.get(name))  # type: ignore[misc]
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    return page(call, rows, "/v1/checkout/sessions")


@route("GET", "/v1/checkout/sessions/{id}/line_items", accepts=PAGING)
def line_items(call: Call) -> JsonObject:
    """What is bought."""
    session = call.world.need(KIND, call.ids["id"], "session")
    found = _line_items(call.world, session)
    return {
        "object": "list",
        "data": found,
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }


@route("POST", "/v1/checkout/sessions/{id}/expire")
def expire(call: Call) -> JsonObject:
    """Nothing more can be bought by it."""
    session = call.world.need(KIND, call.ids["id"], "session")
    if session["status"] != "open":
        raise StripeError(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"{session['status']}."
        )
    checkouts.expired(call.world, session)
    return session


def subscribe(world: World, session: JsonObject, payment_method: str | None, *, may_wait: bool) -> JsonObject:
    """Make the subscription that an open visit is for, paid with this method (attached already).

    `may_wait`: the bank wants to ask first, so it waits for its first payment; else a decline raises and nothing is made.
    """
    order = world.need("_checkout", session["id"])
    data = {name: value for name, value in order["data"].items() if value is not None}
    if payment_method:
        data["default_payment_method"] = payment_method
    return inside(
        world,
        "POST",
        "/v1/subscriptions",
        customer=session["customer"],
        items=order["items"],
        payment_behavior="allow_incomplete" if may_wait else "error_if_incomplete",
        payment_settings={"save_default_payment_method": "on_subscription"},
        **data,
        **_discounts(session),
        **({"automatic_tax": {"enabled": True}} if session["automatic_tax"]["enabled"] else {}),
    )


def _discounts(session: JsonObject) -> dict[str, Any]:
    named = [{name: id for name, id in one.items() if id is not None} for one in session["discounts"] or ()]
    return {"discounts": named} if named else {}


def complete(world: World, session: JsonObject, subscription: JsonObject) -> JsonObject:
    """The customer has paid, or had nothing to pay."""
    session.update(
        status="complete",
        url=None,
        payment_status="paid" if session["amount_total"] else "no_payment_required",
        subscription=subscription["id"],
        invoice=subscription["latest_invoice"],
    )
    world.save(session)
    agenda.put(world, {**session, "test_clock": subscription["test_clock"]}, None)
    world.emit("checkout.session.completed", session)
    return session


@expandable(KIND, "line_items")
def _line_items_of(world: World, session: JsonObject) -> JsonObject:
    return {
        "object": "list",
        "data": _line_items(world, session),
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }


def _line_items(world: World, session: JsonObject) -> list[JsonObject]:
    return [
        {
            "id": f"li_{session['id'].removeprefix('cs_test_')[:16]}{position}",
            "object": "item",
            "adjustable_quantity": None,
            "amount_discount": 0,
            "amount_subtotal": amount,
            "amount_tax": 0,
            "amount_total": amount,
            "currency": price["currency"],
            "description": world.need("product", price["product"])["name"],
            "metadata": {},
            "price": price,
            "discounts": [],
            "quantity": item.get("quantity", 1),
            "taxes": [],
        }
        for position, item in enumerate(world.need("_checkout", session["id"])["items"])
        for price in [world.need("price", item["price"])]
        for amount in [(price["unit_amount"] or 0) * item.get("quantity", 1)]
    ]


def _bill(world: World, session: JsonObject) -> JsonObject:
    """The first invoice, previewed."""
    order = world.need("_checkout", session["id"])
    details: dict[str, Any] = {"items": order["items"]}
    days = order["data"].get("trial_period_days")
    if days or order["data"].get("trial_end"):
        details["trial_end"] = order["data"].get("trial_end") or world.now() + days * 86_400
    tax = {"automatic_tax": {"enabled": True}} if session["automatic_tax"]["enabled"] else {}
    return inside(
        world,
        "POST",
        "/v1/invoices/create_preview",
        customer=session["customer"],
        subscription_details=details,
        **_discounts(session),
        **tax,
    )


def _body(world: World, customer: JsonObject, params: dict[str, Any], expires_at: int) -> JsonObject:
    id = world.new_id("cs_test_", 58)
    world.save(
        {"object": "_checkout", "id": id, "items": params["line_items"], "data": params.get("subscription_data", {})}
    )
    unset = (
        "after_expiration allowed_payment_method_types amount_subtotal amount_total billing_address_collection "
        "branding_settings client_secret collected_information consent consent_collection currency currency_conversion "
        "customer_account customer_creation customer_email excluded_payment_method_types integration_identifier "
        "invoice invoice_creation managed_payments name_collection optional_items origin_context payment_intent "
        "payment_link payment_method_configuration_details permissions phone_number_collection presentment_details "
        "recovered_from redirect_on_completion return_url saved_payment_method_options setup_intent "
        "shipping_address_collection shipping_cost submit_type subscription tax_id_collection total_details wallet_options"
    )
    automatic = params.get("automatic_tax", {"enabled": False})["enabled"]
    return {
        "id": id,
        "object": KIND,
        **dict.fromkeys(unset.split()),
        "adaptive_pricing": None,
        "allow_promotion_codes": params.get("allow_promotion_codes"),
        "automatic_tax": {"enabled": automatic, "liability": None, "provider": None, "status": None},
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": world.now(),
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance"),
        ),
        "customer": customer["id"],
        "customer_details": {
            "address": customer["address"], "business_name": None, "email": customer["email"], "individual_name": None,
            "name": customer["name"], "phone": customer["phone"], "tax_exempt": customer["tax_exempt"], "tax_ids": [],
        },
        "discounts": [{"coupon": None, "promotion_code": None, **one} for one in params.get("discounts", ())] or None,
        "expires_at": expires_at,
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": merged_metadata({}, params.get("metadata", {})),
        "mode": params["mode"],
        "payment_method_collection": params.get("payment_method_collection", "always"),
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "success_url": params["success_url"],
        "ui_mode": "hosted_page",
        "url": f"{world.api_base}/c/pay/{id}",
    }  # fmt: skip
