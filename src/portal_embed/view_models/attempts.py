"""What is said in place when something was tried and did not come about: what happened, whether money moved, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.view_models.shared import Notice
from portal_embed.view_models.subscription_words import why_not_text
from portal_embed.view_models.wording import decline_text

if TYPE_CHECKING:
    from portal_embed.i18n.formatting import Formatter


def payment_declined(code: str, fmt: Formatter) -> Notice:
    """The bank refused to pay an invoice. `code`: see `billing.declines`."""
    title, body = decline_text(code, fmt)
    return Notice("critical", title, fmt._("%(what_to_do)s Nothing was charged.", what_to_do=body))


def amount_moved(fmt: Formatter) -> Notice:
    """The sum on the button is no longer what Stripe says."""
    return Notice("caution", fmt._("The amount has changed since you last saw it"), fmt._("Nothing was charged."))


def choice_moved(fmt: Formatter) -> Notice:
    """What the form asks for is not what was shown, be it that the fields say something else or that it is no longer to be had."""
    return Notice(
        "caution",
        fmt._("Please check your choice again"),
        fmt._("It is not the one that you saw the price of. Nothing was changed and nothing was charged."),
    )


def nothing_chosen(fmt: Formatter) -> Notice:
    """Sent without choosing how to pay."""
    return Notice("critical", fmt._("Choose how to pay"))


def no_length_chosen(fmt: Formatter) -> Notice:
    """Sent without saying for how long to pause."""
    return Notice("critical", fmt._("Choose for how long"), fmt._("Nothing was changed."))


def change_declined(code: str, fmt: Formatter, back: str = "") -> Notice:
    """The bank refused to pay for a change of plan, or ahead; the plan stands. `code`: see `billing.declines`. `back`: the address
    of the choice.
    """
    title, body = decline_text(code, fmt)
    kept = fmt._("%(what_to_do)s Nothing was charged and your plan is unchanged.", what_to_do=body)
    return Notice("critical", title, kept, fmt._("Change payment method"), "payment_methods.index", link_back=back)


def change_refused(reason: str, fmt: Formatter) -> Notice:
    """A change that the host lets wait only, and that cannot. `reason`: see `billing.eligibility`."""
    return Notice("caution", fmt._("This change cannot be made at the moment"), why_not_text(reason, fmt))


def change_needs_method(fmt: Formatter) -> Notice:
    """A change that costs something now, and nothing to pay it with."""
    return Notice(
        "caution",
        fmt._("No payment method is saved"),
        fmt._("Add one first. Your plan is unchanged."),
    )


def method_not_saved(fmt: Formatter) -> Notice:
    """Back from the bank without its consent."""
    return Notice(
        "caution", fmt._("The payment method was not saved"), fmt._("Your bank did not confirm it. You can try again.")
    )


def method_processing(fmt: Formatter) -> Notice:
    """The bank takes its time to say yes."""
    return Notice(
        "neutral", fmt._("Your bank is checking the payment method"), fmt._("It appears here once it is ready.")
    )
