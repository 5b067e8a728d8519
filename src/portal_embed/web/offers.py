"""Which pages a session has: what is switched off is not found and not linked; a flow has its own few and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.access.flows import OURS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from portal_embed.access.flows import Flow
    from portal_embed.config import Features


def _allow(*updates: str) -> Callable[[Features], bool]:
    return lambda features: features.customer_update.allows(*updates)


_NEEDS: Mapping[str, Callable[[Features], bool]] = {
    # Without the history of invoices a single one can still be seen and paid: notices and the bank's page lead there.
    "invoices.index": lambda features: features.invoice_history.enabled,
    **dict.fromkeys(
        (
            *("payment_methods.index", "payment_methods.new", "payment_methods.create", "payment_methods.return"),
            *("payment_methods.outside", "defaults.create", "removals.new", "removals.create"),
        ),
        lambda features: features.payment_method_update.enabled,
    ),
    **dict.fromkeys(
        ("cancellations.new", "cancellations.create", "continuations.create"),
        lambda features: features.subscription_cancel.enabled,
    ),
    **dict.fromkeys(("pauses.new", "pauses.create"), lambda features: features.subscription_pause.enabled),
    **dict.fromkeys(
        ("plans.index", "plan_changes.create"),
        lambda features: features.subscription_update.enabled,
    ),
    **dict.fromkeys(
        (
            *("promotion_codes.new", "promotion_codes.show", "discounts.create"),
            *("discount_removals.new", "discount_removals.create"),
        ),
        lambda features: features.subscription_update.allows("promotion_code"),
    ),
    **dict.fromkeys(("prepayments.new", "prepayments.create"), lambda features: features.subscription_prepay.enabled),
    **dict.fromkeys(
        (
            *("pricing.index", "starts.new", "starts.create", "restarts.new", "start_withdrawals.create"),
            *("checkouts.create", "checkouts.return"),
        ),
        lambda features: features.subscription_create.enabled,
    ),
    "details.show": lambda features: features.customer_update.enabled,
    "contacts.edit": _allow("name", "phone"),
    "contacts.update": _allow("name", "phone"),
    # The link in a letter has no session: its handler asks for the terms of the one that had it sent.
    "email_changes.new": _allow("email"),
    "email_changes.create": _allow("email"),
    "billing_addresses.edit": _allow("address"),
    "billing_addresses.update": _allow("address"),
    "tax_addresses.edit": _allow("address", "shipping"),
    "shipping_addresses.edit": _allow("shipping"),
    "shipping_addresses.update": _allow("shipping"),
    "shipping_removals.create": _allow("shipping"),
    "invoice_fields.edit": _allow("purchase_order", "custom_fields"),
    "invoice_fields.update": _allow("purchase_order", "custom_fields"),
    "tax_ids.new": _allow("tax_id"),
    "tax_ids.create": _allow("tax_id"),
    "tax_id_removals.new": _allow("tax_id"),
    "tax_id_removals.create": _allow("tax_id"),
}


_CARD = ("payment_methods.new", "payment_methods.create", "payment_methods.return")
_CHANGE = ("plans.index", "plan_changes.create", "withdrawals.create", "scheduled_changes.remove")
_BANK = ("authentications.return", "authentications.create")
_FLOWS: Mapping[str, frozenset[str]] = {
    "customer_update": frozenset(
        route
        for route in _NEEDS
        if route.startswith(
            ("details.", "contacts.", "email_changes.", "billing_", "shipping_", "invoice_fields.", "tax_id")
        )
    ),
    "payment_method_update": frozenset({*_CARD, "payment_methods.outside"}),
    "subscription_cancel": frozenset({"cancellations.new", "cancellations.create", "retentions.create"}),
    "subscription_pause": frozenset({"pauses.new", "pauses.create"}),
    # Who has no card yet adds one on the way, and who had canceled keeps the plan first.
    "subscription_update": frozenset({*_CHANGE, *_BANK, *_CARD, "continuations.create"}),
    "recovery": frozenset(
        {
            *(
                "recoveries.show",
                "resumptions.create",
                "payments.new",
                "payments.create",
                "invoices.show",
                "invoices.pdf",
            ),
            *(*_CARD, *_BANK),
        }
    ),
    "subscription_update_confirm": frozenset(
        {"plan_changes.create", "withdrawals.create", *_BANK, *_CARD, "continuations.create"}
    ),
}
_EVERYWHERE = frozenset(
    {
        *(
            "session.enter",
            "session.create",
            "session.end",
            "session.expired",
            "visits.create",
            "static",
            "theme.css",
            "pieces.css",
            "pieces.js",
            "webhooks.create",
            "embed.js",
            "embed.d.ts",
        ),
        *("logins.new", "logins.create", "logins.verify", "logins.renew", "login_links.show", "login_links.create"),
        *("email_changes.show", "email_changes.confirm"),
        *("recovery_links.new", "recovery_links.create", "recovery_links.show", "recovery_links.open"),
    }
)
"""They ask for no session, or end it."""
WHILE_CHOOSING = _EVERYWHERE | {"customers.index", "customers.switch"}
"""What there is for who has several customers' billing to open and has not said which."""
_OF_FLOWS = frozenset({"flows.show", "flows.done"})


def offers(route: str, features: Features, flow: Flow | None = None) -> bool:
    """Whether a session with these features, and with this flow if it has one, has this page or action."""
    is_owed = flow is not None and flow.type == OURS  # whoever owes may use another card, whatever else they may
    if route in _NEEDS and not _NEEDS[route](features) and not is_owed:
        return False
    if flow is None:
        return route not in _OF_FLOWS
    return route in _EVERYWHERE | _OF_FLOWS | _FLOWS[flow.type]


def is_on(flow: Flow, features: Features) -> bool:
    """Whether the features allow what a flow is for."""
    return {
        "customer_update": features.customer_update.enabled,
        "payment_method_update": features.payment_method_update.enabled,
        "subscription_cancel": features.subscription_cancel.enabled,
        "subscription_pause": features.subscription_pause.enabled,
        "subscription_update": features.subscription_update.enabled,
        "subscription_update_confirm": features.subscription_update.enabled,
        "recovery": True,
    }.get(flow.type, False)
