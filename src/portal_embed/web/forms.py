"""Forms as they arrive: small, text only, from our own page, and never with a card number in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from portal_embed.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

MOST_FIELDS = 50
LARGEST_FIELD = 8 * 1024
CARD_FIELDS = frozenset(
    {"card_number", "cardnumber", "cc-number", "card[number]", "number", "cvc", "cvv", "csc", "pan"}
)
NEVER_CARDS = frozenset({"phone", "tax_id"})
"""Fields whose numbers are long and often pass Luhn's check (a SIRET always does). Their handlers hold them to their own
forms: a telephone number has at most 15 digits, a tax id those of its type."""
_DIGITS = re.compile(r"(?:\d[ -]?){13,19}")
_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, the last value of each. Raises `BadRequest` for files, too much, or anything like card
    data.

    Card data never touches us (it goes from the browser to Stripe); what looks like it is refused, and not logged.
    """
    try:
        async with request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD) as form:
            fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    except (HTTPException, ValueError) as error:
        raise BadRequest(f"unreadable form: {type(error).__name__}") from None
    if len(fields) > MOST_FIELDS or any(len(value) > LARGEST_FIELD for value in fields.values()):
        raise BadRequest("a form with too much in it")
    if any("\x00" in name or "\x00" in value for name, value in fields.items()):
        raise BadRequest("a zero byte in a form")
    if not _is_utf8(fields):
        raise BadRequest("half a character in a form")
    if holds_card_data(fields):
        raise BadRequest("card data in a form")
    return fields


def _is_utf8(fields: Mapping[str, str]) -> bool:
    """False for half a surrogate pair, which a multipart charset such as UTF-7 can smuggle in and nothing can send on."""
    try:
        "".join((*fields, *fields.values())).encode()
    except UnicodeEncodeError:
        return False
    return True


def holds_card_data(fields: Mapping[str, str]) -> bool:
    """Whether a field is named like card data, or holds a number that could be a card's (Luhn's check)."""
    if any(name.lower() in CARD_FIELDS for name in fields):
        return True
    return any(
        _passes_luhn(match)
        for name, value in fields.items()
        if not name.startswith("_") and name not in NEVER_CARDS
        for match in _DIGITS.findall(value)
    )


def whole_number(value: str | None) -> int | None:
    """A whole number that a customer typed, None when it is missing or not one."""
    text = (value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None


def asked_number(value: str | None) -> int | None:
    """How many a customer asks for, None where nothing was asked; what is not a whole number counts as 0, which no plan allows."""
    return None if value is None else whole_number(value) or 0


def signed_number(value: str | None) -> int | None:
    """A whole number of ours that may be negative (a credit), None when it is missing or not one."""
    text = (value or "").strip()
    found = whole_number(text.removeprefix("-"))
    return -found if found is not None and text.startswith("-") else found


def _passes_luhn(text: str) -> bool:
    digits = [int(char) for char in text if char.isdigit()]
    total = sum(digits[-1::-2]) + sum(_LUHN_DOUBLED[digit] for digit in digits[-2::-2])
    return total % 10 == 0 and any(digits)
