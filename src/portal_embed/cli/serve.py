"""`portal-embed serve`: the portal on its own, for hosts that are not ASGI apps."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import BaseRoute, Mount, Route

from portal_embed.access.redaction import install_redaction
from portal_embed.cli.loading import PORTAL_HELP, load_portal, take_port
from portal_embed.config.origins import is_loopback_host

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from portal_embed.cli.loading import Commands
    from portal_embed.config import PortalConfig
    from portal_embed.portal import Portal

PORT = 8000
ALONE = (
    "end_sessions in your site's own process ends no session here, because this process remembers them by itself: "
    "give PortalConfig an identity=, or a store= that both share."
)


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "serve",
        help="serve the portal by itself",
        description="Serve the portal by itself, at the path that PORTAL_BASE_URL names. One process: to run several, "
        "the portal needs a store that they share.",
    )
    parser.add_argument("portal", nargs="?", metavar="module:portal", help=PORTAL_HELP)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, help=f"the port (default: that of PORTAL_BASE_URL when it is on this machine, else {PORT})"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    portal = load_portal(options.portal)
    port = default_port(portal.config.base_url) if options.port is None else options.port
    listener = take_port(options.host, port)
    server = uvicorn.Server(
        uvicorn.Config(app_for(portal), log_config=_log_config(), server_header=False, lifespan="on")
    )
    keep_secrets_out_of_logs()
    logger = logging.getLogger("portal_embed")
    for warning in [*portal.config.warnings(), *([ALONE] if is_alone(portal.config) else [])]:
        logger.warning(warning)
    logger.info("The portal is at %s/ (listening on %s, port %s).", portal.config.base_url, *listener.getsockname()[:2])
    server.run(sockets=[listener])
    return 0


def default_port(base_url: str) -> int:
    """The port that the portal's own address names, when that address is this machine; else 8000."""
    parts = urlsplit(base_url)
    return parts.port if parts.port and is_loopback_host(parts.hostname) else PORT


def is_alone(config: PortalConfig) -> bool:
    """Whether nothing that happens in the host's own process, such as signing out, is known here."""
    return config.identity is None and (config.store is None or not config.store.shared_between_processes)


def app_for(portal: Portal) -> Starlette:
    """The portal at the path of its address, and, when that is not the root, a sentence at the root that says so."""
    config = portal.config
    here = config.mount_path

    async def where_it_is(_request: Request) -> PlainTextResponse:
        return PlainTextResponse(
            f"The billing portal is at {config.base_url}/. "
            "A customer comes in by a link that your site, or `portal-embed link`, makes for them.\n"
        )

    async def with_slash(_request: Request) -> RedirectResponse:
        return RedirectResponse(f"{config.base_url}/", status_code=308)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await portal.aclose()

    beside: list[BaseRoute] = [Route("/", where_it_is), Route(here, with_slash)] if here else []
    return Starlette(routes=[*beside, Mount(here, portal)], lifespan=lifespan)


def keep_secrets_out_of_logs() -> None:
    """No query string stands in the access log, and no key or token in any line: a sign-in link is a secret."""
    access = logging.getLogger("uvicorn.access")
    if not any(isinstance(existing, WithoutQuery) for existing in access.filters):
        access.addFilter(WithoutQuery())
    install_redaction("uvicorn", "uvicorn.access", "uvicorn.error")


class WithoutQuery(logging.Filter):
    """Cuts the query off the path in uvicorn's access line; its arguments are address, method, path, version, status."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; let it through."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                value.split("?", 1)[0] if isinstance(value, str) and value.startswith("/") else value
                for value in record.args
            )
        return True


def _log_config() -> dict[str, Any]:
    """Uvicorn's own, with the portal's log beside it."""
    config: dict[str, Any] = deepcopy(uvicorn.config.LOGGING_CONFIG)
    config["loggers"]["portal_embed"] = {"handlers": ["default"], "level": "INFO", "propagate": False}
    return config
