"""Where automatic tax knows its way: a small fixed table of places and percentages."""

import re
from dataclasses import dataclass

from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("automatic tax knows the standard rates of a few countries and US states; everywhere else nothing is collected",
     "assumed", "MOVES MONEY: a small table of ours, not Stripe Tax"),
    ("a customer without a country, or in the US without a postal code, gives `requires_location_inputs`", "documented",
     "Stripe docs, Stripe Tax: customer locations"),
    ("a US postal code that is no ZIP code, or begins with 000, which none does, is no place", "assumed",
     "what Stripe Tax finds there is not recorded"),
    ("automatic tax asked for without a place is refused with `customer_tax_location_invalid`", "documented",
     "Stripe docs, Stripe Tax; on previews the status says it instead"),
    ("a price whose `tax_behavior` is unspecified is taxed on top", "assumed", "MOVES MONEY: Stripe asks the account's setting"),
    ("a renewal whose customer lost the place is finalised without automatic tax, and says why", "assumed",
     "MOVES MONEY: stripe-python 16.1 names disabled_reason; no recording"),
]  # fmt: skip

_COUNTRIES = {
    "AT": 20, "AU": 10, "BE": 21, "CH": 8.1, "DE": 19, "DK": 25, "ES": 21, "FR": 20, "GB": 20, "IE": 23, "IT": 22, "JP": 10,
    "NL": 21, "NO": 25, "NZ": 15, "PL": 23, "PT": 23, "SE": 25,
}  # fmt: skip
_STATES = {"CA": 7.25, "NY": 4, "TX": 6.25, "WA": 6.5}


_ZIP = re.compile(r"(?!000)\d{5}(-\d{4})?")


@dataclass(frozen=True)
class Place:
    """Where a customer is taxed; `percentage` is None where nothing is collected."""

    country: str
    state: str | None
    percentage: float | None


def place_of(customer: JsonObject) -> Place | None:
    """Where automatic tax finds the customer: the shipping address first; None when that does not tell."""
    address = (customer.get("shipping") or {}).get("address") or customer.get("address") or {}
    country = (address.get("country") or "").upper()
    if len(country) != 2 or (country == "US" and not _ZIP.fullmatch(address.get("postal_code") or "")):
        return None
    if country == "US":
        state = (address.get("state") or "").upper()
        return Place(country, state or None, _STATES.get(state))
    return Place(country, None, _COUNTRIES.get(country))


def unknown_place() -> StripeError:
    """Automatic tax without knowing where."""
    return StripeError(
        "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.",
        code="customer_tax_location_invalid",
    )


def rate(world: World, place: Place, *, inclusive: bool) -> str | None:
    """The id of the tax rate that automatic tax uses at a place, made when it is first needed."""
    if place.percentage is None:
        return None
    key = f"{place.country}/{place.state or ''}/{inclusive}"
    known = world.get("_place_rate", key)
    if known:
        return str(known["rate"])
    id = world.new_id("txr_")
    world.save(
        {
            "id": id,
            "object": "tax_rate",
            "active": False,
            "country": place.country,
            "created": world.now(),
            "description": None,
            "display_name": "Sales tax" if place.state else "VAT",
            "effective_percentage": place.percentage,
            "flat_amount": None,
            "inclusive": inclusive,
            "jurisdiction": place.state or place.country,
            "jurisdiction_level": "state" if place.state else "country",
            "livemode": False,
            "metadata": {},
            "percentage": place.percentage,
            "rate_type": "percentage",
            "state": place.state,
            "tax_type": "sales_tax" if place.state else "vat",
        }
    )
    world.save({"object": "_place_rate", "id": key, "rate": id})
    return id
