"""A small stand-in for the product's renderer, so that templates can be looked at and tested on their own.

It gives templates the names that the real one gives them (`url`, `static`, `op`, `dom_id`, `csrf`, `nonce`, …) and nothing else:
with `StrictUndefined`, a name that the real renderer does not promise fails here too.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import portal_embed
from portal_embed.web.pieces import as_piece

PACKAGE = Path(portal_embed.__file__).parent
TEMPLATES = PACKAGE / "templates"
STATIC = PACKAGE / "static"
NONCE = "nonce-for-tests"

PATHS = {
    "overview.show": "/",
    "subscriptions.show": "/subscriptions/{id}",
    "ended.index": "/subscriptions/ended",
    "outcomes.show": "/invoices/{id}/outcome",
    "subscription_standings.show": "/subscriptions/{id}/standing",
    "invoice_standings.show": "/invoices/{id}/standing",
    "withdrawals.create": "/subscriptions/{id}/plan/withdrawal",
    "next_charges.show": "/subscriptions/{id}/next-charge",
    "invoices.index": "/invoices",
    "invoices.show": "/invoices/{id}",
    "invoices.pdf": "/invoices/{id}/pdf",
    "receipts.show": "/invoices/{id}/receipt",
    "credit_notes.pdf": "/credit-notes/{id}/pdf",
    "payments.new": "/invoices/{id}/payment",
    "payments.create": "/invoices/{id}/payment",
    "authentications.create": "/invoices/{id}/authentication",
    "payment_methods.index": "/payment-methods",
    "payment_methods.new": "/payment-methods/new",
    "payment_methods.create": "/payment-methods",
    "defaults.create": "/payment-methods/{id}/default",
    "removals.new": "/payment-methods/{id}/removal",
    "removals.create": "/payment-methods/{id}/removal",
    "pricing.index": "/plans",
    "starts.new": "/plans/{id}/start",
    "starts.create": "/plans/{id}/start",
    "checkouts.create": "/plans/{id}/checkout",
    "restarts.new": "/subscriptions/{id}/restart",
    "start_withdrawals.create": "/subscriptions/{id}/start-over",
    "plans.index": "/subscriptions/{id}/plan",
    "plan_changes.create": "/subscriptions/{id}/plan",
    "cancellations.new": "/subscriptions/{id}/cancellation",
    "cancellations.create": "/subscriptions/{id}/cancellation",
    "continuations.create": "/subscriptions/{id}/continuation",
    "flows.show": "/flow",
    "retentions.create": "/subscriptions/{id}/retention",
    "recovery_links.new": "/recover",
    "recovery_links.create": "/recover",
    "recovery_links.open": "/recover/{id}",
    "resumptions.create": "/subscriptions/{id}/resumption",
    "logins.new": "/login",
    "logins.create": "/login",
    "logins.verify": "/login/code",
    "logins.renew": "/login/renewal",
    "login_links.create": "/login/link",
    "customers.index": "/customers",
    "details.show": "/details",
    "contacts.edit": "/details/contact",
    "contacts.update": "/details/contact",
    "email_changes.new": "/details/email",
    "email_changes.create": "/details/email",
    "email_changes.confirm": "/email-change",
    "billing_addresses.edit": "/details/billing-address",
    "billing_addresses.update": "/details/billing-address",
    "shipping_addresses.edit": "/details/shipping-address",
    "shipping_addresses.update": "/details/shipping-address",
    "shipping_removals.create": "/details/shipping-address/removal",
    "invoice_fields.edit": "/details/invoice-fields",
    "invoice_fields.update": "/details/invoice-fields",
    "tax_ids.new": "/details/tax-ids/new",
    "tax_ids.create": "/details/tax-ids/new",
    "tax_id_removals.new": "/details/tax-ids/{id}/removal",
    "tax_id_removals.create": "/details/tax-ids/{id}/removal",
    "customers.switch": "/customers/{id}/session",
    "session.end": "/session/end",
}
"""The portal's routes, as far as templates name them. The test of the real routes is in tests/pages."""


def url(route: str, id: str | None = None, **query: str) -> str:
    """The address of a route below the mount `/billing`. Raises `KeyError` for a route nobody promised."""
    path = PATHS[route]
    if ("{id}" in path) != (id is not None):
        raise ValueError(f"{route} was given id={id!r}")
    return "/billing" + path.replace("{id}", id or "") + ("?" + urlencode(query) if query else "")


def dom_id(noun: str, id: str, part: str) -> str:
    """The id of an element that answers may replace."""
    return f"portal-{noun}-{id}-{part}"


def pseudo(text: str) -> str:
    """The pseudo-locale: translated words stand in brackets and wear accents, so what was missed stands out."""
    accents = str.maketrans("aeiouAEIOUncs", "áéíóúÁÉÍÓÚñçš")
    out, in_placeholder = [], False
    for piece in text.replace("%(", "\0%(").replace(")s", ")s\0").split("\0"):
        in_placeholder = piece.startswith("%(")
        out.append(piece if in_placeholder else piece.translate(accents))
    return "⟦" + "".join(out) + "⟧"


def environment(translate: Callable[[str], str] = lambda text: text) -> Environment:
    """A Jinja environment over the package's templates. `translate` stands for the catalog."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["as_piece"] = as_piece
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=translate,
        ngettext=lambda one, many, n: translate(one if n == 1 else many),
        newstyle=True,
    )
    return env


def stylesheet() -> str:
    """All of `static/css` in the order of its ORDER file: what is served as `portal.css`."""
    return assembled("css")


def assembled(kind: str) -> str:
    """The files of `static/<kind>` that its ORDER names, one after the other."""
    room = STATIC / kind
    return "".join((room / name).read_text() for name in (room / "ORDER").read_text().split())


def names(static: Callable[[str], str] | None = None) -> dict[str, Any]:
    """What every page template may use besides `page` and `chrome`."""
    return {
        "url": url,
        "static": static or (lambda path: f"/billing/static/hash/{path}"),
        "nonce": NONCE,
        "csrf": "csrf-for-tests",
        "op": lambda route: f"op-for-{route}",
        "dom_id": dom_id,
        "theme_url": None,
        "stylesheet_url": None,
    }


ENGLISH = environment()
PSEUDO = environment(pseudo)


def render(template: str, page: object, chrome: object, *, env: Environment = ENGLISH, **changed: Any) -> str:
    """One template with its context. `changed` replaces some of the names templates may use."""
    return env.get_template(template).render(names() | {"page": page, "chrome": chrome} | changed)
