"""Which pages a session has. What is switched off is not found, and nothing links to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from portal_embed.config import Features


def _allow(*updates: str) -> Callable[[Features], bool]:
    return lambda features: features.customer_update.allows(*updates)


_NEEDS: Mapping[str, Callable[[Features], bool]] = {
    # Without the history of invoices a single one can still be seen and paid: notices and the bank's page lead there.
    "invoices.index": lambda features: features.invoice_history.enabled,
    **dict.fromkeys(
        (
            *("payment_methods.index", "payment_methods.new", "payment_methods.create", "payment_methods.return"),
            *("defaults.create", "removals.new", "removals.create"),
        ),
        lambda features: features.payment_method_update.enabled,
    ),
    **dict.fromkeys(
        ("cancellations.new", "cancellations.create", "continuations.create"),
        lambda features: features.subscription_cancel.enabled,
    ),
    **dict.fromkeys(
        ("plans.index", "plan_changes.create"),
        lambda features: features.subscription_update.enabled,
    ),
    "details.show": lambda features: features.customer_update.enabled,
    "contacts.edit": _allow("name", "phone"),
    "contacts.update": _allow("name", "phone"),
    # The link in a letter has no session: its handler asks for the terms of the one that had it sent.
    "email_changes.new": _allow("email"),
    "email_changes.create": _allow("email"),
    "billing_addresses.edit": _allow("address"),
    "billing_addresses.update": _allow("address"),
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


def offers(route: str, features: Features) -> bool:
    """Whether a portal with these features has this page or action."""
    return route not in _NEEDS or _NEEDS[route](features)
