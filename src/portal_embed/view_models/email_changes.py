"""The page behind the link that confirms a new email."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.view_models.wording import masked_email

if TYPE_CHECKING:
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class EmailChangePage:
    """What the link is about. `button` is "" when there is nothing to press: it is done, or the link does nothing
    any more.

    `title` and `sentences` say what is asked or what happened. `token`: the link's, sent with the button. `is_done`:
    the new address holds.
    """

    title: str
    sentences: tuple[str, ...]
    token: str = ""
    button: str = ""
    is_done: bool = False


def email_change_page(
    old: str, new: str, fmt: Formatter, *, token: str, business: str, is_done: bool = False, is_dead: bool = False
) -> EmailChangePage:
    """The page. `business`: the host's name, "" if unknown. The old address is masked: who reads this has proved the new one."""
    if is_dead:
        return EmailChangePage(
            fmt._("This link does not work any more"),
            (
                fmt._("It is older than 24 hours, was used before, or another change came first."),
                fmt._("Nothing was changed by it. Ask for a new link in your billing details."),
            ),
        )
    if is_done:
        return EmailChangePage(
            fmt._("Your email is changed"),
            (fmt._("Mail about your billing goes to %(email)s from now on.", email=new),),
            is_done=True,
        )
    sentence = (
        fmt._("Mail about your billing with %(business)s will go to %(email)s.", business=business, email=new)
        if business
        else fmt._("Mail about your billing will go to %(email)s.", email=new)
    )
    instead = (fmt._("It takes the place of %(email)s, which is told.", email=masked_email(old)),) if old else ()
    return EmailChangePage(fmt._("Use this email for billing?"), (sentence, *instead), token, fmt._("Use this email"))
