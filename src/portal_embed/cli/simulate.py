"""`portal-embed simulate`: random customers in the portal, under random failures, until something is wrong."""

from __future__ import annotations

import secrets
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from portal_embed.cli.loading import Commands


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "simulate",
        help="let random customers use the portal under random failures, and check the books",
        description="Let random customers do random things in a portal on a pretend Stripe, under random failures, while "
        "time passes. After every step the books are checked: no double charge, a preview is what is charged, a cancel "
        "wins, nothing of another customer in a page. Ends with 1 at the first thing that is wrong, and says how to see "
        "it again.",
    )
    parser.add_argument("--seed", type=int, help="the same seed gives the same run (default: a new one)")
    parser.add_argument("--steps", type=int, default=500, help="how many steps (default: %(default)s)")
    parser.add_argument(
        "--runs", type=int, default=1, help="how many seeds, one after the other (default: %(default)s)"
    )
    parser.add_argument("--verbose", action="store_true", help="tell every step")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run, and tell what was done."""
    from portal_embed.simulator import Broken, simulate

    first = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    for seed in range(first, first + options.runs):
        started = time.monotonic()
        try:
            report = simulate(seed, options.steps, print if options.verbose else None)
        except Broken as broken:
            print(broken, file=sys.stderr)
            return 1
        told = f"seed {seed}: {report.steps} steps, {report.days} days, {report.charges} charges"
        print(f"{told}, {time.monotonic() - started:.0f} s: nothing is wrong", flush=True)
    return 0
