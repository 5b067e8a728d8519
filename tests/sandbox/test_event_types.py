"""Every type of event of every resource there is: emitted, or named with the reason why not."""

import typing
from pathlib import Path

import pytest
import stripe

import portal_embed.sandbox
from portal_embed.sandbox.event_types import EMITTED, NO_SUCH_RESOURCE, NOT_EMITTED
from portal_embed.sandbox.world import World

TYPES = frozenset(typing.get_args(stripe.Event.__annotations__["type"]))

PORTAL_NEEDS = """
customer.subscription.created customer.subscription.trial_will_end customer.subscription.pending_update_applied
customer.subscription.pending_update_expired customer.subscription.updated customer.subscription.deleted
customer.subscription.paused customer.subscription.resumed payment_method.attached payment_method.detached customer.updated
customer.tax_id.created customer.tax_id.deleted customer.tax_id.updated
subscription_schedule.created subscription_schedule.updated subscription_schedule.released subscription_schedule.canceled
subscription_schedule.completed subscription_schedule.aborted subscription_schedule.expiring
invoice.created invoice.finalized invoice.finalization_failed invoice.paid invoice.payment_failed
invoice.payment_action_required invoice.payment_attempt_required invoice.overdue invoice.will_be_due invoice.upcoming
invoice.voided invoice.marked_uncollectible invoice.updated invoice.overpaid invoice_payment.paid
payment_intent.processing payment_intent.succeeded payment_intent.payment_failed payment_intent.requires_action
setup_intent.succeeded setup_intent.setup_failed setup_intent.requires_action
payment_method.updated payment_method.automatically_updated mandate.updated
customer.discount.created customer.discount.updated customer.discount.deleted charge.refunded
refund.created refund.updated refund.failed credit_note.created credit_note.updated credit_note.voided
entitlements.active_entitlement_summary.updated checkout.session.completed checkout.session.async_payment_succeeded
billing.credit_grant.created
""".split()
"""What a portal subscribes to."""


def resource_of(type: str) -> str:
    """`customer.discount.created` → `customer.discount`."""
    return type.rpartition(".")[0]


def test_the_table_names_types_that_there_are() -> None:
    assert EMITTED | NOT_EMITTED.keys() <= TYPES
    assert not EMITTED & NOT_EMITTED.keys()


def test_every_type_of_a_resource_that_emits_something_is_in_the_table() -> None:
    ours = {resource_of(type) for type in EMITTED}
    assert {type for type in TYPES if resource_of(type) in ours} <= EMITTED | NOT_EMITTED.keys()


@pytest.mark.parametrize("type", PORTAL_NEEDS)
def test_what_a_portal_subscribes_to_is_emitted_or_explained(type: str) -> None:
    assert type in TYPES
    assert type in EMITTED or NOT_EMITTED.get(type) or any(type.startswith(start) for start in NO_SUCH_RESOURCE)


def test_every_emitted_type_stands_in_the_code() -> None:
    folder = Path(portal_embed.sandbox.__file__).parent
    code = "".join(path.read_text("utf-8") for path in folder.rglob("*.py") if path.name != "event_types.py")
    composed = {
        "customer.subscription.paused", "subscription_schedule.aborted", "subscription_schedule.canceled",
    }  # fmt: skip
    assert [type for type in sorted(EMITTED - composed) if f'"{type}"' not in code] == []


def test_a_type_that_is_not_in_the_table_cannot_be_emitted() -> None:
    with pytest.raises(KeyError, match=r"customer\.sneezed"):
        World().emit("customer.sneezed", {"object": "customer", "id": "cus_1"})
