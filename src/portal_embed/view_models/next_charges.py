"""The next bill of one subscription: the amount, the date, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing import subscriptions as rules
from portal_embed.billing.money import Money
from portal_embed.billing.schedules import next_charge_on
from portal_embed.view_models.bill_rows import bill_rows, carried_row
from portal_embed.view_models.tax_words import tax_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal_embed.billing.stripe.objects import Invoice, Subscription, TaxId
    from portal_embed.i18n.formatting import Formatter
    from portal_embed.view_models.shared import Notice, SumRow


@dataclass(frozen=True)
class NextChargePart:
    """The next bill of one subscription. `amount` "$29.00", `date` "12 March 2027", `sentence` for both together;
    `rows` what it is made of, only when more than the plain price. `note`: why there is no figure, "" when there
    is.

    `subscription_id`: which one it bills. `tax_notes`: what there is to say about its tax; `tax_notice`: set where the tax cannot
    be worked out for want of an address.
    """

    subscription_id: str
    amount: str
    date: str
    sentence: str
    rows: tuple[SumRow, ...]
    note: str = ""
    tax_notes: tuple[str, ...] = ()
    tax_notice: Notice | None = None


def next_charge_part(
    subscription: Subscription,
    preview: Invoice | None,
    fmt: Formatter,
    *,
    tax_ids: Sequence[TaxId] = (),
    tax_notice: Notice | None = None,
) -> NextChargePart:
    """The next bill in words; `preview` None when Stripe could not tell. `tax_ids`: where the charge is reversed. `tax_notice`:
    where an address is missing.
    """
    on = next_charge_on(subscription)
    date = fmt.date(on)
    if preview is None:
        return NextChargePart(subscription.id, "", date, "", (), fmt._("The amount is not known at the moment."))
    amount = fmt.money(Money(preview.amount_due, preview.currency))
    rows: tuple[SumRow, ...] = ()
    if len(preview.lines.data) > 1 or preview.starting_balance or preview.total_discount_amounts:
        rows = (*bill_rows(preview, fmt), *carried_row(preview, fmt, preview.amount_due))
    sends = not rules.charges_automatically(subscription)
    if rules.has_metered(subscription):
        # Use until then adds to it.
        sentence = (
            fmt._("So far it comes to %(amount)s. The invoice is sent on %(date)s.", amount=amount, date=date)
            if sends
            else fmt._("So far it comes to %(amount)s. You pay on %(date)s.", amount=amount, date=date)
        )
    elif sends:
        sentence = fmt._("You get an invoice for %(amount)s on %(date)s.", amount=amount, date=date)
    else:
        sentence = fmt._("You pay %(amount)s on %(date)s.", amount=amount, date=date)
    return NextChargePart(
        subscription.id,
        amount,
        date,
        sentence,
        rows,
        tax_notes=tax_sentences(preview, fmt, tax_ids),
        tax_notice=tax_notice,
    )
