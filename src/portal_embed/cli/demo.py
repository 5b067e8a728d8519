"""`portal-embed demo`: a pretend SaaS with the portal inside, on a pretend Stripe."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import uvicorn

from portal_embed.cli.loading import CommandError, take_port
from portal_embed.cli.serve import keep_secrets_out_of_logs

if TYPE_CHECKING:
    import argparse

    from portal_embed.cli.loading import Commands
    from portal_embed.sandbox import Sandbox

PORT = 8000


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "demo",
        help="serve a small host site with the portal in it",
        description="Serve a small host site with the portal mounted at /billing, on a pretend Stripe. Nothing leaves "
        "this machine, and everything is forgotten when it ends.",
    )
    parser.add_argument("--port", type=int, help=f"the port (default: the variable PORT, else {PORT})")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from portal_embed import demo

    listener = take_port("127.0.0.1", _port_from(os.environ.get("PORT", "")) if options.port is None else options.port)
    port = listener.getsockname()[1]
    with _sandbox_beside(port) as sandbox:
        site = f"http://localhost:{port}"
        app = demo.build(sandbox_api_base=sandbox.url, site_url=site)
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=1)
        )
        keep_secrets_out_of_logs()
        print(_WELCOME.format(site=site, sandbox=sandbox.url), flush=True)
        server.run(sockets=[listener])
    return 0


_WELCOME = """
Tidewater, a pretend SaaS with the billing portal inside, is up.

  Click here:  {site}/
               Sign in as anybody, open "Account", press "Manage billing".

  The portal is mounted at   {site}/billing
  The pretend Stripe is at   {sandbox}
  A card that works          4242 4242 4242 4242, any date to come, any CVC

Ctrl-C ends it."""


def _port_from(text: str) -> int:
    if not text:
        return PORT
    if not text.isascii() or not text.isdigit():
        raise CommandError(f"PORT is {text!r}, which is not a port: set it to a number such as 8123.")
    return int(text)


def _sandbox_beside(port: int) -> Sandbox:
    """On the next port, so that its address is the same each time; on any free one where that is taken."""
    from portal_embed.sandbox import Sandbox

    try:
        return Sandbox(port=port + 1)
    except (OSError, OverflowError):
        return Sandbox()
