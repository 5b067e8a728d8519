"""Our structs name only fields that Stripe's API has: walked against the annotations of the newest SDK."""

from __future__ import annotations

import inspect
import re
import sys
import typing
from importlib import import_module

import msgspec
import pytest
import stripe

from portal_embed.billing.stripe import objects
from portal_embed.billing.tax_ids import TYPES

ROOTS = {
    objects.Charge: stripe.Charge,
    objects.CheckoutSession: stripe.checkout.Session,
    objects.Coupon: stripe.Coupon,
    objects.CreditNote: stripe.CreditNote,
    objects.Customer: stripe.Customer,
    objects.Discount: stripe.Discount,
    objects.FeedbackOption: stripe.billing.FeedbackOption,
    objects.Invoice: stripe.Invoice,
    objects.InvoiceLine: stripe.InvoiceLineItem,
    objects.InvoicePayment: stripe.InvoicePayment,
    objects.MeterSummary: stripe.billing.MeterEventSummary,
    objects.PaymentIntent: stripe.PaymentIntent,
    objects.PaymentMethod: stripe.PaymentMethod,
    objects.PortalConfiguration: stripe.billing_portal.Configuration,
    objects.Price: stripe.Price,
    objects.Product: stripe.Product,
    objects.PromotionCode: stripe.PromotionCode,
    objects.Refund: stripe.Refund,
    objects.SetupIntent: stripe.SetupIntent,
    objects.Schedule: stripe.SubscriptionSchedule,
    objects.Subscription: stripe.Subscription,
    objects.SubscriptionItem: stripe.SubscriptionItem,
    objects.TaxId: stripe.TaxId,
}
SHARED = {
    objects.BankDebit: ("sepa_debit", "us_bank_account", "au_becs_debit", "bacs_debit", "acss_debit"),
    objects.WalletAccount: ("link", "paypal", "cashapp"),
}
"""One struct for several of Stripe's classes: each of its fields is in at least one of them."""
ALSO_SENT = {"deleted"}
"""Stripe's answer about something deleted; the SDK has it as an annotation of its own."""


def classes_in(annotation):
    """The classes inside Optional, Union, List and our own Listing."""
    if isinstance(annotation, type) and not typing.get_args(annotation):
        return [annotation]
    return [found for part in typing.get_args(annotation) for found in classes_in(part)]


def fields_of(sdk_class):
    hints = {}
    for base in reversed(sdk_class.__mro__):
        module = sys.modules.get(base.__module__)
        names = {**vars(typing), **vars(stripe), **(vars(module) if module else {}), **vars(sdk_class), **vars(base)}
        for name, annotation in vars(base).get("__annotations__", {}).items():
            hints[name] = resolved(annotation, names)
    return hints


def resolved(annotation, names):
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, names)
    except NameError:
        return None


def unknown_fields(struct, sdk_class, path, seen):
    if (struct, sdk_class) in seen:
        return
    seen.add((struct, sdk_class))
    theirs = fields_of(sdk_class)
    for field in msgspec.structs.fields(struct):
        here = f"{path}.{field.name}"
        if field.encode_name not in theirs:
            if field.encode_name not in ALSO_SENT:
                yield here
            continue
        for inner in classes_in(field.type):
            if not (isinstance(inner, type) and issubclass(inner, msgspec.Struct)) or inner in {
                objects.Listing,
                *SHARED,
            }:
                continue
            counterpart = ROOTS.get(inner) or next(
                (c for c in classes_in(theirs[field.encode_name]) if issubclass(c, stripe.StripeObject)), None
            )
            if counterpart is not None:
                yield from unknown_fields(inner, counterpart, here, seen)


@pytest.mark.parametrize(("struct", "sdk_class"), ROOTS.items(), ids=lambda it: it.__name__)
def test_every_field_we_read_exists_in_stripe_s_api(struct, sdk_class):
    assert list(unknown_fields(struct, sdk_class, struct.__name__, set())) == []


@pytest.mark.parametrize(("struct", "kinds"), SHARED.items(), ids=lambda it: getattr(it, "__name__", ""))
def test_a_struct_that_stands_for_several_types_has_fields_of_theirs(struct, kinds):
    hints = fields_of(stripe.PaymentMethod)
    theirs = {name for kind in kinds for c in classes_in(hints[kind]) if c is not type(None) for name in fields_of(c)}
    assert {field.name for field in msgspec.structs.fields(struct)} <= theirs


def test_the_walk_would_notice_a_field_that_does_not_exist():
    class Wrong(msgspec.Struct):
        id: str
        favourite_colour: str

    assert list(unknown_fields(Wrong, stripe.Customer, "Wrong", set())) == ["Wrong.favourite_colour"]


def test_every_struct_is_reached_by_the_walk():
    seen = set()
    for struct, sdk_class in ROOTS.items():
        list(unknown_fields(struct, sdk_class, "", seen))
    walked = {struct for struct, _ in seen}
    ours = {it for it in vars(objects).values() if isinstance(it, type) and issubclass(it, msgspec.Struct)}
    assert {it.__name__ for it in ours - walked - set(SHARED)} <= {"Listing", "Reference", "Struct"}


def test_no_enum_of_stripe_s_is_an_enum_of_ours():
    for struct in ROOTS:
        for name, hint in typing.get_type_hints(struct).items():
            assert "Literal" not in str(hint), (struct, name, typing.get_args(hint))


@pytest.mark.feature(115)
def test_every_type_of_tax_id_that_stripe_takes_is_in_our_table_and_no_other():
    module = import_module("stripe.params._customer_create_tax_id_params")
    known = set(re.findall(r'"([a-z]{2}_[a-z_]+)",', inspect.getsource(module)))
    assert len(known) >= 135
    assert {kind.type for kind in TYPES} == known
