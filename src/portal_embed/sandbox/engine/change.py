"""What is wanted of a running subscription, and the change once it is worked out."""

from collections.abc import Callable
from dataclasses import dataclass, field

from portal_embed.sandbox.engine import pricing
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject

TRUTH = [
    ("a metered item has no quantity, and one that is given is refused", "documented",
     "Stripe docs, usage-based billing; wording assumed"),
]  # fmt: skip


@dataclass(frozen=True)
class ItemChange:
    """A wanted state of one item: by `id`, or a new one by `price`. None leaves as it is."""

    id: str | None = None
    price: JsonObject | None = None
    quantity: int | None = None
    deleted: bool = False
    metadata: dict[str, str] | None = None
    discounts: list[JsonObject] | None = None
    tax_rates: list[JsonObject] | None = None


@dataclass(frozen=True)
class Change:
    """What is to change. `edit` sets plain fields of the subscription; moments in seconds; None leaves as it is."""

    items: list[ItemChange] = field(default_factory=list)
    proration_behavior: str = "create_prorations"
    proration_date: int | None = None
    reset_anchor: bool = False
    trial_end: int | str | None = None
    discounts: list[JsonObject] | None = None
    payment_behavior: str = "allow_incomplete"
    off_session: bool = False
    bill_until: int | None = None
    """Bill all licensed items ahead up to then."""
    edit: Callable[[JsonObject], None] | None = None


@dataclass
class Prepared:
    """A change worked out: the subscription before and after, and the invoice it makes, if any (a draft, not saved)."""

    before: JsonObject
    after: JsonObject
    invoice: JsonObject | None
    billed_before: list[JsonObject]
    waited: list[str] = field(default_factory=list)
    """Ids of the items that waited before the change."""
    paused: bool = False


def checked_quantity(price: JsonObject, quantity: int | None) -> int | None:
    """The quantity an item of this price has: 1 unless said, none where a meter counts. Refuses one where it does."""
    if not pricing.is_metered(price):
        return 1 if quantity is None else quantity
    if quantity is not None:
        raise StripeError(
            f"You cannot set the quantity of the metered price {price['id']}: a meter counts its usage.",
            param="quantity",
        )
    return None
