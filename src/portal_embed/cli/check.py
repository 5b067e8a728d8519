"""`portal-embed check`: what is right, what is wrong and what to change, in plain words, before a customer finds out."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from portal_embed.billing.stripe.check import Finding, check_stripe
from portal_embed.billing.stripe.client import StripeClient
from portal_embed.billing.stripe.configurations import retrieve
from portal_embed.cli.comparison import lines
from portal_embed.cli.loading import PORTAL_HELP, load_portal
from portal_embed.cli.outside import look
from portal_embed.config.configuration import is_stripes_configuration
from portal_embed.config.settings import ENVIRONMENT
from portal_embed.errors import ConfigError, NotFound, PortalError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping

    from portal_embed.billing.stripe.objects import PortalConfiguration
    from portal_embed.cli.loading import Commands
    from portal_embed.config import PortalConfig

MARKS = {"fine": "ok      ", "note": "note    ", "problem": "PROBLEM "}


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "check",
        help="say what is wrong with the settings and the Stripe key",
        description="Look at the settings, try the Stripe key by reading (nothing is written), and say what is right "
        "and what to change; or, with --url, look at a deployed portal from outside. Ends with 1 when there is a problem.",
    )
    parser.add_argument("portal", nargs="?", metavar="module:portal", help=PORTAL_HELP)
    parser.add_argument(
        "--import",
        dest="configuration",
        metavar="bpc_…",
        help='instead, set a configuration of your Stripe portal (or "default") beside what this portal would do with it',
    )
    parser.add_argument(
        "--url",
        metavar="https://…",
        help="instead, look from outside at the portal deployed there (its public address with the mount path): what a proxy, "
        "a policy of yours or a prefix did to it; needs no settings and no key",
    )
    parser.add_argument(
        "--page",
        metavar="https://…",
        help="with --url: a page of yours that is to show the portal, in a frame or in pieces; may it, and does its own policy "
        "let it",
    )
    parser.set_defaults(run=run, misused=parser.error)


def run(options: argparse.Namespace) -> int:
    """Print what was found, best first within each part."""
    if options.url is not None or options.page is not None:
        return from_outside(options)
    try:
        config = load_portal(options.portal).config
    except ConfigError as error:
        findings = list(settings_findings(str(error).splitlines(), os.environ))
        findings.append(Finding("note", "Stripe was not asked: the settings come first."))
        return report(findings)
    if options.configuration is not None:
        return compare(config, options.configuration)
    findings = list(settings_findings([], os.environ)) if options.portal is None else []
    findings += process_findings(config, os.environ)
    with _quiet_log():
        findings += asyncio.run(check_stripe(config))
    return report(findings)


def from_outside(options: argparse.Namespace) -> int:
    """Print what can be seen of a deployed portal. Returns the exit code."""
    if options.url is None:
        options.misused("--page goes with --url: which portal is it about?")
    if options.portal is not None or options.configuration is not None:
        options.misused("--url goes alone, or with --page: it asks the deployed portal, not your settings.")
    return report(look(options.url, options.page))


def compare(config: PortalConfig, name: str) -> int:
    """Print Stripe's portal and ours side by side. Returns the exit code."""
    if not is_stripes_configuration(name):
        return report(
            [Finding("problem", f'{name!r} is no configuration of Stripe\'s: give its id (bpc_…), or "default".')]
        )
    try:
        with _quiet_log():
            found = asyncio.run(_configuration(config, name))
    except NotFound as error:
        return report([Finding("problem", f"Stripe does not know the configuration {name}: {error}")])
    except PortalError as error:
        return report([Finding("problem", f"The configuration {name} could not be read: {error}")])
    for line in lines(found, config):
        print(line)
    return 0


async def _configuration(config: PortalConfig, name: str) -> PortalConfiguration:
    client = StripeClient(secret_key=config.stripe_secret_key, api_base=config.stripe_api_base)
    try:
        return await retrieve(client, name)
    finally:
        await client.aclose()


def report(findings: Iterable[Finding]) -> int:
    """Print each finding, then how many problems there are. Returns the exit code."""
    problems = 0
    for finding in findings:
        problems += finding.kind == "problem"
        print(MARKS[finding.kind] + finding.sentence)
    print()
    print({0: "No problems.", 1: "One problem."}.get(problems, f"{problems} problems."))
    return 1 if problems else 0


def settings_findings(problems: list[str], environ: Mapping[str, str]) -> Iterable[Finding]:
    """Each variable that is set and not complained of is fine; then the complaints. Values are never printed."""
    for variable in ENVIRONMENT.values():
        if environ.get(variable, "").strip() and not any(variable in problem for problem in problems):
            yield Finding("fine", f"{variable} is set.")
    for problem in problems:
        yield Finding("problem", problem)


def process_findings(config: PortalConfig, environ: Mapping[str, str]) -> list[Finding]:
    """What works but should be known, and whether the store fits the number of workers (`WEB_CONCURRENCY`)."""
    findings = [Finding("note", warning) for warning in config.warnings()]
    if config.store is not None and config.store.shared_between_processes:
        return [*findings, Finding("fine", "The store is shared between processes.")]
    workers = environ.get("WEB_CONCURRENCY", "").strip()
    if workers.isdigit() and int(workers) > 1:
        findings.append(
            Finding(
                "problem",
                f"WEB_CONCURRENCY asks for {workers} workers, but used links and ended sessions are kept in each process's "
                "own memory: run one worker, or give PortalConfig a store= that all share.",
            )
        )
    else:
        findings.append(
            Finding(
                "note", "Used links and ended sessions are kept in this process's memory: right for one worker only."
            )
        )
    return findings


@contextmanager
def _quiet_log() -> Iterator[None]:
    """The gateway logs what Stripe refuses; here the findings say it, in better words."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
