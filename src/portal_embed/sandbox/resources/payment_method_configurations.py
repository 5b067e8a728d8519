"""Payment method configurations: which types of payment method an intent made with one offers."""

from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.params import Accepts
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("The keys of a configuration and of each type in it.", "documented", "stripe-python 16.1 annotations"),
    ("A type that is not named in a new configuration is off, but cards are on.", "assumed", "not recorded"),
    (
        "Only card, link, paypal and us_bank_account can be offered.",
        "assumed",
        "the types whose way to be saved is built here",
    ),
]

TYPES = ("card", "link", "paypal", "us_bank_account")
_FIELDS: Accepts = {
    "name": str,
    **{kind: {"display_preference": {"preference": ("none", "off", "on")}} for kind in TYPES},
}


@route("POST", "/v1/payment_method_configurations", accepts=_FIELDS)
def create(call: Call) -> JsonObject:
    """A configuration of the account's own."""
    asked = {kind: _preference(call, kind) or ("on" if kind == "card" else "off") for kind in TYPES}
    return call.world.save(
        {
            "id": call.world.new_id("pmc_"),
            "object": "payment_method_configuration",
            "active": True,
            "application": None,
            "is_default": False,
            "livemode": False,
            "name": call.get("name", ""),
            "parent": None,
            **{kind: _shown(preference) for kind, preference in asked.items()},
        }
    )


@route("GET", "/v1/payment_method_configurations/{id}")
def retrieve(call: Call) -> JsonObject:
    """One configuration."""
    return call.world.need("payment_method_configuration", call.ids["id"], param="payment_method_configuration")


def types_of(world: World, id: str) -> list[str]:
    """The types that a configuration offers; refused where there is no such configuration."""
    configuration = world.need("payment_method_configuration", id, param="payment_method_configuration", status=400)
    found = [kind for kind in TYPES if configuration[kind]["available"]]
    if not found:
        raise StripeError("No valid payment method types for this Setup Intent.", param="payment_method_configuration")
    return found


def _preference(call: Call, kind: str) -> str | None:
    preference: str | None = (call.get(kind) or {}).get("display_preference", {}).get("preference")
    return preference


def _shown(preference: str) -> JsonObject:
    value = "on" if preference == "on" else "off"
    return {
        "available": value == "on",
        "display_preference": {"overridable": None, "preference": preference, "value": value},
    }
