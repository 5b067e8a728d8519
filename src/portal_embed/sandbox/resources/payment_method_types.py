"""The types of payment method that can be made here: what each is made from, and what its body shows."""

import time
from typing import Any

from portal_embed.sandbox import cards
from portal_embed.sandbox.wire.errors import StripeError, card_error, missing_param
from portal_embed.sandbox.wire.params import ADDRESS, Accepts, anything, clearable, metadata, required
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("A card's body, and cvc_check `unchecked` until it is attached.", "recorded", "Stripe's API, Aug 2026"),
    ("Bodies of bank accounts and wallets.", "documented", "stripe-python 16.1 annotations"),
    (
        "Wrong digits give `incorrect_number`, a past expiry `invalid_expiry_year` or `_month`, all 402.",
        "documented",
        "Stripe docs, testing",
    ),
]

TYPES = (
    "acss_debit",
    "amazon_pay",
    "au_becs_debit",
    "bacs_debit",
    "bancontact",
    "card",
    "cashapp",
    "ideal",
    "klarna",
    "link",
    "paypal",
    "revolut_pay",
    "sepa_debit",
    "us_bank_account",
)
PAYMENT_METHOD_DATA: Accepts = {
    "type": required(TYPES),
    "allow_redisplay": ("always", "limited", "unspecified"),
    "billing_details": {
        "address": clearable(ADDRESS),
        "email": clearable(str),
        "name": clearable(str),
        "phone": clearable(str),
        "tax_id": clearable(str),
    },
    "metadata": metadata,
    "radar_options": {"session": str},
    "acss_debit": {
        "account_number": required(str),
        "institution_number": required(str),
        "transit_number": required(str),
    },
    "amazon_pay": anything,
    "au_becs_debit": {"account_number": required(str), "bsb_number": required(str)},
    "bacs_debit": {"account_number": str, "sort_code": str},
    "bancontact": anything,
    "card": {
        "number": str,
        "exp_month": int,
        "exp_year": int,
        "cvc": str,
        "token": str,
        "networks": {"preferred": ("cartes_bancaires", "mastercard", "visa")},
    },
    "cashapp": anything,
    "ideal": {"bank": str},
    "klarna": {"dob": {"day": required(int), "month": required(int), "year": required(int)}},
    "link": anything,
    "paypal": anything,
    "revolut_pay": anything,
    "sepa_debit": {"iban": required(str)},
    "us_bank_account": {
        "account_holder_type": ("company", "individual"),
        "account_number": str,
        "account_type": ("checking", "savings"),
        "financial_connections_account": str,
        "routing_number": str,
    },
}
"""What `POST /v1/payment_methods` takes, and `payment_method_data` of intents."""


def details_of(world: World, data: dict[str, Any]) -> tuple[JsonObject, str]:
    """The hash under the type's own name, and the number that decides the behaviour (empty for wallets)."""
    kind = data["type"]
    given = data.get(kind)
    given = given if isinstance(given, dict) else {}
    if kind == "card":
        return _card(world, given)
    if kind == "us_bank_account":
        return _us_bank_account(given)
    if kind == "sepa_debit":
        iban = given.get("iban")
        if iban is None:
            raise missing_param("sepa_debit[iban]")
        iban = iban.replace(" ", "")
        return {
            "bank_code": iban[4:12],
            "branch_code": "",
            "country": iban[:2],
            "fingerprint": cards.fingerprint(iban),
            "generated_from": {"charge": None, "setup_attempt": None},
            "last4": iban[-4:],
        }, iban
    if kind in ("acss_debit", "au_becs_debit", "bacs_debit"):
        number = given.get("account_number", "")
        shown = {"fingerprint": cards.fingerprint(number), "last4": number[-4:]}
        own = {
            "acss_debit": {
                "bank_name": "STRIPE TEST BANK",
                "institution_number": given.get("institution_number"),
                "transit_number": given.get("transit_number"),
            },
            "au_becs_debit": {"bsb_number": given.get("bsb_number")},
            "bacs_debit": {"sort_code": given.get("sort_code")},
        }
        return {**own[kind], **shown}, number
    email = (data.get("billing_details") or {}).get("email")
    wallets: dict[str, JsonObject] = {
        "cashapp": {"buyer_id": "cashapp_buyer", "cashtag": "$jenny"},
        "ideal": {"bank": given.get("bank"), "bic": None},
        "klarna": {"dob": given.get("dob")},
        "link": {"email": email},
        "paypal": {"country": "US", "payer_email": email, "payer_id": "PAYER123"},
    }
    return wallets.get(kind, {}), ""


def _card(world: World, given: dict[str, Any]) -> tuple[JsonObject, str]:
    now = time.gmtime(world.now())
    if "token" in given:
        number = cards.number_of(given["token"])
        if number is None:
            raise StripeError(f"No such token: '{given['token']}'", code="resource_missing", param="card[token]")
        return cards.card_body(number, 12, now.tm_year + 4, cvc=True), number
    for name in ("number", "exp_month", "exp_year"):
        if name not in given:
            raise missing_param(f"card[{name}]")
    number = given["number"].replace(" ", "").replace("-", "")
    if not cards.is_possible(number):
        raise card_error("incorrect_number", "Your card number is incorrect.", param="number")
    month, year = given["exp_month"], given["exp_year"]
    year += 2000 if year < 100 else 0
    if not 1 <= month <= 12:
        raise card_error("invalid_expiry_month", "Your card's expiration month is invalid.", param="exp_month")
    if year < now.tm_year or year > now.tm_year + 50:
        raise card_error("invalid_expiry_year", "Your card's expiration year is invalid.", param="exp_year")
    if (year, month) < (now.tm_year, now.tm_mon):
        raise card_error("invalid_expiry_month", "Your card's expiration month is invalid.", param="exp_month")
    return cards.card_body(number, month, year, cvc="cvc" in given), number


def _us_bank_account(given: dict[str, Any]) -> tuple[JsonObject, str]:
    for name in ("account_number", "routing_number", "account_holder_type"):
        if name not in given:
            raise missing_param(f"us_bank_account[{name}]")
    number = given["account_number"]
    return {
        "account_holder_type": given["account_holder_type"],
        "account_type": given.get("account_type", "checking"),
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "fingerprint": cards.fingerprint(number),
        "last4": number[-4:],
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": given["routing_number"],
        "status_details": {},
    }, number
