"""Billing and shipping address. Choosing another country asks for its fields, and loses nothing that was typed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from portal_embed.access.limits import DETAIL_CHANGES
from portal_embed.billing import detail_changes as billing
from portal_embed.billing import details as rules
from portal_embed.billing.addresses import LINES, countries, read_address, rules_of
from portal_embed.billing.stripe.objects import Address, Shipping
from portal_embed.errors import DetailRefused
from portal_embed.i18n.countries import language_of
from portal_embed.pages.details import form_page, next_tax, tidy
from portal_embed.pages.done import detail_saved
from portal_embed.pages.ways_back import way_back
from portal_embed.view_models.detail_forms import DetailForm, address_typed, billing_form, shipping_form
from portal_embed.web.heard import tell_done

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from portal_embed.billing.money import Money
    from portal_embed.billing.stripe.objects import Customer
    from portal_embed.web.request import PortalRequest

USE_COUNTRY = "use_country"
"""The button that asks for another country's fields; a script presses it when the country changes."""


async def edit_billing(request: PortalRequest) -> Response:
    """The billing address as it is."""
    customer = await request.account.customer()
    return form_page(request, await _billing_form(request, customer, address_typed(customer.address, request.fmt)))


async def update_billing(request: PortalRequest) -> Response:
    """Save it, or show the fields of another country."""
    fields, account = await request.fields(), request.account
    typed = {name: tidy(fields.get(name, "")) for name in ("country", *LINES)}
    customer = await account.customer()
    if fields.get(USE_COUNTRY):
        return _fields_of_country(request, await _billing_form(request, customer, typed))
    address, wrong = _read(request, typed)
    if wrong:
        return form_page(request, await _billing_form(request, customer, typed, wrong))
    before = await next_tax(request)
    try:
        async with request.deed("billing_addresses.update", lock="details") as deed:
            await request.services.limits.check(DETAIL_CHANGES, account.customer_id)
            await billing.set_address(account, deed, address)
    except DetailRefused:
        return form_page(request, await _billing_form(request, customer, typed, _unplaced(typed)))
    return _saved(request, "billing_address", fields, before)


async def edit_shipping(request: PortalRequest) -> Response:
    """The shipping address as it is; with `?from=billing` filled in from the billing address, not saved yet."""
    customer = await request.account.customer()
    shipping = customer.shipping or Shipping()
    source = customer.address if request.query_params.get("from") == "billing" else shipping.address
    if source is None and customer.address is not None:
        source = Address(country=customer.address.country)
    typed = {
        **address_typed(source, request.fmt),
        "name": shipping.name or customer.name or "",
        "phone": shipping.phone or "",
    }
    return form_page(request, await _shipping_form(request, customer, typed))


async def update_shipping(request: PortalRequest) -> Response:
    """Save it, or show the fields of another country."""
    fields, account = await request.fields(), request.account
    typed = {name: tidy(fields.get(name, "")) for name in ("country", *LINES, "name", "phone")}
    customer = await account.customer()
    if fields.get(USE_COUNTRY):
        return _fields_of_country(request, await _shipping_form(request, customer, typed))
    address, wrong = _read(request, typed)
    if not typed["name"]:
        wrong["name"] = "missing"
    elif len(typed["name"]) > rules.LONGEST_NAME:
        wrong["name"] = "too_long"
    if typed["phone"] and not rules.is_phone(typed["phone"]):
        wrong["phone"] = "phone"
    if wrong:
        return form_page(request, await _shipping_form(request, customer, typed, wrong))
    before = await next_tax(request)
    try:
        async with request.deed("shipping_addresses.update", lock="details") as deed:
            await request.services.limits.check(DETAIL_CHANGES, account.customer_id)
            shipping = Shipping(address=address, name=typed["name"], phone=typed["phone"])
            await billing.set_shipping(account, deed, shipping)
    except DetailRefused:
        return form_page(request, await _shipping_form(request, customer, typed, _unplaced(typed)))
    return _saved(request, "shipping_address", fields, before)


async def remove_shipping(request: PortalRequest) -> Response:
    """Goods, and tax, go by the billing address again."""
    await request.fields()
    before = await next_tax(request)
    async with request.deed("shipping_removals.create", lock="details") as deed:
        await request.services.limits.check(DETAIL_CHANGES, request.account.customer_id)
        await billing.remove_shipping(request.account, deed)
    return detail_saved(request, "shipping_removed", str(before.amount) if before is not None else "")


def _read(request: PortalRequest, typed: dict[str, str]) -> tuple[Address, dict[str, str]]:
    if typed["country"] not in countries():
        return Address(), {"country": "missing"}
    return read_address(typed, rules_of(typed["country"], language_of(request.fmt.locale)))


def _unplaced(typed: dict[str, str]) -> dict[str, str]:
    """Where it is said that Stripe cannot place an address: at the line that most often is to blame."""
    lines = rules_of(typed["country"]).lines
    return {"postal_code" if "postal_code" in lines else "line1": "place"}


def _fields_of_country(request: PortalRequest, form: DetailForm) -> Response:
    template = "details/_country_fields.html" if request.wants_part else "details/edit.html"
    return request.services.renderer.answer(request, template, form)


async def _billing_form(
    request: PortalRequest,
    customer: Customer,
    typed: dict[str, str],
    wrong: dict[str, str] | None = None,
) -> DetailForm:
    live = list(await request.account.live_subscriptions())
    return await _with_way_back(request, billing_form(typed, live, customer, request.fmt, wrong))


async def _shipping_form(
    request: PortalRequest,
    customer: Customer,
    typed: dict[str, str],
    wrong: dict[str, str] | None = None,
) -> DetailForm:
    live = list(await request.account.live_subscriptions())
    form = shipping_form(
        typed,
        live,
        customer,
        request.fmt,
        wrong,
        may_copy=customer.address is not None and request.method == "GET" and "from" not in request.query_params,
    )
    return await _with_way_back(request, form)


async def _with_way_back(request: PortalRequest, form: DetailForm) -> DetailForm:
    """The form of who needs the address for something else, and comes back there."""
    asked = request.query_params.get("back") if request.method == "GET" else (await request.fields()).get("back")
    url = way_back(request, asked)
    return replace(form, back=asked or "", back_url=url) if url else form


def _saved(request: PortalRequest, done: str, fields: Mapping[str, str], before: Money | None) -> Response:
    """To where they come from, which then counts with the new address; else to the details, which say what became of the tax."""
    back = way_back(request, fields.get("back"))
    if not back:
        return detail_saved(request, done, str(before.amount) if before is not None else "")
    tell_done(request, done, None)
    return RedirectResponse(back, status_code=303)
