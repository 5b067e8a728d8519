"""Signing in by email: whose address, which code, whose billing. No word to somebody who typed an address depends on whether
anybody has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.view_models.letters import CODE_MINUTES
from portal_embed.view_models.shared import Notice
from portal_embed.view_models.wording import masked_email

if TYPE_CHECKING:
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class LoginPage:
    """Ask for an address. `error` stands under the field, "" for none; `unmet` under the CAPTCHA. `email`: what was typed.

    `subscribed`: they come from a checkout that sells a plan once, and have one; `notice` says so, None for anybody else.
    """

    email: str
    error: str = ""
    unmet: str = ""
    subscribed: bool = False
    notice: Notice | None = None


@dataclass(frozen=True)
class CodePage:
    """Ask for the code. `token` keeps the request; `sent` says where the code went, if it went; `is_dead`: no code
    will do any more, so another one has to be asked for; `renews`: the link to ask with, "" for a plain sign-in.

    `error`: why the code was refused, "" for nothing.
    """

    token: str
    sent: str
    error: str = ""
    is_dead: bool = False
    renews: str = ""


@dataclass(frozen=True)
class LoginLinkPage:
    """The page behind a mailed link, with one button. `whose`: the address whose billing it opens.

    `token`: the link's, sent with the button.
    """

    token: str
    whose: str


@dataclass(frozen=True)
class RenewalPage:
    """A link that has expired and can be had anew. `token` is the link's; `sentence` says where the new one goes."""

    token: str
    sentence: str


def unmet_text(fmt: Formatter) -> str:
    """What stands under a CAPTCHA that was not solved."""
    return fmt._("Please show that you are a person, then send it again.")


def login_page(email: str, fmt: Formatter, *, is_wrong: bool = False, subscribed: bool = False) -> LoginPage:
    """`email`: what was typed or handed over; `is_wrong`: it is no address; `subscribed`: see `LoginPage`."""
    error = fmt._("Enter an email address, such as name@example.com.") if is_wrong else ""
    notice = (
        Notice("neutral", fmt._("You may have this plan already"), fmt._("Sign in to see it, and to change it."))
        if subscribed
        else None
    )
    return LoginPage(email, error, subscribed=subscribed, notice=notice)


def code_page(token: str, email: str, fmt: Formatter, *, tries_left: int | None = None, renews: str = "") -> CodePage:
    """`email`: as it was typed, or masked where it was not. `tries_left`: after a wrong code."""
    said = {"email": email, "minutes": CODE_MINUTES}
    if renews:
        sent = fmt._("A mail with a code is on its way to %(email)s. It works for %(minutes)s minutes.", **said)
    else:
        sent = fmt._(
            "If %(email)s belongs to a customer, a mail with a code is on its way. It works for %(minutes)s minutes.",
            **said,
        )
    error = ""
    if tries_left == 0:
        error = fmt._("That was one wrong code too many. Ask for a new one.")
    elif tries_left is not None:
        error = fmt._("That is not the code. Look again, or ask for a new one.")
    return CodePage(token, sent, error, is_dead=tries_left == 0, renews=renews)


def renewal_page(token: str, email: str | None, fmt: Formatter) -> RenewalPage:
    """`email`: the customer's own address at Stripe."""
    sentence = fmt._("We can send a new one to %(email)s.", email=masked_email(email))
    return RenewalPage(token, sentence)
