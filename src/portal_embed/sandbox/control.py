"""The control verbs of a world, `POST <api base>/_control/<verb>` with JSON: failures, time, lives, the log of calls."""

from dataclasses import asdict
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from portal_embed.sandbox import lives
from portal_embed.sandbox.faults import Fault
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

    def _latency(self, realm: Realm, seconds: float) -> dict[str, Any]:
        """Let every API call take this much longer."""
        realm.trouble.latency = float(seconds)
        return {"seconds": realm.trouble.latency}

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

    def _requests(self, realm: Realm, clear: bool = False) -> dict[str, Any]:
        """The log of API calls, oldest first."""
        calls = list(realm.trouble.log)
        if clear:
            realm.trouble.log.clear()
        return {"requests": calls}

    def _reset(self, realm: Realm) -> dict[str, Any]:
        """Forget everything in this world."""
        self._worlds.reset(realm.name)
        return {"reset": realm.name}


VERBS = ("faults", "latency", "clock", "lives", "requests", "reset")
