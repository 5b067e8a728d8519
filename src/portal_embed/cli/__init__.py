"""`portal-embed`: the commands for whoever runs the portal. Each one says what it does in `--help`.

Exit codes: 0 done, 1 something is wrong (one sentence each on stderr), 2 the command line was not understood.
"""

from __future__ import annotations

import argparse
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from portal_embed.cli import check, demo, gallery, link, sandbox, serve, simulate, templates
from portal_embed.cli.loading import CommandError
from portal_embed.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. `arguments`: without the program's name; None takes the process's own."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (CommandError, ConfigError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # Ctrl-C is how a server is meant to end
        return 0


def parser() -> argparse.ArgumentParser:
    """The command line, all commands included."""
    top = argparse.ArgumentParser(
        prog="portal-embed",
        description="A Stripe customer portal inside your own site. Settings come from the environment; see the README.",
    )
    top.add_argument("--version", action="version", version=f"portal-embed {metadata.version('portal-embed')}")
    commands = top.add_subparsers(title="commands", metavar="<command>", required=True)
    for command in (serve, link, check, templates, gallery, sandbox, demo, simulate):
        command.add_to(commands)
    return top
