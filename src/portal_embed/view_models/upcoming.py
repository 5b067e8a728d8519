"""The next charge of each subscription, as one piece of a host's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.view_models.next_charges import NextChargePart, next_charge_part
from portal_embed.view_models.subscription_words import subscription_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal_embed.billing.stripe.objects import Invoice, Product, Subscription, TaxId
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class UpcomingCharge:
    """One subscription's next bill. `name`: of the subscription, "" where there is only one."""

    name: str
    part: NextChargePart


@dataclass(frozen=True)
class UpcomingPage:
    """All that is planned, empty when nothing is."""

    charges: tuple[UpcomingCharge, ...]


def upcoming_page(
    due: tuple[tuple[Subscription, Invoice | None], ...],
    products: Mapping[str, Product],
    fmt: Formatter,
    *,
    tax_ids: Sequence[TaxId] = (),
) -> UpcomingPage:
    """`due`: subscriptions with their next invoice, None where Stripe could not tell. `tax_ids`: where a charge is reversed."""
    return UpcomingPage(
        tuple(
            UpcomingCharge(
                subscription_name(subscription, products, fmt) if len(due) > 1 else "",
                next_charge_part(subscription, preview, fmt, tax_ids=tax_ids),
            )
            for subscription, preview in due
        )
    )
