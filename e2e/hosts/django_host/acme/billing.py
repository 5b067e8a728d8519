"""The portal's settings, for whichever process serves it: `acme.asgi`, or `portal-embed serve acme.wsgi:portal`."""

from importlib import import_module
from types import SimpleNamespace

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from starlette.requests import Request

from portal_embed import BusinessProfile, Identity, Portal, PortalConfig

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


def identity(request: Request) -> Identity | None:
    """Who is signed in with Django, asked by the portal on every request: when they sign out, they are out of both."""
    session = SessionStore(request.cookies.get(settings.SESSION_COOKIE_NAME))
    try:
        user = get_user(SimpleNamespace(session=session))
        if not user.is_authenticated:
            return None
        return Identity(customer=user.customer.stripe_id, actor=str(user.pk), return_url="/account")
    finally:
        close_old_connections()  # as Django does at the end of a request of its own


portal = Portal(PortalConfig.from_env(business_profile=BusinessProfile(name="Acme"), identity=identity))
