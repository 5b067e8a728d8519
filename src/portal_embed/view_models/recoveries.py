"""What is unpaid and why, for who comes by the link of a mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.declines import shown_code
from portal_embed.billing.money import Money
from portal_embed.view_models.shared import MethodLabel, Notice
from portal_embed.view_models.subscription_words import subscription_name
from portal_embed.view_models.wording import decline_text, masked_email, method_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.billing.recovery import Debt, Owed
    from portal_embed.billing.stripe.objects import Customer, PaymentMethod, Product
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class AskRecoveryPage:
    """Ask for the billing email; `sent` says what happens once it is known, "" before; `error` stands under the field,
    `unmet` under the CAPTCHA. `email`: what was typed so far.
    """

    email: str
    error: str = ""
    sent: str = ""
    unmet: str = ""


@dataclass(frozen=True)
class OpenRecoveryPage:
    """The page behind a mailed link: `whose` billing, `sentence` what is unpaid, one button. `is_settled`: nothing
    is.

    `token`: the link's, sent with the button.
    """

    token: str
    whose: str
    sentence: str
    is_settled: bool


@dataclass(frozen=True)
class OwedRow:
    """One unpaid bill. `sentences`: why it was not paid and what helps; none when nothing was tried.

    `id`: Stripe's, for addresses. `title` "Invoice 1234-0001"; `amount` "$29.00"; `date`: since when; `button` "Pay
    $29.00".
    """

    id: str
    title: str
    amount: str
    date: str
    sentences: tuple[str, ...]
    button: str


@dataclass(frozen=True)
class PausedRow:
    """A subscription that waits for a payment method.

    `id`: Stripe's, for addresses. `sentence` says what waits, `button` what pressing it does.
    """

    id: str
    sentence: str
    button: str


@dataclass(frozen=True)
class RecoveryPage:
    """All unpaid bills, oldest first. `method`: what they would be paid with, None if nothing is saved. `done` once
    all is well. `confirmation`: what was just done.

    `title` says how many there are.
    """

    title: str
    rows: tuple[OwedRow, ...]
    paused: tuple[PausedRow, ...]
    method: MethodLabel | None
    done: Notice | None
    confirmation: Notice | None = None


def open_recovery_page(token: str, customer: Customer, debt: Debt, business: str, fmt: Formatter) -> OpenRecoveryPage:
    """Before anybody is signed in: whose, and how much."""
    whose = masked_email(customer.email) or customer.name or ""
    if debt.is_settled:
        return OpenRecoveryPage(token, whose, fmt._("Nothing is owed any more. Thank you."), is_settled=True)
    if not debt.owed:
        return OpenRecoveryPage(
            token, whose, fmt._("Your plan is paused until you add a payment method."), is_settled=False
        )
    sums = fmt.listing(_sums(debt, fmt))
    sentence = (
        fmt._("%(amount)s to %(business)s is unpaid.", amount=sums, business=business)
        if business
        else fmt._("%(amount)s is unpaid.", amount=sums)
    )
    return OpenRecoveryPage(token, whose, sentence, is_settled=False)


def recovery_page(
    debt: Debt,
    method: PaymentMethod | None,
    products: Mapping[str, Product],
    fmt: Formatter,
    *,
    now: int,
    confirmation: Notice | None,
) -> RecoveryPage:
    """`method`: the one that a bill would be paid with. `products`: of the paused subscriptions."""
    amount = fmt.listing(_sums(debt, fmt))
    done = Notice("positive", fmt._("All is paid"), fmt._("Thank you. Your plan goes on as before."))
    return RecoveryPage(
        title=fmt._("%(amount)s is unpaid", amount=amount) if debt.owed else fmt._("Your billing"),
        rows=tuple(_row(owed, fmt) for owed in debt.owed),
        paused=tuple(
            PausedRow(
                subscription.id,
                fmt._("%(plan)s is paused: no payment method was there when the trial ended.", plan=name),
                fmt._("Go on with %(plan)s", plan=name),
            )
            for subscription in debt.paused
            for name in [subscription_name(subscription, products, fmt)]
        ),
        method=method_label(method, fmt, now) if method is not None else None,
        done=done if debt.is_settled else None,
        confirmation=confirmation if not debt.is_settled else None,
    )


def _sums(debt: Debt, fmt: Formatter) -> list[str]:
    """What is owed in each currency."""
    sums: dict[str, int] = {}
    for owed in debt.owed:
        sums[owed.invoice.currency] = sums.get(owed.invoice.currency, 0) + owed.invoice.amount_remaining
    return [fmt.money(Money(amount, currency)) for currency, amount in sums.items()]


def _row(owed: Owed, fmt: Formatter) -> OwedRow:
    invoice = owed.invoice
    amount = fmt.money(Money(invoice.amount_remaining, invoice.currency))
    return OwedRow(
        id=invoice.id,
        title=fmt._("Invoice %(number)s", number=invoice.number) if invoice.number else fmt._("Invoice"),
        amount=amount,
        date=fmt.date(invoice.created),
        sentences=_why(owed, fmt),
        button=fmt._("Pay %(amount)s", amount=amount),
    )


def _why(owed: Owed, fmt: Formatter) -> tuple[str, ...]:
    attempt = owed.attempt
    if attempt is not None and attempt.status == "requires_action":
        return (fmt._("Your bank wants you to confirm it."),)
    if attempt is not None and attempt.status == "processing":
        return fmt._("A payment is on its way."), fmt._("Nothing has to be done now.")
    error = attempt.last_payment_error if attempt is not None else None
    if error is not None:
        return decline_text(shown_code(error.code, error.decline_code), fmt)
    if owed.invoice.attempted:
        return (fmt._("The payment did not go through."),)
    return ()
