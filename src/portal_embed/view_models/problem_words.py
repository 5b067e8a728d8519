"""Each problem in words: what happened, whether money moved, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed import errors
from portal_embed.view_models.problems import ProblemPage
from portal_embed.view_models.subscription_words import why_not_text
from portal_embed.view_models.tax_words import location_missing
from portal_embed.view_models.wording import decline_text

if TYPE_CHECKING:
    from portal_embed.i18n.formatting import Formatter
    from portal_embed.view_models.standings import Standing


def problem_page(
    error: errors.PortalError,
    fmt: Formatter,
    *,
    reference: str,
    signed_in: bool,
    was_post: bool,
    may_sign_in: bool = False,
    here: str = "",
    standing: Standing | None = None,
) -> ProblemPage:
    """The page for an error. `reference`: the request id; `was_post`: something was being done, so money is worth a word.
    `may_sign_in`: there is a page to sign in by email. `here`: this page as a way back, "" where there is none. `standing`: what
    the click was about, for where nobody knows what came of it.
    """
    title, *sentences = _words(error, fmt)
    home = fmt._("Go to the overview") if signed_in and error.status not in {401, 400} else None
    sign_in = (
        fmt._("Sign in by email")
        if may_sign_in and isinstance(error, errors.SessionExpired | errors.LinkRefused)
        else None
    )
    action = (home or sign_in, "overview.show" if home else "logins.new" if sign_in else None, "")
    if signed_in and _asks_location(error):
        action = (fmt._("Enter your address"), "tax_addresses.edit", here)
    return ProblemPage(
        status=error.status,
        slug=error.slug,
        title=title,
        sentences=tuple(s for s in sentences if s),
        money=_money(error, fmt) if was_post else "",
        reference=reference,
        action_label=action[0],
        action_route=action[1],
        action_back=action[2],
        leads_to_host=isinstance(error, errors.SessionExpired | errors.LinkRefused | errors.Forbidden),
        may_retry=not was_post and _passes(error),
        standing=standing if was_post and _is_unknown(error) else None,
        proof_url=error.url if isinstance(error, errors.StepUpNeeded) else "",
    )


def _asks_location(error: errors.PortalError) -> bool:
    """Whether Stripe cannot work out the tax because it does not know where the customer is."""
    return isinstance(error, errors.DetailRefused) and error.code == "customer_tax_location_invalid"


def _passes(error: errors.PortalError) -> bool:
    """Whether it may be gone in a moment."""
    passing = errors.StripeUnavailable | errors.StoreUnavailable | errors.RateLimited
    if isinstance(error, errors.StripeMisconfigured):
        return False
    return isinstance(error, passing) or type(error) is errors.PortalError


def _is_unknown(error: errors.PortalError) -> bool:
    """Whether what was being done may have happened all the same."""
    return type(error) is errors.PortalError or (isinstance(error, errors.StripeUnavailable) and error.outcome_unknown)


def _money(error: errors.PortalError, fmt: Formatter) -> str:
    if _is_unknown(error):
        return fmt._("We could not find out whether it went through. Look at your invoices before you try again.")
    if isinstance(error, errors.SessionExpired | errors.LinkRefused):
        return ""
    return fmt._("Nothing was charged and nothing was changed.")


def _words(error: errors.PortalError, fmt: Formatter) -> tuple[str, ...]:
    if isinstance(error, errors.Declined):
        return decline_text(error.code, fmt)
    if isinstance(error, errors.NotAllowed):
        return (fmt._("This cannot be done now"), error.words or refusal_text(error.reason, fmt))
    if _asks_location(error):
        return location_missing(fmt)
    if isinstance(error, errors.StripeMisconfigured):
        return (
            fmt._("Billing is not available"),
            fmt._("Something is wrong on our side. We have been told, and your data is safe."),
        )
    if isinstance(error, errors.MethodNotAllowed):
        return (fmt._("Nothing to see at this address"), fmt._("It only takes what a form on our pages sends."))
    if isinstance(error, errors.TooLarge):
        return (fmt._("That was too much at once"), fmt._("Shorten what you typed and send it again."))
    for kind, words in _table(fmt).items():
        if isinstance(error, kind):
            return words
    return (
        fmt._("Something went wrong on our side"),
        fmt._("Please try again in a moment. If it happens again, tell us the reference below."),
    )


def _table(fmt: Formatter) -> dict[type[errors.PortalError], tuple[str, ...]]:
    return {
        errors.SessionExpired: (
            fmt._("Your session has expired"),
            fmt._("For your safety, billing closes by itself after a while. Go back and open it again."),
        ),
        errors.LinkRefused: (
            fmt._("This link has expired"),
            fmt._("Links to billing work once and only for a few minutes. Go back and open billing again."),
        ),
        errors.Forbidden: (
            fmt._("You may not do this"),
            fmt._("Your access does not include it. Ask the person who manages billing at your company."),
        ),
        errors.StepUpNeeded: (
            fmt._("Please confirm that it is you"),
            fmt._("This change needs a fresh sign-in. Afterwards you come back here and do it once more."),
        ),
        errors.FormRefused: (
            fmt._("This form is too old"),
            fmt._("Reload the page and send it again."),
        ),
        errors.NotFound: (
            fmt._("We could not find this page"),
            fmt._("It may have been removed, or the address is not quite right."),
        ),
        errors.Conflict: (
            fmt._("Things have changed in the meantime"),
            fmt._("This page was older than your billing. Look at how it stands now, then try again."),
        ),
        errors.DetailRefused: (
            fmt._("This was not accepted"),
            fmt._("Go back, check what you entered and try again."),
        ),
        errors.BadRequest: (fmt._("We could not read that"), fmt._("Go back and try again.")),
        errors.RateLimited: (
            fmt._("That was a lot at once"),
            fmt._("Please wait a minute, then try again."),
        ),
        errors.StripeUnavailable: (
            fmt._("Our payment provider does not answer"),
            fmt._("Please try again in a few minutes."),
        ),
        errors.StoreUnavailable: (
            fmt._("Billing is not available"),
            fmt._("Please try again in a few minutes."),
        ),
    }


def refusal_text(reason: str, fmt: Formatter) -> str:
    """Why a rule says no, in a sentence."""
    words = {
        "in_use": fmt._("This payment method is in use. Replace it, or choose another default first."),
        "not_payable": fmt._("There is nothing to pay on this invoice."),
        "no_payment_method": fmt._("No payment method is saved. Add one first."),
        "pays_later": fmt._("This payment method pays days later. Choose one that pays at once, a card say."),
        "not_saved": fmt._("The payment method was not saved. Please try again."),
        "too_many_methods": fmt._("You have saved as many payment methods as possible. Remove one first."),
        "too_many_tax_ids": fmt._("You have as many tax IDs as possible. Remove one to add another."),
        "ended": fmt._("This subscription has ended."),
        "step_up_silent": fmt._("We could not make sure that it is you. Please try again in a few minutes."),
        "host_silent": fmt._("Plans cannot be changed at the moment. Please try again in a few minutes."),
        "not_ended": fmt._("This subscription has not ended."),
        "started": fmt._("This plan has started already."),
        "not_ending": fmt._("This subscription is not going to end."),
        "already_canceling": fmt._("This subscription is already canceled."),
        "off": fmt._("This is not offered here."),
        "not_on_offer": fmt._("This plan is not offered to you here."),
        "nothing_planned": fmt._("No change is planned for this subscription."),
        "not_paused": fmt._("This subscription is not paused."),
        "not_trial": fmt._("This subscription is not on trial."),
        "offer_gone": fmt._("This offer is no longer there. Your plan is as it was."),
    }
    return words.get(reason) or why_not_text(reason, fmt) or fmt._("It is not possible at the moment.")
