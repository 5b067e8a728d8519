"""What the host may decide for each customer: which changes, what is offered before leaving, which links; and a CAPTCHA."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal_embed.config.catalog import Quantity
from portal_embed.config.origins import is_exact_origin, origin_of
from portal_embed.errors import ConfigError

if TYPE_CHECKING:
    from portal_embed.config.features import Feedback


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks: `customer` "cus_…"; `account` "acct_…" of a Stripe account that is not the portal's own; `actor` as named by
    `create_session`.
    """

    customer: str
    account: str | None
    livemode: bool
    actor: str | None


@dataclass(frozen=True, kw_only=True)
class CurrentPlan:
    """What is in force: `subscription` "sub_…", Stripe's `status`, and of its plan the price, product and quantity (None where
    there are several items, but for those that come with the plan). `items`: every item as (price id, quantity), with None for
    what is billed by use.

    Before a plan is started there is none: `subscription` is "" and `status` "none".
    """

    subscription: str
    status: str
    price: str | None
    lookup_key: str | None
    product: str | None
    quantity: int | None
    items: tuple[tuple[str, int | None], ...] = ()


@dataclass(frozen=True, kw_only=True)
class AllowedChanges:
    """What this customer may change the plan to, or start.

    `plans` and `add_ons`: price ids or lookup keys of the catalog, None for all of it. An add-on in force that is not among them
    stays as it is. `quantity`: in place of what the catalog says of plans whose number is the customer's to choose; used seats are
    its minimum. `refusal`: nothing may be changed, and this sentence says why, or whom to ask.
    """

    plans: Collection[str] | None = None
    add_ons: Collection[str] | None = None
    quantity: Quantity | None = None
    refusal: str = ""

    def __post_init__(self) -> None:
        """Raise TypeError for what is of another type: the hook counts as failed then."""
        for name in ("plans", "add_ons"):
            named: object = getattr(self, name)
            is_list = isinstance(named, Collection) and not isinstance(named, str)
            if named is not None and not (is_list and all(isinstance(one, str) for one in getattr(self, name))):
                raise TypeError(f"AllowedChanges({name}=…) takes price ids or lookup keys.")
        quantity: object = self.quantity
        if not isinstance(quantity, Quantity | None):
            raise TypeError("AllowedChanges(quantity=…) takes a Quantity.")
        _texts(self.refusal)


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """Who is about to cancel what; `reason` is the one that was chosen, None for none, or where it is one of yours: then
    `feedback_option` is its id at Stripe.

    `trial_end`: when the trial under way ends, unix seconds. `coupons`: the ids of those that are on the subscription already.
    """

    asker: Asker
    plan: CurrentPlan
    reason: Feedback | None
    trial_end: int | None
    coupons: tuple[str, ...]
    feedback_option: str | None = None


@dataclass(frozen=True)
class CouponOffer:
    """Stay for less: `coupon` is the id of one of Stripe's."""

    coupon: str

    def __post_init__(self) -> None:
        """Raise TypeError for what is no text."""
        _texts(self.coupon)


@dataclass(frozen=True)
class PlanOffer:
    """Another plan of the catalog, by price id or lookup key: leads to what it costs."""

    plan: str

    def __post_init__(self) -> None:
        """Raise TypeError for what is no text."""
        _texts(self.plan)


@dataclass(frozen=True)
class TrialOffer:
    """A trial under way goes on for so many days more."""

    days: int

    def __post_init__(self) -> None:
        """Raise TypeError for what is no whole number."""
        if type(self.days) is not int:
            raise TypeError(f"TrialOffer takes a whole number of days, not {self.days!r}.")


@dataclass(frozen=True)
class PauseOffer:
    """Nothing is charged for so many months, beginning now; then it goes on by itself. In classic billing mode that is
    `pause_collection`: the invoices of that time are voided.
    """

    months: int

    def __post_init__(self) -> None:
        """Raise TypeError for what is no whole number."""
        if type(self.months) is not int:
            raise TypeError(f"PauseOffer takes a whole number of months, not {self.months!r}.")


@dataclass(frozen=True)
class TalkOffer:
    """A person to talk to: a link, with a sentence above it."""

    label: str
    url: str
    text: str = ""

    def __post_init__(self) -> None:
        """Raise TypeError for what is no text."""
        _texts(self.label, self.url, self.text)


Offer = CouponOffer | PlanOffer | TrialOffer | PauseOffer | TalkOffer


@dataclass(frozen=True)
class NavLink:
    """One more entry of the navigation: an address of the host's. `label` its words; `url` "/path" or https."""

    label: str
    url: str

    def __post_init__(self) -> None:
        """Raise TypeError for what is no text."""
        _texts(self.label, self.url)


def _texts(*values: object) -> None:
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"text is wanted, not {value!r}")


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """A CAPTCHA on the forms that anybody may send: signing in by email, and asking for a recovery link.

    `script`: the address of the provider's script; `markup`: the widget, as the provider writes it; `field`: the form field in
    which its answer comes; `verify`: called with that answer and the client's address, says whether it is good, sync or async.
    When `verify` raises or takes longer than 5 seconds the form is let through: the limits on these forms hold anyway. While many
    calls of it hang, none is.
    `sources`: further origins that the widget loads from.
    """

    script: str
    markup: str
    field: str
    verify: Callable[[str, str], Awaitable[bool] | bool]
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise `ConfigError` for an address that is not https."""
        if not self.script.startswith("https://") or not urlsplit(self.script).netloc:
            raise ConfigError(f"Challenge(script={self.script!r}) must be an https address.")
        for origin in self.sources:
            if not is_exact_origin(origin):
                raise ConfigError(f"Challenge(sources=…) holds {origin!r}: write each exactly as https://host.")

    @property
    def origins(self) -> tuple[str, ...]:
        """What the page's policy must allow."""
        return (origin_of(self.script), *self.sources)


ChangesCallable = Callable[[Asker, CurrentPlan], Awaitable[AllowedChanges] | AllowedChanges]
OffersCallable = Callable[[Leaving], Awaitable[Sequence[Offer]] | Sequence[Offer]]
StepUpCallable = Callable[[Asker, str], Awaitable[str | None] | str | None]
"""Called with the name of what is about to be done, as the audit log has it ("removals.create"). None: go on. An address of the
host's: they have to prove there who they are, and come back by a new link."""
NavigationCallable = Callable[[Asker], Awaitable[Sequence[NavLink]] | Sequence[NavLink]]
