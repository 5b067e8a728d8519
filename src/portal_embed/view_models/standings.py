"""How a plan or an invoice stands now, for a page that cannot say what came of a click: told from what is re-read, a few times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.invoices import InvoiceState, state_of
from portal_embed.billing.money import Money
from portal_embed.billing.subscriptions import main_item
from portal_embed.view_models.invoice_list import state_badge as invoice_badge
from portal_embed.view_models.subscription_words import item_price, state_badge, subscription_name, waiting_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.billing.stripe.objects import Invoice, Product, Subscription
    from portal_embed.i18n.formatting import Formatter
    from portal_embed.view_models.shared import Badge

PAUSES = (2, 5, 10, 20)
"""Seconds before each time that the page asks: what was under way shows within moments, or was never done."""


@dataclass(frozen=True)
class Standing:
    """How one thing stands now.

    `route` and `id`: its page; `ask_route`: where this part comes from. `name` "Pro"; `detail` "$29.00 a month"; `badge`: its
    state; `sentence`: a change that waits, "" for none. All are empty (`badge` None) before the first answer. `ask`: how often was
    asked already; `pause`: seconds until the page asks again, 0 when it does not any more.
    """

    route: str
    ask_route: str
    id: str
    ask: int
    pause: int
    name: str = ""
    detail: str = ""
    badge: Badge | None = None
    sentence: str = ""


def _asked(noun: str, id: str, ask: int) -> tuple[str, str, str, int, int]:
    pause = PAUSES[ask] if 0 <= ask < len(PAUSES) else 0
    return f"{noun}s.show", f"{noun}_standings.show", id, ask, pause


def unknown_standing(noun: str, id: str) -> Standing:
    """Before anything was asked. `noun`: "subscription" or "invoice"."""
    return Standing(*_asked(noun, id, 0))


def of_subscription(
    subscription: Subscription, products: Mapping[str, Product], fmt: Formatter, *, ask: int
) -> Standing:
    """How a plan stands now."""
    item = main_item(subscription)
    return Standing(
        *_asked("subscription", subscription.id, ask),
        name=subscription_name(subscription, products, fmt),
        detail=item_price(item, products, fmt) if item is not None else "",
        badge=state_badge(subscription, fmt),
        sentence=waiting_sentence(subscription, products, fmt),
    )


def of_invoice(invoice: Invoice, fmt: Formatter, *, now: int, is_on_its_way: bool, ask: int) -> Standing:
    """How an invoice stands now. `now`: unix seconds."""
    state = InvoiceState.PROCESSING if is_on_its_way else state_of(invoice, now)
    return Standing(
        *_asked("invoice", invoice.id, ask),
        name=fmt._("Invoice %(number)s", number=invoice.number or fmt._("Without number")),
        detail=fmt.money(Money(invoice.total, invoice.currency)),
        badge=invoice_badge(state, invoice, fmt),
    )
