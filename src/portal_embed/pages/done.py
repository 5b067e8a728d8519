"""After an action: the redirect that names it, and the words for it once the state is read anew."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from portal_embed.access import keys
from portal_embed.access.flows import OURS
from portal_embed.billing.endings import still_billed
from portal_embed.billing.subscriptions import ends_at, is_live
from portal_embed.errors import PortalError
from portal_embed.view_models import confirmations, detail_confirmations
from portal_embed.web.heard import tell_done
from portal_embed.web.offers import offers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal_embed.billing.money import Money
    from portal_embed.billing.stripe.objects import Customer, Invoice, PaymentMethod, Product, Subscription, TaxId
    from portal_embed.view_models.shared import Notice
    from portal_embed.web.request import PortalRequest


def see_other(request: PortalRequest, route: str, id: str | None = None, **query: str | None) -> RedirectResponse:
    """303 to a page of ours, so that a reload repeats nothing. `done` and `of` name what was done, for its confirmation.

    In a flow whatever is done completes it, and where the flow has no such page it begins anew.
    """
    flow = request.session.flow if request.session is not None else None
    done, of = query.get("done"), query.get("of")
    if done:
        tell_done(request, done, of or id)
    if flow is not None and flow.type == OURS and done in {"method_added", "paid", "changed", "resumed"}:
        route, id = "recoveries.show", None
    elif flow is not None and done and flow.type != OURS:
        route, id, query = "flows.done", None, {**query, "proof": proof(request, done, of or "")}
    elif flow is not None and not offers(route, request.terms.features, flow):
        route, id, query = "flows.show", None, {}
    if "portal.piece" in request.scope and route == "overview.show":
        # A fragment that is loaded by its address stays one: the header that would say so is not there yet.
        route = "pieces.plan"
    return RedirectResponse(request.services.urls.path(route, id, **query), status_code=303)


ENDS = frozenset({"canceled", "end_moved"})


async def ahead(request: PortalRequest) -> None:
    """Ask Stripe already what is still billed, together with all else, where a confirmation is going to say it."""
    if request.query_params.get("done") in ENDS:
        with suppress(PortalError):
            await request.account.next_invoice_of(request.query_params.get("of", ""))


async def of_subscription(
    request: PortalRequest,
    subscriptions: Sequence[Subscription],
    products: Mapping[str, Product],
    open_invoices: Sequence[Invoice] = (),
) -> Notice | None:
    """What was just done to a subscription, if it is still so; of one that ends, with what Stripe says is still billed.

    `open_invoices`: all that are, of these subscriptions at least.
    """
    wanted = request.query_params.get("of")
    if request.query_params.get("done") == "discount_removed" and not is_proven(request):
        return None  # it leaves no trace that would bear it out
    found = next((s for s in subscriptions if s.id == wanted), None)
    if found is None:
        return None
    done = request.query_params.get("done", "")
    if done == "arrived":
        return confirmations.payment_arrived(found, {invoice.id for invoice in open_invoices}, products, request.fmt)
    is_ending = ends_at(found) is not None or not is_live(found)
    return confirmations.of_subscription(
        done,
        found,
        products,
        request.fmt,
        # A flow has no page with "Keep my plan" on it.
        may_undo=request.session is not None and request.session.flow is None,
        outlook=await still_billed(request.account, found) if done in ENDS and is_ending else None,
    )


def of_invoice(request: PortalRequest, invoice: Invoice) -> Notice | None:
    """What was just done to an invoice, if it is still so."""
    return confirmations.of_invoice(request.query_params.get("done", ""), invoice, request.fmt)


def of_methods(request: PortalRequest, customer: Customer, methods: Sequence[PaymentMethod], now: int) -> Notice | None:
    """What was just done to a payment method, if it is still so. A removed one leaves no trace, so its address has a proof."""
    query = request.query_params
    done, of = query.get("done", ""), query.get("of", "")
    if done == "method_removed" and not is_proven(request):
        return None
    return confirmations.of_methods(done, of, customer, methods, request.fmt, now=now)


def method_removed(request: PortalRequest, method_id: str) -> RedirectResponse:
    """To the saved methods, with the proof that this one was removed in this session."""
    shown = proof(request, "method_removed", method_id)
    return see_other(request, "payment_methods.index", done="method_removed", of=method_id, proof=shown)


def detail_saved(request: PortalRequest, done: str, of: str = "") -> RedirectResponse:
    """To the customer's details, with the proof that this was done in this session."""
    return see_other(request, "details.show", done=done, of=of or None, proof=proof(request, done, of))


def of_details(
    request: PortalRequest, customer: Customer, tax_ids: Sequence[TaxId], tax_now: Money | None
) -> Notice | None:
    """What was just done to the details, if it is still so. What was there before leaves no trace, so the address has a proof."""
    query = request.query_params
    done, of = query.get("done", ""), query.get("of", "")
    if not is_proven(request):
        return None
    return detail_confirmations.of_details(done, of, customer, tax_ids, request.fmt, tax_now=tax_now)


def proof(request: PortalRequest, done: str, of: str) -> str:
    """What only we can put into an address: that this was done, in this session, to this thing."""
    return _proofs(request, done, of)[0]


def is_proven(request: PortalRequest) -> bool:
    """Whether the address has the proof of what it says was done."""
    query = request.query_params
    return query.get("proof") in _proofs(request, query.get("done", ""), query.get("of", ""))


def _proofs(request: PortalRequest, done: str, of: str) -> list[str]:
    return keys.macs(request.config, "done", f"{request.signed_in.sid}\0{done}\0{of}")
