"""The whole site on one screen. GET shows, POST does; an action is a noun that is created."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from portal_embed.pages import (
    cancellations,
    customers,
    entrance,
    invoices,
    logins,
    overview,
    payments,
    plans,
    static,
)
from portal_embed.pages import payment_methods as cards
from portal_embed.pages.endpoint import Page

if TYPE_CHECKING:
    from portal_embed.pages.endpoint import Handler

_OVERVIEW, _INVOICES, _METHODS = "overview.show", "invoices.index", "payment_methods.index"
_SEE, _CHANGE = "subscriptions:read", "subscriptions:write"
_READ, _PAY = "invoices:read", "invoices:pay"
_CARDS, _CARDS_WRITE = "payment_methods:read", "payment_methods:write"

_SESSION: list[tuple[str, str, str, Handler]] = [
    ("session.enter", "GET", "/enter", entrance.enter),
    ("session.create", "POST", "/session", entrance.handover),
    ("session.end", "POST", "/session/end", entrance.leave),
    ("session.expired", "GET", "/expired", entrance.expired),
    ("logins.new", "GET", "/login", logins.new),
    ("logins.create", "POST", "/login", logins.create),
    ("logins.verify", "POST", "/login/code", logins.verify),
    ("logins.renew", "POST", "/login/renewal", logins.renew),
    ("login_links.show", "GET", "/login/link", logins.show_link),
    ("login_links.create", "POST", "/login/link", logins.use_link),
    ("customers.index", "GET", "/customers", customers.index),
    ("customers.switch", "POST", "/customers/{customer}/session", customers.switch),
    ("static", "GET", "/static/{hash}/{path:path}", static.show),
    ("theme.css", "GET", "/theme.css", static.theme),
]
"""They need no scope; `session.end` and `customers` look after themselves."""

_PAGES: list[tuple[str, str, str, Handler, str | None, str]] = [
    # name, method, path, handler, needed scope, section of the navigation
    ("overview.show", "GET", "/", overview.show, _SEE, _OVERVIEW),
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
    ("payment_methods.index", "GET", "/payment-methods", cards.index, _CARDS, _METHODS),
    ("payment_methods.create", "POST", "/payment-methods", cards.create, _CARDS_WRITE, _METHODS),
    ("payment_methods.new", "POST", "/payment-methods/new", cards.new, _CARDS_WRITE, _METHODS),
    ("payment_methods.return", "GET", "/payment-methods/return", cards.returned, _CARDS_WRITE, _METHODS),
    ("defaults.create", "POST", "/payment-methods/{method}/default", cards.make_default, _CARDS_WRITE, _METHODS),
    ("removals.new", "GET", "/payment-methods/{method}/removal", cards.confirm_removal, _CARDS_WRITE, _METHODS),
    ("removals.create", "POST", "/payment-methods/{method}/removal", cards.remove, _CARDS_WRITE, _METHODS),
    ("plans.index", "GET", "/subscriptions/{subscription}/plan", plans.index, _CHANGE, _OVERVIEW),
    ("plan_changes.create", "POST", "/subscriptions/{subscription}/plan", plans.create, _CHANGE, _OVERVIEW),
    ("withdrawals.create", "POST", "/subscriptions/{subscription}/plan/withdrawal", plans.withdraw, _CHANGE, _OVERVIEW),
    ("cancellations.new", "GET", "/subscriptions/{subscription}/cancellation", cancellations.new, _CHANGE, _OVERVIEW),
    ("cancellations.create", "POST", "/subscriptions/{subscription}/cancellation", cancellations.create, _CHANGE, _OVERVIEW),
    ("continuations.create", "POST", "/subscriptions/{subscription}/continuation", cancellations.keep, _CHANGE, _OVERVIEW),
]  # fmt: skip

PATTERNS: dict[str, str] = {
    **{name: path for name, _, path, _ in _SESSION},
    **{name: path for name, _, path, _, _, _ in _PAGES},
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
    ]
