"""Builds the page of one invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing import invoices as rules
from portal_embed.billing.invoices import InvoiceState
from portal_embed.billing.money import Money, unit_price
from portal_embed.billing.stripe.objects import Charge, Coupon, Discount
from portal_embed.view_models.invoice_list import invoice_date, state_badge
from portal_embed.view_models.invoices import (
    CreditNoteRow,
    InvoiceLine,
    InvoicePage,
    PaymentRow,
)
from portal_embed.view_models.outcomes import outcome
from portal_embed.view_models.shared import Badge, Notice, SumRow
from portal_embed.view_models.tax_words import tax_sentences
from portal_embed.view_models.wording import BRANDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portal_embed.billing.invoices import InvoiceDetail
    from portal_embed.billing.stripe.objects import Invoice, TaxId
    from portal_embed.billing.stripe.objects import InvoiceLine as WireLine
    from portal_embed.i18n.formatting import Formatter


def invoice_page(
    detail: InvoiceDetail,
    fmt: Formatter,
    *,
    now: int,
    may_pay: bool,
    confirmation: Notice | None = None,
    tax_ids: Sequence[TaxId] = (),
) -> InvoicePage:
    """One invoice in words. `now`: unix seconds. `tax_ids`: the customer's, where the charge is reversed."""
    invoice = detail.invoice
    state = rules.state_of(invoice, now, detail)
    headline, label = _headline(detail, state, fmt)
    asking = any(intent.status == "requires_action" for intent in rules.intents(detail.payments))
    return InvoicePage(
        id=invoice.id,
        number=invoice.number or fmt._("Without number"),
        badge=state_badge(state, invoice, fmt),
        headline=headline,
        headline_label=label,
        facts=_facts(invoice, fmt),
        lines=tuple(_line(line, fmt) for line in invoice.lines.data),
        lines_truncated=invoice.lines.has_more,
        sums=_sums(detail, fmt),
        payments=_payments(detail, fmt),
        credit_notes=tuple(
            CreditNoteRow(
                note.id,
                note.number,
                fmt.short_date(note.created),
                fmt.money(Money(-note.amount, note.currency)),
                _credit_reason(note.reason, fmt),
                note.pdf is not None,
            )
            for note in detail.credit_notes
        ),
        is_payable=may_pay and rules.is_payable(invoice) and state is not InvoiceState.PROCESSING,
        needs_authentication=may_pay and asking and rules.is_payable(invoice),
        has_pdf=invoice.invoice_pdf is not None,
        has_receipt=rules.receipt_url(detail.payments) is not None,
        confirmation=confirmation,
        attention=_attention(invoice, state, fmt),
        tax_notes=tax_sentences(invoice, fmt, tax_ids),
        outcome=outcome(invoice.id, "invoices.show", invoice.id) if state is InvoiceState.PROCESSING else None,
    )


def _headline(detail: InvoiceDetail, state: InvoiceState, fmt: Formatter) -> tuple[str, str]:
    invoice = detail.invoice
    if rules.is_payable(invoice):
        return fmt.money(Money(invoice.amount_remaining, invoice.currency)), fmt._("Amount due")
    if state in {InvoiceState.REFUNDED, InvoiceState.PARTLY_REFUNDED}:
        back = max(detail.refunded, invoice.post_payment_credit_notes_amount)
        return fmt.money(Money(back, invoice.currency)), fmt._("Refunded")
    if state in {InvoiceState.PAID, InvoiceState.CREDITED}:
        return fmt.money(Money(invoice.amount_paid, invoice.currency)), fmt._("Paid")
    return fmt.money(Money(invoice.total, invoice.currency)), fmt._("Total")


def _facts(invoice: Invoice, fmt: Formatter) -> tuple[SumRow, ...]:
    facts = [SumRow(fmt._("Date"), fmt.date(invoice_date(invoice)))]
    if invoice.due_date is not None:
        facts.append(SumRow(fmt._("Due"), fmt.date(invoice.due_date)))
    if invoice.status == "paid" and invoice.status_transitions.paid_at:
        facts.append(SumRow(fmt._("Paid on"), fmt.date(invoice.status_transitions.paid_at)))
    billed_to = invoice.customer_name or invoice.customer_email
    if billed_to:
        facts.append(SumRow(fmt._("Billed to"), billed_to))
    if invoice.description:
        facts.append(SumRow(fmt._("Note"), invoice.description))
    return tuple(facts)


def _line(line: WireLine, fmt: Formatter) -> InvoiceLine:
    period = ""
    if line.period is not None and line.period.end > line.period.start:
        period = fmt._(
            "%(start)s to %(end)s", start=fmt.short_date(line.period.start), end=fmt.short_date(line.period.end)
        )
    unit = line.pricing.unit_amount_decimal if line.pricing is not None else None
    return InvoiceLine(
        description=line.description or fmt._("Item"),
        period=period,
        quantity=fmt.number(line.quantity) if line.quantity is not None else "",
        unit_price=fmt.unit_price(unit_price(unit, line.currency), line.currency) if unit is not None else "",
        amount=fmt.money(Money(line.amount, line.currency)),
        is_credit=line.amount < 0,
    )


def _sums(detail: InvoiceDetail, fmt: Formatter) -> tuple[SumRow, ...]:
    """From the subtotal to what is due, each step that there is; they add up."""
    invoice = detail.invoice

    def money(amount: int) -> str:
        return fmt.money(Money(amount, invoice.currency))

    added = sum(tax.amount for tax in invoice.total_taxes or () if tax.tax_behavior == "exclusive")
    inside = sum(tax.amount for tax in invoice.total_taxes or () if tax.tax_behavior != "exclusive")
    rows = [SumRow(fmt._("Subtotal"), money(invoice.subtotal))]
    rows.extend(_discounts(invoice, invoice.subtotal + added - invoice.total, fmt))
    if added:
        rows.append(SumRow(fmt._("Tax"), money(added)))
    rows.append(SumRow(fmt._("Total"), money(invoice.total), strong=True))
    if inside:
        rows.append(SumRow(fmt._("Tax included"), money(inside)))
    rows.extend(_carried(invoice, fmt))
    if invoice.amount_paid:
        rows.append(SumRow(fmt._("Paid"), money(-invoice.amount_paid), is_credit=True))
    if rules.is_payable(invoice) or invoice.amount_paid:
        rows.append(SumRow(fmt._("Amount due"), money(invoice.amount_remaining), strong=True))
    if detail.refunded:
        rows.append(SumRow(fmt._("Refunded to you"), money(detail.refunded), is_credit=True))
    return tuple(rows)


def _carried(invoice: Invoice, fmt: Formatter) -> Iterator[SumRow]:
    """What stands between the total and the amount due: the account's balance, and credit notes before payment."""
    moved = invoice.amount_due - invoice.total + invoice.pre_payment_credit_notes_amount
    amount = fmt.money(Money(moved, invoice.currency))
    if moved > 0:
        yield SumRow(fmt._("Added to your credit") if invoice.total < 0 else fmt._("Carried over from earlier"), amount)
    elif moved < 0:
        # A sum too small to charge is moved to the next bill; otherwise credit was used.
        small = invoice.ending_balance is not None and invoice.ending_balance > max(invoice.starting_balance, 0)
        label = fmt._("Moved to your next bill") if small else fmt._("Credit from your account")
        yield SumRow(label, amount, is_credit=True)
    if invoice.pre_payment_credit_notes_amount:
        credited = fmt.money(Money(-invoice.pre_payment_credit_notes_amount, invoice.currency))
        yield SumRow(fmt._("Credit notes"), credited, is_credit=True)


def _discounts(invoice: Invoice, off: int, fmt: Formatter) -> Iterator[SumRow]:
    """Discounts on the whole invoice, `off` minor units together; those of single items are inside the subtotal already."""
    if off <= 0:
        return
    found = [d for d in invoice.total_discount_amounts or () if d.amount]
    if sum(d.amount for d in found) != off:
        yield SumRow(fmt._("Discount"), fmt.money(Money(-off, invoice.currency)), is_credit=True)
        return
    for discount in found:
        amount = fmt.money(Money(-discount.amount, invoice.currency))
        yield SumRow(_discount_name(invoice, discount.discount, fmt), amount, is_credit=True)


def _discount_name(invoice: Invoice, reference: str | Discount, fmt: Formatter) -> str:
    found = reference
    if isinstance(found, str):
        found = next((d for d in invoice.discounts or () if isinstance(d, Discount) and d.id == reference), found)
    coupon = found.source.coupon if isinstance(found, Discount) else None
    if isinstance(coupon, Coupon) and coupon.name:
        return fmt._("Discount (%(name)s)", name=coupon.name)
    return fmt._("Discount")


def _payments(detail: InvoiceDetail, fmt: Formatter) -> tuple[PaymentRow, ...]:
    rows: list[PaymentRow] = []
    for payment in detail.payments:
        intent = payment.intent
        charge = intent.latest_charge if intent is not None else None
        method = _charge_method(charge) if isinstance(charge, Charge) else ""
        badge = _payment_badge(payment.status, intent.status if intent is not None else "", fmt)
        amount = payment.amount_paid if payment.amount_paid is not None else payment.amount_requested
        when = payment.status_transitions.paid_at or payment.created
        if payment.status != "paid" and not (intent is not None and intent.latest_charge):
            continue
        rows.append(
            PaymentRow(
                fmt.short_date(when), fmt._("Payment"), method, fmt.money(Money(amount, payment.currency)), badge
            )
        )
        refunds = detail.refunds.get(intent.id, ()) if intent is not None else ()
        rows.extend(
            PaymentRow(
                fmt.short_date(refund.created),
                fmt._("Refund"),
                method,
                fmt.money(Money(-refund.amount, refund.currency)),
                _refund_badge(refund.status, fmt),
                is_credit=True,
            )
            for refund in refunds
        )
    return tuple(rows)


def _charge_method(charge: Charge) -> str:
    details = charge.payment_method_details
    if details is None:
        return ""
    if details.card is not None and details.card.last4:
        return f"{BRANDS.get(details.card.brand or '', 'Card')} •••• {details.card.last4}"
    return details.type.replace("_", " ").capitalize()


def _payment_badge(status: str, intent: str, fmt: Formatter) -> Badge:
    if status == "paid":
        return Badge(fmt._("Paid"), "positive")
    if intent == "processing":
        return Badge(fmt._("Processing"), "neutral")
    if intent == "requires_action":
        return Badge(fmt._("Waiting for your bank"), "caution")
    if status == "canceled" or intent == "canceled":
        return Badge(fmt._("Canceled"), "neutral")
    return Badge(fmt._("Failed"), "critical")


def _refund_badge(status: str | None, fmt: Formatter) -> Badge:
    if status in {"pending", "requires_action"}:
        return Badge(fmt._("On its way"), "neutral")
    if status in {"failed", "canceled"}:
        return Badge(fmt._("Failed"), "critical")
    return Badge(fmt._("Refunded"), "neutral")


def _credit_reason(reason: str | None, fmt: Formatter) -> str:
    words = {
        "duplicate": fmt._("Billed twice"),
        "fraudulent": fmt._("Not ordered"),
        "order_change": fmt._("Changed order"),
        "product_unsatisfactory": fmt._("Not satisfied"),
    }
    return words.get(reason or "", "")


def _attention(invoice: Invoice, state: InvoiceState, fmt: Formatter) -> Notice | None:
    if state is InvoiceState.FAILED:
        again = (
            fmt._("We try again on %(date)s. You can also pay now.", date=fmt.date(invoice.next_payment_attempt))
            if invoice.next_payment_attempt
            else fmt._("Pay now to settle it.")
        )
        return Notice("critical", fmt._("The payment failed"), again)
    if state is InvoiceState.PROCESSING:
        return Notice(
            "neutral",
            fmt._("Your payment is on its way"),
            fmt._("Your bank takes a few days to confirm it. You need not do anything."),
        )
    return None
