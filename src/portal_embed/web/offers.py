"""Which pages a session has. What is switched off is not found, and nothing links to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from portal_embed.config import Features

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
}


def offers(route: str, features: Features) -> bool:
    """Whether a portal with these features has this page or action."""
    return route not in _NEEDS or _NEEDS[route](features)
