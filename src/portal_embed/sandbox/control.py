"""The control verbs of a world, `POST <api base>/_control/<verb>` with JSON: failures, time, lives, the log of calls."""

from dataclasses import asdict
from inspect import isawaitable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from portal_embed.sandbox import api, inside, lives
from portal_embed.sandbox.engine import dunning
from portal_embed.sandbox.faults import Fault
from portal_embed.sandbox.webhooks import Trouble
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.worlds import Realm, Worlds


class Control:
    """Answers `/_control/<verb>`."""

    def __init__(self, worlds: Worlds) -> None:
        """Control over these worlds."""
        self._worlds = worlds

    async def __call__(self, realm: Realm, verb: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Do what the verb says: 200 with what came of it, 400 with a sentence, 404 for an unknown verb."""
        act = getattr(self, f"_{verb}", None) if verb in VERBS else None
        response: Response
        if act is None or scope["method"] != "POST":
            response = JSONResponse({"error": f"Unknown control verb; there are: {', '.join(VERBS)}."}, status_code=404)
        else:
            try:
                body = await Request(scope, receive).body()
                answer = act(realm, **(msgspec.json.decode(body) if body else {}))
                if isawaitable(answer):
                    answer = await answer
                response = Response(msgspec.json.encode(answer), media_type="application/json")
            except (TypeError, ValueError, KeyError, StripeError) as error:
                response = JSONResponse({"error": str(error)}, status_code=400)
        await response(scope, receive, send)

    def _faults(self, realm: Realm, clear: bool = False, **fault: Any) -> dict[str, Any]:
        """Plan a failure (the fields of `Fault`), or clear all; answers what is planned."""
        if clear:
            realm.trouble.faults.clear()
        if fault:
            realm.trouble.faults.append(Fault(**fault))
        return {"faults": [asdict(planned) for planned in realm.trouble.faults]}

    def _latency(self, realm: Realm, seconds: float | str, seed: int = 0) -> dict[str, Any]:
        """Let every API call take this much longer, or "realistic" times from a seed."""
        realm.trouble.latency.set(seconds, seed)
        return {"seconds": realm.trouble.latency.seconds}

    def _limits(self, realm: Realm, per_operation: int | None = None, per_account: int | None = None) -> dict[str, Any]:
        """Refuse what is more in a second; None: no limit."""
        realm.trouble.limits.set(per_operation, per_account)
        return {"per_operation": per_operation, "per_account": per_account}

    def _customer_account(self, realm: Realm, customer: str, account: str) -> dict[str, Any]:
        with realm.account().world.atomic():
            found = realm.account().world.need("customer", customer)
            realm.account().world.save({**found, "customer_account": account})
        return {"customer": customer, "account": account}

    def _branding(self, realm: Realm, account: str | None = None, **colors: str | None) -> dict[str, Any]:
        """Choose colours as a merchant does in the dashboard: `primary_color`, `secondary_color`; None for none."""
        world = realm.account(account).world
        unknown = sorted(set(colors) - set(world.branding))
        if unknown:
            raise ValueError(f"No such colour: {', '.join(unknown)}. There are: {', '.join(world.branding)}.")
        world.branding.update(colors)
        return {"account": world.account_id, **world.branding}

    def _owner(self, realm: Realm, key: str, account: str) -> dict[str, Any]:
        realm.owners[key] = account
        return {"key": key, "account": account}

    def _keys(self, realm: Realm, key: str, permissions: list[str]) -> dict[str, Any]:
        """What a restricted key may do from now on."""
        realm.trouble.permissions.give(key, permissions)
        return {"key": key, "permissions": permissions}

    def _clock(self, realm: Realm, move: int = 0, freeze: int | None = None, run: bool = False) -> dict[str, Any]:
        """Freeze at a moment, let run again, or move on; what falls due on the way happens."""
        clock = realm.clock
        if freeze is not None:
            clock.frozen = int(freeze)
        if run:
            clock.frozen = None
        if move:
            clock.move(int(move))
        realm.catch_up()
        return {"now": clock.now(), "frozen": clock.frozen is not None}

    def _lives(self, realm: Realm, name: str, options: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Build a ready customer; answers its id and what else the life wants known. An option that is itself called
        `name` (the customer's) goes into `options`.
        """
        return lives.build(realm.account().world, name, **(options or {}), **more)

    def _dunning(self, realm: Realm, **settings: Any) -> dict[str, Any]:
        """Decide retries: `retry_after` seconds between attempts, and `then` past_due, unpaid or canceled."""
        world = realm.account().world
        return {
            key: value for key, value in dunning.configure(world, **settings).items() if key in ("retry_after", "then")
        }

    def _requests(self, realm: Realm, clear: bool = False) -> dict[str, Any]:
        """The log of API calls, oldest first."""
        calls = [api.told(call) for call in realm.trouble.log]
        if clear:
            realm.trouble.log.clear()
        return {"requests": calls}

    def _webhooks(
        self,
        realm: Realm,
        url: str | None = None,
        events: list[str] | None = None,
        hold: bool | None = None,
        **trouble: Any,
    ) -> dict[str, Any]:
        """Make an endpoint, hold or release, or plan a trouble (the fields of `webhooks.Trouble`); answers every delivery."""
        made: dict[str, Any] = {}
        if url is not None:
            world = realm.account().world
            made = inside.call(world, "POST", "/v1/webhook_endpoints", url=url, enabled_events=events or ["*"])
        if hold is not None:
            realm.courier.held = hold
        if trouble:
            realm.courier.troubles.append(Trouble(**trouble))
        realm.courier.wake()
        return {"endpoint": made.get("id"), "secret": made.get("secret"), "deliveries": realm.courier.told()}

    async def _deliver(self, realm: Realm, reverse: bool = False) -> dict[str, Any]:
        """Attempt everything that waits for an endpoint, now; answers what came of each."""
        return {"deliveries": await realm.courier.deliver(reverse=reverse)}

    def _reset(self, realm: Realm) -> dict[str, Any]:
        """Forget everything in this world."""
        self._worlds.reset(realm.name)
        return {"reset": realm.name}


VERBS = (
    "faults",
    "latency",
    "limits",
    "keys",
    "owner",
    "branding",
    "customer_account",
    "clock",
    "dunning",
    "lives",
    "requests",
    "webhooks",
    "deliver",
    "reset",
)
