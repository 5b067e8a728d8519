"""A letter becomes a mail: rendered twice in its reader's language, and put into the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.config import Mail
from portal_embed.i18n.catalog import direction
from portal_embed.web.contract import MailNames

if TYPE_CHECKING:
    from portal_embed.config import Terms
    from portal_embed.i18n.formatting import Formatter
    from portal_embed.view_models.letters import Letter
    from portal_embed.web.request import Services

_ACCENT, _ACCENT_TEXT = "#2f4fc9", "#ffffff"
"""Those of `static/css/tokens.css`, which a mail cannot load."""


def send(services: Services, terms: Terms, letter: Letter, *, to: str, fmt: Formatter) -> None:
    """Hand over `letter` to the address `to`, in the language of `fmt`. Returns at once, and does nothing without a mailer."""
    if services.outbox.is_open:
        services.outbox.put(compose(services, terms, letter, to=to, fmt=fmt))


def compose(services: Services, terms: Terms, letter: Letter, *, to: str, fmt: Formatter) -> Mail:
    """The finished mail."""
    look = terms.theme.properties()
    words = vars(
        MailNames(
            letter=letter,
            business_name=terms.business_profile.name or "",
            locale=fmt.locale,
            direction=direction(fmt.locale),
            accent=look.get("--portal-accent", _ACCENT),
            accent_text=look.get("--portal-accent-text", _ACCENT_TEXT),
        )
    )
    templates = services.renderer.in_locale(fmt.locale)
    return Mail(
        kind=letter.kind,
        to=to,
        subject=" ".join(letter.subject.split()),
        text=templates.get_template("mail/letter.txt").render(words).strip() + "\n",
        html=templates.get_template("mail/letter.html").render(words),
        locale=fmt.locale,
    )
