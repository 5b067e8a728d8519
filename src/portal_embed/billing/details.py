"""A customer's details: what may be changed, how long it may be, and the lines that every invoice carries. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.stripe.objects import CustomField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal_embed.billing.stripe.objects import Customer, Subscription
    from portal_embed.config import CustomerUpdate

LONGEST_NAME = 150
"""Characters (stripe-python 16.1 on `business_name`; the older `name` takes 256)."""
LONGEST_EMAIL = 254
"""Characters (RFC 5321, as corrected by its erratum 1690)."""
LONGEST_PHONE = 20
"""Characters (stripe-python 16.1 has no limit on `phone`; Stripe's dashboard keeps 20)."""
MOST_FIELDS = 4
LONGEST_FIELD_NAME = 40
LONGEST_FIELD_VALUE = 140
"""Characters, like the two above from stripe-python 16.1, `invoice_settings.custom_fields`."""

_PHONE = re.compile(r"(\+?[\d ()./\-]+)(?:\s*(?:x|ext\.?)\s*\d{1,6})?", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@(?:[^\s@.<>\"(),:;\\\[\]]{1,63}\.)+[^\s@.\d<>\"(),:;\\\[\]]{2,63}")


@dataclass(frozen=True)
class InvoiceFields:
    """The lines in the head of every invoice: the purchase order's number ("" for none), and the others in order."""

    purchase_order: str
    others: tuple[CustomField, ...]

    def kept(self, purchase_order_name: str) -> tuple[CustomField, ...]:
        """As Stripe keeps them; the number comes first."""
        first = (CustomField(name=purchase_order_name, value=self.purchase_order),) if self.purchase_order else ()
        return (*first, *self.others)


def invoice_fields_of(customer: Customer, update: CustomerUpdate) -> InvoiceFields:
    """The customer's lines. The number is known by its name, in whatever case somebody wrote it."""
    number, others = "", []
    for field in customer.invoice_settings.custom_fields or ():
        if not number and _is_purchase_order(field.name, update):
            number = field.value
        else:
            others.append(field)
    return InvoiceFields(number, tuple(others))


def invoice_fields_problem(fields: InvoiceFields, update: CustomerUpdate) -> str | None:
    """Why Stripe would not keep them as asked: "too_many", "same_name"; None when it would."""
    kept = fields.kept(update.purchase_order_name)
    if len(kept) > MOST_FIELDS:
        return "too_many"
    names = [field.name.casefold() for field in kept]
    return "same_name" if len(set(names)) < len(names) or _names_number(fields, update) else None


def is_phone(text: str) -> bool:
    """Whether it could be a telephone number: digits with what people put between them, at most 15 (ITU-T E.164)."""
    found = _PHONE.fullmatch(text)
    digits = sum(char.isdigit() for char in found[1]) if found else 0
    return len(text) <= LONGEST_PHONE and 4 <= digits <= 15


def is_email(text: str) -> bool:
    """Whether it could be an address to write to. Only a letter that arrives proves one, so this is about typing errors."""
    return len(text) <= LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None and ".." not in text


def is_taxed_by_address(subscriptions: Sequence[Subscription]) -> bool:
    """Whether some live subscription's tax follows the customer's address. `subscriptions`: live ones."""
    return any(subscription.automatic_tax.enabled for subscription in subscriptions)


def _is_purchase_order(name: str, update: CustomerUpdate) -> bool:
    return "purchase_order" in update.invoice_fields and name.casefold() == update.purchase_order_name.casefold()


def _names_number(fields: InvoiceFields, update: CustomerUpdate) -> bool:
    return any(_is_purchase_order(field.name, update) for field in fields.others)
