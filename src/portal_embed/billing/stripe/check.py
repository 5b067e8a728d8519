"""Tries a Stripe key by reading, and says in plain words what is wrong with it. For `portal-embed check`; writes nothing.

Sentences here are for the host's engineer, in English; no customer reads them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import stripe
from msgspec import Struct

from portal_embed.billing.stripe import branding
from portal_embed.billing.stripe.catalog import CatalogReader
from portal_embed.billing.stripe.client import StripeClient
from portal_embed.billing.stripe.objects import Listing, Reference
from portal_embed.config.stripe_hosts import REAL_API
from portal_embed.errors import PortalError, StripeUnavailable

if TYPE_CHECKING:
    from portal_embed.config import PortalConfig, Theme

READS = {
    "customers": "/v1/customers",
    "subscriptions": "/v1/subscriptions",
    "invoices": "/v1/invoices",
    "credit notes": "/v1/credit_notes",
    "charges and refunds": "/v1/refunds",
    "payment intents": "/v1/payment_intents",
    "payment methods": "/v1/payment_methods",
    "prices": "/v1/prices",
    "products": "/v1/products",
    "billing meters": "/v1/billing/meters",
}
"""What the pages read: the name of the permission in Stripe's dashboard, and a list to ask for."""

OF_CODES = {"coupons": "/v1/coupons", "promotion codes": "/v1/promotion_codes"}
"""What is read too where customers may use promotion codes."""

CHECKOUT = {"checkout sessions": "/v1/checkout/sessions"}
"""Also read where plans are started on Stripe's own page."""
WRITES = "customers, subscriptions, invoices, payment methods, setup intents"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: "fine", a "note" to know, or a "problem" to mend; and a sentence about it."""

    kind: Literal["fine", "note", "problem"]
    sentence: str


class _BusinessProfile(Struct, frozen=True, kw_only=True):
    name: str | None = None


class _Dashboard(Struct, frozen=True, kw_only=True):
    timezone: str | None = None


class _Settings(Struct, frozen=True, kw_only=True):
    dashboard: _Dashboard = _Dashboard()


class _Account(Struct, frozen=True, kw_only=True):
    """The account behind the key, as far as it is asked about here."""

    id: str
    business_profile: _BusinessProfile | None = None
    settings: _Settings | None = None


async def check_stripe(config: PortalConfig) -> list[Finding]:
    """Ask for the account, one of each thing that the pages read, and the prices of the catalog. Never raises for Stripe's sake."""
    client = StripeClient(secret_key=config.stripe_secret_key, api_base=config.stripe_api_base)
    try:
        reached, findings = await _account(client, config)
        if reached:
            findings += await _reads(client, config)
            findings += await _catalog(CatalogReader(client), config)
            findings += await _brands(client, config)
        return findings
    finally:
        await client.aclose()


async def _account(client: StripeClient, config: PortalConfig) -> tuple[bool, list[Finding]]:
    """Whether it makes sense to go on, and what the account says."""
    mode = "live" if config.livemode else "test"
    where = (
        []
        if config.stripe_api_base == REAL_API
        else [_note(f"This is not Stripe itself but {config.stripe_api_base}.")]
    )
    try:
        account = await client.get(_Account, "/v1/account")
    except PortalError as error:
        if isinstance(error.__cause__, stripe.PermissionError):
            return True, [*where, _fine(f"Stripe takes the key ({mode} mode, restricted).")]
        return False, [*where, _problem(_refusal(error, config))]
    name = (account.business_profile.name if account.business_profile else None) or "an account without a public name"
    findings = [*where, _fine(f"Stripe takes the key: {name} ({account.id}), {mode} mode.")]
    zone = account.settings.dashboard.timezone if account.settings else None
    if zone and zone.removeprefix("Etc/") != config.timezone.removeprefix("Etc/"):
        findings.append(
            _note(
                f"The account's dates are in {zone}, the portal's in {config.timezone}: give PortalConfig timezone={zone!r}."
            )
        )
    return True, findings


def _refusal(error: PortalError, config: PortalConfig) -> str:
    cause = error.__cause__
    if isinstance(cause, stripe.AuthenticationError):
        return (
            "STRIPE_SECRET_KEY is refused by Stripe: copy it anew from the dashboard's API keys page "
            f"(is it of this account, expired, or revoked?). Stripe says: {cause.user_message or cause}"
        )
    if isinstance(cause, stripe.InvalidRequestError):
        return f"Stripe refused a simple read: {cause.user_message or cause}"
    if isinstance(error, StripeUnavailable):
        return (
            f"{config.stripe_api_base} cannot be reached or does not answer as Stripe does: "
            "look at the network, any proxy, and STRIPE_API_BASE."
        )
    return f"Stripe refused a simple read: {error}"


async def _reads(client: StripeClient, config: PortalConfig) -> list[Finding]:
    features = [config.features, *(configuration.features for configuration in config.configurations.values())]
    takes_codes = any(
        f.subscription_update.allows("promotion_code")
        or (f.subscription_create.enabled and f.subscription_create.allow_promotion_codes)
        for f in features
    )
    sells = any(f.subscription_create.enabled and f.subscription_create.through == "checkout" for f in features)
    wanted = {**READS, **(OF_CODES if takes_codes else {}), **(CHECKOUT if sells else {})}
    findings = list(await asyncio.gather(*(_read(client, name, path, config) for name, path in wanted.items())))
    allowed = [finding.sentence for finding in findings if finding.kind == "fine"]
    findings = [finding for finding in findings if finding.kind != "fine"]
    if allowed:
        findings.insert(0, _fine(f"The key may read {', '.join(allowed)}."))
    if config.stripe_secret_key.startswith("rk_"):
        writes = f"{WRITES}, checkout sessions" if sells else WRITES
        findings.append(_note(f"Writing was not tried. A restricted key needs write permission on {writes}."))
    return findings


async def _read(client: StripeClient, name: str, path: str, config: PortalConfig) -> Finding:
    try:
        await client.get(Listing[Reference], path, limit=1)
    except PortalError as error:
        if isinstance(error.__cause__, stripe.PermissionError):
            return _problem(
                f"The key may not read {name}: give the restricted key that permission in Stripe's dashboard (read, "
                f"and write where customers change things: {WRITES})."
            )
        return _problem(f"Reading {name} failed. {_refusal(error, config)}")
    return Finding("fine", name)


async def _catalog(reader: CatalogReader, config: PortalConfig) -> list[Finding]:
    """Whether each plan has an active, recurring price at Stripe."""
    plans = config.catalog.plans
    if not plans:
        return [
            _note("The catalog is empty: customers cannot change their plan. Give PortalConfig catalog=Catalog([...]).")
        ]
    try:
        by_key = {price.lookup_key: price for price in await reader.by_lookup_keys(config.catalog.lookup_keys)}
        by_id = {price.id: price for key in config.catalog.prices for price in await reader.by_id(key)}
    except PortalError as error:
        return [_problem(f"The catalog's prices could not be read. {_refusal(error, config)}")]
    findings = []
    for plan in plans:
        price = by_key.get(plan.lookup_key) if plan.lookup_key else by_id.get(plan.price or "")
        name = f"lookup key {plan.lookup_key!r}" if plan.lookup_key else f"id {plan.price}"
        if price is None or not price.active:
            findings.append(
                _problem(f"The catalog names a price by the {name}, and Stripe has no active price of that name.")
            )
        elif price.recurring is None:
            findings.append(
                _problem(f"The catalog's price with the {name} is not recurring: it cannot be subscribed to.")
            )
    return findings or [_fine(f"Stripe has an active price for each of the catalog's {len(plans)} plans.")]


async def _brands(client: StripeClient, config: PortalConfig) -> list[Finding]:
    """The colours that a theme takes from Stripe: the portal's own account's, and those of the accounts beside it."""
    findings = []
    if config.theme.colors_from is not None:
        findings += await _brand(client, config.theme, "STRIPE_SECRET_KEY's account")
    for account, merchant in config.accounts.items():
        theme = merchant.theme or config.theme
        if theme.colors_from is None:
            continue
        other = StripeClient(
            secret_key=merchant.secret_key or config.stripe_secret_key,
            api_base=config.stripe_api_base,
            account=None if merchant.has_own_keys else account,
        )
        try:
            findings += await _brand(other, theme, account)
        finally:
            await other.aclose()
    return findings


async def _brand(client: StripeClient, theme: Theme, whose: str) -> list[Finding]:
    try:
        color = (await branding.retrieve(client)).color
    except PortalError as error:
        cause = error.__cause__
        said = cause.user_message if isinstance(cause, stripe.StripeError) else None
        return [
            _problem(
                f"The brand colours of {whose} cannot be read, so the portal's own are shown: give the key read permission on "
                f"accounts, or name the colours by Theme(accent=…) in place of colors_from. Stripe says: {said or error}"
            )
        ]
    if color is None:
        return [_note(f"The branding of {whose} has no colours at Stripe: the portal's own are shown.")]
    notes = [_note(f"The branding of {whose}: {sentence}") for sentence in theme.told_of(color)]
    return notes or [_fine(f"The accent is {color}, from the branding of {whose}.")]


def _fine(sentence: str) -> Finding:
    return Finding("fine", sentence)


def _note(sentence: str) -> Finding:
    return Finding("note", sentence)


def _problem(sentence: str) -> Finding:
    return Finding("problem", sentence)
