"""Invoices: made by hand or by subscriptions, finalised, paid, voided, listed."""

from typing import Any

from portal_embed.sandbox.engine import (
    agenda,
    charging,
    discounts,
    invoice_intents,
    invoicing,
    settling,
    stored,
    uninvoiced,
)
from portal_embed.sandbox.resources.payment_methods import usable
from portal_embed.sandbox.resources.subscription_params import DISCOUNTS, own_method, set_automatic_tax, tax_rates
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.expand import expandable
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
    PAGING,
    Accepts,
    clearable,
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
    ("`payments` and `confirmation_secret` are absent unless expanded", "recorded", "Recorded from Stripe's API, Oct 2025"),
    ("paying a draft finalises it first; paying a paid one, finalising twice, changing a final one are refused", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("paying with 3-D Secure on session: 402 `invoice_payment_intent_requires_action`", "documented",
     "Stripe docs, error codes; wording assumed"),
    ("paying off session with a card that needs 3-D Secure: 402 `authentication_required`", "assumed", "no recording"),
    ("a manual invoice takes up waiting items only when asked to", "recorded", "Recorded from Stripe's API, Aug 2026"),
    ("marking uncollectible and voiding: who may be, and the refusals", "documented", "stripe-python 16.1, and probes of Aug 2026"),
]  # fmt: skip

_ID = "id"
_STATUSES = ("draft", "open", "void", "paid", "uncollectible")
_FIELDS: Accepts = {
    "automatic_tax": {"enabled": required(bool)},
    "auto_advance": bool,
    "collection_method": ("charge_automatically", "send_invoice"),
    "custom_fields": clearable([{"name": str, "value": str}]),
    "days_until_due": int,
    "default_payment_method": clearable(str),
    "default_tax_rates": clearable([str]),
    "description": clearable(str),
    "on_behalf_of": clearable(str),
    "discounts": DISCOUNTS,
    "due_date": timestamp,
    "footer": clearable(str),
    "metadata": metadata,
}


@route(
    "POST",
    "/v1/invoices",
    accepts={
        **_FIELDS,
        "currency": str,
        "customer": str,
        "pending_invoice_items_behavior": ("exclude", "include"),
        "subscription": str,
    },
)
def create(call: Call) -> JsonObject:
    """A draft by hand; `include` takes up the items that wait."""
    world, params = call.world, call.params
    subscription = None
    if call.has("subscription"):
        subscription = world.need("subscription", params["subscription"], param="subscription", status=400)
    id = params.get("customer") or (subscription or {}).get("customer")
    if id is None:
        raise StripeError(
            "You must provide one of customer or subscription.", code="parameter_missing", param="customer"
        )
    customer = world.need("customer", id, param="customer", status=400)
    with agenda.own_time(world, customer):
        waiting = uninvoiced.waiting(world, id, subscription["id"] if subscription else None)
        taken = waiting if params.get("pending_invoice_items_behavior") == "include" or subscription else []
        currency = params.get("currency") or (taken[0]["currency"] if taken else customer["currency"] or "usd")
        rendering = {
            "amount_tax_display": None,
            "pdf": {"page_size": "letter"},
            "template": None,
            "template_version": None,
        }
        invoice = invoicing.start(
            world, customer, reason="manual", currency=currency, subscription=subscription, rendering=rendering,
            auto_advance=params.get("auto_advance", False),
        )  # fmt: skip
        invoicing.add_items(world, invoice, taken)
        _set(world, customer, invoice, params)
        invoicing.wait_to_finalise(invoice)
        settling.save_draft(world, invoice)
        world.emit("invoice.created", invoice)
        return invoice


def _set(world: World, customer: JsonObject, invoice: JsonObject, params: dict[str, Any]) -> None:
    for name in (
        "auto_advance",
        "collection_method",
        "custom_fields",
        "description",
        "footer",
        "due_date",
        "on_behalf_of",
    ):
        if name in params:
            invoice[name] = params[name]
    if params.get("days_until_due") is not None:
        if invoice["collection_method"] != "send_invoice":
            raise StripeError("You can only specify 'days_until_due' if invoice collection method is 'send_invoice'.")
        invoice["due_date"] = invoice["created"] + params["days_until_due"] * 86_400
    if "default_payment_method" in params:
        invoice["default_payment_method"] = own_method(world, customer["id"], params["default_payment_method"])
    if "default_tax_rates" in params:
        invoice["default_tax_rates"] = tax_rates(world, params["default_tax_rates"])
    set_automatic_tax(world, invoice, params.get("automatic_tax"), refuse=False)
    if "discounts" in params:
        invoicing.total_up(world, invoice)
        invoice["discounts"] = discounts.redeem(
            world, params["discounts"] or [], customer, invoice=invoice["id"], currency=invoice["currency"],
            amount=invoice["subtotal"],
        )  # fmt: skip
    if "metadata" in params:
        invoice["metadata"] = merged_metadata(invoice["metadata"], params["metadata"])


@route("GET", "/v1/invoices/{id}")
def retrieve(call: Call) -> JsonObject:
    """One invoice."""
    return call.world.answer("invoice", call.ids["id"], param="invoice")


@route(
    "GET",
    "/v1/invoices",
    accepts={
        **PAGING,
        "collection_method": ("charge_automatically", "send_invoice"),
        "created": created_filter,
        "customer": str,
        "due_date": created_filter,
        "status": _STATUSES,
        "subscription": str,
    },
)
def index(call: Call) -> JsonObject:
    """Invoices, newest first."""
    equals = {
        name: call.get(name) for name in ("customer", "subscription", "status", "collection_method") if call.has(name)
    }
    rows = call.world.newest_first("invoice", **equals)
    for name in ("created", "due_date"):
        if call.has(name):
            rows = rows.where(lambda row, name=name: row[name] is not None and within(row[name], call.get(name)))  # type: ignore[misc]
    return page(call, rows, "/v1/invoices")


@route("POST", "/v1/invoices/{id}", accepts=_FIELDS)
def update(call: Call) -> JsonObject:
    """Change a draft; of a final invoice only metadata and how it is collected."""
    world = call.world
    invoice = world.need("invoice", call.ids["id"])
    before = world.need("invoice", call.ids["id"])
    if invoice["status"] != "draft":
        for name in call.params:
            if name not in ("metadata", "auto_advance", "default_payment_method"):
                raise StripeError("Finalized invoices can't be updated in this way", param=name)
    _set(world, world.need("customer", invoice["customer"]), invoice, call.params)
    if invoice["status"] == "draft":
        invoicing.wait_to_finalise(invoice)
        settling.save_draft(world, invoice)
    else:
        world.save(invoice)
    stored.emit_updated(world, "invoice.updated", before, invoice)
    return invoice


@route("DELETE", "/v1/invoices/{id}")
def delete(call: Call) -> JsonObject:
    """Remove a draft; its items do not wait again."""
    world = call.world
    invoice = world.need("invoice", call.ids["id"], param="invoice")
    if invoice["status"] != "draft":
        raise StripeError("You can only delete draft invoices.")
    world.remove("invoice", invoice["id"])
    agenda.put(world, invoice, None)
    world.emit("invoice.deleted", invoice)
    return {"id": invoice["id"], "object": "invoice", "deleted": True}


@route("POST", "/v1/invoices/{id}/finalize", accepts={"auto_advance": bool})
def finalize(call: Call) -> JsonObject:
    """Number it; a total of 0 is paid at once, everything else stays open without an attempt."""
    world = call.world
    invoice = world.need("invoice", call.ids["id"])
    if invoice["status"] != "draft":
        raise StripeError("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    with _time_of(world, invoice):
        invoice["auto_advance"] = call.get("auto_advance", invoice["auto_advance"])
        settling.check_place(world, invoice)
        return settling.finalise(world, invoice)


def _time_of(world: World, invoice: JsonObject) -> Any:
    return agenda.own_time(world, world.need("customer", invoice["customer"]))


@route(
    "POST",
    "/v1/invoices/{id}/pay",
    accepts={"off_session": bool, "paid_out_of_band": bool, "payment_method": str},
)
def pay(call: Call) -> JsonObject:
    """Charge it now with the method given, else the one due to pay it; 402 for a decline or 3-D Secure."""
    world = call.world
    invoice = world.need("invoice", call.ids["id"])
    with _time_of(world, invoice):
        if invoice["status"] == "paid":
            raise StripeError("Invoice is already paid")
        if invoice["status"] == "void":
            raise StripeError("This invoice can no longer be paid, because it is void.")
        if invoice["status"] == "draft":
            settling.check_place(world, invoice)
            settling.finalise(world, invoice)
        if invoice["status"] == "paid":
            return invoice
        if call.get("paid_out_of_band"):
            return settling.pay_out_of_band(world, invoice)
        return _charge(world, invoice, call.get("payment_method"), off_session=call.get("off_session", True))


def _charge(world: World, invoice: JsonObject, given: str | None, *, off_session: bool) -> JsonObject:
    intent = invoice_intents.intent_of(world, invoice)
    if intent and intent["status"] == "processing":
        raise StripeError("This invoice's payment is already processing.")
    method = settling.method_for(world, invoice)
    if given is not None:
        named = usable(world, given)
        if named["customer"] not in (None, invoice["customer"]):
            raise StripeError(
                f"The PaymentMethod {named['id']} does not belong to the Customer you supplied {invoice['customer']}. Please use "
                "this PaymentMethod with the Customer that it belongs to instead.",
                param="payment_method",
            )
        method = named["id"]
        charging.check_not_spent(world, named["id"])
    if method is None:
        raise settling.no_method()
    outcome = settling.collect(world, invoice, method, off_session=off_session, automatic=False)
    if outcome.status == "requires_action":
        raise StripeError(
            "This payment requires additional user action before it can be completed successfully. Payment can be completed "
            "using the PaymentIntent associated with the invoice.",
            status=402,
            type="card_error",
            code="invoice_payment_intent_requires_action",
            keeps_writes=True,
        )
    if outcome.status == "declined":
        raise charging.as_error(outcome)
    return invoice


@route("POST", "/v1/invoices/{id}/void")
def void(call: Call) -> JsonObject:
    """Nobody owes it any more."""
    world = call.world
    invoice = world.need("invoice", call.ids["id"])
    if invoice["status"] == "paid":
        raise StripeError("Invoices with `paid` payments cannot be voided.")
    if invoice["status"] != "open":
        raise StripeError("You can only pass in open invoices. This invoice isn't open.")
    with _time_of(world, invoice):
        return settling.void(world, invoice)


@route("POST", "/v1/invoices/{id}/mark_uncollectible")
def mark_uncollectible(call: Call) -> JsonObject:
    """Give it up as bad debt."""
    world = call.world
    invoice = world.need("invoice", call.ids["id"])
    if invoice["status"] != "open":
        raise StripeError("You can only pass in open invoices. This invoice isn't open.")
    with _time_of(world, invoice):
        return settling.mark_uncollectible(world, invoice)


@route("POST", "/v1/invoices/{id}/send")
def send(call: Call) -> JsonObject:
    """Mail it (no mail is sent here); a draft is finalised first."""
    world = call.world
    invoice = world.need("invoice", call.ids["id"], param="invoice")
    if invoice["status"] not in ("draft", "open"):
        raise StripeError(
            "This invoice cannot be sent right now. Please contact us via https://support.stripe.com/contact with details, so "
            "we can help."
        )
    with _time_of(world, invoice):
        if invoice["status"] == "draft":
            settling.check_place(world, invoice)
            settling.finalise(world, invoice)
        world.emit("invoice.sent", invoice)
        return invoice


@route("GET", "/v1/invoices/{id}/lines", accepts=PAGING)
def lines(call: Call) -> JsonObject:
    """The lines of an invoice, in its order."""
    invoice = call.world.need("invoice", call.ids["id"], param="invoice")
    return page(call, invoice["lines"]["data"], f"/v1/invoices/{invoice['id']}/lines")


@expandable("invoice", "payments")
def _payments(world: World, invoice: JsonObject) -> JsonObject:
    rows = list(world.newest_first("invoice_payment", invoice=invoice["id"]))
    return {"object": "list", "data": rows, "has_more": False, "url": "/v1/invoices/payments"}


@expandable("invoice", "confirmation_secret")
def _confirmation_secret(world: World, invoice: JsonObject) -> JsonObject | None:
    intent = invoice_intents.intent_of(world, invoice)
    return {"client_secret": intent["client_secret"], "type": "payment_intent"} if intent else None


def invoice_by_token(world: World, token: str) -> JsonObject | None:
    """The invoice that a hosted page's address names."""
    row = world.get("_invoice_token", token)
    return world.get("invoice", row["of"]) if row else None
