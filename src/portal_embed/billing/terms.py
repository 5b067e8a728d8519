"""Which terms hold for a session: its own configuration, else the portal's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal_embed.config import PortalConfig, Terms


class TermsReader:
    """Finds the terms of each session."""

    def __init__(self, config: PortalConfig) -> None:
        """Reads nothing yet."""
        self._config = config

    async def of(self, configuration: str | None) -> Terms:
        """The terms of a session. `configuration`: its name; None for the portal's own."""
        name = configuration or self._config.configuration
        if name is None:
            return self._config.terms
        return self._config.terms_of(self._config.configurations[name])
