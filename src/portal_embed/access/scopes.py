"""What a session may do: eight scopes, and three roles that are names for sets of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

INVOICES_READ = "invoices:read"
INVOICES_PAY = "invoices:pay"
PAYMENT_METHODS_READ = "payment_methods:read"
PAYMENT_METHODS_WRITE = "payment_methods:write"
SUBSCRIPTIONS_READ = "subscriptions:read"
SUBSCRIPTIONS_WRITE = "subscriptions:write"
CUSTOMER_READ = "customer:read"
CUSTOMER_WRITE = "customer:write"

VIEW = frozenset({INVOICES_READ, PAYMENT_METHODS_READ, SUBSCRIPTIONS_READ, CUSTOMER_READ})
PAY = VIEW | {INVOICES_PAY, PAYMENT_METHODS_WRITE}
MANAGE = PAY | {SUBSCRIPTIONS_WRITE, CUSTOMER_WRITE}

SCOPES = MANAGE
ROLES = {"view": VIEW, "pay": PAY, "manage": MANAGE}


def expand(scopes: str | Iterable[str] | None) -> frozenset[str]:
    """The scopes meant by a role, a scope, or a list of either; None means the role "manage".

    Who may change a thing may also read it. Raises ValueError for an unknown name or an empty list.
    """
    if scopes is None:
        return MANAGE
    names = [scopes] if isinstance(scopes, str) else list(scopes)
    if not names:
        raise ValueError('scopes is empty: name at least one, or a role ("view", "pay", "manage").')
    expanded: set[str] = set()
    for name in names:
        if name in ROLES:
            expanded |= ROLES[name]
        elif name in SCOPES:
            expanded |= {name, name.split(":")[0] + ":read"}
        else:
            raise ValueError(f"scopes has no {name!r}: use {', '.join(sorted(SCOPES))}, or a role (view, pay, manage).")
    return frozenset(expanded)
