"""Tax ids: what each is called, whether it has been verified, and the form that adds one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.tax_ids import COUNTRIES, LONGEST_VALUE, type_named, types_of
from portal_embed.i18n.countries import by_name, country_name
from portal_embed.view_models.address_words import missing
from portal_embed.view_models.fields import Field, Option
from portal_embed.view_models.shared import Badge

if TYPE_CHECKING:
    from portal_embed.billing.stripe.objects import TaxId
    from portal_embed.billing.tax_ids import TaxIdType
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class TaxIdRow:
    """One tax id. `kind`: "Germany · VAT (EU)". `badge`: how its verification stands, None where nobody checks.

    `note` explains the badge. `removal_spoken` names what the short "Remove" is about, "" when it may not be removed.
    `id`: Stripe's, for the form that removes it. `value`: the number as it was given.
    """

    id: str
    value: str
    kind: str
    badge: Badge | None
    note: str
    removal_spoken: str


@dataclass(frozen=True)
class TypeChoice:
    """One type to choose. `example`: "For example DE123456789", or "".

    `value` is sent, `name` is read. `is_selected`: it is the answer so far.
    """

    value: str
    name: str
    example: str
    is_selected: bool


@dataclass(frozen=True)
class NewTaxIdPage:
    """Country first, then the type, then the number. `types` is empty until a country that has any is chosen.

    `errors`: pairs of a field's id and its sentence.
    """

    country: Field
    types: tuple[TypeChoice, ...]
    value: Field | None
    errors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RemoveTaxIdPage:
    """Asks once before removing. `sentences`: what follows from removing it."""

    tax_id: TaxIdRow
    sentences: tuple[str, ...]


def tax_id_row(tax_id: TaxId, fmt: Formatter, *, may_write: bool) -> TaxIdRow:
    """A tax id in words. Numbers that no register checks say nothing about it: to say so would look like a fault."""
    status = tax_id.verification.status if tax_id.verification is not None else "unavailable"
    words = {
        "verified": (Badge(fmt._("Verified"), "positive"), ""),
        "pending": (
            Badge(fmt._("Being checked"), "neutral"),
            fmt._("We are asking the tax office’s register. This can take a few days."),
        ),
        "unverified": (
            Badge(fmt._("Not verified"), "caution"),
            fmt._("The tax office’s register does not know this number with your name and address. Check all three."),
        ),
    }
    badge, note = words.get(status, (None, fmt._("Not checked against a register.")))
    country = tax_id.country or ""
    kind = type_named(tax_id.type, country)
    name = kind.name if kind is not None else tax_id.type.upper().replace("_", " ")
    place = country_name(kind.country if kind is not None else country, fmt.locale)
    return TaxIdRow(
        id=tax_id.id,
        value=tax_id.value,
        kind=f"{place} · {name}" if place else name,
        badge=badge,
        note=note,
        removal_spoken=fmt._("Remove %(number)s", number=tax_id.value) if may_write else "",
    )


def remove_tax_id_page(tax_id: TaxId, fmt: Formatter) -> RemoveTaxIdPage:
    """Asks once before removing."""
    sentences = (
        fmt._("It will not be on your next invoices, and tax may be added to them."),
        fmt._("Finished invoices keep it."),
    )
    return RemoveTaxIdPage(tax_id_row(tax_id, fmt, may_write=True), sentences)


def new_tax_id_page(country: str, type: str, value: str, fmt: Formatter, *, problem: str = "") -> NewTaxIdPage:
    """The form. `problem`: "", "country", "missing", "form", or a code of `DetailRefused` about the number."""
    options = tuple(Option(code, name, code == country) for code, name in by_name(COUNTRIES, fmt.locale))
    first = () if country in COUNTRIES else (Option("", fmt._("Choose a country"), is_selected=True),)
    asked = Field(
        "country",
        fmt._("Country or region of the tax ID"),
        country,
        options=(*first, *options),
        error=fmt._("Choose a country") if problem == "country" else "",
    )
    kinds = types_of(country)
    if not kinds:
        return NewTaxIdPage(asked, (), None, ((asked.id, asked.error),) if asked.error else ())
    chosen = next((kind for kind in kinds if kind.type == type), kinds[0])
    number = Field(
        "tax_id",
        fmt._("Number"),
        value,
        help=_example(chosen, fmt) if len(kinds) == 1 else "",
        error=_problem(problem, chosen, fmt),
        maxlength=LONGEST_VALUE,
        is_data=True,
    )
    choices = tuple(TypeChoice(kind.type, kind.name, _example(kind, fmt), kind is chosen) for kind in kinds)
    return NewTaxIdPage(asked, choices, number, ((number.id, number.error),) if number.error else ())


def _example(kind: TaxIdType, fmt: Formatter) -> str:
    return fmt._("For example %(example)s", example=kind.example) if kind.example else ""


def _problem(problem: str, kind: TaxIdType, fmt: Formatter) -> str:
    if problem in {"form", "tax_id_invalid"}:
        if kind.example:
            return fmt._(
                "This is not a valid number of this kind. It looks like %(example)s. Check each character.",
                example=kind.example,
            )
        return fmt._("This is not a valid number of this kind. Check each character.")
    return {
        "missing": missing(fmt._("Number"), fmt),
        "tax_id_prohibited": fmt._("This tax ID cannot be used here. Enter your own business's number."),
    }.get(problem, "")
