"""What the lines of an address are called in each country, and what is wrong with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.addresses import LONGEST_LINE, countries, rules_of, written
from portal_embed.i18n.countries import by_name, country_name, language_of
from portal_embed.view_models.fields import Field, Option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.billing.addresses import CountryRules
    from portal_embed.billing.stripe.objects import Address
    from portal_embed.i18n.formatting import Formatter

_AUTOCOMPLETE = {
    "line1": "address-line1",
    "line2": "address-line2",
    "city": "address-level2",
    "state": "address-level1",
    "postal_code": "postal-code",
}


def address_lines(address: Address | None, fmt: Formatter) -> tuple[str, ...]:
    """An address as it stands on an envelope, the country's name last; empty for one that says nothing."""
    if address is None:
        return ()
    lines = written(address, rules_of(address.country or "", language_of(fmt.locale)))
    return (*lines, country_name(address.country, fmt.locale)) if address.country else lines


def country_field(country: str, purpose: str, fmt: Formatter, *, error: str = "") -> Field:
    """The question that decides the others. `purpose`: "billing" or "shipping", as browsers know it."""
    options = [Option(code, name, code == country) for code, name in by_name(countries(), fmt.locale)]
    first = () if country else (Option("", fmt._("Choose a country"), is_selected=True),)
    return Field(
        "country",
        fmt._("Country or region"),
        country,
        autocomplete=f"{purpose} country",
        options=(*first, *options),
        error=error,
    )


def address_fields(
    typed: Mapping[str, str], rules: CountryRules, purpose: str, fmt: Formatter, wrong: Mapping[str, str]
) -> tuple[Field, ...]:
    """The lines of one country. `typed`: line → what is there; `wrong`: line → problem, as `read_address` names them."""
    labels = _labels(rules, fmt)
    found = []
    for line in rules.lines:
        value = typed.get(line) or ""
        options: tuple[Option, ...] = ()
        if line == "state" and rules.states:
            empty = Option("", fmt._("Choose"), is_selected=not value)
            options = (empty, *(Option(s.value, s.name, s.value == value) for s in rules.states))
            if value and all(state.value != value for state in rules.states):
                options = (*options, Option(value, value, is_selected=True))
        found.append(
            Field(
                line,
                labels[line],
                value,
                error=_error(wrong[line], labels[line], rules, fmt) if line in wrong else "",
                autocomplete=f"{purpose} {_AUTOCOMPLETE[line]}",
                inputmode="numeric" if line == "postal_code" and rules.has_numeric_postal_code else "",
                maxlength=None if options else LONGEST_LINE,
                is_optional=line not in rules.required,
                is_short=line == "postal_code",
                options=options,
            )
        )
    return tuple(found)


def _labels(rules: CountryRules, fmt: Formatter) -> dict[str, str]:
    states = {
        "area": fmt._("Area"),
        "county": fmt._("County"),
        "department": fmt._("Department"),
        "district": fmt._("District"),
        "do_si": fmt._("Province or city"),
        "emirate": fmt._("Emirate"),
        "island": fmt._("Island"),
        "oblast": fmt._("Oblast"),
        "parish": fmt._("Parish"),
        "prefecture": fmt._("Prefecture"),
        "province": fmt._("Province"),
        "state": fmt._("State"),
    }
    cities = {
        "city": fmt._("City"),
        "district": fmt._("District"),
        "post_town": fmt._("Town or city"),
        "suburb": fmt._("Suburb or city"),
        "village_township": fmt._("Village or township"),
    }
    codes = {
        "eircode": fmt._("Eircode"),
        "pin": fmt._("PIN code"),
        "postal": fmt._("Postal code"),
        "zip": fmt._("ZIP code"),
    }
    return {
        "line1": fmt._("Street address"),
        "line2": fmt._("Apartment, suite or floor"),
        "city": cities.get(rules.city_kind, cities["city"]),
        "state": states.get(rules.state_kind, states["province"]),
        "postal_code": codes.get(rules.postal_kind, codes["postal"]),
    }


def _error(problem: str, label: str, rules: CountryRules, fmt: Formatter) -> str:
    if problem == "too_long":
        return too_long(label, LONGEST_LINE, fmt)
    if problem == "missing":
        return missing(label, fmt)
    if problem == "place":
        return fmt._("Tax cannot be worked out for this address. Check street, place and %(field)s.", field=label)
    if problem == "state":
        return fmt._("%(field)s: choose one of the list", field=label)
    if rules.postal_example:
        return fmt._("%(field)s should look like %(example)s", field=label, example=rules.postal_example)
    return fmt._("%(field)s: check what you entered", field=label)


def missing(label: str, fmt: Formatter) -> str:
    """A field that must not be empty."""
    return fmt._("%(field)s is missing", field=label)


def too_long(label: str, most: int, fmt: Formatter) -> str:
    """A field with too much in it."""
    return fmt.n(
        "%(field)s: use at most %(count)s character", "%(field)s: use at most %(count)s characters", most, field=label
    )
