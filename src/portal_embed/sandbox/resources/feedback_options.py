"""Feedback options: a merchant's own reasons for canceling."""

from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import PAGING, required
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a feedback option's keys, its at most 100 characters, and that it is deactivated and never deleted", "documented",
     "stripe-python 16.1, billing.FeedbackOption"),
    ("feedback options begin with `fdbk_`, are listed newest first, and tell no events", "assumed",
     "no recording; Event.type has none"),
    ("an inactive feedback option is refused in a portal configuration", "documented",
     "stripe-python 16.1, FeedbackOption.deactivate; wording assumed"),
    ("an inactive one is refused in cancellation_details too", "assumed", "no recording"),
]  # fmt: skip

KIND = "billing.feedback_option"
_LONGEST = 100


@route("POST", "/v1/billing/feedback_options", accepts={"description": required(str)})
def create(call: Call) -> JsonObject:
    """One more reason."""
    option: JsonObject = {
        "id": call.world.new_id("fdbk_"),
        "object": KIND,
        "description": _checked(call.get("description")),
        "livemode": False,
        "status": "active",
        "status_transitions": {"deactivated_at": None},
    }
    call.world.save(option)
    return option


@route("GET", "/v1/billing/feedback_options/{id}")
def retrieve(call: Call) -> JsonObject:
    """One reason."""
    return call.world.answer(KIND, call.ids["id"])


@route("GET", "/v1/billing/feedback_options", accepts={**PAGING, "status": ("active", "inactive")})
def index(call: Call) -> JsonObject:
    """The reasons, newest first."""
    equals = {"status": call.get("status")} if call.has("status") else {}
    return page(call, call.world.newest_first(KIND, **equals), "/v1/billing/feedback_options")


@route("POST", "/v1/billing/feedback_options/{id}", accepts={"description": str})
def update(call: Call) -> JsonObject:
    """Other words for it."""
    option = call.world.need(KIND, call.ids["id"])
    if call.has("description"):
        option["description"] = _checked(call.get("description"))
    call.world.save(option)
    return option


@route("POST", "/v1/billing/feedback_options/{id}/deactivate")
def deactivate(call: Call) -> JsonObject:
    """It is offered no more."""
    option = call.world.need(KIND, call.ids["id"])
    option.update(status="inactive", status_transitions={"deactivated_at": call.world.now()})
    call.world.save(option)
    return option


def need_active(world: World, id: str, param: str) -> None:
    """Refuse an id that is unknown or no longer active."""
    if world.need(KIND, id, param=param, status=400)["status"] != "active":
        raise StripeError(f"The feedback option {id} is inactive.", param=param)


def _checked(description: str) -> str:
    if len(description) > _LONGEST:
        raise StripeError(f"Invalid string: must be at most {_LONGEST} characters", param="description")
    return description
