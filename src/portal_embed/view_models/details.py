"""The customer's details as a sheet to read, with a way to each form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.details import invoice_fields_of, is_taxed_by_address
from portal_embed.billing.tax_ids import MOST_TAX_IDS
from portal_embed.view_models.address_words import address_lines
from portal_embed.view_models.tax_ids import TaxIdRow, tax_id_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal_embed.billing.stripe.objects import Customer, Subscription, TaxId
    from portal_embed.config import CustomerUpdate
    from portal_embed.i18n.formatting import Formatter
    from portal_embed.view_models.shared import Notice


@dataclass(frozen=True)
class DetailRow:
    """One fact. `lines`: an address has several, one that is not known yet has none, and `label` is "" where the
    title of the section says it. `edit_route`: a form for this fact alone, with the words of its link; `note`: a
    word about it.

    `edit_label`: the words of its link.
    """

    label: str
    lines: tuple[str, ...]
    note: str = ""
    edit_route: str | None = None
    edit_label: str = ""


@dataclass(frozen=True)
class DetailSection:
    """A few facts that are changed together. `name` is a stable word for the part's id.

    `empty`: what is said when there is nothing yet. `edit_route` None: it is only to be read. `edit_spoken` names what
    the short `edit_label` is about. `title` stands above it. `note`: a sentence below it, "" for none.
    """

    name: str
    title: str
    rows: tuple[DetailRow, ...]
    empty: str = ""
    note: str = ""
    edit_route: str | None = None
    edit_label: str = ""
    edit_spoken: str = ""


@dataclass(frozen=True)
class TaxIdsSection:
    """The tax ids. `may_add` is off when there are as many as there may be; then `note` says so."""

    rows: tuple[TaxIdRow, ...]
    may_add: bool
    note: str


@dataclass(frozen=True)
class DetailsPage:
    """The whole sheet. A section that the host does not offer is not there."""

    contact: DetailSection
    addresses: tuple[DetailSection, ...]
    tax_ids: TaxIdsSection | None
    invoices: DetailSection | None
    confirmation: Notice | None = None


def details_page(
    customer: Customer,
    tax_ids: Sequence[TaxId],
    live: Sequence[Subscription],
    update: CustomerUpdate,
    fmt: Formatter,
    *,
    may_write: bool,
    sends_mail: bool,
    business: str,
    confirmation: Notice | None = None,
) -> DetailsPage:
    """Everything that is known, in words.

    `live`: subscriptions that still exist. `sends_mail`: whether a new email can be confirmed. `business`: the host's name,
    "" if unknown.
    """
    addresses = []
    taxed = is_taxed_by_address(live)
    if update.allows("address"):
        addresses.append(_billing_address(customer, fmt, taxed=taxed, may_write=may_write))
    if update.allows("shipping"):
        addresses.append(_shipping_address(customer, fmt, may_write=may_write))
    return DetailsPage(
        contact=_contact(customer, update, fmt, may_write=may_write, sends_mail=sends_mail, business=business),
        addresses=tuple(addresses),
        tax_ids=_tax_ids(tax_ids, fmt, may_write=may_write) if update.allows("tax_id") else None,
        invoices=_invoices(customer, update, fmt, may_write=may_write) if update.invoice_fields else None,
        confirmation=confirmation,
    )


def _contact(
    customer: Customer, update: CustomerUpdate, fmt: Formatter, *, may_write: bool, sends_mail: bool, business: str
) -> DetailSection:
    rows = [DetailRow(fmt._("Name"), _line(customer.name))]
    if update.allows("name") and (customer.business_name or may_write):
        rows.append(DetailRow(fmt._("Business name"), _line(customer.business_name)))
    rows.append(_email(customer, update, fmt, may_write=may_write, sends_mail=sends_mail, business=business))
    if update.allows("phone"):
        rows.append(DetailRow(fmt._("Phone"), _line(customer.phone)))
    return DetailSection(
        "contact",
        fmt._("Contact"),
        tuple(rows),
        edit_route="contacts.edit" if may_write and update.allows("name", "phone") else None,
        edit_label=fmt._("Edit"),
        edit_spoken=fmt._("Edit contact details"),
    )


def _email(
    customer: Customer, update: CustomerUpdate, fmt: Formatter, *, may_write: bool, sends_mail: bool, business: str
) -> DetailRow:
    label, lines = fmt._("Email"), _line(customer.email)
    if not may_write or not update.allows("email"):
        return DetailRow(label, lines)
    if not sends_mail:
        note = (
            fmt._("Ask %(business)s to change it.", business=business)
            if business
            else fmt._("Ask your provider to change it.")
        )
        return DetailRow(label, lines, note)
    return DetailRow(label, lines, edit_route="email_changes.new", edit_label=fmt._("Change email"))


def _billing_address(customer: Customer, fmt: Formatter, *, taxed: bool, may_write: bool) -> DetailSection:
    lines = address_lines(customer.address, fmt)
    return DetailSection(
        "billing-address",
        fmt._("Billing address"),
        (DetailRow("", lines),) if lines else (),
        empty=fmt._("No billing address yet. Tax cannot be worked out without one.")
        if taxed
        else fmt._("No billing address yet. It is printed on your invoices."),
        edit_route="billing_addresses.edit" if may_write else None,
        edit_label=fmt._("Edit") if lines else fmt._("Add"),
        edit_spoken=fmt._("Edit billing address") if lines else fmt._("Add billing address"),
    )


def _shipping_address(customer: Customer, fmt: Formatter, *, may_write: bool) -> DetailSection:
    shipping = customer.shipping
    rows = []
    if shipping is not None:
        lines = (*_line(shipping.name), *address_lines(shipping.address, fmt), *_line(shipping.phone))
        rows = [DetailRow("", lines)] if lines else []
    return DetailSection(
        "shipping-address",
        fmt._("Shipping address"),
        tuple(rows),
        empty=fmt._("Same as the billing address."),
        edit_route="shipping_addresses.edit" if may_write else None,
        edit_label=fmt._("Edit") if rows else fmt._("Add"),
        edit_spoken=fmt._("Edit shipping address") if rows else fmt._("Add shipping address"),
    )


def _tax_ids(tax_ids: Sequence[TaxId], fmt: Formatter, *, may_write: bool) -> TaxIdsSection:
    full = len(tax_ids) >= MOST_TAX_IDS
    note = fmt._("You have as many tax IDs as possible. Remove one to add another.") if full and may_write else ""
    rows = tuple(tax_id_row(tax_id, fmt, may_write=may_write) for tax_id in tax_ids)
    return TaxIdsSection(rows, may_write and not full, note)


def _invoices(customer: Customer, update: CustomerUpdate, fmt: Formatter, *, may_write: bool) -> DetailSection:
    fields = invoice_fields_of(customer, update)
    rows = [DetailRow(field.name, (field.value,)) for field in fields.others]
    if "purchase_order" in update.invoice_fields and fields.purchase_order:
        rows.insert(0, DetailRow(purchase_order_label(update, fmt), (fields.purchase_order,)))
    return DetailSection(
        "invoice-fields",
        fmt._("On your invoices"),
        tuple(rows),
        empty=fmt._("Add a purchase order number, or anything else your accounting needs to see on every invoice.")
        if "custom_fields" in update.invoice_fields
        else fmt._("Add a purchase order number to have it on every invoice."),
        edit_route="invoice_fields.edit" if may_write else None,
        edit_label=fmt._("Edit") if rows else fmt._("Add"),
        edit_spoken=fmt._("Edit what stands on your invoices") if rows else fmt._("Add to your invoices"),
    )


def purchase_order_label(update: CustomerUpdate, fmt: Formatter) -> str:
    """What the number is called: the host's own word, or ours in the reader's language."""
    return fmt._("PO number") if update.purchase_order_name == "PO number" else update.purchase_order_name


def _line(text: str | None) -> tuple[str, ...]:
    return (text,) if text else ()
