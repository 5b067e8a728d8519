"""Who can sign in at the demo: one ready customer for each situation the portal must handle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal_embed.sandbox import SandboxWorld


@dataclass(frozen=True)
class Person:
    """Somebody to sign in as. `life` is the sandbox's name for their history, `options` its options."""

    key: str
    name: str
    work: str
    status: str
    shows: str
    life: str
    options: Mapping[str, Any] = field(default_factory=dict)
    shares: str = ""
    """Whose address they have, "" for one of their own: who signs in by email then chooses."""

    @property
    def email(self) -> str:
        """Their pretend address."""
        return f"{self.shares or self.key}@tidewater.example"


PEOPLE = (
    Person(
        "ada",
        "Ada Lovelace",
        "The Boathouse Café",
        "Active",
        "Pro by the month, with a year of paid invoices. The way most customers look.",
        "monthly",
    ),
    Person(
        "bob",
        "Bob Marlowe",
        "Marlowe’s Chandlery",
        "Past due",
        "The card on file declines, so the last renewal is open. Add a card that works, then pay.",
        "past_due",
    ),
    Person(
        "clara",
        "Clara Petit",
        "Quayside Yoga",
        "Trial",
        "Four days into a trial of fourteen, with a card waiting for the first charge.",
        "trialing",
    ),
    Person(
        "dan",
        "Dan Okafor",
        "Okafor Sailing School",
        "Canceling",
        "Canceled two days ago and active until the period ends. Can still keep the plan.",
        "canceling",
    ),
    Person(
        "paula",
        "Paula Hennessy",
        "Hennessy Oyster Bar",
        "Paused",
        "Closed for the winter: paused for two months, and going on by itself. Can resume at any time.",
        "paused",
    ),
    Person(
        "otto",
        "Otto Brandt",
        "Brandt & Sohn Shipyard",
        "Billing paused",
        "An old account in classic billing mode, whose bills are dropped for a month.",
        "paused",
        {"months": 1, "billing_mode": "classic"},
    ),
    Person(
        "erin",
        "Erin Walsh",
        "Walsh & Daughters Ferries",
        "Two subscriptions",
        "Pro, and five seats of Scale that are paid with a card of their own.",
        "two_subscriptions",
    ),
    Person(
        "liv",
        "Liv Metzger",
        "Metzger Harbour Data",
        "By use",
        "Pays for API calls by use, in tiers. The plan’s page has the prices and what was used so far.",
        "metered",
    ),
    Person(
        "max",
        "Max Ferreira",
        "Ferreira Boatbuilders",
        "Several parts",
        "One plan of three parts: Pro, four seats of Scale, and storage by use.",
        "several_items",
    ),
    Person(
        "nina",
        "Nina Kowalska",
        "Kowalska Marine Survey",
        "Add-ons",
        "Pro with two packs of storage beside it. More packs, fewer, or none: all in one change.",
        "add_ons",
    ),
    Person(
        "kiosk",
        "Ada Lovelace",
        "The Lighthouse Kiosk",
        "Same email",
        "Ada’s second business, with the same billing email. Sign in by email to choose between the two.",
        "open_invoice",
        shares="ada",
    ),
    Person(
        "lou",
        "Lou Bergström",
        "Bergström Boat Hire",
        "Discount",
        "20% off with the code SPRING20. AUTUMN10 may be put on beside it, and each taken off again.",
        "discounted",
    ),
    Person(
        "theo",
        "Theo Lindqvist",
        "Lindqvist Lofts",
        "Customer discount",
        "10% off all that they pay for, since the beginning. A code takes its place while it lasts.",
        "loyal",
    ),
    Person(
        "rosa",
        "Rosa Kühn",
        "Kühn Segelmacher GmbH",
        "Reverse charge",
        "A business in Germany with a VAT ID: billed without VAT, which it accounts for itself.",
        "reverse_charge",
    ),
    Person(
        "nora",
        "Nora Whitfield",
        "Whitfield’s Bait & Tackle",
        "Missing address",
        "Pays sales tax, and the street that it depends on is not known. It is asked for on the way.",
        "no_address",
    ),
    Person(
        "ines",
        "Ines Duarte",
        "Duarte Port Logistics",
        "By invoice",
        "Twelve seats of Scale, paid by invoice within thirty days. The last one is open.",
        "invoiced",
    ),
    Person(
        "conrad",
        "Conrad Meier",
        "Meier & Partner Reederei",
        "Contract",
        "Has a plan that was agreed in a contract. Whoever wants to change it is told whom to ask.",
        "contract",
    ),
    Person(
        "petra",
        "Petra Novák",
        "Novák Houseboats",
        "Planned change",
        "Goes from Pro to Starter when the paid period is over. Can undo that, or choose something else.",
        "planned",
    ),
    Person(
        "will",
        "Will Adeyemi",
        "Adeyemi Diving",
        "Waiting change",
        "Wanted Pro ten minutes ago, and the bank has a question first. Until then Starter goes on.",
        "waiting",
    ),
    Person(
        "alma",
        "Alma Castellano",
        "Castellano Pearls",
        "Paid ahead",
        "Has paid six months in advance, a week ago.",
        "paid_ahead",
    ),
    Person(
        "ivo",
        "Ivo Marković",
        "Marković Marina",
        "Not started",
        "The card declined when they started Pro an hour ago. Can pay with another one, or start over.",
        "incomplete",
    ),
    Person(
        "finn",
        "Finn Aalto",
        "Aalto Kayaks",
        "Brand new",
        "Signed up a minute ago. Can choose a plan and start it, with the code WELCOME5 for $5.00 less.",
        "new",
    ),
    Person(
        "hugo",
        "Hugo Vance",
        "Vance Harbour Tours",
        "Ended",
        "Had three seats of Scale until twelve days ago. Can start the same again.",
        "ended",
        {"price": "scale_monthly", "quantity": 3},
    ),
    Person(
        "grace",
        "Grace Lindqvist",
        "Lindqvist Harbour Group",
        "500 invoices",
        "Three years of history, to page through.",
        "many_invoices",
        {"count": 500},
    ),
)


def settle(world: SandboxWorld) -> dict[str, str]:
    """Give everybody their history in `world`. Returns the Stripe customer of each, by the person's key."""
    return {
        person.key: world.life(
            person.life, name=person.name, email=person.email, business_name=person.work, **person.options
        )
        for person in PEOPLE
    }
