"""What the pretend shop sells: three products, by the month and by the year, and one price in yen."""

from portal_embed.sandbox.inside import call
from portal_embed.sandbox.world import JsonObject, World

PRODUCTS = {
    "starter": ("Starter", "For one person getting going.", None, 900),
    "pro": ("Pro", "Everything in Starter, with history and exports.", None, 2900),
    "scale": ("Scale", "For teams: each seat comes with all of Pro.", "seat", 1500),
}
"""Key → name, description, unit label, price of a month in cents; a year costs ten months."""
FEATURES = {
    "starter": ("3 projects", "7 days of history", "Help by email"),
    "pro": ("Unlimited projects", "A year of history", "Exports", "Help within a day"),
    "scale": ("All of Pro for every seat", "Roles and approvals", "Help by phone"),
}
"""Key → what a pricing table lists of it."""
YEN = 3000


def catalog(world: World) -> dict[str, str]:
    """Price ids by lookup key (`starter_monthly` … `scale_yearly`, `pro_monthly_jpy`); made when the world has none."""
    found = {row["lookup_key"]: row["id"] for row in world.newest_first("price") if row["lookup_key"]}
    if "pro_monthly" in found:
        return found
    with world.at(world.now() - 3 * 365 * 86_400):
        for key, (name, description, unit, cents) in PRODUCTS.items():
            product = call(
                world,
                "POST",
                "/v1/products",
                name=name,
                description=description,
                marketing_features=[{"name": feature} for feature in FEATURES[key]],
                **({"unit_label": unit} if unit else {}),
            )
            monthly = _price(world, product, f"{key}_monthly", cents, "month")
            _price(world, product, f"{key}_yearly", 10 * cents, "year")
            call(world, "POST", f"/v1/products/{product['id']}", default_price=monthly["id"])
            if key == "pro":
                _price(world, product, "pro_monthly_jpy", YEN, "month", "jpy")
    return {row["lookup_key"]: row["id"] for row in world.newest_first("price") if row["lookup_key"]}


def add_price(world: World, name: str, description: str, key: str, cents: int) -> None:
    """One more product, by the month (`<key>_monthly`, cents) and by the year, for ten of those."""
    product = call(world, "POST", "/v1/products", name=name, description=description)
    _price(world, product, f"{key}_monthly", cents, "month")
    _price(world, product, f"{key}_yearly", 10 * cents, "year")


def _price(
    world: World, product: JsonObject, key: str, amount: int, interval: str, currency: str = "usd"
) -> JsonObject:
    return call(
        world,
        "POST",
        "/v1/prices",
        product=product["id"],
        currency=currency,
        unit_amount=amount,
        lookup_key=key,
        recurring={"interval": interval},
    )
