"""`portal-embed gallery`: every page of the portal in the host's look, on pretend customers, to theme and override by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from portal_embed.cli.loading import CommandError, load_portal, take_port
from portal_embed.cli.serve import keep_secrets_out_of_logs
from portal_embed.config import PortalConfig

if TYPE_CHECKING:
    import argparse

    from portal_embed.cli.loading import Commands

PORT = 8002


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "gallery",
        help="show every page in your look",
        description="Serve one page that shows every page of the portal, light, dark, narrow and in a frame, with your theme, "
        "stylesheet, templates and texts, on a pretend Stripe with pretend customers. Your catalog and features, whom you "
        "know and what you hear stay out of it: everything is switched on, and nothing leaves this machine.",
    )
    parser.add_argument(
        "portal",
        nargs="?",
        metavar="module:portal",
        help="where your code keeps its Portal, such as mysite.billing:portal",
    )
    parser.add_argument("--port", type=int, default=PORT, help="the port (default: %(default)s)")
    parser.add_argument(
        "--files",
        action="append",
        default=[],
        metavar="/path=folder",
        help="serve a folder of yours, with your stylesheet or logo, at a path: /static=static; may be given several times",
    )
    parser.add_argument("--locale", help="the language to show: de, or en-XA for the pseudo-locale")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from dataclasses import replace

    from portal_embed.cli.gallery.site import Gallery, app_for
    from portal_embed.sandbox import Sandbox

    config = _plain() if options.portal is None else load_portal(options.portal).config
    if options.locale:
        config = replace(config, default_locale=options.locale)
    files = folders(options.files)
    for sentence in unserved(config, files):
        print(sentence)
    listener = take_port("127.0.0.1", options.port)
    site = f"http://localhost:{listener.getsockname()[1]}"
    with Sandbox(seed="gallery") as sandbox:
        app = app_for(Gallery(config, sandbox.world("gallery"), site), files)
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=1)
        )
        keep_secrets_out_of_logs()
        print(f"The gallery is at {site}/. Ctrl-C ends it.", flush=True)
        server.run(sockets=[listener])
    return 0


def folders(given: list[str]) -> dict[str, Path]:
    """`--files` read: {"/static": Path("static")}. Raises `CommandError` with the sentence that says what to change."""
    found: dict[str, Path] = {}
    for pair in given:
        path, _, folder = pair.partition("=")
        if not path.startswith("/") or not path.strip("/") or not folder:
            raise CommandError(f"--files {pair} is not a path and a folder: write it as /static=static.")
        if not Path(folder).is_dir():
            raise CommandError(f"--files {pair}: {folder} is not a directory.")
        found[path.rstrip("/")] = Path(folder)
    return found


def unserved(config: PortalConfig, files: dict[str, Path]) -> list[str]:
    """A sentence for each file of the host's own site that the gallery cannot show."""
    named = {
        "stylesheet_url": config.stylesheet_url,
        "theme.logo": config.theme.logo,
        "theme.logo_dark": config.theme.logo_dark,
    }
    return [
        f"{name} is {url}, a file of your own site: name its folder by --files {url.rpartition('/')[0] or '/static'}=…."
        for name, url in named.items()
        if url is not None and url.startswith("/") and not any(url.startswith(f"{path}/") for path in files)
    ]


def _plain() -> PortalConfig:
    """Our own look; the keys open only the sandbox."""
    return PortalConfig(
        stripe_secret_key="sk_test_gallery",  # noqa: S106
        stripe_publishable_key="pk_test_gallery",
        secret_keys=("only-until-the-gallery-makes-its-own",),
        base_url="http://localhost",
    )
