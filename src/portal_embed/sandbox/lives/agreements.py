"""Lives about what was agreed and is yet to come: an invoice, a contract, a change that waits, time that is paid."""

from portal_embed.sandbox.catalog import add_price, catalog
from portal_embed.sandbox.engine import periods
from portal_embed.sandbox.inside import call
from portal_embed.sandbox.lives.making import DAY, Life, add_card, customer, latest, life, on, subscribe
from portal_embed.sandbox.world import World


@life("invoiced")
def invoiced(
    world: World,
    name: str = "Ines Invoice",
    email: str = "ines@example.com",
    *,
    price: str = "scale_monthly",
    quantity: int = 12,
) -> Life:
    """Pays by invoice, within thirty days and without a card: the first was paid, the second is open."""
    with on(world, world.now() - 40 * DAY):
        made = customer(world, name, email, None)
        made["subscription"] = subscribe(
            world, made["customer"], price, quantity, collection_method="send_invoice", days_until_due=30
        )
    with on(world, world.now() - 20 * DAY):
        first = latest(world, made)["invoice"]
        call(world, "POST", f"/v1/invoices/{first}/pay", paid_out_of_band=True)
    return latest(world, made)


@life("contract")
def contract(world: World, name: str = "Conrad Contract", email: str = "conrad@example.com") -> Life:
    """Has a plan that was agreed with them, and is on no price list: `fleet_yearly`."""
    with on(world, world.now() - 50 * DAY):
        if "fleet_yearly" not in catalog(world):
            add_price(world, "Fleet", "As agreed in the contract.", "fleet", 240_000)
        made = customer(world, name, email, "pm_card_visa")
        made["subscription"] = subscribe(world, made["customer"], "fleet_yearly")
    return latest(world, made)


@life("planned")
def planned(world: World, name: str = "Petra Plans", email: str = "petra@example.com") -> Life:
    """Goes from Pro to Starter when the running period is over, as our portal plans it."""
    with on(world, world.now() - 10 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly")
    schedule = call(world, "POST", "/v1/subscription_schedules", from_subscription=made["subscription"])
    running, prices = schedule["phases"][0], catalog(world)
    now = {"start_date": running["start_date"], "end_date": running["end_date"]}
    month = {"duration": {"interval": "month", "interval_count": 1}}
    phases = [
        {"items": [{"price": prices["pro_monthly"], "quantity": 1}], **now},
        {"items": [{"price": prices["starter_monthly"], "quantity": 1}], **month},
    ]
    path = f"/v1/subscription_schedules/{schedule['id']}"
    call(world, "POST", path, phases=phases, end_behavior="release", metadata={"portal_embed": "change"})
    return latest(world, made)


@life("waiting")
def waiting(world: World, name: str = "Will Waits", email: str = "will@example.com") -> Life:
    """Wants Pro instead of Starter; the bank asks before it pays, and the old plan stands until it has."""
    with on(world, world.now() - 10 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        made["subscription"] = subscribe(world, made["customer"], "starter_monthly")
    with on(world, world.now() - 600):
        made["payment_method"] = add_card(world, made["customer"], "pm_card_authenticationRequired")
        item = world.need("subscription", made["subscription"])["items"]["data"][0]["id"]
        call(
            world,
            "POST",
            f"/v1/subscriptions/{made['subscription']}",
            items=[{"id": item, "price": catalog(world)["pro_monthly"]}],
            proration_behavior="always_invoice",
            payment_behavior="pending_if_incomplete",
        )
    return latest(world, made)


@life("paid_ahead")
def paid_ahead(
    world: World, name: str = "Alma Ahead", email: str = "alma@example.com", *, periods_ahead: int = 6
) -> Life:
    """Pro by the month; so many periods after the running one were paid at once, a week ago."""
    with on(world, world.now() - 10 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly")
    with on(world, world.now() - 7 * DAY):
        subscription = world.need("subscription", made["subscription"])
        until = periods.stepped(subscription["billing_cycle_anchor"], "month", 1 + periods_ahead, 1)
        schedule = {"bill_until": {"type": "timestamp", "timestamp": until}}
        path = f"/v1/subscriptions/{subscription['id']}"
        call(world, "POST", path, billing_schedules=[schedule], proration_behavior="always_invoice")
    return latest(world, made)


@life("no_address")
def no_address(world: World, name: str = "Nora Nowhere", email: str = "nora@example.com") -> Life:
    """Pays sales tax, and the street that it depends on is no longer there: only the country is."""
    with on(world, world.now() - 40 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        path = f"/v1/customers/{made['customer']}"
        seattle = {"country": "US", "line1": "1 Main Street", "city": "Seattle", "postal_code": "98101", "state": "WA"}
        call(world, "POST", path, address=seattle)
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly", automatic_tax={"enabled": True})
    with on(world, world.now() - DAY):
        call(world, "POST", path, address={"country": "US"})
    return latest(world, made)
