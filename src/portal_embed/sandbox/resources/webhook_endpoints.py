"""Webhook endpoints: where events are sent to. The sending itself is `webhooks`'."""

import typing

import stripe

from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import PAGING, Accepts, clearable, merged_metadata, metadata, required
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import API_VERSION, JsonObject

TRUTH = [
    ("The keys of an endpoint; its secret is told at creation only.", "documented", "stripe-python 16.1 annotations"),
    ("An endpoint may be on this machine and without https.", "assumed", "Stripe wants a public address and https"),
    ("Wording of refusals about URLs and event types.", "assumed", "not recorded"),
    ("Every endpoint hears events as 2026-10-28.endive.", "assumed", "one version is spoken here"),
]

_KIND = "webhook_endpoint"
_FIELDS: Accepts = {"description": clearable(str), "metadata": metadata}


@route(
    "POST",
    "/v1/webhook_endpoints",
    accepts={
        **_FIELDS,
        "url": required(str),
        "enabled_events": required([str]),
        "connect": bool,
        "api_version": (API_VERSION,),
    },
)
def create(call: Call) -> JsonObject:
    """An endpoint, with the secret that its deliveries are signed with."""
    _check(call)
    made: JsonObject = {
        "id": call.world.new_id("we_"),
        "object": _KIND,
        "api_version": call.get("api_version"),
        "application": None,
        "created": call.world.now(),
        "description": call.get("description"),
        "enabled_events": call.get("enabled_events"),
        "livemode": False,
        "metadata": merged_metadata({}, call.get("metadata", {})),
        "status": "enabled",
        "url": call.get("url"),
    }
    secret = call.world.new_id("whsec_", 32)
    note = {"object": "_webhook_secret", "id": made["id"], "secret": secret, "connect": call.get("connect", False)}
    call.world.save(note)
    call.world.save(made)
    return {**made, "secret": secret}


@route("GET", "/v1/webhook_endpoints/{id}")
def retrieve(call: Call) -> JsonObject:
    """One endpoint, without its secret."""
    return call.world.answer(_KIND, call.ids["id"], param="webhook_endpoint")


@route("GET", "/v1/webhook_endpoints", accepts=PAGING)
def index(call: Call) -> JsonObject:
    """Endpoints, newest first."""
    return page(call, call.world.newest_first(_KIND), "/v1/webhook_endpoints")


@route(
    "POST",
    "/v1/webhook_endpoints/{id}",
    accepts={**_FIELDS, "url": str, "enabled_events": [str], "disabled": bool},
)
def update(call: Call) -> JsonObject:
    """Change where and what, or switch it off."""
    found = call.world.need(_KIND, call.ids["id"], param="webhook_endpoint")
    _check(call)
    for name in ("url", "enabled_events", "description"):
        if call.has(name):
            found[name] = call.get(name)
    if call.has("metadata"):
        found["metadata"] = merged_metadata(found["metadata"], call.get("metadata"))
    if call.has("disabled"):
        found["status"] = "disabled" if call.get("disabled") else "enabled"
    return call.world.save(found)


@route("DELETE", "/v1/webhook_endpoints/{id}")
def delete(call: Call) -> JsonObject:
    """Take it away; what still waits for it is not sent."""
    found = call.world.need(_KIND, call.ids["id"], param="webhook_endpoint")
    call.world.remove(_KIND, found["id"])
    return {"id": found["id"], "object": _KIND, "deleted": True}


def _event_types() -> set[str]:
    """Every event type that the SDK names, in the two forms that its versions write them."""
    declared = stripe.Event.__annotations__["type"]
    parts = typing.get_args(declared)
    return {name for part in parts for name in (typing.get_args(part) or (part,)) if isinstance(name, str)}


def _check(call: Call) -> None:
    url = call.get("url")
    if url is not None and not url.startswith(("http://", "https://")):
        raise StripeError(
            "Invalid URL: An explicit scheme (such as https) must be provided.", code="url_invalid", param="url"
        )
    known = _event_types()
    for position, name in enumerate(call.get("enabled_events") or ()):
        if name != "*" and name not in known:
            raise StripeError(
                f"Invalid enabled_events[{position}]: {name} is not an event that a webhook endpoint can be sent.",
                param=f"enabled_events[{position}]",
            )
