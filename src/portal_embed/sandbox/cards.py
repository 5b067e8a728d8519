"""The test cards and test bank accounts: what they look like, and how they behave when set up or charged.

Numbers, tokens and behaviours are those of Stripe's testing page (Sept 2026). A payment method's behaviour is a private
note (`_card` rows) that no answer contains.
"""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Literal

from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World

Authentication = Literal["never", "until_set_up", "on_session", "always"]

TRUTH = [
    (
        "A generic decline carries advice_code, decline_code, network_decline_code and param as recorded.",
        "recorded",
        "Stripe's API, Aug 2026",
    ),
    ("Which test number declines how, and which asks for 3-D Secure.", "documented", "Stripe docs, testing, Sept 2026"),
    (
        "The sentences of declines other than generic, expired and authentication_required.",
        "assumed",
        "as Stripe's older answers word them",
    ),
    (
        "4000000000000341 can be attached and set up; every charge of it fails with a generic decline.",
        "documented",
        "Stripe docs, testing",
    ),
    (
        "A CVC or postal code check that fails does not fail the charge by itself.",
        "documented",
        "Stripe docs, testing (no Radar rule)",
    ),
]


@dataclass(frozen=True)
class Decline:
    """Why a bank refuses, in the fields of Stripe's error."""

    decline_code: str
    message: str = "Your card was declined."
    code: str = "card_declined"
    param: str | None = None
    advice_code: str | None = "try_again_later"
    network_decline_code: str | None = "01"
    network_advice_code: str | None = None

    def fields(self) -> dict[str, Any]:
        """The error's fields besides `type`, as `last_payment_error` and `last_setup_error` repeat them."""
        found = {
            "advice_code": self.advice_code,
            "code": self.code,
            "decline_code": self.decline_code,
            "doc_url": f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}",
            "message": self.message,
            "network_advice_code": self.network_advice_code,
            "network_decline_code": self.network_decline_code,
            "param": self.param,
        }
        return {name: value for name, value in found.items() if value is not None}

    def error(self, *, keeps_writes: bool = False, param: str | None = None, **extra: Any) -> StripeError:
        """The 402. `param` replaces the decline's own; `extra` are further keys such as `payment_intent`."""
        fields = self.fields()
        message, code = fields.pop("message"), fields.pop("code")
        own = fields.pop("param", None)
        return StripeError(
            message,
            status=402,
            type="card_error",
            code=code,
            param=param if param is not None else own,
            extra={**fields, **extra},
            keeps_writes=keeps_writes,
        )


GENERIC = Decline("generic_decline")
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
    code="authentication_required",
    advice_code=None,
    network_decline_code=None,
)


@dataclass(frozen=True)
class Behaviour:
    """How a payment method answers.

    `decline`: refused at once, also when it is attached or set up. `charge_decline`: refused only when money moves.
    `setup_decline`: refused when it is set up, after 3-D Secure.
    `authentication`: "until_set_up" asks once, "on_session" asks whenever the customer is there, "always" also refuses
    when the customer is away. `delayed`: a bank debit, whose money is `processing` first. `set_up`: asked already.
    `refund`: money given back arrives at once, later, or seems to and comes back.
    """

    number: str = "4242424242424242"
    decline: Decline | None = None
    charge_decline: Decline | None = None
    setup_decline: Decline | None = None
    authentication: Authentication = "never"
    delayed: bool = False
    set_up: bool = False
    refund: Literal["succeeds", "waits", "fails"] = "succeeds"

    def asks_at_setup(self) -> bool:
        """Whether saving the card needs 3-D Secure."""
        return self.authentication != "never" and not self.set_up

    def asks_at_payment(self, *, off_session: bool) -> bool:
        """Whether a payment needs 3-D Secure; off session that means it is declined as `authentication_required`."""
        if self.authentication == "always":
            return True
        if self.authentication == "on_session":
            return not off_session or not self.set_up
        return self.authentication == "until_set_up" and not self.set_up


def _declines(decline_code: str, message: str = "Your card was declined.", **fields: Any) -> Behaviour:
    decline = Decline(decline_code, message, **fields)
    return Behaviour(decline=decline, charge_decline=decline)


_EXPIRED = _declines(
    "expired_card",
    "Your card has expired.",
    code="expired_card",
    param="exp_month",
    advice_code="confirm_card_data",
    network_advice_code="03",
    network_decline_code="54",
)
_CARDS: dict[str, Behaviour] = {
    "4242424242424242": Behaviour(),
    "4000002500003155": Behaviour(authentication="until_set_up"),
    "4000002760003184": Behaviour(authentication="always"),
    "4000003800000446": Behaviour(authentication="on_session", set_up=True),
    "4000000000003220": Behaviour(authentication="on_session"),
    "4000000000003063": Behaviour(authentication="on_session"),
    "4000008400001629": Behaviour(authentication="on_session", charge_decline=GENERIC, setup_decline=GENERIC),
    "4000000000000341": Behaviour(charge_decline=GENERIC),
    "4000000000007726": Behaviour(refund="waits"),
    "4000000000005126": Behaviour(refund="fails"),
    "4000000000000002": _declines("generic_decline"),
    "4000000000009995": _declines("insufficient_funds", "Your card has insufficient funds.", network_decline_code="51"),
    "4000000000009987": _declines("lost_card", advice_code="do_not_try_again", network_decline_code="41"),
    "4000000000009979": _declines("stolen_card", advice_code="do_not_try_again", network_decline_code="43"),
    "4000000000000069": _EXPIRED,
    "4000000000000127": _declines(
        "incorrect_cvc",
        "Your card's security code is incorrect.",
        code="incorrect_cvc",
        param="cvc",
        advice_code="confirm_card_data",
        network_decline_code="82",
    ),
    "4000000000000119": _declines(
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
        code="processing_error",
        network_decline_code="96",
    ),
    "4000000000006975": _declines(
        "card_velocity_exceeded",
        "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
        network_decline_code="61",
    ),
}
"""Numbers that do something of their own; every other number that looks right simply works."""

ALIASES: dict[str, str] = {
    "visa": "4242424242424242",
    "visa_debit": "4000056655665556",
    "mastercard": "5555555555554444",
    "mastercard_debit": "5200828282828210",
    "mastercard_prepaid": "5105105105105100",
    "amex": "378282246310005",
    "discover": "6011111111111117",
    "diners": "3056930009020004",
    "jcb": "3566002020360505",
    "unionpay": "6200000000000005",
    "us": "4242424242424242",
    "authenticationRequiredOnSetup": "4000002500003155",
    "authenticationRequired": "4000002760003184",
    "authenticationRequiredSetupForOffSession": "4000003800000446",
    "threeDSecure2Required": "4000000000003220",
    "threeDSecureRequired": "4000000000003063",
    "threeDSecureRequiredChargeDeclined": "4000008400001629",
    "chargeCustomerFail": "4000000000000341",
    "visa_chargeDeclined": "4000000000000002",
    "chargeDeclined": "4000000000000002",
    "visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "chargeDeclinedInsufficientFunds": "4000000000009995",
    "visa_chargeDeclinedLostCard": "4000000000009987",
    "visa_chargeDeclinedStolenCard": "4000000000009979",
    "chargeDeclinedExpiredCard": "4000000000000069",
    "chargeDeclinedIncorrectCvc": "4000000000000127",
    "chargeDeclinedProcessingError": "4000000000000119",
    "cvcCheckFail": "4000000000000101",
    "avsZipFail": "4000000000000036",
    "pendingRefund": "4000000000007726",
    "refundFail": "4000000000005126",
    "createDispute": "4000000000000259",
}
"""What follows `pm_card_` or `tok_` in Stripe's test names."""

_BRANDS = (
    ("34", "amex"),
    ("37", "amex"),
    ("30", "diners"),
    ("36", "diners"),
    ("35", "jcb"),
    ("6011", "discover"),
    ("65", "discover"),
    ("62", "unionpay"),
    ("4", "visa"),
    ("5", "mastercard"),
    ("2", "mastercard"),
)
_DISPLAY = {"amex": "american_express", "diners": "diners_club"}
_FUNDING = {"4000056655665556": "debit", "5200828282828210": "debit", "5105105105105100": "prepaid"}


def behaviour(world: World, payment_method: str) -> Behaviour:
    """How a payment method answers, by its id."""
    note = world.get("_card", payment_method)
    if note is None:
        return Behaviour()
    known = BANKS.get(note["number"]) or _CARDS.get(note["number"]) or Behaviour()
    return replace(known, number=note["number"], set_up=known.set_up or note["set_up"])


def remember(world: World, payment_method: str, number: str) -> None:
    """Note which number stands behind a payment method."""
    world.save({"object": "_card", "id": payment_method, "number": number, "set_up": False})


def mark_set_up(world: World, payment_method: str) -> None:
    """The customer has authenticated this card for later payments."""
    note = world.get("_card", payment_method)
    if note is not None:
        world.save({**note, "set_up": True})


def number_of(alias: str) -> str | None:
    """The number behind `pm_card_visa`, `tok_visa` and their like."""
    for prefix in ("pm_card_", "tok_"):
        if alias.startswith(prefix):
            return ALIASES.get(alias.removeprefix(prefix))
    return None


def is_possible(number: str) -> bool:
    """Whether the digits pass the Luhn check."""
    if not number.isdigit() or not 12 <= len(number) <= 19:
        return False
    digits = [int(digit) for digit in reversed(number)]
    total = sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return total % 10 == 0


def card_body(number: str, exp_month: int, exp_year: int, *, cvc: bool) -> JsonObject:
    """The `card` hash of a payment method; `cvc` says whether one was given."""
    brand = next((name for start, name in _BRANDS if number.startswith(start)), "unknown")
    return {
        "brand": brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "unchecked" if cvc else None,
        },
        "country": "US",
        "display_brand": _DISPLAY.get(brand, brand),
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": fingerprint(number),
        "funding": _FUNDING.get(number, "credit"),
        "generated_from": None,
        "last4": number[-4:],
        "networks": {"available": [brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def fingerprint(number: str) -> str:
    """Sixteen characters, the same for the same number."""
    return sha256(f"fingerprint of {number}".encode()).hexdigest()[:16]


def checks_after_use(number: str) -> dict[str, str]:
    """What the bank said of the CVC and postal code once the card was used."""
    checks = {"cvc_check": "fail" if number == "4000000000000101" else "pass"}
    if number == "4000000000000036":
        checks["address_postal_code_check"] = "fail"
    return checks


def _bank(decline_code: str | None = None) -> Behaviour:
    if decline_code is None:
        return Behaviour(delayed=True)
    message = "The customer's bank account could not be charged."
    decline = Decline(decline_code, message, code=decline_code, advice_code=None, network_decline_code=None)
    return Behaviour(delayed=True, charge_decline=decline)


BANKS: dict[str, Behaviour] = {
    "000123456789": _bank(),
    "000111111113": _bank("account_closed"),
    "000111111116": _bank("no_account"),
    "000222222227": _bank("insufficient_funds"),
    "000333333335": _bank("debit_not_authorized"),
    "DE89370400440532013000": _bank(),
    "AT611904300234573201": _bank(),
    "AT861904300235473202": _bank("generic_decline"),
}
"""Test bank accounts: ACH account numbers and SEPA IBANs."""
BANK_ALIASES = {
    "pm_usBankAccount_success": ("us_bank_account", "000123456789"),
    "pm_usBankAccount_accountClosed": ("us_bank_account", "000111111113"),
    "pm_usBankAccount_noAccount": ("us_bank_account", "000111111116"),
    "pm_usBankAccount_insufficientFunds": ("us_bank_account", "000222222227"),
    "pm_usBankAccount_debitNotAuthorized": ("us_bank_account", "000333333335"),
    "pm_success_at": ("sepa_debit", "AT611904300234573201"),
    "pm_failed_at": ("sepa_debit", "AT861904300235473202"),
}
"""Test names of bank accounts, with their type and number."""
