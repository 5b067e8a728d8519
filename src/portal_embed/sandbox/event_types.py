"""Which of Stripe's event types are emitted here, and why the others of the same resources are not. A test holds the table
to the SDK's list of types and to the code.
"""

TRUTH = [
    ("The types of events that are emitted, and those of the same resources that are not.", "documented",
     "stripe-python 16.1, Event.type"),
]  # fmt: skip

EMITTED = frozenset(
    """
    billing_portal.configuration.created billing_portal.configuration.updated
    billing.meter.created billing.meter.deactivated billing.meter.reactivated billing.meter.updated
    charge.failed charge.pending charge.refund.updated charge.refunded charge.succeeded
    checkout.session.completed checkout.session.expired
    coupon.created coupon.deleted coupon.updated
    credit_note.created credit_note.voided
    customer.created customer.deleted customer.updated
    customer.discount.created customer.discount.deleted customer.discount.updated
    customer.subscription.created customer.subscription.deleted customer.subscription.paused
    customer.subscription.pending_update_applied customer.subscription.pending_update_expired customer.subscription.resumed
    customer.subscription.trial_will_end customer.subscription.updated
    customer.tax_id.created customer.tax_id.deleted customer.tax_id.updated
    invoice.created invoice.deleted invoice.finalization_failed invoice.finalized invoice.marked_uncollectible invoice.overdue
    invoice.paid invoice.payment_action_required invoice.payment_failed invoice.payment_succeeded invoice.sent invoice.upcoming
    invoice.updated invoice.voided invoice.will_be_due
    invoice_payment.paid invoiceitem.created invoiceitem.deleted
    payment_intent.canceled payment_intent.created payment_intent.payment_failed payment_intent.processing
    payment_intent.requires_action payment_intent.succeeded
    payment_method.attached payment_method.detached payment_method.updated
    price.created price.updated product.created product.deleted product.updated
    promotion_code.created promotion_code.updated
    refund.created refund.failed refund.updated
    setup_intent.canceled setup_intent.created setup_intent.requires_action setup_intent.setup_failed setup_intent.succeeded
    subscription_schedule.aborted subscription_schedule.canceled subscription_schedule.completed subscription_schedule.created
    subscription_schedule.expiring subscription_schedule.released subscription_schedule.updated
    tax_rate.created tax_rate.updated
    test_helpers.test_clock.advancing test_helpers.test_clock.created test_helpers.test_clock.deleted
    test_helpers.test_clock.ready
    """.split()
)

_NO_CAPTURE = "charges are captured at once"
_NO_DISPUTE = "there are no disputes"
_NO_SOURCE = "there are no sources, the objects from before payment methods"
_NO_DEBIT = "Checkout's page here takes cards, whose payments are known at once"
_NO_CASH = "there is no cash balance, nor bank transfers"

NOT_EMITTED = {
    "account.updated": "the account is read only",
    "billing.alert.triggered": "there are no usage alerts",
    "charge.captured": _NO_CAPTURE,
    "charge.dispute.closed": _NO_DISPUTE,
    "charge.dispute.created": _NO_DISPUTE,
    "charge.dispute.funds_reinstated": _NO_DISPUTE,
    "charge.dispute.funds_withdrawn": _NO_DISPUTE,
    "charge.dispute.updated": _NO_DISPUTE,
    "charge.expired": _NO_CAPTURE,
    "charge.updated": "nothing changes a charge's description or metadata",
    "checkout.session.async_payment_failed": _NO_DEBIT,
    "checkout.session.async_payment_succeeded": _NO_DEBIT,
    "credit_note.updated": "a credit note cannot be changed, only voided",
    "customer.source.created": _NO_SOURCE,
    "customer.source.deleted": _NO_SOURCE,
    "customer.source.expiring": _NO_SOURCE,
    "customer.source.updated": _NO_SOURCE,
    "customer_cash_balance_transaction.created": _NO_CASH,
    "invoice.overpaid": "an invoice is paid once and in full",
    "invoice.payment_attempt_required": "every payment is attempted by Stripe, none by payment records of the merchant's",
    "payment_intent.amount_capturable_updated": _NO_CAPTURE,
    "payment_intent.partially_funded": _NO_CASH,
    "payment_method.automatically_updated": "no card network sends new numbers",
    "price.deleted": "a price cannot be deleted, only archived",
    "test_helpers.test_clock.internal_failure": "a test clock does not fail",
}  # fmt: skip
"""Type → why nothing here emits it, for the resources that there are."""

NO_SUCH_RESOURCE = {
    "billing.credit_grant": "prepaid credits",
    "billing_portal": "Stripe's own portal",
    "entitlements": "entitlements",
    "mandate": "mandates",
    "plan": "plans, which prices replaced",
    "quote": "quotes",
}
"""What else a billing portal may subscribe to, by how its types begin → the resource that is not built."""
