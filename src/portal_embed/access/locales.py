"""The locales a session may ask for: those of `billing_portal.Session.locale` (Stripe API 2026-10-28.endive)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCALES = frozenset(
    "auto bg cs da de el en en-AU en-CA en-GB en-IE en-IN en-NZ en-SG es es-419 et fi fil fr fr-CA hr hu id it ja ko "
    "lt lv ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW".split()
)


def preferred(tags: Iterable[str]) -> str | None:
    """The first of a customer's `preferred_locales` that we have, as it is or by its language; None if we have none.

    >>> preferred(["tlh", "de-AT", "fr"])
    'de'
    """
    for tag in tags:
        for name in (tag.replace("_", "-"), tag.replace("_", "-").split("-")[0]):
            if name in LOCALES and name != "auto":
                return name
    return None
