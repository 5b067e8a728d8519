"""Configurations of Stripe's own customer portal: what a merchant has set up there, for others to read."""

from portal_embed.sandbox.changes import save_changed
from portal_embed.sandbox.resources.feedback_options import need_active
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.expand import expandable
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import PAGING, Accepts, clearable, merged_metadata, metadata, required
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("A portal configuration's keys and parameters.", "documented", "stripe-python 16.1 annotations"),
    ("Its `features.subscription_update.products` are absent unless expanded.", "documented", "Stripe's OpenAPI schema"),
    ("At most 10 products; a headline has at most 60 characters.", "documented", "stripe-python 16.1 annotations"),
    ("Two prices of one product with one interval are refused, as are prices of another product.", "documented",
     "Stripe docs, Configure the customer portal"),
    ("A proration on canceling goes only with mode immediately, and is never always_invoice.", "documented",
     "stripe-python 16.1 annotations"),
    ("The wording of these refusals; the first configuration that is made is the default one.", "assumed",
     "Stripe's default is the one saved in the dashboard, which is not here"),
]  # fmt: skip

KIND = "billing_portal.configuration"
_REASONS = (
    *("customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex"),
    *("too_expensive", "unused"),
)
_SHOWN: Accepts = {
    "headline": clearable(str),
    "privacy_policy_url": clearable(str),
    "terms_of_service_url": clearable(str),
}
_ON = {"enabled": bool}
_PRODUCT: Accepts = {
    "product": required(str),
    "prices": required([str]),
    "adjustable_quantity": {"enabled": required(bool), "maximum": int, "minimum": int},
}
_FEATURES: Accepts = {
    "customer_update": {**_ON, "allowed_updates": [("address", "email", "name", "phone", "shipping", "tax_id")]},
    "invoice_history": _ON,
    "payment_method_update": {**_ON, "payment_method_configuration": clearable(str)},
    "subscription_cancel": {
        **_ON,
        "cancellation_reason": {**_ON, "options": [_REASONS], "feedback_options": [str]},
        "mode": ("at_period_end", "immediately"),
        "proration_behavior": ("always_invoice", "create_prorations", "none"),
    },
    "subscription_pause": {
        **_ON,
        "duration": {
            "type": ("indefinite", "interval_options"),
            "interval_options": [{"interval": required(("day", "month", "week", "year")), "interval_count": int}],
        },
    },
    "subscription_update": {
        **_ON,
        "billing_cycle_anchor": ("now", "unchanged"),
        "default_allowed_updates": [("price", "promotion_code", "quantity")],
        "products": [_PRODUCT],
        "proration_behavior": ("always_invoice", "create_prorations", "none"),
        "schedule_at_period_end": {
            "conditions": [{"type": required(("decreasing_item_amount", "shortening_interval"))}]
        },
        "trial_update_behavior": ("continue_trial", "end_trial"),
    },
}
_FIELDS: Accepts = {
    "business_profile": _SHOWN,
    "default_return_url": clearable(str),
    "login_page": _ON,
    "metadata": metadata,
    "name": clearable(str),
}


@route("POST", "/v1/billing_portal/configurations", accepts={**_FIELDS, "features": required(_FEATURES)})
def create(call: Call) -> JsonObject:
    """A configuration; what is not said is off."""
    world = call.world
    is_first = next(iter(world.newest_first(KIND)), None) is None
    made: JsonObject = {
        "id": world.new_id("bpc_"),
        "object": KIND,
        "active": True,
        "application": None,
        "business_profile": dict.fromkeys(_SHOWN),
        "created": world.now(),
        "default_return_url": None,
        "features": _all_off(),
        "is_default": is_first,
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "name": None,
        "updated": world.now(),
    }
    _apply(call, made)
    world.save(made)
    world.emit("billing_portal.configuration.created", _shown(made))
    return _shown(made)


@route("GET", "/v1/billing_portal/configurations/{id}")
def retrieve(call: Call) -> JsonObject:
    """One configuration."""
    return _shown(call.world.need(KIND, call.ids["id"], param="configuration"))


@route("GET", "/v1/billing_portal/configurations", accepts={**PAGING, "active": bool, "is_default": bool})
def index(call: Call) -> JsonObject:
    """Configurations, newest first."""
    rows = call.world.newest_first(KIND)
    for name in ("active", "is_default"):
        if call.has(name):
            rows = rows.where(lambda row, name=name: row[name] == call.get(name))  # type: ignore[misc]
    answer = page(call, rows, "/v1/billing_portal/configurations")
    return {**answer, "data": [_shown(row) for row in answer["data"]]}


@route("POST", "/v1/billing_portal/configurations/{id}", accepts={**_FIELDS, "active": bool, "features": _FEATURES})
def update(call: Call) -> JsonObject:
    """Change it. The default one stays active."""
    found = call.world.need(KIND, call.ids["id"], param="configuration")
    if call.has("active"):
        if found["is_default"] and not call.get("active"):
            raise StripeError("You cannot deactivate the default configuration.", param="active")
        found["active"] = call.get("active")
    _apply(call, found)
    found["updated"] = call.world.now()
    return _shown(save_changed(call.world, found, "billing_portal.configuration.updated"))


@expandable(KIND, "features.subscription_update.products")
def products(world: World, configuration: JsonObject) -> list[JsonObject]:
    """What can be switched to."""
    found: list[JsonObject] = world.need(KIND, configuration["id"])["features"]["subscription_update"]["products"]
    return found


def _apply(call: Call, configuration: JsonObject) -> None:
    for name in ("default_return_url", "name"):
        if call.has(name):
            configuration[name] = call.get(name)
    if call.has("metadata"):
        configuration["metadata"] = merged_metadata(configuration["metadata"], call.get("metadata"))
    configuration["business_profile"].update(call.get("business_profile", {}))
    if len(configuration["business_profile"]["headline"] or "") > 60:
        raise StripeError("Invalid string: must be at most 60 characters", param="business_profile[headline]")
    if "enabled" in call.get("login_page", {}):
        enabled = call.get("login_page")["enabled"]
        url = f"{call.world.api_base}/p/login/test_{configuration['id'][-8:]}" if enabled else None
        configuration["login_page"] = {"enabled": enabled, "url": url}
    for name, given in call.get("features", {}).items():
        _merge(configuration["features"][name], given)
    _check_cancel(call.world, configuration["features"]["subscription_cancel"])
    _check_products(call.world, configuration["features"]["subscription_update"]["products"])


def _merge(old: JsonObject, given: JsonObject) -> None:
    for name, value in given.items():
        if isinstance(value, dict) and isinstance(old.get(name), dict):
            _merge(old[name], value)
        else:
            old[name] = value
    for product in old.get("products") or []:
        quantity = product.get("adjustable_quantity") or {}
        product["adjustable_quantity"] = {"enabled": False, "maximum": None, "minimum": 1, **quantity}
    for option in old.get("duration", {}).get("interval_options", []):
        option.setdefault("interval_count", 1)


def _check_cancel(world: World, cancel: JsonObject) -> None:
    for option in cancel["cancellation_reason"]["feedback_options"]:
        need_active(world, option, "features[subscription_cancel][cancellation_reason][feedback_options]")
    name = "features[subscription_cancel][proration_behavior]"
    if cancel["proration_behavior"] == "always_invoice":
        raise StripeError("`always_invoice` is not supported when canceling.", param=name)
    if cancel["proration_behavior"] != "none" and cancel["mode"] != "immediately":
        raise StripeError("Prorations are only supported when `mode` is `immediately`.", param=name)


def _check_products(world: World, listed: list[JsonObject]) -> None:
    name = "features[subscription_update][products]"
    if len(listed) > 10:
        raise StripeError("You can list at most 10 products.", param=name)
    for product in listed:
        world.need("product", product["product"], param=name, status=400)
        intervals = set()
        for id in product["prices"]:
            price = world.need("price", id, param=name, status=400)
            recurring = price["recurring"]
            if price["product"] != product["product"] or recurring is None:
                raise StripeError(f"The price {id} is not a recurring price of {product['product']}.", param=name)
            interval = (recurring["interval"], recurring["interval_count"])
            if interval in intervals:
                raise StripeError("The prices of one product must have different intervals.", param=name)
            intervals.add(interval)


def _all_off() -> JsonObject:
    return {
        "customer_update": {"allowed_updates": [], "enabled": False},
        "invoice_history": {"enabled": False},
        "payment_method_update": {"enabled": False, "payment_method_configuration": None},
        "subscription_cancel": {
            "cancellation_reason": {"enabled": False, "feedback_options": [], "options": []},
            "enabled": False,
            "mode": "at_period_end",
            "proration_behavior": "none",
        },
        "subscription_pause": {
            "duration": {"interval_options": [{"interval": "month", "interval_count": 1}], "type": "interval_options"},
            "enabled": False,
        },
        "subscription_update": {
            "billing_cycle_anchor": "unchanged",
            "default_allowed_updates": [],
            "enabled": False,
            "products": [],
            "proration_behavior": "none",
            "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        },
    }


def _shown(configuration: JsonObject) -> JsonObject:
    """As it is answered: without the products."""
    features = dict(configuration["features"])
    features["subscription_update"] = {
        name: value for name, value in features["subscription_update"].items() if name != "products"
    }
    return {**configuration, "features": features}
