"""Where it all happens: a sandbox and a portal on one event loop, and one clock for both."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from portal_embed.config import (
    BusinessProfile,
    CancellationReason,
    Catalog,
    Features,
    Hooks,
    PauseDuration,
    PauseInterval,
    Plan,
    PortalConfig,
    Quantity,
    SubscriptionCancel,
    SubscriptionCreate,
    SubscriptionPause,
    SubscriptionPrepay,
    SubscriptionUpdate,
)
from portal_embed.config.deciding import CouponOffer, PauseOffer, PlanOffer, TrialOffer
from portal_embed.portal import Portal
from portal_embed.sandbox import Sandbox
from portal_embed.sandbox.inside import call
from portal_embed.sandbox.metering import metered_price
from portal_embed.simulator.browser import ask
from portal_embed.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from portal_embed.config.deciding import Leaving, Offer
    from portal_embed.sandbox.world import World
    from portal_embed.simulator.browser import Raw

ORIGIN = "http://localhost"
STARTS_AT = 1_794_000_000
"""2026-11-06, unix seconds: the same in every run, because months differ."""
REASONS = ("We sold our boat", "The harbour is closed in winter", "The <b>old</b> mooring is gone")
"""The merchant's own reasons for canceling; the last is offered no more."""
OFFERED = "STAY25"
"""The coupon for who stays."""
_SEATS = Quantity(1, 50)


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

    async def at_stripe(self, path: str, **fields: str) -> Raw:
        """What the customer's browser does at Stripe, by Stripe.js or on a page of Stripe's: a form to `path`, with the publishable
        key.
        """
        headers = {"authorization": "Bearer pk_test_simulator", "content-type": "application/x-www-form-urlencoded"}
        return await ask(self._sandbox.app, "POST", self.world.api_base + path, headers, urlencode(fields).encode())


@asynccontextmanager
async def stage(rng: Random) -> AsyncIterator[Stage]:
    """Set it up; the host's settings are drawn too."""
    async with Sandbox(seed="simulator").on_this_loop() as sandbox:
        realm = sandbox.app.worlds.realm("simulator", f"{sandbox.url}/w/simulator")
        world = realm.account().world
        reasons = tuple(call(world, "POST", "/v1/billing/feedback_options", description=text)["id"] for text in REASONS)
        call(world, "POST", f"/v1/billing/feedback_options/{reasons[-1]}/deactivate")
        call(world, "POST", "/v1/coupons", id=OFFERED, percent_off=25, duration="repeating", duration_in_months=3)
        config = PortalConfig(
            stripe_secret_key="sk_test_simulator",  # noqa: S106
            stripe_publishable_key="pk_test_simulator",
            secret_keys=("a-signing-key-only-for-simulations-0123456789",),
            base_url=f"{ORIGIN}/billing",
            return_url="/account",
            stripe_api_base=realm.api_base,
            stripe_js_url=f"{realm.api_base}/stripe.js",
            business_profile=BusinessProfile(name="Acme"),
            catalog=_catalog(world, rng),
            features=_features(rng, reasons),
            hooks=Hooks(offers=_offers) if rng.random() < 0.6 else Hooks(),
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


def _catalog(world: World, rng: Random) -> Catalog:
    """What is on sale; in some runs calls by use come with a plan."""
    calls, _ = metered_price(world, "API calls", "call", unit_amount_decimal="2.5")
    parts = (Plan(price=calls),) if rng.random() < 0.5 else ()
    return Catalog(
        [
            Plan(lookup_key="starter_monthly"),
            Plan(lookup_key="pro_monthly", includes=parts),
            Plan(lookup_key="scale_monthly", quantity=_SEATS),
            Plan(lookup_key="starter_yearly"),
            Plan(lookup_key="pro_yearly"),
            Plan(lookup_key="scale_yearly", quantity=_SEATS),
        ],
        add_ons=[
            Plan(lookup_key="storage_monthly", quantity=_SEATS),
            Plan(lookup_key="storage_yearly", quantity=_SEATS),
        ],
    )


_PAUSES = PauseDuration(
    type="indefinite",
    interval_options=(
        PauseInterval(interval="day", interval_count=3),
        PauseInterval(),
        PauseInterval(interval_count=2),
    ),
)


def _features(rng: Random, reasons: tuple[str, ...]) -> Features:
    at_once = rng.random() < 0.3
    leaving = Random(rng.random())  # noqa: S311  (the same from the same seed)
    chooses = leaving.random() < 0.6
    return Features(
        subscription_cancel=SubscriptionCancel(
            mode="immediately" if at_once else "at_period_end",
            choices=("at_period_end", "on_date", "immediately") if chooses else (),
            proration_behavior=leaving.choice(("none", "create_prorations")) if at_once or chooses else "none",
            invoice_now=(at_once or chooses) and leaving.random() < 0.3,
            cancellation_reason=CancellationReason(feedback_options=reasons, required=leaving.random() < 0.3),
        ),
        subscription_pause=SubscriptionPause(enabled=rng.random() < 0.8, duration=_PAUSES),
        subscription_update=SubscriptionUpdate(
            proration_behavior="always_invoice" if rng.random() < 0.7 else rng.choice(("create_prorations", "none")),
            billing_cycle_anchor=rng.choice(("unchanged", "unchanged", "now")),
            trial_update_behavior=rng.choice(("end_trial", "continue_trial")),
            default_allowed_updates=("price", "quantity", "promotion_code"),
            schedule_at_period_end=leaving.choice(((), ("decreasing_item_amount", "shortening_interval"))),
            takes_effect=leaving.choice((("now",), ("now", "at_period_end", "on_date"))),
        ),
        subscription_create=SubscriptionCreate(
            enabled=True,
            allow_several=rng.random() < 0.3,
            allow_promotion_codes=leaving.random() < 0.8,
            through="checkout" if leaving.random() < 0.4 else "portal",
        ),
        subscription_prepay=SubscriptionPrepay(enabled=leaving.random() < 0.7, periods=(1, 2, 3)),
    )


async def _offers(leaving: Leaving) -> list[Offer]:
    """Something for everybody; the portal shows what fits."""
    return [CouponOffer(OFFERED), PlanOffer("starter_monthly"), PauseOffer(1)] if leaving.reason else [TrialOffer(7)]


async def _account(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("the host's account page")
