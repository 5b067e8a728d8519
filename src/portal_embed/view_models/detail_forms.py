"""The forms that change a customer's details, one for each section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing import details as rules
from portal_embed.billing.addresses import LINES, countries, rules_of
from portal_embed.i18n.countries import country_of, language_of
from portal_embed.view_models.address_words import address_fields, country_field, missing, too_long
from portal_embed.view_models.details import purchase_order_label
from portal_embed.view_models.fields import Field, errors_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.billing.stripe.objects import Address, Customer, Subscription
    from portal_embed.config import CustomerUpdate
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class FieldPair:
    """Two fields that belong together: what a line of the invoice is called, and what it says.

    `legend` names both for screen readers.
    """

    legend: str
    name: Field
    value: Field


@dataclass(frozen=True)
class DetailForm:
    """A form for one section. `route`: where it is sent; `button`: what pressing it does.

    `country` with `country_fields` is there for addresses only: another country swaps the fields. `pairs` is there for
    the lines of an invoice. `removal_route` offers to remove what the form is about, in `removal_label`'s words.
    `copy_label` offers to start from the billing address ("" for no offer). `title` stands above it, `lead` says what
    it is for and `note` what follows from it ("" for none). `pairs_title` and `pairs_help` introduce the pairs.
    `back_url`: where somebody comes from who needs this for something else, and `back` the same as the form sends it along; ""
    for nowhere.
    """

    title: str
    route: str
    button: str
    fields: tuple[Field, ...] = ()
    country: Field | None = None
    country_fields: tuple[Field, ...] = ()
    pairs: tuple[FieldPair, ...] = ()
    pairs_title: str = ""
    pairs_help: str = ""
    lead: str = ""
    note: str = ""
    removal_route: str | None = None
    removal_label: str = ""
    copy_label: str = ""
    back: str = ""
    back_url: str = ""

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """What the summary lists: pairs of a field's id and its sentence."""
        paired = [field for pair in self.pairs for field in (pair.name, pair.value)]
        return errors_of((*self.fields, self.country, *self.country_fields, *paired))


def contact_form(
    typed: Mapping[str, str], update: CustomerUpdate, fmt: Formatter, wrong: Mapping[str, str] | None = None
) -> DetailForm:
    """Name, business name, phone: those that may be changed. `wrong`: field → "missing", "too_long", "phone"."""
    problems = wrong or {}
    fields: list[Field] = []
    if update.allows("name"):
        fields += [
            _text("name", fmt._("Name"), typed, problems, fmt, autocomplete="name", most=rules.LONGEST_NAME),
            _text(
                "business_name",
                fmt._("Business name"),
                typed,
                problems,
                fmt,
                autocomplete="organization",
                most=rules.LONGEST_NAME,
                is_optional=True,
            ),
        ]
    if update.allows("phone"):
        fields.append(_phone(typed, problems, fmt, autocomplete="tel"))
    return DetailForm(fmt._("Contact details"), "contacts.update", fmt._("Save contact details"), tuple(fields))


def billing_form(
    typed: Mapping[str, str],
    live: list[Subscription],
    customer: Customer,
    fmt: Formatter,
    wrong: Mapping[str, str] | None = None,
) -> DetailForm:
    """The billing address. `live`: subscriptions that still exist: they decide what is said about tax."""
    country, lines = _country_part(typed, "billing", fmt, wrong or {})
    note = fmt._("It is printed on your next invoices. Finished invoices keep the address they have.")
    if rules.is_taxed_by_address(live):
        note = (
            fmt._("Tax on your next invoices follows your shipping address as long as you have one.")
            if customer.shipping is not None
            else fmt._("Tax on your next invoices follows this address. Finished invoices stay as they are.")
        )
    return DetailForm(
        fmt._("Billing address"),
        "billing_addresses.update",
        fmt._("Save billing address"),
        country=country,
        country_fields=lines,
        note=note,
    )


def shipping_form(
    typed: Mapping[str, str],
    live: list[Subscription],
    customer: Customer,
    fmt: Formatter,
    wrong: Mapping[str, str] | None = None,
    *,
    may_copy: bool = False,
) -> DetailForm:
    """Where goods go, and to whom. `may_copy`: offer to start from the billing address."""
    problems = wrong or {}
    country, lines = _country_part(typed, "shipping", fmt, problems)
    note = fmt._("It is printed on your next invoices beside the billing address.")
    if rules.is_taxed_by_address(live):
        note = fmt._("Tax on your next invoices follows this address. Finished invoices stay as they are.")
    name = fmt._("Name of the recipient")
    return DetailForm(
        fmt._("Shipping address"),
        "shipping_addresses.update",
        fmt._("Save shipping address"),
        fields=(_text("name", name, typed, problems, fmt, autocomplete="shipping name", most=rules.LONGEST_NAME),),
        country=country,
        country_fields=(*lines, _phone(typed, problems, fmt, autocomplete="shipping tel")),
        note=note,
        removal_route="shipping_removals.create" if customer.shipping is not None else None,
        removal_label=fmt._("Remove shipping address"),
        copy_label=fmt._("Start from my billing address") if may_copy else "",
    )


def invoice_fields_form(
    typed: Mapping[str, str], update: CustomerUpdate, fmt: Formatter, wrong: Mapping[str, str] | None = None
) -> DetailForm:
    """What stands on every invoice. `typed`: "purchase_order", and "label_1", "text_1" and so on for the free lines."""
    problems = wrong or {}
    fields: tuple[Field, ...] = ()
    if "purchase_order" in update.invoice_fields:
        label = purchase_order_label(update, fmt)
        fields = (
            _text(
                "purchase_order", label, typed, problems, fmt, most=rules.LONGEST_FIELD_VALUE, is_optional=True,
                help=fmt._("Your own order number, so that your accounting finds the invoice."),
            ),
        )  # fmt: skip
    pairs: list[FieldPair] = []
    if "custom_fields" in update.invoice_fields:
        for number in range(1, rules.MOST_FIELDS + 1 - len(fields)):
            name, value = fmt._("Label"), fmt._("Text")
            pairs.append(
                FieldPair(
                    fmt._("Line %(number)s", number=fmt.number(number)),
                    _text(
                        f"label_{number}", name, typed, problems, fmt, most=rules.LONGEST_FIELD_NAME, is_optional=True
                    ),
                    _text(
                        f"text_{number}", value, typed, problems, fmt, most=rules.LONGEST_FIELD_VALUE, is_optional=True
                    ),
                )
            )
    return DetailForm(
        fmt._("On your invoices"),
        "invoice_fields.update",
        fmt._("Save for next invoices"),
        fields=fields,
        pairs=tuple(pairs),
        pairs_title=fmt._("Other lines"),
        pairs_help=fmt._("What your accounting needs to see, such as a cost center."),
        note=fmt._("It is printed on your next invoices. Finished invoices keep what they have."),
    )


def email_form(current: str, typed: str, fmt: Formatter, problem: str = "") -> DetailForm:
    """A new email. `problem`: "", "missing", "email", "same"."""
    label = fmt._("New email")
    error = {
        "missing": missing(label, fmt),
        "email": fmt._("Enter an email address as in name@example.com"),
        "same": fmt._("This is the email you have now"),
    }.get(problem, "")
    lead = (
        fmt._("Now: %(email)s. It stays until you open the link that we send to the new address.", email=current)
        if current
        else fmt._("We send a link to this address. It is yours once you open it.")
    )
    field = Field(
        "email", label, typed, "email", error=error, autocomplete="email", inputmode="email",
        maxlength=rules.LONGEST_EMAIL, is_data=True,
    )  # fmt: skip
    return DetailForm(
        fmt._("Change email"), "email_changes.create", fmt._("Send confirmation link"), fields=(field,), lead=lead
    )


def address_typed(address: Address | None, fmt: Formatter) -> dict[str, str]:
    """An address as the form's fields; without one, the country that the reader's locale names."""
    lines = {name: getattr(address, name, None) or "" for name in ("country", *LINES)}
    if not lines["country"]:
        guess = country_of(fmt.locale)
        lines["country"] = guess if guess in countries() else ""
    return lines


def _country_part(
    typed: Mapping[str, str], purpose: str, fmt: Formatter, wrong: Mapping[str, str]
) -> tuple[Field, tuple[Field, ...]]:
    country = typed.get("country", "")
    error = fmt._("Choose a country") if "country" in wrong else ""
    asked = country_field(country if country in countries() else "", purpose, fmt, error=error)
    if country not in countries():
        return asked, ()
    return asked, address_fields(typed, rules_of(country, language_of(fmt.locale)), purpose, fmt, wrong)


def _text(
    name: str,
    label: str,
    typed: Mapping[str, str],
    wrong: Mapping[str, str],
    fmt: Formatter,
    *,
    most: int,
    autocomplete: str = "off",
    is_optional: bool = False,
    help: str = "",
) -> Field:
    errors = {
        "missing": missing(label, fmt),
        "too_long": too_long(label, most, fmt),
        "too_many": fmt._("An invoice has room for four lines. Empty one of them."),
        "same_name": fmt._("Two lines have the same label. Give each its own."),
    }
    return Field(
        name, label, typed.get(name, ""), help=help, error=errors.get(wrong.get(name, ""), ""), autocomplete=autocomplete,
        maxlength=most, is_optional=is_optional,
    )  # fmt: skip


def _phone(typed: Mapping[str, str], wrong: Mapping[str, str], fmt: Formatter, *, autocomplete: str) -> Field:
    error = fmt._("Enter a phone number as in +49 30 123456") if "phone" in wrong else ""
    return Field(
        "phone", fmt._("Phone"), typed.get("phone", ""), "tel", error=error, autocomplete=autocomplete, inputmode="tel",
        maxlength=rules.LONGEST_PHONE, is_optional=True, is_data=True,
    )  # fmt: skip
