"""Letters about a customer's details: the link that confirms a new email, and the word to the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.view_models.letters import Letter

if TYPE_CHECKING:
    from portal_embed.i18n.formatting import Formatter


def confirm_email(url: str, business: str, fmt: Formatter) -> Letter:
    """To the new address. `url`: the link, good for 24 hours. `business`: the host's name, "" if unknown."""
    asked = (
        fmt._("Somebody asked to use this address for the billing mail of %(business)s.", business=business)
        if business
        else fmt._("Somebody asked to use this address for billing mail.")
    )
    return Letter(
        kind="confirm_email",
        subject=fmt._("Confirm your new email"),
        greeting=fmt._("Hello,"),
        sentences=(asked, fmt._("If it was you, confirm it within 24 hours:")),
        button_label=fmt._("Confirm this email"),
        button_url=url,
        note=fmt._("If it was not you, do nothing: nothing changes."),
    )


def email_changed(new: str, business: str, fmt: Formatter) -> Letter:
    """To the old address, once the change is made. `new`: the new address, masked."""
    changed = (
        fmt._("Mail about your billing with %(business)s goes to %(email)s from now on.", business=business, email=new)
        if business
        else fmt._("Mail about your billing goes to %(email)s from now on.", email=new)
    )
    return Letter(
        kind="email_changed",
        subject=fmt._("Your billing email was changed"),
        greeting=fmt._("Hello,"),
        sentences=(changed, fmt._("This address gets no more of it.")),
        note=fmt._("If you did not want this, tell your provider at once."),
    )
