"""Payment intents and charges: one attempt with one method, and what the bank said.

An attempt leaves its rows whatever its outcome. What a payment means for an invoice or a subscription is `settling`'s.
"""

from dataclasses import dataclass

from portal_embed.sandbox import cards
from portal_embed.sandbox.authentication import next_action
from portal_embed.sandbox.engine import agenda, bodies, declines
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a decline leaves the failed charge and sends the intent back to `requires_payment_method`", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("a card that needs 3-D Secure gives `requires_action` on session, and `authentication_required` off session",
     "recorded", "Recorded from Stripe's API, Aug 2026"),
    ("3-D Secure given up sends the intent back to `requires_payment_method` with `payment_intent_authentication_failure`",
     "documented", "Stripe docs, error codes"),
    ("a bank debit is `processing` for three minutes, then succeeds or fails", "assumed",
     "Stripe's docs name about three minutes for some test accounts"),
    ("a method that was detached, or used without a customer, pays nothing more", "documented",
     "public reports of Stripe's refusal, stripe-php #1221"),
    ("a receipt has its URL from the moment of the charge", "documented", "Stripe docs, receipts"),
]  # fmt: skip


DEBIT_TAKES = 180
"""Seconds until a bank debit succeeds or fails; days in life, minutes for Stripe's test accounts."""


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: `succeeded`, `processing`, `requires_action` or `declined`; `error` has the decline's fields."""

    status: str
    intent: JsonObject
    error: JsonObject | None = None

    @property
    def paid(self) -> bool:
        """The money moved."""
        return self.status == "succeeded"


def attempt(
    world: World,
    intent: JsonObject,
    payment_method: str,
    *,
    off_session: bool,
    authenticated: bool = False,
    return_url: str | None = None,
    use_stripe_sdk: bool = False,
) -> Outcome:
    """Try to charge the intent's amount to the method. Saves the intent and its charge; never raises for a decline.

    `authenticated`: 3-D Secure was just passed. With a `return_url` and without the SDK the next action is a redirect.
    """
    behaviour = cards.behaviour(world, payment_method)
    intent["payment_method"] = payment_method
    intent["next_action"] = None
    if not authenticated and behaviour.decline is None and behaviour.asks_at_payment(off_session=off_session):
        if off_session:
            return _declined(world, intent, cards.AUTHENTICATION_REQUIRED)
        return wait_for_customer(world, intent, return_url, use_stripe_sdk=use_stripe_sdk)
    if behaviour.delayed and behaviour.decline is None:
        return _processing(world, intent)
    decline = behaviour.decline or behaviour.charge_decline
    if decline:
        return _declined(world, intent, decline)
    if authenticated and intent["setup_future_usage"] == "off_session":
        cards.mark_set_up(world, payment_method)
    return _succeeded(world, intent, _charge(world, intent, None))


def _succeeded(world: World, intent: JsonObject, charge: JsonObject) -> Outcome:
    intent["status"] = "succeeded"
    intent["amount_received"] = intent["amount"]
    intent["latest_charge"] = charge["id"]
    intent["last_payment_error"] = None
    world.save(intent)
    world.emit("charge.succeeded", charge)
    world.emit("payment_intent.succeeded", intent)
    return Outcome("succeeded", intent)


def _processing(world: World, intent: JsonObject) -> Outcome:
    """A bank debit was sent: whether the money comes is known later."""
    charge = _charge(world, intent, None)
    charge.update(status="pending", paid=False, captured=True, receipt_url=None)
    world.save(charge)
    intent.update(status="processing", latest_charge=charge["id"], last_payment_error=None)
    world.save(intent)
    customer = world.get("customer", intent["customer"]) if intent["customer"] else None
    agenda.put(world, {**intent, "test_clock": (customer or {}).get("test_clock")}, world.now() + DEBIT_TAKES)
    world.emit("charge.pending", charge)
    world.emit("payment_intent.processing", intent)
    return Outcome("processing", intent)


def debit_arrived(world: World, intent: JsonObject) -> Outcome | None:
    """The bank's answer to a debit; None when the intent no longer waits for one."""
    if intent["status"] != "processing":
        return None
    charge = world.need("charge", intent["latest_charge"])
    decline = cards.behaviour(world, intent["payment_method"]).charge_decline
    if decline is None:
        token = f"{charge['id'].removeprefix('ch_')}{world.new_id('', 12)}"
        world.save({"object": "_charge_token", "id": token, "of": charge["id"]})
        charge.update(status="succeeded", paid=True, receipt_url=f"{world.api_base}/receipts/{token}")
        return _succeeded(world, intent, world.save(charge))
    fields = decline.fields()
    charge.update(
        status="failed", captured=False, amount_captured=0, failure_code=fields["code"], failure_message=fields["message"],
        outcome=declines.outcome(fields),
    )  # fmt: skip
    world.save(charge)
    world.emit("charge.failed", charge)
    return _refused(world, intent, {**fields, "charge": charge["id"]})


def check_not_spent(world: World, payment_method: str) -> None:
    """Refuse a method that was detached, or used up without ever belonging to a customer."""
    method = world.need("payment_method", payment_method)
    if method["customer"] is None and (world.get("_card", payment_method) or {}).get("spent"):
        raise StripeError(
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and "
            "may not be used again."
        )


def spend(world: World, payment_method: str) -> None:
    """A method of no customer was used: once is all it can be."""
    note = world.get("_card", payment_method)
    if note is not None:
        world.save({**note, "spent": True})


def wait_for_customer(
    world: World, intent: JsonObject, return_url: str | None = None, *, use_stripe_sdk: bool = False
) -> Outcome:
    """The bank wants 3-D Secure: the intent waits in `requires_action`."""
    intent["status"] = "requires_action"
    intent["next_action"] = next_action(world, intent["id"], return_url, use_stripe_sdk=use_stripe_sdk)
    world.save(intent)
    world.emit("payment_intent.requires_action", intent)
    return Outcome("requires_action", intent)


def authentication_failed(world: World, intent: JsonObject) -> Outcome:
    """The customer gave up 3-D Secure: no charge, and the intent waits for another method."""
    return _refused(world, intent, dict(declines.AUTHENTICATION_FAILED))


def _declined(world: World, intent: JsonObject, decline: cards.Decline) -> Outcome:
    fields = decline.fields()
    fields.pop("param", None)
    charge = _charge(world, intent, fields)
    intent["latest_charge"] = charge["id"]
    world.emit("charge.failed", charge)
    return _refused(world, intent, {**fields, "charge": charge["id"]})


def _refused(world: World, intent: JsonObject, error: JsonObject) -> Outcome:
    method = world.get("payment_method", intent["payment_method"])
    error = {**error, "payment_method": method}
    intent["status"] = "requires_payment_method"
    intent["payment_method"] = intent["next_action"] = None
    kind = method["type"] if method else None
    reported = {**error, "payment_method_type": kind, "type": "card_error"}
    intent["last_payment_error"] = {key: reported[key] for key in sorted(reported)}
    world.save(intent)
    world.emit("payment_intent.payment_failed", intent)
    return Outcome("declined", intent, error)


def as_error(outcome: Outcome) -> StripeError:
    """The 402 that reports a declined attempt; what the attempt wrote stays."""
    error = dict(outcome.error or {})
    message, code = error.pop("message"), error.pop("code")
    return StripeError(
        message,
        status=402,
        type="card_error",
        code=code,
        extra={**error, "payment_intent": outcome.intent},
        keeps_writes=True,
    )


def _charge(world: World, intent: JsonObject, error: JsonObject | None) -> JsonObject:
    method = world.need("payment_method", intent["payment_method"])
    now = world.now()
    id = world.new_id("ch_")
    token = f"{id.removeprefix('ch_')}{world.new_id('', 12)}"
    world.save({"object": "_charge_token", "id": token, "of": id})
    customer = world.get("customer", intent["customer"]) if intent["customer"] else None
    charge = bodies.ordered(
        {
            "id": id,
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0 if error else intent["amount"],
            "amount_refunded": 0,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "authorization_code": None,
            "balance_transaction": None,
            "billing_details": method["billing_details"],
            "calculated_statement_descriptor": "SANDBOX",
            "captured": not error,
            "created": now,
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": error["code"] if error else None,
            "failure_message": error["message"] if error else None,
            "fraud_details": {},
            "level3": None,
            "livemode": False,
            "metadata": intent["metadata"],
            "on_behalf_of": None,
            "outcome": declines.outcome(error),
            "paid": not error,
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": _details(method),
            "presentment_details": None,
            "radar_options": {},
            "receipt_email": customer["email"] if customer else None,
            "receipt_number": None,
            "receipt_url": None if error else f"{world.api_base}/receipts/{token}",
            "refunded": False,
            "review": None,
            "shipping": None,
            "source": None,
            "source_transfer": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": "failed" if error else "succeeded",
            "transfer": None,
            "transfer_data": None,
            "transfer_group": None,
        }
    )
    return world.save(charge)


def _details(method: JsonObject) -> JsonObject:
    kind = method["type"]
    details = dict(method.get(kind) or {})
    if kind == "card":
        details = {
            key: details.get(key)
            for key in (
                "brand",
                "checks",
                "country",
                "exp_month",
                "exp_year",
                "fingerprint",
                "funding",
                "last4",
                "wallet",
            )
        }
        details.update(network=details["brand"], three_d_secure=None, mandate=None, installments=None)
    if kind == "sepa_debit":
        details.pop("generated_from", None)
        details.update(expected_debit_date=None, mandate=None)
    return {kind: details, "type": kind}
