"""The pages of a customer's details, made by their own view models: name → template, page, whether it is only a part."""

from __future__ import annotations

from typing import Any

from portal_embed.billing.stripe.objects import (
    Address,
    Customer,
    CustomerInvoiceSettings,
    CustomField,
    Shipping,
    TaxId,
    Verification,
)
from portal_embed.config import CustomerUpdate
from portal_embed.i18n.formatting import formatter_for
from portal_embed.view_models import detail_forms
from portal_embed.view_models.details import details_page
from portal_embed.view_models.email_changes import email_change_page
from portal_embed.view_models.shared import Notice
from portal_embed.view_models.tax_ids import new_tax_id_page, remove_tax_id_page

FMT = formatter_for("en", "UTC")
UPDATE = CustomerUpdate()
BERLIN = Address(country="DE", line1="Hauptstraße 1", city="Berlin", postal_code="10115")
STATUSES = ("verified", "pending", "unverified", "unavailable")
TAX_IDS = tuple(
    TaxId(
        id=f"txi_{status}", type="eu_vat", value="DE123456789", country="DE", verification=Verification(status=status)
    )
    for status in STATUSES
)
NOBODY = Customer(id="cus_1")


def customer(text: str = "Ada Lovelace") -> Customer:
    """One who has everything, in the words of `text`."""
    return Customer(
        id="cus_1",
        name=text,
        business_name=text,
        email="ada@example.com",
        phone="+49 30 1234567",
        address=BERLIN,
        shipping=Shipping(name=text, address=Address(country="US", line1=text, city=text, state="NY")),
        invoice_settings=CustomerInvoiceSettings(
            custom_fields=(CustomField(name="PO number", value=text), CustomField(name="Cost center", value=text))
        ),
    )


def sheet(who: Customer, tax_ids: tuple[TaxId, ...] = (), **changes: Any) -> Any:
    """The sheet of somebody."""
    wanted = {"may_write": True, "sends_mail": True, "business": "Tidewater", **changes}
    return details_page(who, tax_ids, (), UPDATE, FMT, **wanted)


def samples(hostile: str) -> dict[str, tuple[str, Any, bool]]:
    """All of them. `hostile`: text that must stay text."""
    show, edit, new = "details/show.html", "details/edit.html", "tax_ids/new.html"
    everything = dict.fromkeys(("purchase_order", "label_1", "text_1"), "x")
    typed = {"country": "US", "line1": hostile, "city": hostile, "state": "NY", "postal_code": hostile, "name": hostile}
    return {
        "details": (show, sheet(customer(), TAX_IDS, confirmation=Notice("positive", "Contact details saved")), False),
        "details_none": (show, sheet(NOBODY), False),
        "details_read_only": (show, sheet(customer(), TAX_IDS, may_write=False), False),
        "details_without_mail": (show, sheet(customer(), sends_mail=False), False),
        "details_hostile": (show, sheet(customer(hostile), TAX_IDS), False),
        "contact": (edit, detail_forms.contact_form({"name": "Ada"}, UPDATE, FMT), False),
        "contact_wrong": (
            edit,
            detail_forms.contact_form({"phone": hostile}, UPDATE, FMT, {"name": "missing", "phone": "phone"}),
            False,
        ),
        "billing_address": (edit, detail_forms.billing_form({"country": "CA"}, [], customer(), FMT), False),
        "billing_address_wrong": (
            edit,
            detail_forms.billing_form(typed, [], customer(), FMT, {"postal_code": "postal_code", "line1": "too_long"}),
            False,
        ),
        "billing_address_first": (edit, detail_forms.billing_form({"country": ""}, [], NOBODY, FMT), False),
        "shipping_address": (edit, detail_forms.shipping_form(typed, [], customer(), FMT, may_copy=True), False),
        "invoice_fields": (edit, detail_forms.invoice_fields_form(everything, UPDATE, FMT), False),
        "invoice_fields_wrong": (
            edit,
            detail_forms.invoice_fields_form(everything, UPDATE, FMT, {"label_1": "same_name"}),
            False,
        ),
        "email": (edit, detail_forms.email_form("ada@example.com", "", FMT), False),
        "email_wrong": (edit, detail_forms.email_form("", hostile, FMT, "email"), False),
        "tax_id": (new, new_tax_id_page("CA", "", "", FMT), False),
        "tax_id_one_kind": (new, new_tax_id_page("US", "", "", FMT), False),
        "tax_id_first": (new, new_tax_id_page("", "", "", FMT, problem="country"), False),
        "tax_id_wrong": (new, new_tax_id_page("DE", "eu_vat", hostile, FMT, problem="form"), False),
        "tax_id_removal": ("tax_ids/removal.html", remove_tax_id_page(TAX_IDS[0], FMT), False),
        "email_change": (
            "email_changes/show.html",
            email_change_page("ada@example.com", "new@example.com", FMT, token="t", business="Tidewater"),
            False,
        ),
        "email_change_dead": (
            "email_changes/show.html",
            email_change_page("", "", FMT, token="", business="", is_dead=True),
            False,
        ),
    }
