"""Whose billing to look after, for those who look after that of several."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal_embed.billing.stripe.objects import Customer
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class CustomerRow:
    """One customer: `name`, and `detail` that tells it from one that reads alike ("" if nothing is needed or known).

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
    read = Counter(_words(customer, fmt) for customer in customers)
    return CustomersPage(tuple(_row(customer, current, fmt, read) for customer in customers))


def _row(customer: Customer, current: str, fmt: Formatter, read: Counter[tuple[str, ...]]) -> CustomerRow:
    words = _words(customer, fmt)
    name, *details = words
    if read[words] > 1 and customer.created:
        details.append(fmt._("Customer since %(date)s", date=fmt.date(customer.created)))
    return CustomerRow(customer.id, name, " · ".join(details), customer.id == current)


def _words(customer: Customer, fmt: Formatter) -> tuple[str, ...]:
    """What is known of a customer, the name first, nothing twice."""
    known = (customer.name, customer.business_name, customer.email)
    return tuple(dict.fromkeys(word for word in known if word)) or (fmt._("Unnamed account"),)
