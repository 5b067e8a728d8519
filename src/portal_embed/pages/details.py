"""The customer's details: the sheet, and the forms for contact and for what stands on invoices."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from portal_embed.access.limits import DETAIL_CHANGES
from portal_embed.access.scopes import MANAGE
from portal_embed.billing import detail_changes as billing
from portal_embed.billing import details as rules
from portal_embed.billing.stripe.objects import CustomField
from portal_embed.errors import PortalError
from portal_embed.pages.done import detail_saved, of_details
from portal_embed.view_models.detail_forms import contact_form, invoice_fields_form
from portal_embed.view_models.details import details_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from portal_embed.billing.money import Money
    from portal_embed.config import CustomerUpdate
    from portal_embed.view_models.detail_forms import DetailForm
    from portal_embed.web.request import PortalRequest

TAXED = frozenset({"billing_address", "shipping_address", "shipping_removed"})
"""What was done may have changed the tax of the next invoice."""


async def show(request: PortalRequest) -> Response:
    """Everything that is known, with a way to change each part."""
    account, update = request.account, allowed(request)
    customer, tax_ids, live, tax = await asyncio.gather(
        account.customer(),
        account.tax_ids() if update.allows("tax_id") else _nothing(),
        account.live_subscriptions(),
        next_tax(request) if request.query_params.get("done") in TAXED else _no_tax(),
    )
    page = details_page(
        customer,
        tax_ids,
        live,
        update,
        request.fmt,
        may_write=request.may("customer:write"),
        sends_mail=may_change_email(request),
        business=request.terms.business_profile.name or "",
        confirmation=of_details(request, customer, tax_ids, tax),
    )
    return request.services.renderer.answer(request, "details/show.html", page)


def may_change_email(request: PortalRequest) -> bool:
    """A new email must be confirmed there, and the one that let somebody in without the host is not theirs to change.

    By mail one may sign in, have a link anew and pay what is owed, so whoever chooses the address gets all that with it: that
    takes every scope, and a session that sees everything.
    """
    session = request.signed_in
    is_whole = session.scopes >= MANAGE and session.on_behalf_of is None
    return request.config.can_mail and not session.by_mail and is_whole


async def edit_contact(request: PortalRequest) -> Response:
    """Name, business name and phone, as they are."""
    customer = await request.account.customer()
    typed = {name: getattr(customer, name) or "" for name in ("name", "business_name", "phone")}
    return form_page(request, contact_form(typed, allowed(request), request.fmt))


async def update_contact(request: PortalRequest) -> Response:
    """Save those that may be changed; anything else in the form is not read."""
    fields, update = await request.fields(), allowed(request)
    names = (
        *(("name", "business_name") if update.allows("name") else ()),
        *(("phone",) if update.allows("phone") else ()),
    )
    typed = {name: tidy(fields.get(name, "")) for name in names}
    wrong = {name: "too_long" for name in names if name != "phone" and len(typed[name]) > rules.LONGEST_NAME}
    if "name" in typed and not typed["name"]:
        wrong["name"] = "missing"
    if typed.get("phone") and not rules.is_phone(typed["phone"]):
        wrong["phone"] = "phone"
    if wrong:
        return form_page(request, contact_form(typed, update, request.fmt, wrong))
    async with request.deed("contacts.update", lock="details") as deed:
        await request.services.limits.check(DETAIL_CHANGES, request.account.customer_id)
        await billing.set_contact(request.account, deed, **typed)
    return detail_saved(request, "contact")


async def edit_invoice_fields(request: PortalRequest) -> Response:
    """The purchase order's number and the free lines, as they are."""
    update = allowed(request)
    kept = rules.invoice_fields_of(await request.account.customer(), update)
    typed = {"purchase_order": kept.purchase_order}
    for number, field in enumerate(kept.others, start=1):
        typed[f"label_{number}"], typed[f"text_{number}"] = field.name, field.value
    return form_page(request, invoice_fields_form(typed, update, request.fmt))


async def update_invoice_fields(request: PortalRequest) -> Response:
    """Save the lines. Those that are not in the form, because the host keeps them to itself, stay as they are."""
    account, update = request.account, allowed(request)
    typed = {name: tidy(value) for name, value in (await request.fields()).items() if not name.startswith("_")}
    kept = rules.invoice_fields_of(await account.customer(), update)
    others = kept.others
    wrong: dict[str, str] = {}
    if "custom_fields" in update.invoice_fields:
        others, wrong = _free_lines(typed)
    number = typed.get("purchase_order", "") if "purchase_order" in update.invoice_fields else kept.purchase_order
    if len(number) > rules.LONGEST_FIELD_VALUE:
        wrong["purchase_order"] = "too_long"
    fields = rules.InvoiceFields(number, others)
    problem = rules.invoice_fields_problem(fields, update)
    if problem is not None and not wrong:
        wrong[f"label_{len(others)}" if others and "custom_fields" in update.invoice_fields else "purchase_order"] = (
            problem
        )
    if wrong:
        return form_page(request, invoice_fields_form(typed, update, request.fmt, wrong))
    async with request.deed("invoice_fields.update", lock="details") as deed:
        await request.services.limits.check(DETAIL_CHANGES, account.customer_id)
        await billing.set_invoice_fields(account, deed, fields, update)
    return detail_saved(request, "invoice_fields")


def allowed(request: PortalRequest) -> CustomerUpdate:
    """What this portal lets customers change."""
    return request.terms.features.customer_update


def form_page(request: PortalRequest, form: DetailForm) -> Response:
    """A form of the details; 422 when something is wrong with what was typed."""
    return request.services.renderer.answer(request, "details/edit.html", form, status=422 if form.errors else 200)


def tidy(text: str) -> str:
    """What was typed, without the spaces around it and the line breaks within."""
    return " ".join(text.split())


async def next_tax(request: PortalRequest) -> Money | None:
    """The tax on the next invoice, None where none follows the address or Stripe does not say: it is only told, not charged."""
    try:
        return await billing.next_tax(request.account)
    except PortalError:
        return None


def _free_lines(typed: Mapping[str, str]) -> tuple[tuple[CustomField, ...], dict[str, str]]:
    lines: list[CustomField] = []
    wrong: dict[str, str] = {}
    for number in range(1, rules.MOST_FIELDS + 1):
        name, text = typed.get(f"label_{number}", ""), typed.get(f"text_{number}", "")
        if not name and not text:
            continue
        if not name or not text:
            wrong[f"text_{number}" if name else f"label_{number}"] = "missing"
        elif len(name) > rules.LONGEST_FIELD_NAME:
            wrong[f"label_{number}"] = "too_long"
        elif len(text) > rules.LONGEST_FIELD_VALUE:
            wrong[f"text_{number}"] = "too_long"
        lines.append(CustomField(name=name, value=text))
    return tuple(lines), wrong


async def _nothing() -> tuple[()]:
    return ()


async def _no_tax() -> None:
    return None
