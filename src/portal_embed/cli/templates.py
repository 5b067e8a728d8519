"""`portal-embed templates`: our templates, to look at and to start one's own from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, TemplateNotFound

from portal_embed.cli.loading import CommandError

if TYPE_CHECKING:
    import argparse

    from portal_embed.cli.loading import Commands


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "templates",
        help="list, show or copy the templates of the pages",
        description="List the templates of the portal's pages. A file of the same name in PortalConfig(templates_dir=…) "
        'replaces one; it may extend the original as "@portal/<name>" and change a block only.',
    )
    parser.set_defaults(run=show_all)
    actions = parser.add_subparsers(title="actions", metavar="<action>")
    show = actions.add_parser("show", help="print one", description="Print a template as it is.")
    show.add_argument("name", help="such as overview/show.html")
    show.add_argument(
        "--context", action="store_true", help="print what it may read instead: names, types, what they mean"
    )
    show.set_defaults(run=show_one)
    copy = actions.add_parser(
        "copy",
        help="copy one into a folder",
        description="Copy a template into the folder that is your templates_dir. A file that is there already stays as it is.",
    )
    copy.add_argument("name", help="such as overview/show.html")
    copy.add_argument("folder", type=Path, help="your templates_dir")
    copy.set_defaults(run=copy_one)


def show_all(_options: argparse.Namespace) -> int:
    """One name a line."""
    print("\n".join(PackageLoader("portal_embed").list_templates()))
    return 0


def show_one(options: argparse.Namespace) -> int:
    """The template and nothing else, so that it can be written to a file; or what it may read."""
    source = _source(options.name)
    if options.context:
        from portal_embed.cli.contract import context

        source = context(options.name)
    print(source, end="")
    return 0


def copy_one(options: argparse.Namespace) -> int:
    """Copy, and say where to. Never over a file of the host's."""
    source = _source(options.name)
    target = options.folder / options.name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(source)
    except FileExistsError:
        raise CommandError(f"{target} is there already: move it away, or edit it.") from None
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror}.") from None
    print(target)
    return 0


def _source(name: str) -> str:
    loader = PackageLoader("portal_embed")
    try:
        return loader.get_source(Environment(autoescape=True), name)[0]
    except TemplateNotFound:
        raise CommandError(f"There is no template {name!r}: `portal-embed templates` lists them.") from None
