"""Paying an open invoice with a saved method, and the bank's question in between."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from portal_embed.access.limits import INVOICE_PAYMENTS
from portal_embed.billing import payments as billing
from portal_embed.billing.account import checked
from portal_embed.billing.invoices import is_payable
from portal_embed.billing.pauses import pause_of
from portal_embed.billing.payment_methods import default_of, ordered
from portal_embed.billing.recovery import use_everywhere
from portal_embed.billing.stripe.objects import id_of
from portal_embed.billing.subscriptions import effective_method
from portal_embed.errors import BadRequest, Conflict, Declined, NotAllowed
from portal_embed.pages import receipts
from portal_embed.pages.done import is_proven, proof, see_other
from portal_embed.view_models import attempts
from portal_embed.view_models.confirmations import of_invoice
from portal_embed.view_models.payments import StripeJs, authentication_page, pay_page
from portal_embed.web.forms import whole_number
from portal_embed.web.heard import tell
from portal_embed.web.offers import offers

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.billing.stripe.objects import Invoice
    from portal_embed.view_models.shared import Notice
    from portal_embed.web.request import PortalRequest


async def new(request: PortalRequest) -> Response:
    """Choose a saved method for an open invoice. One that needs no paying leads to its page."""
    invoice, on_its_way = await _invoice(request)
    if on_its_way or not is_payable(invoice):
        return see_other(request, "invoices.show", invoice.id, done="paid")
    problem = of_invoice(request.query_params.get("done", ""), invoice, request.fmt)
    return await _form(request, invoice, selected=request.query_params.get("method"), problem=problem)


async def create(request: PortalRequest) -> Response:
    """Pay. What is charged is what the button said."""
    invoice_id = request.path_id()
    fields = await request.fields()
    amount = whole_number(fields.get("amount"))
    method = fields.get("payment_method", "")
    resumes = "resumes" in fields  # decides where it leads and no more; what is said there is read from Stripe
    if amount is None:
        raise BadRequest("no amount in the form")
    account = request.account
    fmt = request.fmt
    async with request.deed("payments.create", invoice_id, owned=account.invoice, lock=f"invoice:{invoice_id}") as deed:
        if not method:
            problem = attempts.nothing_chosen(fmt)
            return await _form(request, await account.invoice(invoice_id), problem=problem, status=422)
        await request.services.limits.check(INVOICE_PAYMENTS, account.customer_id, invoice_id)
        try:
            outcome = await billing.pay(account, invoice_id, method, deed, shown_amount=amount)
        except Declined as error:
            problem = attempts.payment_declined(error.code, fmt)
            return await _form(request, await account.invoice(invoice_id), selected=method, problem=problem, status=402)
        except Conflict:
            account.forget()
            problem = attempts.amount_moved(fmt)
            return await _form(request, await account.invoice(invoice_id), selected=method, problem=problem, status=409)
        if request.is_recovery:
            await use_everywhere(account, method, deed)
    if isinstance(outcome, billing.BankAsks):
        return ask_bank(request, outcome.invoice, resumes=resumes)
    if resumes and outcome.invoice.status == "paid" and outcome.invoice.subscription is not None:
        return see_other(request, "overview.show", done="resumed", of=outcome.invoice.subscription)
    return see_other(request, "invoices.show", invoice_id, done="paid")


async def declined(request: PortalRequest, invoice: Invoice, code: str) -> Response:
    """What to do about an invoice that a deed made and could not pay. `code`: see `billing.declines`."""
    return await _form(request, invoice, problem=attempts.payment_declined(code, request.fmt), status=402)


async def authenticate(request: PortalRequest) -> Response:
    """Open the bank's question again, for a payment that waits for it."""
    invoice_id = request.path_id()
    account = request.account
    async with request.deed("authentications.create", invoice_id, owned=account.invoice):
        status = await billing.intent_status(account, (await account.invoice(invoice_id)).id)
        if status != "requires_action":
            return see_other(request, "payments.new", invoice_id)
        invoice = await billing.to_authenticate(account, invoice_id)
        return ask_bank(request, invoice, resumes=await _resumes(request, invoice) is not None)


async def authenticated(request: PortalRequest) -> Response:
    """Back from the bank. What the address says of the outcome counts for nothing: the invoice is read."""
    invoice, on_its_way = await _invoice(request)
    subscription = invoice.subscription
    is_ours = (
        is_proven(request)
        and request.query_params.get("done") in {"asked", "asked_to_resume"}
        and request.query_params.get("of") == invoice.id
    )
    if request.signed_in.flow is not None and not request.is_recovery and not is_ours:
        return see_other(request, "flows.show")  # some other bill: that it is paid does not complete this flow
    if invoice.status == "paid":
        if is_ours and request.query_params.get("done") == "asked_to_resume" and subscription is not None:
            tell(request, "subscription.resumed", subscription, once=invoice.id)
            return see_other(request, "overview.show", done="resumed", of=subscription)
        if invoice.billing_reason == "subscription_update" and subscription is not None:
            receipts.plan_changed(request, subscription)
            tell(request, "subscription.changed", subscription, once=invoice.id)
            return see_other(request, "overview.show", done="changed", of=subscription)
        if is_ours and invoice.billing_reason == "subscription_create" and subscription is not None:
            tell(request, "subscription.created", subscription, once=invoice.id)
            return see_other(request, "overview.show", done="started", of=subscription)
        return see_other(request, "invoices.show", invoice.id, done="paid")
    if not request.may("invoices:pay"):
        return see_other(request, "overview.show")
    if invoice.status == "open" and is_payable(invoice) and not on_its_way:
        return see_other(request, "payments.new", invoice.id, done="payment_unconfirmed")
    return see_other(request, "invoices.show", invoice.id)


def ask_bank(request: PortalRequest, invoice: Invoice, *, resumes: bool = False) -> Response:
    """The page with the bank's dialog; the answer to a POST, with the CSP that Stripe.js needs. `resumes`: it is paid so that a
    paused subscription goes on, and not for a change.
    """
    done = "asked_to_resume" if resumes else "asked"
    hosted = invoice.hosted_invoice_url
    may_pay = request.may("invoices:pay")  # who changes a plan need not be allowed to see invoices
    page = authentication_page(
        invoice,
        request.fmt,
        stripe_js(request),
        return_url=request.services.urls.absolute(
            "authentications.return",
            invoice.id,
            done=done,
            of=invoice.id,
            proof=proof(request, done, invoice.id),
        ),
        hosted_url=hosted if request.config.stripe_hosts.may_link(hosted) else None,
        back_route="payments.new" if may_pay else "overview.show",
        back_id=invoice.id if may_pay else None,
    )
    request.scope["portal.payment_page"] = True
    return request.services.renderer.answer(request, "authentications/new.html", page)


def may_add_method(request: PortalRequest) -> bool:
    """Whether this session may save another payment method on the way."""
    return offers("payment_methods.new", request.terms.features, request.signed_in.flow) and request.may(
        "payment_methods:write"
    )


def stripe_js(request: PortalRequest) -> StripeJs:
    """What a page needs to talk to Stripe from the browser."""
    return StripeJs(
        publishable_key=request.terms.publishable_key,
        url=request.config.stripe_js_url,
        account=request.terms.connected_account or "",
        locale=request.fmt.locale if request.fmt.locale != "en-XA" else "en",
    )


async def _resumes(request: PortalRequest, invoice: Invoice) -> str | None:
    """The subscription that goes on once this invoice is paid; None for any other invoice."""
    if invoice.subscription is None:
        return None
    pause = pause_of(await request.account.subscription(invoice.subscription))
    return invoice.subscription if pause is not None and pause.unpaid == invoice.id else None


async def _invoice(request: PortalRequest) -> tuple[Invoice, bool]:
    """The invoice, and whether a payment of it is being collected already."""
    account, invoice_id = request.account, checked(request.path_id(), "in")
    return await asyncio.gather(account.invoice(invoice_id), billing.is_on_its_way(account, invoice_id))


async def _form(
    request: PortalRequest,
    invoice: Invoice,
    *,
    selected: str | None = None,
    problem: Notice | None = None,
    status: int = 200,
) -> Response:
    account = request.account
    if not is_payable(invoice):
        raise NotAllowed("not_payable")
    customer, methods = await asyncio.gather(account.customer(), account.payment_methods())
    default = default_of(customer)
    waits, resumes = "", False
    if invoice.subscription is not None:
        subscription = await account.subscription(invoice.subscription)
        default = effective_method(subscription, customer)
        if subscription.pending_update is not None and id_of(subscription.latest_invoice) == invoice.id:
            waits, resumes = subscription.id, subscription.status == "paused"
    page = pay_page(
        invoice,
        ordered(methods, default),
        default,
        request.fmt,
        now=account.now,
        may_add=may_add_method(request),
        selected=selected,
        problem=problem,
        withdraws=waits or None,
        resumes=resumes,
    )
    label = customer.name or customer.email or ""
    return request.services.renderer.answer(request, "payments/new.html", page, status=status, account_label=label)
