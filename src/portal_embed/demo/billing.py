"""All that Tidewater wrote to have a billing portal. Its account page shows this file as it stands."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route

from portal_embed import (
    BusinessProfile,
    Catalog,
    Features,
    Hooks,
    LoginPage,
    Plan,
    Portal,
    PortalConfig,
    Quantity,
    Theme,
)
from portal_embed.config import (
    AllowedChanges,
    Asker,
    CurrentPlan,
    MailCallable,
    PauseDuration,
    PauseInterval,
    SubscriptionCancel,
    SubscriptionCreate,
    SubscriptionPause,
    SubscriptionPrepay,
    SubscriptionUpdate,
)

CATALOG = Catalog(
    [
        Plan(lookup_key="starter_monthly"),
        Plan(lookup_key="starter_yearly"),
        Plan(lookup_key="pro_monthly"),
        Plan(lookup_key="pro_yearly"),
        Plan(lookup_key="scale_monthly", quantity=Quantity(1, 50)),
        Plan(lookup_key="scale_yearly", quantity=Quantity(1, 50)),
    ],
    add_ons=[
        Plan(lookup_key="storage_monthly", quantity=Quantity(1, 20)),
        Plan(lookup_key="storage_yearly", quantity=Quantity(1, 20)),
    ],
)


PAUSES = PauseDuration(
    type="indefinite", interval_options=tuple(PauseInterval(interval_count=months) for months in (1, 2, 3))
)
"""How long Tidewater's customers may pause: boats lie on land in winter."""
FEATURES = Features(
    subscription_cancel=SubscriptionCancel(choices=("at_period_end", "on_date")),
    subscription_create=SubscriptionCreate(enabled=True, allow_promotion_codes=True),
    subscription_pause=SubscriptionPause(enabled=True, duration=PAUSES),
    subscription_prepay=SubscriptionPrepay(enabled=True),
    subscription_update=SubscriptionUpdate(
        default_allowed_updates=("price", "quantity", "promotion_code"),
        schedule_at_period_end=("decreasing_item_amount", "shortening_interval"),
        takes_effect=("now", "at_period_end", "on_date"),
    ),
)


def changes(_asker: Asker, plan: CurrentPlan) -> AllowedChanges:
    """What was agreed in a contract is not changed by a click."""
    if plan.lookup_key == "fleet_yearly":
        return AllowedChanges(
            refusal="Your plan is part of a contract. Write to contracts@tidewater.example to change it."
        )
    return AllowedChanges()


def make_portal(environ: Mapping[str, str], mail: MailCallable) -> Portal:
    """The portal, in Tidewater's colour. Keys and addresses come from the environment; `mail` sends what it writes."""
    profile = BusinessProfile(name="Tidewater", headline="Plans and payments")
    theme = Theme(accent="#0b6e75", accent_dark="#5cc8cd")
    return Portal(
        PortalConfig.from_env(
            environ,
            catalog=CATALOG,
            features=FEATURES,
            hooks=Hooks(changes=changes),
            business_profile=profile,
            theme=theme,
            mail=mail,
            login_page=LoginPage(enabled=True),
        )
    )


async def manage_billing(request: Request) -> RedirectResponse:
    """The "Manage billing" button: hand over whoever is signed in."""
    user = request.session
    if "customer" not in user:
        return RedirectResponse("/", status_code=303)
    portal: Portal = request.app.state.portal
    session = portal.create_session(customer=user["customer"], return_url="/account", host_session=user["id"])
    return RedirectResponse(session.url, status_code=303)


async def sign_out(request: Request) -> RedirectResponse:
    """Signing out of Tidewater signs out of the portal too."""
    portal: Portal = request.app.state.portal
    if "id" in request.session:
        portal.end_sessions(host_session=request.session["id"])
    request.session.clear()
    return RedirectResponse("/", status_code=303)


def routes(portal: Portal) -> list[BaseRoute]:
    """What Tidewater's routes gain."""
    return [
        Mount("/billing", portal),
        Route("/manage-billing", manage_billing, methods=["POST"]),
        Route("/sign-out", sign_out, methods=["POST"]),
    ]
