"""CustomerAccount: the gateway bound to one (account, livemode, customer). The only door that pages use.

Every lookup goes through it, so a stranger's id and a missing one are the same `NotFound`. One is made per request:
what it has read it keeps until a write, after which everything is read anew, so a page always shows what Stripe now
says.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any, TypeVar

from portal_embed.billing import invoices as invoice_rules
from portal_embed.billing import subscriptions as subscription_rules
from portal_embed.billing.stripe import customers, invoices, payment_methods, subscriptions, tax_ids
from portal_embed.billing.stripe.objects import Charge, Customer, Invoice, PaymentMethod, id_of
from portal_embed.errors import NotFound, SessionExpired

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from portal_embed.billing.invoices import InvoiceDetail
    from portal_embed.billing.stripe.catalog import CatalogReader
    from portal_embed.billing.stripe.client import StripeClient
    from portal_embed.billing.stripe.objects import (
        CreditNote,
        Price,
        Product,
        SetupIntent,
        Subscription,
        TaxId,
    )

T = TypeVar("T")
B = TypeVar("B", "Subscription", "Invoice")

INVOICES_A_PAGE = 20
LAST_INVOICES = 5
DRAFT_PAGES = 5
"""How many pages of nothing but drafts (or of others' business) are skipped before we say there is no more."""

_ID = re.compile(r"[a-z]{2,12}_[A-Za-z0-9_]{1,128}")


class CustomerAccount:
    """What one customer's billing is, read once per request."""

    def __init__(
        self,
        stripe: StripeClient,
        catalog: CatalogReader,
        customer_id: str,
        *,
        on_behalf_of: str | None = None,
        only_subscription: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`stripe` and `catalog` are the process's own for this Stripe account; `clock` gives unix seconds.

        `on_behalf_of` ("acct_…"): only subscriptions and invoices on behalf of this account are there, as in a session of
        Stripe's portal that names one. Stripe's lists have no such filter, so what they answer is sifted here.
        `only_subscription`: of all subscriptions and invoices only this one and its own are there (a flow's session).
        """
        self.stripe = stripe
        self.catalog = catalog
        self.customer_id = customer_id
        self.on_behalf_of = on_behalf_of
        self.only_subscription = only_subscription
        self.now = int(clock())
        self._kept: dict[str, asyncio.Future[Any]] = {}

    async def customer(self) -> Customer:
        """The customer. Raises `SessionExpired` when the host has deleted it."""
        customer = await self._once("customer", lambda: customers.retrieve(self.stripe, self.customer_id))
        if customer.deleted:
            raise SessionExpired("the customer was deleted")
        return customer

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """All subscriptions, ended ones too, newest first."""
        found = await self._once("subscriptions", lambda: subscriptions.of_customer(self.stripe, self.customer_id))
        return tuple(subscription for subscription in found if self._is_shown(subscription))

    async def live_subscriptions(self) -> tuple[Subscription, ...]:
        """Subscriptions that still exist."""
        return tuple(s for s in await self.subscriptions() if subscription_rules.is_live(s))

    async def subscription(self, subscription_id: str, *, with_method: bool = False) -> Subscription:
        """One subscription of this customer, read now. `with_method`: for `method_of`, in the same call. Raises `NotFound`."""
        found = await subscriptions.retrieve(self.stripe, checked(subscription_id, "sub"), with_method=with_method)
        return self._shown(self._owned(found, id_of(found.customer)))

    async def method_of(self, subscription: Subscription) -> PaymentMethod | None:
        """The saved method that a subscription will charge, None for none. No call where it was read `with_method`."""
        customer = subscription.customer if isinstance(subscription.customer, Customer) else await self.customer()
        wanted = subscription_rules.effective_method(subscription, customer)
        for method in (subscription.default_payment_method, customer.invoice_settings.default_payment_method):
            if isinstance(method, PaymentMethod) and method.id == wanted:
                return method
        methods = await self.payment_methods() if wanted is not None else ()
        return next((method for method in methods if method.id == wanted), None)

    async def payment_methods(self) -> tuple[PaymentMethod, ...]:
        """All saved methods, newest first."""
        return await self._once("methods", lambda: payment_methods.of_customer(self.stripe, self.customer_id))

    async def payment_method(self, method_id: str) -> PaymentMethod:
        """One saved method of this customer, read now. Raises `NotFound`."""
        found = await payment_methods.retrieve(self.stripe, self.customer_id, checked(method_id, "pm", "card", "src"))
        return self._owned(found, found.customer)

    async def tax_ids(self) -> tuple[TaxId, ...]:
        """All tax ids, newest first."""
        return await self._once("tax_ids", lambda: tax_ids.of_customer(self.stripe, self.customer_id))

    async def tax_id(self, tax_id: str) -> TaxId:
        """One tax id of this customer, read now. Raises `NotFound`."""
        found = await tax_ids.retrieve(self.stripe, self.customer_id, checked(tax_id, "txi", "atxi"))
        return self._owned(found, id_of(found.customer))

    async def open_invoices(self) -> tuple[Invoice, ...]:
        """Invoices that wait for payment, newest first."""
        found = await self._once("open", lambda: invoices.open_ones(self.stripe, self.customer_id))
        return tuple(invoice for invoice in found if self._is_shown(invoice))

    async def invoice_page(self, **cursor: str) -> tuple[tuple[Invoice, ...], bool]:
        """One page of invoices, newest first, without drafts; and whether Stripe has more in that direction.

        `cursor`: `starting_after` or `ending_before`, an invoice's id. One that is not this customer's gives the
        first page.
        """
        for value in cursor.values():
            checked(value, "in")
        rows: tuple[Invoice, ...] = ()
        more = True
        for _ in range(DRAFT_PAGES):
            page = await invoices.page(self.stripe, self.customer_id, limit=INVOICES_A_PAGE, **cursor)
            rows = tuple(i for i in page.data if invoice_rules.is_visible(i) and self._is_shown(i))
            more = page.has_more
            if rows or not more or not page.data:
                break
            forward = "ending_before" not in cursor
            cursor = {"starting_after": page.data[-1].id} if forward else {"ending_before": page.data[0].id}
        return rows, more

    async def invoice(self, invoice_id: str, *, expand: tuple[str, ...] = ()) -> Invoice:
        """One invoice of this customer, read now; never a draft. Raises `NotFound`."""
        found = await invoices.retrieve(self.stripe, checked(invoice_id, "in"), expand=expand)
        if not invoice_rules.is_visible(found):
            raise NotFound("a draft")
        return self._shown(self._owned(found, found.customer))

    async def invoice_detail(self, invoice_id: str) -> InvoiceDetail:
        """One invoice with payments, refunds and credit notes: two calls at once, two more only where there is something."""
        checked(invoice_id, "in")
        invoice, paid = await asyncio.gather(
            self.invoice(invoice_id, expand=("discounts.source.coupon",)), invoices.payments(self.stripe, invoice_id)
        )
        refunded = [
            intent.id
            for intent in invoice_rules.intents(paid)
            if isinstance(intent.latest_charge, Charge) and intent.latest_charge.amount_refunded
        ]
        noted = bool(invoice.pre_payment_credit_notes_amount or invoice.post_payment_credit_notes_amount)
        notes = await invoices.credit_notes(self.stripe, invoice_id) if noted else ()
        refunds = {intent: await invoices.refunds(self.stripe, intent) for intent in refunded}
        return invoice_rules.InvoiceDetail(invoice, paid, refunds, notes)

    async def credit_note(self, credit_note_id: str) -> CreditNote:
        """One credit note of this customer. Raises `NotFound`."""
        found = await invoices.credit_note(self.stripe, checked(credit_note_id, "cn"))
        self._owned(found, found.customer)
        if self.on_behalf_of is not None or self.only_subscription is not None:
            await self.invoice(found.invoice or "")
        return found

    async def setup_intent(self, setup_intent_id: str) -> SetupIntent:
        """How saving a method stands, of this customer only. Raises `NotFound`."""
        found = await payment_methods.setup(self.stripe, checked(setup_intent_id, "seti"))
        return self._owned(found, found.customer)

    async def next_invoice(self, subscription: Subscription) -> Invoice:
        """The invoice that the next period of a subscription will make, as Stripe previews it. `NotFound`: none comes."""
        return await self.next_invoice_of(subscription.id)

    async def next_invoice_of(self, subscription_id: str) -> Invoice:
        """The same by an id that was not looked at yet: Stripe refuses a stranger's."""
        id = checked(subscription_id, "sub")
        return await self._once(f"next:{id}", lambda: invoices.preview(self.stripe, self.customer_id, subscription=id))

    async def products_of(self, found: tuple[Subscription, ...]) -> dict[str, Product]:
        """The products behind these subscriptions, by id; kept for a minute per process."""
        return await self.catalog.products(subscription_rules.product_ids(found))

    async def prices(self, ids: Iterable[str]) -> dict[str, Price]:
        """These prices with products and tiers, by id; kept for a minute per process. What Stripe does not know is missing."""
        found = await asyncio.gather(*(self.catalog.by_id(price) for price in sorted(set(ids))))
        return {price.id: price for prices in found for price in prices}

    async def invoices_of(self, subscription_id: str) -> tuple[Invoice, ...]:
        """The last invoices of one subscription of this customer, newest first, without drafts."""
        page = await invoices.page(
            self.stripe, self.customer_id, limit=LAST_INVOICES, subscription=checked(subscription_id, "sub")
        )
        return tuple(i for i in page.data if invoice_rules.is_visible(i) and self._is_shown(i))

    def forget(self) -> None:
        """After a write: everything is read anew."""
        self._kept.clear()

    def _owned(self, found: T, owner: str | None) -> T:
        if owner != self.customer_id:
            raise NotFound("belongs to another customer")
        return found

    def _is_shown(self, found: Subscription | Invoice) -> bool:
        subscription = found.subscription if isinstance(found, Invoice) else found.id
        return self.on_behalf_of in (None, found.on_behalf_of) and self.only_subscription in (None, subscription)

    def _shown(self, found: B) -> B:
        if not self._is_shown(found):
            raise NotFound("not of this session")
        return found

    async def _once(self, name: str, read: Callable[[], Awaitable[T]]) -> T:
        task = self._kept.get(name)
        if task is None:
            task = self._kept[name] = asyncio.ensure_future(read())
        found: T = await asyncio.shield(task)
        return found


def checked(value: str, *prefixes: str) -> str:
    """An id of the right kind, or `NotFound`: nothing else ever reaches Stripe's address line."""
    prefix, _, rest = value.partition("_")
    if prefix not in prefixes or not rest or not _ID.fullmatch(value):
        raise NotFound("not an id")
    return value
