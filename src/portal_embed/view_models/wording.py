"""Words that several pages share: prices, methods, declines. Pure: facts and a `Formatter` in, words out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from portal_embed.billing.money import Money, unit_price
from portal_embed.billing.payment_methods import Expiry, expiry_of
from portal_embed.billing.prices import listed_amount
from portal_embed.billing.stripe.objects import Product
from portal_embed.billing.subscriptions import is_metered
from portal_embed.view_models.shared import Badge, DayQuestion, MethodLabel, TierRow

if TYPE_CHECKING:
    import datetime as dt

    from portal_embed.billing.catalog import Offer
    from portal_embed.billing.stripe.objects import BankDebit, Card, PaymentMethod, Price
    from portal_embed.i18n.formatting import Formatter

BRANDS = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "American Express",
    "american_express": "American Express",
    "discover": "Discover",
    "diners": "Diners Club",
    "jcb": "JCB",
    "unionpay": "UnionPay",
    "cartes_bancaires": "Cartes Bancaires",
    "eftpos_au": "eftpos",
    "interac": "Interac",
}
WALLETS = {
    "apple_pay": "Apple Pay",
    "google_pay": "Google Pay",
    "samsung_pay": "Samsung Pay",
    "link": "Link",
    "masterpass": "Masterpass",
    "visa_checkout": "Visa Checkout",
    "amex_express_checkout": "Amex Express Checkout",
}
TYPES = {
    "link": "Link",
    "paypal": "PayPal",
    "cashapp": "Cash App Pay",
    "amazon_pay": "Amazon Pay",
    "revolut_pay": "Revolut Pay",
    "boleto": "Boleto",
    "klarna": "Klarna",
    "ideal": "iDEAL",
    "bancontact": "Bancontact",
    "eps": "EPS",
    "twint": "TWINT",
    "swish": "Swish",
    "kakao_pay": "Kakao Pay",
    "naver_pay": "Naver Pay",
    "upi": "UPI",
    "pix": "Pix",
}


def price_text(price: Price, quantity: int | None, fmt: Formatter, *, unit: str = "", alone: bool = True) -> str:
    """What a price costs each period: "$29.00 a month", "$12.00 a month × 5 seats"; in steps "$50.00 a month for 5 seats"; by use
    "$0.05 per API call". `unit`: the product's word for one, "" where the price has its product with it, or there is none.
    `alone`: it stands by itself, and tells in words what no sum tells; within a sentence that is "".
    """
    metered = is_metered(price)
    amount = unit_price_text(price, fmt)
    unit = unit or unit_of(price)
    if not amount:
        stepped = stepped_text(price, quantity, fmt, unit)
        depends = fmt._("Price depends on use") if metered else fmt._("Price depends on quantity")
        return stepped or (depends if alone else "")
    if metered:
        return used_text(price, fmt, unit)
    each = recurring_text(amount, price, fmt)
    if quantity is None or quantity <= 1:
        return each
    return fmt._("%(price)s × %(count)s", price=each, count=counted(quantity, unit, fmt))


def stepped_text(price: Price, quantity: int | None, fmt: Formatter, unit: str = "") -> str:
    """What so many cost at a price in steps, "" where that is not known, fractions decide, or it is billed by use."""
    if not price.tiers or not quantity or is_metered(price):
        return ""
    total = listed_amount(price, quantity)
    if total is None or total % 1:
        return ""
    text = recurring_text(fmt.money(Money(int(total), price.currency)), price, fmt)
    return fmt._("%(price)s for %(count)s", price=text, count=counted(quantity, unit, fmt)) if quantity > 1 else text


def offer_price_text(offer: Offer, fmt: Formatter) -> str:
    """What an offer costs each period; where one may have several, what each costs: "$12.00 a month per seat"."""
    text, unit = price_text(offer.price, None, fmt), unit_of(offer.price)
    is_each = offer.price.billing_scheme == "per_unit" and offer.price.transform_quantity is None
    if not unit or offer.plan.quantity is None or not is_each or is_metered(offer.price):
        return text
    return fmt._("%(price)s per %(unit)s", price=text, unit=unit)


def unit_of(price: Price) -> str:
    """The product's word for one of it, "seat"; "" for none, or where the product was not read along."""
    return (price.product.unit_label or "") if isinstance(price.product, Product) else ""


def counted(count: int, unit: str, fmt: Formatter) -> str:
    """So many of a unit: "5 seats", "5 (GB)"; the number alone where the product has no word for one."""
    number, several = fmt.number(count), plural(unit, fmt)
    if several:
        return f"{number} {several}"
    return fmt._("%(count)s (%(unit)s)", count=number, unit=unit) if unit else number


def plural(unit: str, fmt: Formatter) -> str:
    """Several of what a product calls one, where English tells how; "" for every other word and language."""
    last = unit.rsplit(" ", maxsplit=1)[-1]
    if (
        fmt.locale.split("-")[0] != "en"
        or fmt.locale == "en-XA"
        or not (last.isascii() and last.isalpha() and last.islower())
    ):
        return ""
    if last.endswith("s") and not last.endswith("ss"):
        return unit
    if last.endswith("y") and last[-2:-1] not in "aeiou":
        return f"{unit[:-1]}ies"
    return f"{unit}es" if last.endswith(("ss", "x", "z", "ch", "sh")) else f"{unit}s"


def includes_texts(offer: Offer, fmt: Formatter) -> tuple[str, ...]:
    """What comes with a plan, and what it costs: "plus API calls, $0.02 per API call"; a price in steps with its steps."""
    texts = zip(part_texts(offer, fmt), offer.includes, strict=True)
    return tuple(line for text, price in texts for line in (fmt._("plus %(part)s", part=text), *tier_texts(price, fmt)))


def part_texts(offer: Offer, fmt: Formatter) -> tuple[str, ...]:
    """The same where a sentence is around it: "API calls, $0.02 per API call"."""
    found = []
    for plan, price in zip(offer.plan.includes, offer.includes, strict=True):
        product = price.product if isinstance(price.product, Product) else None
        text = price_text(price, None, fmt)
        name = plan.name or (product.name if product is not None else None) or price.nickname
        found.append(fmt._("%(name)s, %(price)s", name=name, price=text) if name else text)
    return tuple(found)


def amount_text(price: Price, fmt: Formatter) -> str:
    """The price of one unit, "" where it depends on use."""
    if price.billing_scheme != "per_unit":
        return ""
    if price.unit_amount is not None:
        return fmt.money(Money(price.unit_amount, price.currency))
    if price.unit_amount_decimal is not None:
        return fmt.unit_price(unit_price(price.unit_amount_decimal, price.currency), price.currency)
    return ""


def unit_price_text(price: Price, fmt: Formatter) -> str:
    """The price of one unit, or of a package: "$0.0005", "$5.00 for every 1,000"; "" where it goes by tiers."""
    amount = amount_text(price, fmt)
    package = price.transform_quantity
    if not amount or package is None or package.divide_by == 1:
        return amount
    return fmt._("%(amount)s for every %(count)s", amount=amount, count=fmt.number(package.divide_by))


def used_text(price: Price, fmt: Formatter, unit: str = "") -> str:
    """What one unit of use costs: "$0.05 per API call". `unit`: the product's word for one, "" for none."""
    amount = unit_price_text(price, fmt)
    if price.transform_quantity is not None:
        return amount
    if unit:
        return fmt._("%(amount)s per %(unit)s", amount=amount, unit=unit)
    return fmt._("%(amount)s per unit used", amount=amount)


def tier_rows(price: Price, fmt: Formatter) -> tuple[TierRow, ...]:
    """The steps of a tiered price, the lowest first; none where it has no tiers, or they were not read."""
    rows: list[TierRow] = []
    first = 1
    for tier in price.tiers or ():
        if tier.up_to is None:
            units = fmt._("%(first)s and more", first=fmt.number(first))
        elif tier.up_to == first:
            units = fmt.number(first)
        else:
            units = fmt._("%(first)s to %(last)s", first=fmt.number(first), last=fmt.number(tier.up_to))
        rows.append(
            TierRow(units, _fine(tier.unit_amount_decimal, price, fmt), _fine(tier.flat_amount_decimal, price, fmt))
        )
        first = (tier.up_to or 0) + 1
    return tuple(rows)


def tier_texts(price: Price, fmt: Formatter) -> tuple[str, ...]:
    """The same a line each, and how they are read: "1 to 10: $12.00 each"; none where it has no tiers."""
    found = []
    for row in tier_rows(price, fmt):
        words = {
            (True, True): fmt._(
                "%(units)s: %(each)s each, plus %(flat)s", units=row.units, each=row.each, flat=row.flat
            ),
            (True, False): fmt._("%(units)s: %(each)s each", units=row.units, each=row.each),
            (False, True): fmt._("%(units)s: %(flat)s", units=row.units, flat=row.flat),
        }
        found.append(words.get((bool(row.each), bool(row.flat)), fmt._("%(units)s: free", units=row.units)))
    return (*found, tiers_note(price, fmt)) if found else ()


def _fine(amount: str | None, price: Price, fmt: Formatter) -> str:
    if amount is None or not Decimal(amount):
        return ""
    return fmt.unit_price(unit_price(amount, price.currency), price.currency)


def tiers_note(price: Price, fmt: Formatter) -> str:
    """How the steps of a tiered price are read, "" where it has none."""
    if price.tiers_mode == "volume":
        return fmt._("The step that the whole number falls into is the price of all of them.")
    if price.tiers_mode == "graduated":
        return fmt._("Each step is paid at its own price, and the next one only for what goes beyond it.")
    return ""


def recurring_text(amount: str, price: Price, fmt: Formatter) -> str:
    """A sum each period: "$29.00 a month", "$80.00 every 3 months"; the sum alone for a one-off."""
    if price.recurring is None:
        return amount
    count = price.recurring.interval_count
    if count == 1:
        single = {
            "day": fmt._("%(amount)s a day", amount=amount),
            "week": fmt._("%(amount)s a week", amount=amount),
            "month": fmt._("%(amount)s a month", amount=amount),
            "year": fmt._("%(amount)s a year", amount=amount),
        }
        return single.get(price.recurring.interval, amount)
    several = {
        "day": fmt.n("%(amount)s every day", "%(amount)s every %(count)s days", count, amount=amount),
        "week": fmt.n("%(amount)s every week", "%(amount)s every %(count)s weeks", count, amount=amount),
        "month": fmt.n("%(amount)s every month", "%(amount)s every %(count)s months", count, amount=amount),
        "year": fmt.n("%(amount)s every year", "%(amount)s every %(count)s years", count, amount=amount),
    }
    return several.get(price.recurring.interval, amount)


def interval_heading(price: Price, fmt: Formatter) -> str:
    """What plans of this interval stand under: "Monthly", "Yearly", "Every 3 months"."""
    if price.recurring is None:
        return ""
    interval, count = price.recurring.interval, price.recurring.interval_count
    headings = {
        "day": fmt.n("Daily", "Every %(count)s days", count),
        "week": fmt.n("Weekly", "Every %(count)s weeks", count),
        "month": fmt.n("Monthly", "Every %(count)s months", count),
        "year": fmt.n("Yearly", "Every %(count)s years", count),
    }
    return headings.get(interval, interval)


def method_label(method: PaymentMethod, fmt: Formatter, now: int) -> MethodLabel:
    """A payment method in words. `now`: unix seconds, to tell an expired card."""
    if method.card is not None:
        return _card_label(method, method.card, fmt, now)
    if method.bank is not None:
        return _bank_label(method, method.bank, fmt)
    name = TYPES.get(method.type) or method.type.replace("_", " ").capitalize()
    account = method.account
    detail = ""
    if account is not None:
        detail = account.email or account.payer_email or account.cashtag or ""
    return MethodLabel(method.id, name, name, detail)


def masked_email(email: str | None) -> str:
    """An address that only its owner recognises: "ada@example.com" → "a•••@example.com". "" for what is none."""
    name, at, domain = (email or "").partition("@")
    return f"{name[:1]}•••@{domain}" if at and name else ""


def _card_label(method: PaymentMethod, card: Card, fmt: Formatter, now: int) -> MethodLabel:
    brand = card.display_brand or card.brand
    name = BRANDS.get(brand) or fmt._("Card")
    text = f"{name} •••• {card.last4}" if card.last4 else name
    spoken = fmt._("%(card)s ending in %(last4)s", card=name, last4=card.last4) if card.last4 else name
    wallet = WALLETS.get(card.wallet.type, "") if card.wallet else ""
    if wallet:
        text, spoken = f"{wallet} · {text}", f"{wallet}, {spoken}"
    expiry = expiry_of(method, now)
    detail = ""
    if card.exp_month and card.exp_year:
        month = fmt.month(card.exp_year, card.exp_month)
        detail = (
            fmt._("Expired %(month)s", month=month)
            if expiry is Expiry.EXPIRED
            else fmt._("Expires %(month)s", month=month)
        )
    badge = None
    if expiry is Expiry.EXPIRED:
        badge = Badge(fmt._("Expired"), "critical")
    elif expiry is Expiry.SOON:
        badge = Badge(fmt._("Expires soon"), "caution")
    return MethodLabel(method.id, text, spoken, detail, badge)


def _bank_label(method: PaymentMethod, bank: BankDebit, fmt: Formatter) -> MethodLabel:
    kinds = {
        "sepa_debit": fmt._("SEPA Direct Debit"),
        "us_bank_account": fmt._("Bank account"),
        "au_becs_debit": fmt._("BECS Direct Debit"),
        "bacs_debit": fmt._("Bacs Direct Debit"),
        "acss_debit": fmt._("Pre-authorized debit"),
    }
    kind = kinds.get(method.type, fmt._("Bank account"))
    name = bank.bank_name or kind
    text = f"{name} •••• {bank.last4}" if bank.last4 else name
    spoken = fmt._("%(card)s ending in %(last4)s", card=name, last4=bank.last4) if bank.last4 else name
    return MethodLabel(method.id, text, spoken, kind if bank.bank_name else "")


def decline_text(code: str, fmt: Formatter) -> tuple[str, str]:
    """What happened and what to do, for a code of `billing.declines.SHOWN_CODES`."""
    words = {
        "insufficient_funds": (
            fmt._("Your bank declined the payment: not enough funds."),
            fmt._("Use another payment method, or try again once there is money in the account."),
        ),
        "expired_card": (
            fmt._("Your card has expired."),
            fmt._("Use another payment method, or add your new card."),
        ),
        "authentication_failed": (
            fmt._("Your bank did not confirm that it was you."),
            fmt._("Try again and confirm with your bank, or use another payment method."),
        ),
        "try_again": (
            fmt._("The payment could not be processed just now."),
            fmt._("Try again in a few minutes, or use another payment method."),
        ),
        "card_details": (
            fmt._("Your bank did not accept the card's details."),
            fmt._("Check the card, or use another payment method."),
        ),
        "currency": (
            fmt._("This payment method cannot pay in this currency."),
            fmt._("Use another payment method."),
        ),
        "limit": (
            fmt._("Your bank declined the payment: a limit on the card was reached."),
            fmt._("Try again later, or use another payment method."),
        ),
    }
    generic = (
        fmt._("Your bank declined the payment."),
        fmt._("It does not tell us why. Use another payment method, or ask your bank."),
    )
    return words.get(code, generic)


def day_question(first: dt.date, last: dt.date, value: str, error: str, fmt: Formatter) -> DayQuestion:
    """Asks for a day from `first` to `last`. `value`: the one so far, as typed; `error`: why it is not taken, "" for nothing."""
    text = fmt._("From %(first)s to %(last)s", first=fmt.day(first), last=fmt.day(last))
    return DayQuestion(value, first.isoformat(), last.isoformat(), text, error)


def day_error(first: dt.date, last: dt.date, fmt: Formatter) -> str:
    """Why a day is not taken."""
    return fmt._("Choose a day from %(first)s to %(last)s.", first=fmt.day(first), last=fmt.day(last))
