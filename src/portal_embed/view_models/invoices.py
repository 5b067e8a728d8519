"""The list of invoices, and one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal_embed.view_models.outcomes import Outcome
    from portal_embed.view_models.shared import Badge, Notice, SumRow


@dataclass(frozen=True)
class InvoiceRow:
    """One invoice in the list. `number` falls back to a plain word when Stripe gave none. `note`: "Due 3 March
    2027", "$5.00 refunded", … or "". `description`: what it is for, "" if unknown.

    `id`: Stripe's, for addresses. `date` "12 Mar 2027"; `amount` "$29.00". `is_payable`: it is open and this session
    may pay. `has_pdf`: whether there is one.
    """

    id: str
    number: str
    date: str
    badge: Badge
    amount: str
    note: str
    description: str
    is_payable: bool
    has_pdf: bool


@dataclass(frozen=True)
class InvoicesPage:
    """Newest first. `newer` and `older` are cursors (invoice ids) for the neighbouring pages, None at the ends;
    `is_first_page` is True on the newest page. An empty `rows` on the first page means there are no invoices yet.
    """

    rows: tuple[InvoiceRow, ...]
    newer: str | None
    older: str | None
    is_first_page: bool


@dataclass(frozen=True)
class InvoiceLine:
    """One line. `quantity` and `unit_price` are "" where Stripe gives none; `period` "11 Oct 2026 - 11 Nov 2026" or
    "".

    `description`: what was billed. `amount` "$29.00". `is_credit`: the amount is negative.
    """

    description: str
    period: str
    quantity: str
    unit_price: str
    amount: str
    is_credit: bool


@dataclass(frozen=True)
class PaymentRow:
    """One payment (or refund, `is_credit`). `method` "Visa •••• 4242" or ""; `badge` "Paid", "Failed",
    "Processing", "Refunded".

    `date` "12 Mar 2027"; `description`: what kind of payment; `amount` "$29.00".
    """

    date: str
    description: str
    method: str
    amount: str
    badge: Badge
    is_credit: bool = False


@dataclass(frozen=True)
class CreditNoteRow:
    """One credit note. `has_pdf`: whether a PDF can be opened.

    `id`: Stripe's, for its PDF. `number`, `date`, `amount` and `reason` as they stand on it ("" for no reason).
    """

    id: str
    number: str
    date: str
    amount: str
    reason: str
    has_pdf: bool


@dataclass(frozen=True)
class InvoicePage:
    """One invoice.

    `headline` is the sum that matters now ("$29.00"), `headline_label` says what it is ("Paid", "Amount due"). `facts`:
    label/value pairs such as date, due date, billed to. `lines_truncated`: Stripe has more lines than shown; the PDF
    has all. `sums`: subtotal, discounts, tax, total, credit applied, paid, due. `id`: Stripe's, for addresses;
    `number`: what the customer knows it by. `is_payable`: it is open and this session may pay. `needs_authentication`:
    the bank waits for the customer. `has_pdf`, `has_receipt`: whether there is one to open. `tax_notes`: what there is to say
    about its tax. `outcome`: its payment is on its way.
    """

    id: str
    number: str
    badge: Badge
    headline: str
    headline_label: str
    facts: tuple[SumRow, ...]
    lines: tuple[InvoiceLine, ...]
    lines_truncated: bool
    sums: tuple[SumRow, ...]
    payments: tuple[PaymentRow, ...]
    credit_notes: tuple[CreditNoteRow, ...]
    is_payable: bool
    needs_authentication: bool
    has_pdf: bool
    has_receipt: bool
    confirmation: Notice | None = None
    attention: Notice | None = None
    tax_notes: tuple[str, ...] = ()
    outcome: Outcome | None = None
