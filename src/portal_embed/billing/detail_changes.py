"""Changing a customer's details: each section sends its own fields only, so that two people at two sections lose nothing.

Stripe has no versions to compare, so within one section the last one wins; the page that follows is read anew and shows
what is so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal_embed.billing.deeds import settled
from portal_embed.billing.details import invoice_fields_of, is_taxed_by_address
from portal_embed.billing.money import Money
from portal_embed.billing.stripe import customers, tax_ids
from portal_embed.billing.tax_ids import MOST_TAX_IDS, is_same
from portal_embed.errors import Conflict, NotAllowed, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.details import InvoiceFields
    from portal_embed.billing.stripe.objects import Address, Customer, Shipping
    from portal_embed.billing.tax_ids import TaxIdType
    from portal_embed.config import CustomerUpdate


async def set_contact(account: CustomerAccount, deed: Deed, **contact: str) -> None:
    """Any of `name`, `business_name`, `phone`; "" empties one, one that is not named stays."""
    await _write(
        account, deed, lambda customer: all((getattr(customer, n) or "") == contact[n] for n in contact), contact
    )


async def set_address(account: CustomerAccount, deed: Deed, address: Address) -> None:
    """The billing address. Where tax follows it Stripe must know the place at once.

    Raises `DetailRefused("customer_tax_location_invalid")`, and then nothing is changed.
    """
    params: dict[str, Any] = {"address": _lines(address)}
    if is_taxed_by_address(await account.live_subscriptions()):
        params["tax"] = {"validate_location": "immediately"}
    await _write(account, deed, lambda customer: _same(customer.address, address), params)


async def set_shipping(account: CustomerAccount, deed: Deed, shipping: Shipping) -> None:
    """Where goods go. Tax follows it before the billing address, so the same holds for the place.

    Source: Stripe docs, "Customer locations": the shipping address comes first. Raises `DetailRefused`.
    """
    to: dict[str, Any] = {"name": shipping.name or "", "phone": shipping.phone or ""}
    if shipping.address is not None:
        to["address"] = _lines(shipping.address)
    params: dict[str, Any] = {"shipping": to}
    if is_taxed_by_address(await account.live_subscriptions()):
        params["tax"] = {"validate_location": "immediately"}

    def is_so(customer: Customer) -> bool:
        now = customer.shipping
        return now is not None and (now.name or "") == to["name"] and _same(now.address, shipping.address)

    await _write(account, deed, is_so, params)


async def remove_shipping(account: CustomerAccount, deed: Deed) -> None:
    """Goods go to the billing address again."""
    await _write(account, deed, lambda customer: customer.shipping is None, {"shipping": ""})


async def set_invoice_fields(
    account: CustomerAccount, deed: Deed, fields: InvoiceFields, update: CustomerUpdate
) -> None:
    """The lines of the next invoices; finished ones keep what they have."""
    kept = [{"name": field.name, "value": field.value} for field in fields.kept(update.purchase_order_name)]
    await _write(
        account,
        deed,
        lambda customer: invoice_fields_of(customer, update) == fields,
        {"invoice_settings": {"custom_fields": kept or ""}},
    )


async def set_email(account: CustomerAccount, deed: Deed, *, old: str, new: str) -> None:
    """The address that letters go to, once its owner has confirmed it.

    Raises `Conflict` when the email is neither `old` nor `new` by now: somebody else has changed it since.
    """
    account.forget()
    now = (await account.customer()).email or ""
    if now not in {old, new}:
        raise Conflict("the email was changed since the link was sent")
    await _write(account, deed, lambda customer: customer.email == new, {"email": new})


async def add_tax_id(account: CustomerAccount, deed: Deed, kind: TaxIdType, value: str) -> str:
    """Keep a tax id, and answer its id. One that is there already is not kept twice.

    Raises `NotAllowed("too_many_tax_ids")`, `DetailRefused("tax_id_invalid" or "tax_id_prohibited")`.
    """
    held = await account.tax_ids()
    twin = next((known.id for known in held if known.type == kind.type and is_same(known.value, value)), None)
    if twin is not None:
        return twin
    if len(held) >= MOST_TAX_IDS:
        raise NotAllowed("too_many_tax_ids")
    found: list[str] = []

    async def is_there() -> bool:
        account.forget()
        found[:] = [t.id for t in await account.tax_ids() if t.type == kind.type and is_same(t.value, value)]
        return bool(found)

    saved = await settled(
        lambda: tax_ids.create(
            account.stripe, account.customer_id, type=kind.type, value=value, key=deed.key("create")
        ),
        is_there,
        again=deed.again,
    )
    account.forget()
    return saved.id if saved is not None else found[0]


async def remove_tax_id(account: CustomerAccount, tax_id: str) -> None:
    """Remove one for good. One that is gone already is fine: the deed is of a form that we made for it."""
    try:
        await account.tax_id(tax_id)
    except NotFound:
        return
    await settled(
        lambda: tax_ids.delete(account.stripe, account.customer_id, tax_id), lambda: _is_gone(account, tax_id)
    )
    account.forget()


async def next_tax(account: CustomerAccount) -> Money | None:
    """What tax the next invoice of a subscription that is taxed by address will have.

    None where no tax follows the address, or no next invoice comes.
    """
    for subscription in await account.live_subscriptions():
        if subscription.automatic_tax.enabled:
            try:
                invoice = await account.next_invoice(subscription)
            except NotFound:
                continue
            return Money(sum(tax.amount for tax in invoice.total_taxes or ()), invoice.currency)
    return None


async def _write(
    account: CustomerAccount, deed: Deed, is_so: Callable[[Customer], bool], params: dict[str, Any]
) -> None:
    async def happened() -> bool:
        account.forget()
        return is_so(await account.customer())

    await settled(
        lambda: customers.update(account.stripe, account.customer_id, key=deed.key("update"), **params),
        happened,
        again=deed.again,
    )
    account.forget()


async def _is_gone(account: CustomerAccount, tax_id: str) -> bool:
    try:
        await account.tax_id(tax_id)
    except NotFound:
        return True
    return False


def _lines(address: Address) -> dict[str, str]:
    """Every line, empty ones too: an address is replaced, and nothing of the old one may stay."""
    names = ("country", "line1", "line2", "city", "state", "postal_code")
    return {name: getattr(address, name) or "" for name in names}


def _same(one: Address | None, other: Address | None) -> bool:
    return one is other or (one is not None and other is not None and _lines(one) == _lines(other))
