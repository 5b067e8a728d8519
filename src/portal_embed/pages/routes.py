"""The whole site on one screen. GET shows, POST does; an action is a noun that is created."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from portal_embed.pages import (
    addresses,
    cancellations,
    checkouts,
    customers,
    details,
    email_changes,
    entrance,
    flows,
    invoices,
    logins,
    overview,
    pauses,
    payments,
    plans,
    promotion_codes,
    recoveries,
    resumptions,
    standings,
    starts,
    static,
    staying,
    subscriptions,
    tax,
    tax_ids,
    webhooks,
)
from portal_embed.pages import payment_methods as cards
from portal_embed.pages.endpoint import Page

if TYPE_CHECKING:
    from portal_embed.pages.endpoint import Handler

_OVERVIEW, _INVOICES, _METHODS, _DETAILS = "overview.show", "invoices.index", "payment_methods.index", "details.show"
_SEE, _CHANGE = "subscriptions:read", "subscriptions:write"
_READ, _PAY = "invoices:read", "invoices:pay"
_CARDS, _CARDS_WRITE = "payment_methods:read", "payment_methods:write"
_WHO, _WHO_WRITE = "customer:read", "customer:write"

_SESSION: list[tuple[str, str, str, Handler]] = [
    ("session.enter", "GET", "/enter", entrance.enter),
    ("session.create", "POST", "/session", entrance.handover),
    ("session.end", "POST", "/session/end", entrance.leave),
    ("visits.create", "POST", "/visit", entrance.visit),
    ("session.expired", "GET", "/expired", entrance.expired),
    ("logins.new", "GET", "/login", logins.new),
    ("logins.create", "POST", "/login", logins.create),
    ("logins.verify", "POST", "/login/code", logins.verify),
    ("logins.renew", "POST", "/login/renewal", logins.renew),
    ("login_links.show", "GET", "/login/link", logins.show_link),
    ("login_links.create", "POST", "/login/link", logins.use_link),
    ("email_changes.show", "GET", "/email-change", email_changes.show),
    ("email_changes.confirm", "POST", "/email-change", email_changes.confirm),
    ("recovery_links.new", "GET", "/recover", recoveries.ask),
    ("recovery_links.create", "POST", "/recover", recoveries.send),
    ("recovery_links.show", "GET", "/recover/{token}", recoveries.open_link),
    ("recovery_links.open", "POST", "/recover/{token}", recoveries.enter),
    ("flows.show", "GET", "/flow", flows.show),
    ("flows.done", "GET", "/flow/done", flows.completed),
    ("customers.index", "GET", "/customers", customers.index),
    ("customers.switch", "POST", "/customers/{customer}/session", customers.switch),
    ("webhooks.create", "POST", "/webhooks/stripe", webhooks.create),
    ("embed.js", "GET", "/embed.js", static.embed),
    ("pieces.js", "GET", "/pieces.js", static.embed),
    ("embed.d.ts", "GET", "/embed.d.ts", static.embed),
    ("static", "GET", "/static/{hash}/{path:path}", static.show),
    ("theme.css", "GET", "/theme.css", static.theme),
    ("pieces.css", "GET", "/pieces.css", static.pieces),
]
"""They need no scope; `session.end` and `customers` look after themselves."""

_PAGES: list[tuple[str, str, str, Handler, str | None, str]] = [
    # name, method, path, handler, needed scope, section of the navigation
    ("overview.show", "GET", "/", overview.show, _SEE, _OVERVIEW),
    ("ended.index", "GET", "/subscriptions/ended", subscriptions.ended, _SEE, _OVERVIEW),
    ("subscriptions.show", "GET", "/subscriptions/{subscription}", subscriptions.show, _SEE, _OVERVIEW),
    ("subscription_standings.show", "GET", "/subscriptions/{subscription}/standing", standings.of_subscription, _SEE, _OVERVIEW),
    ("next_charges.show", "GET", "/subscriptions/{subscription}/next-charge", overview.next_charge, _SEE, _OVERVIEW),
    ("invoices.index", "GET", "/invoices", invoices.index, _READ, _INVOICES),
    ("invoices.show", "GET", "/invoices/{invoice}", invoices.show, _READ, _INVOICES),
    ("invoices.pdf", "GET", "/invoices/{invoice}/pdf", invoices.pdf, _READ, _INVOICES),
    ("receipts.show", "GET", "/invoices/{invoice}/receipt", invoices.receipt, _READ, _INVOICES),
    ("credit_notes.pdf", "GET", "/credit-notes/{credit_note}/pdf", invoices.credit_note_pdf, _READ, _INVOICES),
    ("payments.new", "GET", "/invoices/{invoice}/payment", payments.new, _PAY, _INVOICES),
    ("payments.create", "POST", "/invoices/{invoice}/payment", payments.create, _PAY, _INVOICES),
    # Whoever may pay or change a plan comes back from the bank here, whatever else they may see.
    ("authentications.return", "GET", "/invoices/{invoice}/authentication", payments.authenticated, None, _OVERVIEW),
    ("authentications.create", "POST", "/invoices/{invoice}/authentication", payments.authenticate, _PAY, _INVOICES),
    # Whoever sees a plan or an invoice sees how its payment ends.
    ("outcomes.show", "GET", "/invoices/{invoice}/outcome", subscriptions.payment_outcome, None, _OVERVIEW),
    ("invoice_standings.show", "GET", "/invoices/{invoice}/standing", standings.of_invoice, _READ, _INVOICES),
    ("recoveries.show", "GET", "/recovery", recoveries.show, _READ, _INVOICES),
    ("payment_methods.index", "GET", "/payment-methods", cards.index, _CARDS, _METHODS),
    ("payment_methods.create", "POST", "/payment-methods", cards.create, _CARDS_WRITE, _METHODS),
    ("payment_methods.new", "POST", "/payment-methods/new", cards.new, _CARDS_WRITE, _METHODS),
    ("payment_methods.outside", "POST", "/payment-methods/outside", cards.outside, _CARDS_WRITE, _METHODS),
    ("payment_methods.return", "GET", "/payment-methods/return", cards.returned, _CARDS_WRITE, _METHODS),
    ("defaults.create", "POST", "/payment-methods/{method}/default", cards.make_default, _CARDS_WRITE, _METHODS),
    ("removals.new", "GET", "/payment-methods/{method}/removal", cards.confirm_removal, _CARDS_WRITE, _METHODS),
    ("removals.create", "POST", "/payment-methods/{method}/removal", cards.remove, _CARDS_WRITE, _METHODS),
    ("details.show", "GET", "/details", details.show, _WHO, _DETAILS),
    ("contacts.edit", "GET", "/details/contact", details.edit_contact, _WHO_WRITE, _DETAILS),
    ("contacts.update", "POST", "/details/contact", details.update_contact, _WHO_WRITE, _DETAILS),
    ("email_changes.new", "GET", "/details/email", email_changes.new, _WHO_WRITE, _DETAILS),
    ("email_changes.create", "POST", "/details/email", email_changes.create, _WHO_WRITE, _DETAILS),
    ("billing_addresses.edit", "GET", "/details/billing-address", addresses.edit_billing, _WHO_WRITE, _DETAILS),
    ("billing_addresses.update", "POST", "/details/billing-address", addresses.update_billing, _WHO_WRITE, _DETAILS),
    ("tax_addresses.edit", "GET", "/details/tax-address", tax.edit_address, _WHO_WRITE, _DETAILS),
    ("shipping_addresses.edit", "GET", "/details/shipping-address", addresses.edit_shipping, _WHO_WRITE, _DETAILS),
    ("shipping_addresses.update", "POST", "/details/shipping-address", addresses.update_shipping, _WHO_WRITE, _DETAILS),
    ("shipping_removals.create", "POST", "/details/shipping-address/removal", addresses.remove_shipping, _WHO_WRITE, _DETAILS),
    ("invoice_fields.edit", "GET", "/details/invoice-fields", details.edit_invoice_fields, _WHO_WRITE, _DETAILS),
    ("invoice_fields.update", "POST", "/details/invoice-fields", details.update_invoice_fields, _WHO_WRITE, _DETAILS),
    ("tax_ids.new", "GET", "/details/tax-ids/new", tax_ids.new, _WHO_WRITE, _DETAILS),
    ("tax_ids.create", "POST", "/details/tax-ids/new", tax_ids.create, _WHO_WRITE, _DETAILS),
    ("tax_id_removals.new", "GET", "/details/tax-ids/{tax_id}/removal", tax_ids.confirm_removal, _WHO_WRITE, _DETAILS),
    ("tax_id_removals.create", "POST", "/details/tax-ids/{tax_id}/removal", tax_ids.remove, _WHO_WRITE, _DETAILS),
    ("pricing.index", "GET", "/plans", starts.pricing, _SEE, _OVERVIEW),
    ("starts.new", "GET", "/plans/{price}/start", starts.new, _CHANGE, _OVERVIEW),
    ("starts.create", "POST", "/plans/{price}/start", starts.create, _CHANGE, _OVERVIEW),
    ("checkouts.create", "POST", "/plans/{price}/checkout", checkouts.create, _CHANGE, _OVERVIEW),
    ("checkouts.return", "GET", "/checkout", checkouts.returned, _SEE, _OVERVIEW),
    ("restarts.new", "GET", "/subscriptions/{subscription}/restart", starts.again, _CHANGE, _OVERVIEW),
    ("start_withdrawals.create", "POST", "/subscriptions/{subscription}/start-over", starts.withdraw, _CHANGE, _OVERVIEW),
    ("plans.show", "GET", "/plan", plans.show, _SEE, _OVERVIEW),
    ("plans.index", "GET", "/subscriptions/{subscription}/plan", plans.index, _CHANGE, _OVERVIEW),
    ("plan_changes.create", "POST", "/subscriptions/{subscription}/plan", plans.create, _CHANGE, _OVERVIEW),
    ("withdrawals.create", "POST", "/subscriptions/{subscription}/plan/withdrawal", plans.withdraw, _CHANGE, _OVERVIEW),
    ("scheduled_changes.remove", "POST", "/subscriptions/{subscription}/plan/planned", plans.unschedule, _CHANGE, _OVERVIEW),
    ("cancellations.new", "GET", "/subscriptions/{subscription}/cancellation", cancellations.new, _CHANGE, _OVERVIEW),
    ("cancellations.create", "POST", "/subscriptions/{subscription}/cancellation", cancellations.create, _CHANGE, _OVERVIEW),
    ("pauses.new", "GET", "/subscriptions/{subscription}/pause", pauses.new, _CHANGE, _OVERVIEW),
    ("pauses.create", "POST", "/subscriptions/{subscription}/pause", pauses.create, _CHANGE, _OVERVIEW),
    # Going on has to be paid for, so whoever comes by the link of a mail may do it too.
    ("resumptions.new", "GET", "/subscriptions/{subscription}/resumption", resumptions.new, _PAY, _OVERVIEW),
    ("resumptions.create", "POST", "/subscriptions/{subscription}/resumption", resumptions.create, _PAY, _OVERVIEW),
    ("retentions.create", "POST", "/subscriptions/{subscription}/retention", staying.accept, _CHANGE, _OVERVIEW),
    ("promotion_codes.new", "GET", "/subscriptions/{subscription}/promotion-code", promotion_codes.new, _CHANGE, _OVERVIEW),
    ("promotion_codes.show", "POST", "/subscriptions/{subscription}/promotion-code", promotion_codes.show, _CHANGE, _OVERVIEW),
    ("discounts.create", "POST", "/subscriptions/{subscription}/discounts", promotion_codes.use, _CHANGE, _OVERVIEW),
    ("discount_removals.new", "GET", "/discounts/{discount}/removal", promotion_codes.confirm_removal, _CHANGE, _OVERVIEW),
    ("discount_removals.create", "POST", "/discounts/{discount}/removal", promotion_codes.remove, _CHANGE, _OVERVIEW),
    ("continuations.create", "POST", "/subscriptions/{subscription}/continuation", cancellations.keep, _CHANGE, _OVERVIEW),
]  # fmt: skip

_PIECES: list[tuple[str, str, str, Handler, str, str]] = [
    # name of the piece, path, route of the page it is made of, its handler, needed scope, section
    ("invoices", "/pieces/invoices", "invoices.index", invoices.index, _READ, _INVOICES),
    ("invoice", "/pieces/invoices/{invoice}", "invoices.show", invoices.show, _READ, _INVOICES),
    ("payment-methods", "/pieces/payment-methods", "payment_methods.index", cards.index, _CARDS, _METHODS),
    ("plan", "/pieces/plan", "overview.show", overview.show, _SEE, _OVERVIEW),
    ("plans", "/pieces/plans", "pricing.index", starts.pricing, _SEE, _OVERVIEW),
    ("attention", "/pieces/attention", "overview.show", overview.show, _SEE, _OVERVIEW),
    ("upcoming", "/pieces/upcoming", "next_charges.show", overview.upcoming, _SEE, _OVERVIEW),
    ("cancel", "/pieces/cancel", "cancellations.new", cancellations.only, _CHANGE, _OVERVIEW),
    ("cancel", "/pieces/cancel/{subscription}", "cancellations.new", cancellations.new, _CHANGE, _OVERVIEW),
]
"""Sections for a host's own page, by plain addresses. Going on from there is asked for by a header, see `web/pieces.py`."""

PATTERNS: dict[str, str] = {
    **{name: path for name, _, path, _ in _SESSION},
    **{name: path for name, _, path, _, _, _ in _PAGES},
    **{f"pieces.{name}": path for name, path, _, _, _, _ in _PIECES if "{" not in path},
    "pieces.cancel_one": "/pieces/cancel/{subscription}",
}
"""Route name → path pattern, for `web.urls`."""


def routes() -> list[Route]:
    """The routes of a portal, in order. Which of them a session has is for `web.offers` to say."""
    return [
        *(Route(path, Page(name, handler), methods=[method], name=name) for name, method, path, handler in _SESSION),
        *(
            Route(path, Page(name, handler, needs=scope, section=section), methods=[method], name=name)
            for name, method, path, handler, scope, section in _PAGES
        ),
        *(
            Route(path, Page(route, handler, needs=scope, section=section, piece=piece), methods=["GET"])
            for piece, path, route, handler, scope, section in _PIECES
        ),
    ]
