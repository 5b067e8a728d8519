"""Lives about what somebody has subscribed to."""

from typing import Any

from portal_embed.sandbox.catalog import add_price, catalog
from portal_embed.sandbox.engine import periods
from portal_embed.sandbox.inside import call
from portal_embed.sandbox.lives.making import DAY, Life, add_card, customer, latest, life, on, subscribe
from portal_embed.sandbox.metering import metered_price, use
from portal_embed.sandbox.world import World


@life("monthly")
def monthly(
    world: World,
    name: str = "Ada Lovelace",
    email: str = "ada@example.com",
    *,
    price: str = "pro_monthly",
    quantity: int = 1,
    card: str = "pm_card_visa",
    days: int = 345,
    billing_mode: str = "flexible",
    coupon: str | None = None,
) -> Life:
    """Active on a monthly plan with a year of paid invoices. `price` is a lookup key; `days` how long ago it began;
    `coupon` an id that exists already.
    """
    with on(world, world.now() - days * DAY):
        made = customer(world, name, email, card)
        extra = {"discounts": [{"coupon": coupon}]} if coupon else {}
        made["subscription"] = subscribe(
            world, made["customer"], price, quantity, billing_mode={"type": billing_mode}, **extra
        )
    return latest(world, made)


@life("past_due")
def past_due(
    world: World,
    name: str = "Bob Past",
    email: str = "bob@example.com",
    *,
    price: str = "pro_monthly",
    quantity: int = 1,
) -> Life:
    """The last renewal failed three days ago, or a few more after a short month: the card that is the default now declines whenever
    it is charged.
    """
    now = world.now()
    with on(world, now - 34 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        made["subscription"] = subscribe(world, made["customer"], price, quantity)
    with on(world, now - 20 * DAY):
        call(world, "POST", f"/v1/payment_methods/{made['payment_method']}/detach")
        made["payment_method"] = add_card(world, made["customer"], "pm_card_chargeCustomerFail")
    return latest(world, made)


@life("trialing")
def trialing(
    world: World,
    name: str = "Clara Trial",
    email: str = "clara@example.com",
    *,
    price: str = "pro_monthly",
    card: str | None = "pm_card_visa",
) -> Life:
    """Four days into a trial of fourteen; `card=None` for one who has not given a card yet."""
    with on(world, world.now() - 4 * DAY):
        made = customer(world, name, email, card)
        made["subscription"] = subscribe(world, made["customer"], price, trial_period_days=14)
    return latest(world, made)


@life("canceling")
def canceling(
    world: World, name: str = "Dan Leaving", email: str = "dan@example.com", *, billing_mode: str = "flexible"
) -> Life:
    """Scheduled, two days ago, to end with the running period."""
    now = world.now()
    with on(world, now - 40 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly", billing_mode={"type": billing_mode})
    with on(world, now - 2 * DAY):
        call(
            world,
            "POST",
            f"/v1/subscriptions/{made['subscription']}",
            cancel_at_period_end=True,
            cancellation_details={"feedback": "too_expensive"},
        )
    return latest(world, made)


@life("paused")
def paused(
    world: World,
    name: str = "Paula Paused",
    email: str = "paula@example.com",
    *,
    months: int | None = 2,
    billing_mode: str = "flexible",
    card: str | None = "pm_card_visa",
) -> Life:
    """Paused five days ago, for so many months or (None) until resumed; in classic mode its invoices are voided. `card=None`: it
    is paused because the trial ended without a card.
    """
    now, mode = world.now(), {"type": billing_mode}
    if card is None:
        trial: dict[str, Any] = {
            "trial_period_days": 14,
            "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}},
        }
        with on(world, now - 19 * DAY):
            made = customer(world, name, email, None)
            made["subscription"] = subscribe(world, made["customer"], "pro_monthly", billing_mode=mode, **trial)
        return latest(world, made)
    with on(world, now - 50 * DAY):
        made = customer(world, name, email, card)
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly", billing_mode=mode)
    path = f"/v1/subscriptions/{made['subscription']}"
    with on(world, now - 5 * DAY):
        ends = periods.stepped(world.now(), "month", months, 1) if months else None
        if billing_mode == "classic":
            collection = {"behavior": "void", **({"resumes_at": ends} if ends else {})}
            call(world, "POST", path, pause_collection=collection)
        elif ends is None:
            call(world, "POST", f"{path}/pause")
        else:
            resume = {"resume_at": {"type": "timestamp", "timestamp": ends}}
            plan = {"pause": {"pause_at": {"type": "now"}}, "resume": resume}
            schedule = {"from_subscription": made["subscription"], "pause_schedules": [plan]}
            call(world, "POST", "/v1/subscription_schedules", **schedule)
    return latest(world, made)


@life("ended")
def ended(
    world: World,
    name: str = "Lea Gone",
    email: str = "lea@example.com",
    *,
    price: str = "pro_monthly",
    quantity: int = 1,
) -> Life:
    """Had a plan for three months and canceled it twelve days ago."""
    now = world.now()
    with on(world, now - 100 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        made["subscription"] = subscribe(world, made["customer"], price, quantity)
    with on(world, now - 12 * DAY):
        call(world, "DELETE", f"/v1/subscriptions/{made['subscription']}")
    return latest(world, made)


@life("incomplete")
def incomplete(
    world: World, name: str = "Max Almost", email: str = "max@example.com", *, price: str = "pro_monthly"
) -> Life:
    """Wanted to start a plan an hour ago; the card declined, and its first invoice is open."""
    with on(world, world.now() - 3_600):
        made = customer(world, name, email, "pm_card_chargeCustomerFail")
        made["subscription"] = subscribe(world, made["customer"], price)
    return latest(world, made)


@life("two_subscriptions")
def two_subscriptions(world: World, name: str = "Erin Both", email: str = "erin@example.com") -> Life:
    """Pro by the month on the default card, and five seats of Scale on a card of their own."""
    now = world.now()
    with on(world, now - 100 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly")
    with on(world, now - 50 * DAY):
        made["second_payment_method"] = add_card(world, made["customer"], "pm_card_mastercard", default=False)
        made["second_subscription"] = subscribe(
            world, made["customer"], "scale_monthly", 5, default_payment_method=made["second_payment_method"]
        )
    return latest(world, made)


@life("new")
def new(world: World, name: str = "Finn New", email: str = "finn@example.com") -> Life:
    """Signed up a minute ago, has nothing."""
    with on(world, world.now() - 60):
        return customer(world, name, email, None)


@life("metered")
def metered(
    world: World, name: str = "Liv Metered", email: str = "liv@example.com", *, tiers_mode: str = "graduated"
) -> Life:
    """Pays for API calls by use, in tiers; ten days into the period, with some use on most of them."""
    now = world.now()
    with on(world, now - 10 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        tiers = [
            {"up_to": 1000, "unit_amount_decimal": "0"},
            {"up_to": 10_000, "unit_amount_decimal": "0.2"},
            {"up_to": "inf", "unit_amount_decimal": "0.15", "flat_amount": 500},
        ]
        made["price"], made["meter"] = metered_price(
            world, "API calls", "API call", billing_scheme="tiered", tiers_mode=tiers_mode, tiers=tiers
        )
        made["subscription"] = call(
            world, "POST", "/v1/subscriptions", customer=made["customer"], items=[{"price": made["price"]}]
        )["id"]
    for days, count in ((9, 700), (8, 120), (6, 1460), (3, 88), (1, 932)):
        with on(world, now - days * DAY):
            use(world, made, count)
    return latest(world, made)


@life("several_items")
def several_items(world: World, name: str = "Max Items", email: str = "max@example.com") -> Life:
    """One subscription of three parts: Pro, four seats of Scale, and storage that is billed by use."""
    now = world.now()
    with on(world, now - 40 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        made["price"], made["meter"] = metered_price(world, "Storage", "GB", unit_amount_decimal="2.5")
        prices = catalog(world)
        items = [
            {"price": prices["pro_monthly"]},
            {"price": prices["scale_monthly"], "quantity": 4},
            {"price": made["price"]},
        ]
        made["subscription"] = call(world, "POST", "/v1/subscriptions", customer=made["customer"], items=items)["id"]
    with on(world, now - 2 * DAY):
        use(world, made, 64)
    return latest(world, made)


@life("add_ons")
def add_ons(world: World, name: str = "Nina Packs", email: str = "nina@example.com") -> Life:
    """Pro by the month with two packs of storage beside it (`storage_monthly`; there is `storage_yearly` too)."""
    now = world.now()
    with on(world, now - 50 * DAY):
        if "storage_monthly" not in catalog(world):
            add_price(world, "Storage pack", "100 GB more for all projects.", "storage", 500)
        prices = catalog(world)
        made = customer(world, name, email, "pm_card_visa")
        items = [{"price": prices["pro_monthly"]}, {"price": prices["storage_monthly"], "quantity": 2}]
        made["subscription"] = call(world, "POST", "/v1/subscriptions", customer=made["customer"], items=items)["id"]
    return latest(world, made)


# -- the pieces, also for tests that build lives of their own
