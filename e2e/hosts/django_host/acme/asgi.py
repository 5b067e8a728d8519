"""Django and the portal in one ASGI application: `uvicorn acme.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acme.settings")
django = get_asgi_application()

from acme.billing import portal  # noqa: E402  (Django must be set up first)


async def application(scope, receive, send):
    """Whatever is below /billing is the portal's."""
    if scope["type"] == "http" and f"{scope['path']}/".startswith("/billing/"):
        await portal({**scope, "root_path": "/billing"}, receive, send)
    else:
        await django(scope, receive, send)
