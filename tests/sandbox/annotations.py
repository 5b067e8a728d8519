"""Holds the sandbox's answers against the newest SDK's own class annotations."""

import types
import typing
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any, ForwardRef, Literal, Union

from stripe import PaymentMethod, PaymentMethodConfiguration, StripeObject
from stripe._object_classes import OBJECT_CLASSES

UNDECLARED = {
    "plan": {"product", "amount", "amount_decimal"},
    "product": {"attributes"},
    "subscription": {"plan", "quantity"},
    "subscription_item": {"plan"},
}
"""Keys that Stripe was recorded to send (Aug 2026) though the annotations do not declare them."""


_NONE: frozenset[str] = frozenset()
_OTHER_METHODS = frozenset(
    name
    for kinds in (PaymentMethod.__annotations__["type"], *typing.get_args(PaymentMethod.__annotations__["type"]))
    if typing.get_origin(kinds) is Literal
    for name in typing.get_args(kinds)
)
ABSENT: dict[str, frozenset[str]] = {
    "account": frozenset(
        "company controller created external_accounts future_requirements groups individual requirements tos_acceptance".split()
    ),
    "charge": frozenset({"refunds"}),
    "checkout.session": frozenset({"line_items"}),
    "coupon": frozenset({"applies_to", "currency_options"}),
    "customer": frozenset(
        "business_name cash_balance individual_name invoice_credit_balance sources subscriptions tax tax_ids".split()
    ),
    "event": frozenset({"account", "context"}),
    "invoice": frozenset({"confirmation_secret", "payments"}),
    "invoiceitem": frozenset({"net_amount", "proration_details"}),
    "payment_method": _OTHER_METHODS | {"radar_options"},
    "payment_method_configuration": frozenset(PaymentMethodConfiguration.__annotations__)
    - frozenset(
        "id object active application is_default livemode name parent card link paypal us_bank_account".split()
    ),
    "plan": frozenset({"tiers"}),
    "price": frozenset({"currency_options", "tiers"}),
    "refund": frozenset(
        "description failure_balance_transaction failure_reason instructions_email pending_reason presentment_details".split()
    ),
    "setup_intent": frozenset({"attach_to_self"}),
    "webhook_endpoint": frozenset({"secret"}),
}
"""Keys that answers lack, where Stripe sends null for everything else that is unset: those that only expanding brings
(`payments`, `tiers`), those of other types of the same object (a card's `sepa_debit`, a plain item's
`proration_details`), and those told once (`secret`).
"""


def assert_matches_sdk(body: dict[str, Any] | StripeObject) -> None:
    """No key that the annotations lack, none missing that they require, and every value of a declared type.

    `body` is an answer, parsed or as the SDK's object: an object, a list, or what is left of a deleted object.
    """
    if isinstance(body, StripeObject):
        body = body.to_dict()
    problems = problems_of(body)
    assert not problems, "\n".join(problems)


def problems_of(body: dict[str, Any]) -> list[str]:
    """What is wrong with an answer, a line each."""
    problems: list[str] = []
    _object(body, None, body.get("object", "?"), problems)
    return problems


def _object(value: dict[str, Any], declared: Any, path: str, problems: list[str]) -> None:
    if value.get("deleted") is True:
        return
    kind = value.get("object")
    if kind in ("list", "search_result"):
        for position, item in enumerate(value["data"]):
            _object(item, None, f"{path}[{position}]", problems)
        return
    if kind == "event" and value["type"] == "invoice.upcoming":
        # Of all invoices this one "will not have an invoice ID", as the SDK says.
        _object({"id": "", **value["data"]["object"]}, None, f"{path}.data.object", problems)
        value = {**value, "data": {**value["data"], "object": {}}}
    cls = _class_of(kind) or declared
    if cls is None:
        problems.append(f"{path}: no class for object {kind!r}")
        return
    wanted = _annotations(cls)
    if not wanted:
        return
    undeclared = value.keys() - wanted.keys() - UNDECLARED.get(str(kind), set())
    problems.extend(f"{path}.{key}: not declared by {cls.__name__}" for key in sorted(undeclared))
    for key, annotation in wanted.items():
        if key in value:
            _value(value[key], annotation, f"{path}.{key}", problems)
        elif not _takes_none(annotation) or (cls is not declared and key not in ABSENT.get(str(kind), _NONE)):
            problems.append(f"{path}.{key}: missing, {cls.__name__} requires it")


def _value(value: Any, annotation: Any, path: str, problems: list[str]) -> None:
    options = _options(annotation)
    if value is None:
        if type(None) not in options:
            problems.append(f"{path}: null, but {annotation} has no null")
    elif isinstance(value, dict):
        classes = [option for option in options if isinstance(option, type) and issubclass(option, StripeObject)]
        free = any(option is dict or typing.get_origin(option) is not None for option in options)
        if "object" in value or classes:
            _object(value, classes[0] if classes else None, path, problems)
        elif not free and not any(isinstance(option, (ForwardRef, str)) for option in options):
            problems.append(f"{path}: an object, but declared {annotation}")
    elif isinstance(value, list):
        lists = [option for option in options if typing.get_origin(option) is list]
        if not lists:
            problems.append(f"{path}: a list, but declared {annotation}")
        for position, item in enumerate(value):
            _value(item, typing.get_args(lists[0])[0] if lists else Any, f"{path}[{position}]", problems)
    elif not _fits(value, options):
        problems.append(f"{path}: {value!r} does not fit {annotation}")


def _fits(value: Any, options: list[Any]) -> bool:
    for option in options:
        if option is Any or isinstance(option, (ForwardRef, str)):
            return True
        if typing.get_origin(option) is Literal:
            if value in typing.get_args(option):
                return True
        elif option is Decimal:
            if isinstance(value, (str, Decimal)):
                return True
        elif option is float:
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return True
        elif isinstance(option, type) and isinstance(value, option) and isinstance(value, bool) == (option is bool):
            return True
    return False


def _options(annotation: Any) -> list[Any]:
    """The members of a union, flattened; the annotation itself otherwise."""
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return [option for part in typing.get_args(annotation) for option in _options(part)]
    return [annotation]


def _takes_none(annotation: Any) -> bool:
    return type(None) in _options(annotation)


@cache
def _annotations(cls: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if base.__module__ not in ("stripe._stripe_object", "builtins") and base is not object:
            found.update(vars(base).get("__annotations__", {}))
    return {
        key: value for key, value in found.items() if not key.startswith("_") and key not in ("OBJECT_NAME", "deleted")
    }


def _class_of(kind: Any) -> Any:
    return _class_named(kind) if isinstance(kind, str) else None  # an event's data has an object called `object`


@cache
def _class_named(kind: str) -> Any:
    if kind not in OBJECT_CLASSES:
        return None
    module, name = OBJECT_CLASSES[kind]
    return getattr(import_module(module), name)
