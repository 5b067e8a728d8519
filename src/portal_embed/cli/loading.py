"""What several commands do first: find the portal they are about, and take a port."""

from __future__ import annotations

import errno
import os
import socket
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from portal_embed.config import PortalConfig
from portal_embed.portal import Portal

if TYPE_CHECKING:
    import argparse

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  (argparse has no public name for it)

PORTAL_HELP = (
    "where your code keeps its Portal, such as mysite.billing:portal; without it, settings come from the environment"
)


class CommandError(Exception):
    """A command cannot go on. The message is one sentence that says what to change."""


def load_portal(target: str | None) -> Portal:
    """The portal named `module:attribute`, or one made from the environment.

    Raises `CommandError` when there is none of that name, `ConfigError` when its settings are wrong.
    """
    if target is None:
        return Portal(PortalConfig.from_env())
    module_name, _, attribute = target.partition(":")
    if not module_name or not attribute:
        raise CommandError(f"{target!r} does not name a portal: write module:portal, such as mysite.billing:portal.")
    here = os.getcwd()  # noqa: PTH109  (as `python -m` writes it into sys.path)
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise  # the module is there; what it imports is not, and the traceback says which
        raise CommandError(f"There is no module {error.name!r} to import from {here}.") from None
    portal = getattr(module, attribute, None)
    if not isinstance(portal, Portal):
        found = "nothing of that name" if portal is None else f"a {type(portal).__name__}"
        raise CommandError(f"{target} should be a Portal, but there is {found}.")
    return portal


def take_port(host: str, port: int) -> socket.socket:
    """A socket that listens on `port` (0: any free one) from now on. Raises `CommandError` when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=256)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"Port {port} is taken: stop the program that listens there, or choose another by --port."
            ) from None
        raise CommandError(f"Cannot listen on {host}, port {port}: {error.strerror or error}.") from None
    except OverflowError:
        raise CommandError(f"There is no port {port}: choose one from 1 to 65535.") from None
