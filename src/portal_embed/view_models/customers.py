"""Whose billing to look after, for those who look after that of several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal_embed.billing.stripe.objects import Customer
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class CustomerRow:
    """One customer: `name`, and `detail` that tells two of one name apart ("" if there is nothing).

    `id`: the customer's, to switch to. `is_current`: it is the one whose billing is open.
    """

    id: str
    name: str
    detail: str
    is_current: bool


@dataclass(frozen=True)
class CustomersPage:
    """All customers that this session may switch between, in the host's order."""

    rows: tuple[CustomerRow, ...]


def customers_page(customers: Sequence[Customer], current: str, fmt: Formatter) -> CustomersPage:
    """`customers`: those that Stripe still has. `current`: whose billing is open now."""
    return CustomersPage(tuple(_row(customer, current, fmt) for customer in customers))


def _row(customer: Customer, current: str, fmt: Formatter) -> CustomerRow:
    name = customer.name or customer.email or fmt._("Unnamed account")
    detail = customer.email or ""
    return CustomerRow(customer.id, name, detail if detail != name else "", customer.id == current)
