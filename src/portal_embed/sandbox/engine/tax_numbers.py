"""The verification of customers' tax ids, which takes its time, and the test numbers that decide how it ends."""

from portal_embed.sandbox.changes import save_changed
from portal_embed.sandbox.engine import agenda
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("European, British and Australian numbers are verified: `pending` first, then `customer.tax_id.updated`", "documented",
     "Stripe docs, customer tax IDs: validation"),
    ("the test number 000000000 becomes verified, 111111111 unverified, 222222222 stays pending", "documented",
     "Stripe docs, customer tax IDs: test with magic tax ids"),
    ("every other number stays pending too, and a verification takes three seconds", "assumed",
     "Stripe asks the governments' databases"),
    ("the name and address that a verification finds are the customer's own", "assumed", "Stripe tells what the database says"),
]  # fmt: skip

VERIFIED = frozenset({"au_abn", "eu_vat", "gb_vat"})
MAGIC = {"000000000": "verified", "111111111": "unverified", "222222222": "pending"}
TAKES = 3


def first_status(type: str) -> str:
    """How a new number stands."""
    return "pending" if type in VERIFIED else "unavailable"


def is_magic(type: str, value: str) -> bool:
    """Whether it is a test number."""
    return type in VERIFIED and value in MAGIC


def wait(world: World, tax_id: JsonObject) -> None:
    """Let the verification of a test number end later."""
    if is_magic(tax_id["type"], tax_id["value"]) and MAGIC[tax_id["value"]] != "pending":
        agenda.put(world, _on_clock(world, tax_id), world.now() + TAKES)


def forget(world: World, tax_id: JsonObject) -> None:
    """It was deleted: nothing is verified any more."""
    agenda.put(world, _on_clock(world, tax_id), None)


def verified(world: World, tax_id: JsonObject) -> None:
    """The verification has ended."""
    customer = world.need("customer", tax_id["customer"])
    status = MAGIC[tax_id["value"]]
    found = {"status": status, "verified_address": None, "verified_name": None}
    if status == "verified":
        address = customer["address"] or {}
        lines = [address.get(part) for part in ("line1", "postal_code", "city", "country")]
        found["verified_name"] = customer["name"]
        found["verified_address"] = ", ".join(line for line in lines if line) or None
    save_changed(world, {**tax_id, "verification": found}, "customer.tax_id.updated")


def _on_clock(world: World, tax_id: JsonObject) -> JsonObject:
    customer = world.get("customer", tax_id["customer"])
    return {**tax_id, "test_clock": (customer or {}).get("test_clock")}
