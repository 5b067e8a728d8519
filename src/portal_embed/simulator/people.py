"""Who comes to the portal: customers of different lives, each with words and numbers that nobody else has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

    from portal_embed.simulator.browser import Browser
    from portal_embed.simulator.reading import Answer, Form

NAMES = ("Quilla", "Zebedee", "Wulfric", "Xanthe", "Jolanka", "Vashti", "Oberon", "Hyacinth", "Gwydion", "Ysolde")
LIVES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("monthly", {"days": 70}),
    ("monthly", {"price": "scale_monthly", "quantity": 3, "days": 10}),
    ("monthly", {"price": "scale_monthly", "quantity": 7, "days": 25}),
    ("monthly", {"price": "starter_yearly", "days": 40, "card": "pm_card_mastercard"}),
    ("monthly", {"days": 50, "billing_mode": "classic"}),
    ("past_due", {}),
    ("trialing", {}),
    ("trialing", {"card": None}),
    ("canceling", {}),
    ("paused", {}),
    ("paused", {"months": None}),
    ("paused", {"card": None}),
    ("paused", {"months": 1, "billing_mode": "classic"}),
    ("two_subscriptions", {}),
    ("open_invoice", {}),
    ("3ds_renewal", {}),
    ("monthly", {"card": "pm_card_threeDSecure2Required", "days": 0}),
    ("refunded", {}),
    ("discounted", {}),
    ("new", {}),
    ("ended", {}),
    ("incomplete", {}),
    ("add_ons", {}),
    ("add_ons", {}),
    ("loyal", {}),
    ("metered", {}),
    ("several_items", {}),
    ("invoiced", {"quantity": 2}),
    ("reverse_charge", {}),
    ("no_address", {}),
    ("planned", {}),
    ("waiting", {}),
    ("paid_ahead", {"periods_ahead": 2}),
)
NEW_CARDS = (
    None,
    None,
    "pm_card_authenticationRequired",
    "pm_card_authenticationRequired",
    "pm_card_chargeCustomerFail",
    "pm_usBankAccount_success",
    "pm_usBankAccount_insufficientFunds",
)
"""The default that somebody has changed to before it begins: their bank asks every time, or always says no, or pays days later."""
CARDS = (
    "pm_card_visa",
    "pm_card_mastercard",
    "pm_card_amex",
    "pm_card_chargeCustomerFail",
    "pm_card_authenticationRequired",
    "pm_card_authenticationRequired",
    "pm_card_authenticationRequired",
    "pm_card_visa_chargeDeclinedInsufficientFunds",
)
"""What is typed into the card form: cards that work, one that is saved and then declines, one whose bank always asks (often,
because most happens after it), and one that cannot be saved.
"""


NUMBERS = ("4242424242424242", "4242424242424242", "4000002760003184", "4000000000000002", "")
"""What is typed on Checkout's page: a card that works, one whose bank asks, one that declines, and nothing."""


@dataclass
class Tab:
    """One tab: what it shows, and the forms it has sent (for Back and a second try)."""

    browser: Browser
    answer: Answer | None = None
    sent: list[tuple[Form, dict[str, str]]] = field(default_factory=list)


@dataclass
class Person:
    """One customer. `marks`: words that must be on nobody else's page."""

    name: str
    life: str
    customer: str
    tabs: list[Tab]
    marks: tuple[str, ...]


def cast(rng: Random, size: int) -> list[tuple[str, str, dict[str, Any]]]:
    """Draw `size` of them: name, life and the life's options."""
    names = rng.sample(NAMES, size)
    lives = rng.sample(LIVES, size)
    return [(name, life, options) for name, (life, options) in zip(names, lives, strict=True)]
