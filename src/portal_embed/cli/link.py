"""`portal-embed link`: a sign-in link for one customer, to try the portal or to help somebody by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal_embed.access.links import create_session
from portal_embed.access.tokens import LONGEST_LIFE
from portal_embed.cli.loading import CommandError
from portal_embed.config import PortalConfig

if TYPE_CHECKING:
    import argparse

    from portal_embed.cli.loading import Commands


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "link",
        help="print a sign-in link for one customer",
        description="Print a link that lets its holder look after one customer's billing. It works a single time and "
        "for a few minutes. Stripe is not asked.",
    )
    parser.add_argument("--customer", required=True, metavar="cus_…", help="the Stripe customer")
    parser.add_argument(
        "--ttl",
        type=int,
        default=LONGEST_LIFE,
        metavar="SECONDS",
        help=f"how long the link works, 1 to {LONGEST_LIFE} (default: %(default)s)",
    )
    parser.add_argument("--return-url", metavar="URL", help="where the portal's way back leads")
    parser.add_argument(
        "--scopes",
        metavar="LIST",
        help="what the customer may do: view, pay or manage (the default), or scopes separated by commas",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the link and nothing else, so that a script can use it."""
    arguments: dict[str, Any] = {"customer": options.customer, "ttl": options.ttl, "return_url": options.return_url}
    if options.scopes is not None:
        arguments["scopes"] = [name.strip() for name in options.scopes.split(",") if name.strip()]
    config = PortalConfig.from_env()
    try:
        session = create_session(config, **arguments)
    except ValueError as error:
        raise CommandError(str(error)) from None
    print(session.url)
    return 0
