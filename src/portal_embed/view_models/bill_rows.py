"""What a previewed bill is made of, in rows that add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.money import Money
from portal_embed.view_models.shared import SumRow

if TYPE_CHECKING:
    from portal_embed.billing.stripe.objects import Invoice
    from portal_embed.i18n.formatting import Formatter


def due_rows(
    invoice: Invoice,
    fmt: Formatter,
    lines: tuple[SumRow, ...] | None = None,
    *,
    label: str = "",
    amount: int | None = None,
) -> tuple[SumRow, ...]:
    """What the sum due is made of; the rows add up to it. `lines`: in place of the invoice's own. `label`: what the sum is called,
    "" for "Due now"; `amount`: what it is where that is not all of the bill's `amount_due`, minor units.
    """
    due = invoice.amount_due if amount is None else amount
    total = SumRow(label or fmt._("Due now"), fmt.money(Money(due, invoice.currency)), strong=True)
    return (*bill_rows(invoice, fmt, lines), *carried_row(invoice, fmt, due), total)


def bill_rows(invoice: Invoice, fmt: Formatter, lines: tuple[SumRow, ...] | None = None) -> tuple[SumRow, ...]:
    """Its lines (`lines` in place of its own), discounts and taxes: they add up to `total`."""

    def row(label: str, amount: int) -> SumRow:
        return SumRow(label, fmt.money(Money(amount, invoice.currency)), is_credit=amount < 0)

    own = (row(line.description or fmt._("Item"), line.amount) for line in invoice.lines.data)
    rows = list(own if lines is None else lines)
    off = sum(discount.amount for discount in invoice.total_discount_amounts or ())
    if off:
        rows.append(row(fmt._("Discount"), -off))
    added = sum(tax.amount for tax in invoice.total_taxes or () if tax.tax_behavior == "exclusive")
    if added:
        rows.append(row(fmt._("Tax"), added))
    return tuple(rows)


def carried_row(invoice: Invoice, fmt: Formatter, due: int) -> tuple[SumRow, ...]:
    """What the account's balance adds to it or takes off, so that `total` becomes what is `due` (minor units); none where it does
    neither.
    """
    carried = due - invoice.total
    if not carried:
        return ()
    amount = fmt.money(Money(carried, invoice.currency))
    if carried < 0:
        return (SumRow(fmt._("Credit from your account"), amount, is_credit=True),)
    label = fmt._("Kept as credit") if invoice.total < 0 else fmt._("Carried over from earlier")
    return (SumRow(label, amount),)
