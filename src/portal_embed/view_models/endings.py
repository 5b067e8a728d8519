"""When a subscription ends and what is still billed, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.money import Money
from portal_embed.billing.subscriptions import State, has_metered, state_of

if TYPE_CHECKING:
    from portal_embed.billing.endings import Outlook
    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.i18n.formatting import Formatter


def is_over_with_it(subscription: Subscription, outlook: Outlook) -> bool:
    """Whether nothing at all is charged any more: not what waits, nor what was used, nor a payment that is still tried again."""
    is_tried = state_of(subscription) is State.PAST_DUE
    return outlook.is_known and outlook.bill is None and not has_metered(subscription) and not is_tried


def still_billed_words(subscription: Subscription, outlook: Outlook, ends: int, fmt: Formatter) -> str:
    """What is billed until it ends on `ends` (unix seconds), "" where nothing is, or nobody knows."""
    bill = outlook.bill
    if bill is None:
        return fmt._("What you use until then is billed at the end.") if has_metered(subscription) else ""
    amount, date = fmt.money(Money(bill.amount_due, bill.currency)), fmt.date(bill.created)
    if not outlook.is_last:
        return fmt._(
            "Until then you are billed as before, next on %(date)s: %(amount)s. The last bill covers only the time until it ends.",
            date=date,
            amount=amount,
        )
    if has_metered(subscription):
        return fmt._(
            "What you use until then is billed on %(date)s. So far that is %(amount)s.", date=date, amount=amount
        )
    if bill.created >= ends:
        return fmt._("One last bill of %(amount)s comes then, for what was not billed yet.", amount=amount)
    return fmt._(
        "One last bill of %(amount)s comes on %(date)s. It covers only the time until it ends.",
        date=date,
        amount=amount,
    )


def last_bill_words(outlook: Outlook, fmt: Formatter) -> str:
    """The last bill of what has ended, or ends at once; "" for none."""
    bill = outlook.bill
    if bill is None:
        return ""
    amount = fmt.money(Money(bill.amount_due, bill.currency))
    return fmt._("A last bill of %(amount)s follows, for what was not billed yet.", amount=amount)
