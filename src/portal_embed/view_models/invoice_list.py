"""Builds the list of invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.invoices import InvoiceState, is_payable, state_of
from portal_embed.billing.money import Money
from portal_embed.view_models.invoices import InvoiceRow, InvoicesPage
from portal_embed.view_models.shared import Badge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal_embed.billing.stripe.objects import Invoice
    from portal_embed.i18n.formatting import Formatter


def invoices_page(
    invoices: Sequence[Invoice],
    fmt: Formatter,
    *,
    now: int,
    has_newer: bool,
    has_older: bool,
    may_pay: bool,
    on_their_way: frozenset[str] = frozenset(),
) -> InvoicesPage:
    """One page of the list. `has_newer`/`has_older`: whether Stripe has more on that side; `now`: unix seconds. `on_their_way`: the
    ids of those whose payment is being collected.
    """
    return InvoicesPage(
        rows=tuple(
            invoice_row(invoice, fmt, now=now, may_pay=may_pay, is_on_its_way=invoice.id in on_their_way)
            for invoice in invoices
        ),
        newer=invoices[0].id if has_newer and invoices else None,
        older=invoices[-1].id if has_older and invoices else None,
        is_first_page=not has_newer,
    )


def invoice_row(
    invoice: Invoice, fmt: Formatter, *, now: int, may_pay: bool, is_on_its_way: bool = False
) -> InvoiceRow:
    """One row. The amount is what the invoice bills; a payable one says what is still due, unless its payment is on its way."""
    state = InvoiceState.PROCESSING if is_on_its_way else state_of(invoice, now)
    description = invoice.description or ""
    if not description and invoice.lines.data:
        description = invoice.lines.data[0].description or ""
    return InvoiceRow(
        id=invoice.id,
        number=invoice.number or fmt._("Without number"),
        date=fmt.short_date(invoice_date(invoice)),
        badge=state_badge(state, invoice, fmt),
        amount=fmt.money(Money(invoice.total, invoice.currency)),
        note="" if is_on_its_way else _note(invoice, fmt),
        description=description,
        is_payable=may_pay and is_payable(invoice) and not is_on_its_way,
        has_pdf=invoice.invoice_pdf is not None,
    )


def invoice_date(invoice: Invoice) -> int:
    """The date on the PDF: when it took effect, else when it was made; unix seconds."""
    return invoice.effective_at or invoice.created


def state_badge(state: InvoiceState, invoice: Invoice, fmt: Formatter) -> Badge:
    """An invoice's state in a word or two."""
    words = {
        InvoiceState.PAID: Badge(fmt._("Paid"), "positive"),
        InvoiceState.OPEN: Badge(fmt._("Open"), "caution"),
        InvoiceState.OVERDUE: Badge(fmt._("Overdue"), "critical"),
        InvoiceState.FAILED: Badge(fmt._("Payment failed"), "critical"),
        InvoiceState.PROCESSING: Badge(fmt._("Payment processing"), "neutral"),
        InvoiceState.REFUNDED: Badge(fmt._("Refunded"), "neutral"),
        InvoiceState.PARTLY_REFUNDED: Badge(fmt._("Partly refunded"), "neutral"),
        InvoiceState.CREDITED: Badge(fmt._("Credited"), "neutral"),
        InvoiceState.VOID: Badge(fmt._("Void"), "neutral"),
        InvoiceState.UNCOLLECTIBLE: Badge(fmt._("Unpaid"), "critical"),
    }
    return words.get(state, Badge((invoice.status or "").replace("_", " ").capitalize(), "neutral"))


def _note(invoice: Invoice, fmt: Formatter) -> str:
    if invoice.status == "open":
        if invoice.due_date is not None:
            return fmt._("Due %(date)s", date=fmt.short_date(invoice.due_date))
        if invoice.next_payment_attempt is not None:
            return fmt._("Next try %(date)s", date=fmt.short_date(invoice.next_payment_attempt))
    back = invoice.post_payment_credit_notes_amount
    if invoice.status == "paid" and 0 < back < invoice.total:
        return fmt._("%(amount)s given back", amount=fmt.money(Money(back, invoice.currency)))
    return ""
