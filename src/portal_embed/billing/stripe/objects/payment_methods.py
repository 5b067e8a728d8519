"""Ways to pay, and saving one."""

from __future__ import annotations

from msgspec import Struct


class Wallet(Struct, frozen=True, kw_only=True):
    """A wallet around a card: `apple_pay`, `google_pay`, `link` and others."""

    type: str


class Card(Struct, frozen=True, kw_only=True):
    """A card without its number."""

    brand: str = "unknown"
    display_brand: str | None = None
    last4: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None
    wallet: Wallet | None = None


class BankDebit(Struct, frozen=True, kw_only=True):
    """Any bank debit (SEPA, ACH, BECS, Bacs, …): the fields that name it."""

    bank_name: str | None = None
    last4: str | None = None


class WalletAccount(Struct, frozen=True, kw_only=True):
    """An account-based method (Link, PayPal, Cash App, …): the field that names it."""

    email: str | None = None
    payer_email: str | None = None
    cashtag: str | None = None


class PaymentMethod(Struct, frozen=True, kw_only=True):
    """A saved way to pay. Exactly the part named by `type` is set; types without a part here are named by their type."""

    id: str
    type: str
    customer: str | None = None
    card: Card | None = None
    sepa_debit: BankDebit | None = None
    us_bank_account: BankDebit | None = None
    au_becs_debit: BankDebit | None = None
    bacs_debit: BankDebit | None = None
    acss_debit: BankDebit | None = None
    link: WalletAccount | None = None
    paypal: WalletAccount | None = None
    cashapp: WalletAccount | None = None

    @property
    def bank(self) -> BankDebit | None:
        """The bank account behind a debit method, None for others."""
        return self.sepa_debit or self.us_bank_account or self.au_becs_debit or self.bacs_debit or self.acss_debit

    @property
    def account(self) -> WalletAccount | None:
        """The account behind Link, PayPal or Cash App, None for others."""
        return self.link or self.paypal or self.cashapp


class CardError(Struct, frozen=True, kw_only=True):
    """Why an attempt failed."""

    code: str | None = None
    decline_code: str | None = None


class SetupIntent(Struct, frozen=True, kw_only=True):
    """An attempt to save a payment method."""

    id: str
    status: str
    client_secret: str | None = None
    customer: str | None = None
    payment_method: str | None = None
