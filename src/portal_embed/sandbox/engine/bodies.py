"""The shapes of billing objects as Stripe sends them: every key present, null where unset.

Keys after `object` are alphabetical, as recorded from Stripe's API, Sept 2026; new ones follow the annotations of
stripe-python 16.1 (API 2026-10-28.endive).
"""

from typing import Any

from portal_embed.sandbox.world import JsonObject, World


def listed(rows: list[JsonObject], url: str) -> JsonObject:
    """A list inside an object, with `total_count`."""
    return {"object": "list", "data": rows, "has_more": False, "total_count": len(rows), "url": url}


def ordered(body: JsonObject) -> JsonObject:
    """`id`, `object`, then the other keys by alphabet."""
    return {
        "id": body["id"],
        "object": body["object"],
        **{key: body[key] for key in sorted(body) if key not in ("id", "object")},
    }


def plan_of(price: JsonObject) -> JsonObject:
    """The legacy `plan` that still accompanies each price."""
    recurring = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": price["metadata"],
        "meter": recurring.get("meter"),
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": price["tiers_mode"],
        "transform_usage": None,
        "trial_period_days": recurring.get("trial_period_days"),
        "usage_type": recurring["usage_type"],
    }


def subscription_item(
    world: World, subscription: str, price: JsonObject, quantity: int | None, start: int, end: int
) -> JsonObject:
    """A `subscription_item`; its period in seconds."""
    return {
        "id": world.new_id("si_"),
        "object": "subscription_item",
        "billed_until": None,
        "billing_thresholds": None,
        "created": world.now(),
        "current_period_end": end,
        "current_period_start": start,
        "current_trial": None,
        "discounts": [],
        "metadata": {},
        "plan": plan_of(price),
        "price": price,
        "quantity": quantity,
        "subscription": subscription,
        "tax_rates": [],
    }


def subscription(world: World, customer: JsonObject, **given: Any) -> JsonObject:
    """A `subscription` without items; `given` overrides the defaults."""
    now = world.now()
    id = world.new_id("sub_")
    return ordered(
        {
            "id": id,
            "object": "subscription",
            "application": None,
            "application_fee_percent": None,
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": now,
            "billing_cycle_anchor_config": None,
            "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": now},
            "billing_schedules": [],
            "billing_thresholds": None,
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "cancellation_details": {"comment": None, "feedback": None, "feedback_option": None, "reason": None},
            "collection_method": "charge_automatically",
            "created": now,
            "currency": "usd",
            "customer": customer["id"],
            "customer_account": None,
            "days_until_due": None,
            "default_payment_method": None,
            "default_source": None,
            "default_tax_rates": [],
            "description": None,
            "discounts": [],
            "ended_at": None,
            "invoice_settings": {
                "account_tax_ids": None,
                "custom_fields": None,
                "description": None,
                "footer": None,
                "issuer": {"type": "self"},
            },
            "items": listed([], f"/v1/subscription_items?subscription={id}"),
            "latest_invoice": None,
            "livemode": False,
            "managed_payments": {"enabled": False},
            "metadata": {},
            "next_pending_invoice_item_invoice": None,
            "on_behalf_of": None,
            "pause_collection": None,
            "payment_settings": {
                "payment_method_options": None,
                "payment_method_types": None,
                "save_default_payment_method": "off",
            },
            "pending_invoice_item_interval": None,
            "pending_setup_intent": None,
            "pending_update": None,
            "plan": None,
            "presentment_details": None,
            "quantity": None,
            "schedule": None,
            "start_date": now,
            "status": "active",
            "status_details": None,
            "test_clock": customer["test_clock"],
            "transfer_data": None,
            "trial_end": None,
            "trial_settings": {
                "end_behavior": {"billing_cycle_anchor": "now", "missing_payment_method": "create_invoice"}
            },
            "trial_start": None,
            **given,
        }
    )


def invoice(world: World, customer: JsonObject, **given: Any) -> JsonObject:
    """A draft `invoice` without lines; `given` overrides the defaults."""
    now = world.now()
    id = world.new_id("in_")
    return ordered(
        {
            "id": id,
            "object": "invoice",
            "account_country": "US",
            "account_name": "Sandbox",
            "account_tax_ids": None,
            "amount_due": 0,
            "amount_overpaid": 0,
            "amount_paid": 0,
            "amount_paid_off_stripe": 0,
            "amount_remaining": 0,
            "amount_shipping": 0,
            "application": None,
            "attempt_count": 0,
            "attempted": False,
            "auto_advance": True,
            "automatic_tax": {
                "disabled_reason": None, "enabled": False, "liability": None, "provider": None, "status": None,
            },
            "automatically_finalizes_at": None,
            "billing_reason": "manual",
            "collection_method": "charge_automatically",
            "created": now,
            "currency": "usd",
            "custom_fields": None,
            "customer": customer["id"],
            "customer_account": None,
            "customer_address": customer.get("address"),
            "customer_email": customer.get("email"),
            "customer_name": customer.get("name"),
            "customer_phone": customer.get("phone"),
            "customer_shipping": customer.get("shipping"),
            "customer_tax_exempt": customer.get("tax_exempt"),
            "customer_tax_ids": [],
            "default_payment_method": None,
            "default_source": None,
            "default_tax_rates": [],
            "description": None,
            "discounts": [],
            "due_date": None,
            "effective_at": None,
            "ending_balance": None,
            "footer": None,
            "from_invoice": None,
            "hosted_invoice_url": None,
            "invoice_pdf": None,
            "issuer": {"type": "self"},
            "last_finalization_error": None,
            "latest_revision": None,
            "lines": listed([], f"/v1/invoices/{id}/lines"),
            "livemode": False,
            "metadata": {},
            "next_payment_attempt": None,
            "number": None,
            "on_behalf_of": None,
            "parent": None,
            "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
            "period_end": now,
            "period_start": now,
            "post_payment_credit_notes_amount": 0,
            "pre_payment_credit_notes_amount": 0,
            "receipt_number": None,
            "rendering": None,
            "shipping_cost": None,
            "shipping_details": None,
            "starting_balance": 0,
            "statement_descriptor": None,
            "status": "draft",
            "status_details": None,
            "status_transitions": {
                "finalized_at": None, "marked_uncollectible_at": None, "paid_at": None, "voided_at": None,
            },
            "subtotal": 0,
            "subtotal_excluding_tax": 0,
            "test_clock": customer["test_clock"],
            "threshold_reason": None,
            "total": 0,
            "total_discount_amounts": [],
            "total_excluding_tax": 0,
            "total_pretax_credit_amounts": [],
            "total_taxes": [],
            "webhooks_delivered_at": now,
            **given,
        }
    )  # fmt: skip


def invoiceitem(world: World, customer: JsonObject, **given: Any) -> JsonObject:
    """An `invoiceitem` (a line that waits for an invoice); `given` overrides the defaults."""
    return ordered(
        {
            "id": world.new_id("ii_"),
            "object": "invoiceitem",
            "amount": 0,
            "currency": "usd",
            "customer": customer["id"],
            "customer_account": None,
            "date": world.now(),
            "description": None,
            "discountable": True,
            "discounts": [],
            "frozen_fields": [],
            "invoice": None,
            "invoicing_rules": [],
            "livemode": False,
            "metadata": {},
            "parent": None,
            "period": {"end": world.now(), "start": world.now()},
            "pricing": None,
            "proration": False,
            "quantity": 1,
            "quantity_decimal": "1",
            "tax_rates": [],
            "test_clock": customer["test_clock"],
            **given,
        }
    )


def line(world: World, invoice: JsonObject, **given: Any) -> JsonObject:
    """A `line_item` of an invoice; `given` overrides the defaults."""
    return ordered(
        {
            "id": world.new_id("il_"),
            "object": "line_item",
            "amount": 0,
            "currency": invoice["currency"],
            "description": None,
            "discount_amounts": [],
            "discountable": True,
            "discounts": [],
            "invoice": invoice["id"],
            "livemode": False,
            "metadata": {},
            "parent": None,
            "period": {"end": world.now(), "start": world.now()},
            "pretax_credit_amounts": [],
            "pricing": None,
            "quantity": 1,
            "quantity_decimal": "1",
            "subtotal": 0,
            "taxes": [],
            "subscription": None,
            **given,
        }
    )


def payment_intent(world: World, amount: int, currency: str, customer: str | None, **given: Any) -> JsonObject:
    """A `payment_intent`; `given` overrides the defaults."""
    id = world.new_id("pi_")
    return ordered(
        {
            "id": id,
            "object": "payment_intent",
            "allowed_payment_method_types": None,
            "amount": amount,
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": None,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic_async",
            "client_secret": f"{id}_secret_{world.new_id('', 25)}",
            "confirmation_method": "automatic",
            "created": world.now(),
            "currency": currency,
            "customer": customer,
            "customer_account": None,
            "description": None,
            "excluded_payment_method_types": None,
            "hooks": None,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "managed_payments": {"enabled": False},
            "metadata": {},
            "next_action": None,
            "on_behalf_of": None,
            "payment_details": None,
            "payment_method": None,
            "payment_method_configuration_details": None,
            "payment_method_options": {},
            "payment_method_types": ["card"],
            "payment_record": None,
            "presentment_details": None,
            "processing": None,
            "receipt_email": None,
            "review": None,
            "setup_future_usage": None,
            "shipping": None,
            "source": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": "requires_payment_method",
            "transfer_data": None,
            "transfer_group": None,
            **given,
        }
    )
