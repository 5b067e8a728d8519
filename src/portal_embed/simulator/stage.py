"""Where it all happens: a sandbox and a portal on one event loop, and one clock for both."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from portal_embed.config import (
    BusinessProfile,
    Catalog,
    Features,
    Plan,
    PortalConfig,
    Quantity,
    SubscriptionCancel,
    SubscriptionCreate,
    SubscriptionUpdate,
)
from portal_embed.portal import Portal
from portal_embed.sandbox import Sandbox
from portal_embed.simulator.browser import ask
from portal_embed.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from random import Random

    from starlette.requests import Request

    from portal_embed.sandbox.world import World

ORIGIN = "http://localhost"
STARTS_AT = 1_794_000_000
"""2026-11-06, unix seconds: the same in every run, because months differ."""
_SEATS = Quantity(1, 50)
_CATALOG = Catalog(
    [
        Plan(lookup_key="starter_monthly"),
        Plan(lookup_key="pro_monthly"),
        Plan(lookup_key="scale_monthly", quantity=_SEATS),
        Plan(lookup_key="starter_yearly"),
        Plan(lookup_key="pro_yearly"),
        Plan(lookup_key="scale_yearly", quantity=_SEATS),
    ]
)


class Stage:
    """A running portal (`app`, at `ORIGIN` + "/billing") in front of a running sandbox."""

    def __init__(self, sandbox: Sandbox, app: Starlette, portal: Portal, world: World) -> None:
        """Made by `stage`."""
        self.app = app
        self.portal = portal
        self.world = world
        self._sandbox = sandbox

    async def control(self, verb: str, **body: Any) -> dict[str, Any]:
        """A control verb of the sandbox, as its README lists them. Raises ValueError with its sentence."""
        url = f"{self.world.api_base}/_control/{verb}"
        raw = await ask(self._sandbox.app, "POST", url, {}, json.dumps(body).encode())
        answer: dict[str, Any] = json.loads(raw.body)
        if raw.status != 200:
            raise ValueError(answer["error"])
        return answer

    async def at_stripe(self, path: str, **fields: str) -> None:
        """What the customer's browser does at Stripe, by Stripe.js: a form to `path`, with the publishable key."""
        headers = {"authorization": "Bearer pk_test_simulator", "content-type": "application/x-www-form-urlencoded"}
        await ask(self._sandbox.app, "POST", self.world.api_base + path, headers, urlencode(fields).encode())


@asynccontextmanager
async def stage(rng: Random) -> AsyncIterator[Stage]:
    """Set it up; the host's settings are drawn too."""
    async with Sandbox(seed="simulator").on_this_loop() as sandbox:
        realm = sandbox.app.worlds.realm("simulator", f"{sandbox.url}/w/simulator")
        world = realm.account().world
        config = PortalConfig(
            stripe_secret_key="sk_test_simulator",  # noqa: S106
            stripe_publishable_key="pk_test_simulator",
            secret_keys=("a-signing-key-only-for-simulations-0123456789",),
            base_url=f"{ORIGIN}/billing",
            return_url="/account",
            stripe_api_base=realm.api_base,
            stripe_js_url=f"{realm.api_base}/stripe.js",
            business_profile=BusinessProfile(name="Acme"),
            catalog=_CATALOG,
            features=_features(rng),
            store=MemoryStore(clock=world.now),
            session_idle=7 * 24 * 3600,
            session_absolute=7 * 24 * 3600,
        )
        portal = Portal(config, clock=world.now)
        app = Starlette(routes=[Route("/account", _account), Mount("/billing", portal)])
        made = Stage(sandbox, app, portal, world)
        await made.control("clock", freeze=STARTS_AT)
        await made.control("dunning", then=rng.choice(("past_due", "unpaid", "canceled")))
        try:
            yield made
        finally:
            await portal.aclose()


def _features(rng: Random) -> Features:
    at_once = rng.random() < 0.3
    return Features(
        subscription_cancel=SubscriptionCancel(
            mode="immediately" if at_once else "at_period_end",
            proration_behavior=rng.choice(("none", "create_prorations")) if at_once else "none",
        ),
        subscription_update=SubscriptionUpdate(
            proration_behavior="always_invoice" if rng.random() < 0.7 else rng.choice(("create_prorations", "none")),
            billing_cycle_anchor=rng.choice(("unchanged", "unchanged", "now")),
            trial_update_behavior=rng.choice(("end_trial", "continue_trial")),
        ),
        subscription_create=SubscriptionCreate(enabled=True, allow_several=rng.random() < 0.3),
    )


async def _account(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("the host's account page")
