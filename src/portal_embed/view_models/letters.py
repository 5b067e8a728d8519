"""What the portal writes to customers: short letters of finished words, sent as plain text and as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal_embed.config.mails import MailKind
    from portal_embed.i18n.formatting import Formatter
    from portal_embed.view_models.shared import SumRow

CODE_MINUTES = 10
"""How long a code works."""


@dataclass(frozen=True)
class Letter:
    """One letter. `sentences` are its paragraphs; `code` stands large below them, "" for none; then the one button
    (`button_label` with `button_url`, absolute), then `facts`, then `note` in small type: what to do if it was not
    you.

    `kind`: which letter it is. `subject`: of the mail. `greeting`: its first line.
    """

    kind: MailKind
    subject: str
    greeting: str
    sentences: tuple[str, ...]
    code: str = ""
    button_label: str = ""
    button_url: str = ""
    facts: tuple[SumRow, ...] = ()
    note: str = ""


def greeting(name: str | None, fmt: Formatter) -> str:
    """With the name, where we know one: "Hello Ada Lovelace,"."""
    return fmt._("Hello %(name)s,", name=name) if name else fmt._("Hello,")


def login_code(business: str, code: str, url: str, fmt: Formatter) -> Letter:
    """The code and the link to sign in with. It names nobody: whoever typed the address may not be its owner."""
    return Letter(
        kind="login_code",
        subject=fmt._("%(code)s is your code for billing at %(business)s", code=code, business=business)
        if business
        else fmt._("%(code)s is your billing code", code=code),
        greeting=greeting(None, fmt),
        sentences=(
            fmt._(
                "Enter this code on the page where you asked for it. It works once, for %(minutes)s minutes.",
                minutes=CODE_MINUTES,
            ),
        ),
        code=code,
        button_label=fmt._("Sign in with a link instead"),
        button_url=url,
        note=fmt._("You did not ask for it? Then you need not do anything: without this mail nobody gets in."),
    )


def recovery(business: str, name: str | None, url: str, fmt: Formatter) -> Letter:
    """The link to what is unpaid."""
    return Letter(
        kind="recovery",
        subject=fmt._("Your unpaid bill at %(business)s", business=business) if business else fmt._("Your unpaid bill"),
        greeting=greeting(name, fmt),
        sentences=(
            fmt._("This link shows what is unpaid and why. You can pay there, or use another card."),
            fmt._("It works for as long as something is owed, for a week at most."),
        ),
        button_label=fmt._("See what is unpaid"),
        button_url=url,
        note=fmt._("Whoever has this link can pay your bills with it, and nothing else."),
    )


def email_confirmation(business: str, url: str, fmt: Formatter) -> Letter:
    """To the new address: make it the billing address. It names nobody: a name is the customer's to choose, and whoever reads
    this address may never have heard of them.
    """
    return Letter(
        kind="email_confirmation",
        subject=fmt._("Confirm your new billing email"),
        greeting=greeting(None, fmt),
        sentences=(
            fmt._(
                "Somebody who manages your billing at %(business)s asked to send bills to this address.",
                business=business,
            )
            if business
            else fmt._("Somebody who manages your billing asked to send bills to this address."),
            fmt._("Confirm it within 24 hours. Until then bills go to the old one."),
        ),
        button_label=fmt._("Confirm this address"),
        button_url=url,
        note=fmt._("You do not know what this is about? Then do nothing, and nothing changes."),
    )


def email_changed_notice(business: str, name: str | None, masked: str, fmt: Formatter) -> Letter:
    """To the address that is to be replaced: a change was asked for. `masked`: the new one, "n***@example.com"."""
    return Letter(
        kind="email_changed_notice",
        subject=fmt._("A new billing email was asked for"),
        greeting=greeting(name, fmt),
        sentences=(
            fmt._(
                "Bills are to go to %(email)s from now on. It takes effect once it is confirmed there.", email=masked
            ),
        ),
        note=_not_you(business, fmt),
    )


def email_changed(business: str, name: str | None, masked: str, fmt: Formatter) -> Letter:
    """To the address that was: it has happened."""
    return Letter(
        kind="email_changed",
        subject=fmt._("Your billing email was changed"),
        greeting=greeting(name, fmt),
        sentences=(fmt._("Bills go to %(email)s from now on, and no longer here.", email=masked),),
        note=_not_you(business, fmt),
    )


def plan_changed(
    business: str, name: str | None, *, plan: str, price: str, facts: tuple[SumRow, ...], url: str, fmt: Formatter
) -> Letter:
    """`plan` and `price` as Stripe now has them; `facts`: what was charged and what comes next."""
    return Letter(
        kind="plan_changed",
        subject=fmt._("Your plan is now %(plan)s", plan=plan),
        greeting=greeting(name, fmt),
        sentences=(fmt._("You are on %(plan)s now, for %(price)s.", plan=plan, price=price),),
        button_label=fmt._("See your billing") if url else "",
        button_url=url,
        facts=facts,
        note=_not_you(business, fmt),
    )


def canceled(
    business: str,
    name: str | None,
    *,
    plan: str,
    ends: str | None,
    url: str,
    fmt: Formatter,
    is_over: bool = True,
    billed: str = "",
) -> Letter:
    """`ends`: the day it ends, None when it has ended. `is_over`: nothing is charged any more; else `billed` says what is, "" where
    nobody knows.
    """
    if ends is None:
        found: tuple[str, ...] = (
            fmt._("%(plan)s has ended. You are not charged again.", plan=plan)
            if is_over
            else fmt._("%(plan)s has ended.", plan=plan),
            billed,
        )
    else:
        found = (
            fmt._("You keep %(plan)s until %(date)s. Then it ends and you are not charged again.", plan=plan, date=ends)
            if is_over
            else fmt._("You keep %(plan)s until %(date)s. Then it ends.", plan=plan, date=ends),
            billed,
            fmt._("Until then you can change your mind at any time."),
        )
    sentences = tuple(sentence for sentence in found if sentence)
    return Letter(
        kind="canceled",
        subject=fmt._("%(plan)s is canceled", plan=plan),
        greeting=greeting(name, fmt),
        sentences=(*sentences, fmt._("Your invoices stay available.")),
        button_label=fmt._("See your billing") if url else "",
        button_url=url,
        note=_not_you(business, fmt),
    )


def payment_method_added(
    business: str, name: str | None, *, method: str, is_default: bool, url: str, fmt: Formatter
) -> Letter:
    """`method`: "Visa •••• 4242"."""
    sentences = [fmt._("%(card)s was added to your billing.", card=method)]
    if is_default:
        sentences.append(fmt._("It is your default from now on."))
    return Letter(
        kind="payment_method_added",
        subject=fmt._("A payment method was added"),
        greeting=greeting(name, fmt),
        sentences=tuple(sentences),
        button_label=fmt._("See your billing") if url else "",
        button_url=url,
        note=_not_you(business, fmt),
    )


def _not_you(business: str, fmt: Formatter) -> str:
    if business:
        return fmt._("Was that not you? Then contact %(business)s at once.", business=business)
    return fmt._("Was that not you? Then contact us at once.")
