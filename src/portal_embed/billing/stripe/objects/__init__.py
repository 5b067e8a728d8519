"""Stripe's objects as small frozen structs: only the fields that we read, under Stripe's names.

Reading into these instead of the SDK's own classes is about nine times cheaper. Rules for every struct here:

* amounts are whole numbers of minor units, times are unix seconds, as Stripe sends them;
* an enum is a plain `str`: a value that Stripe adds tomorrow must not break a page;
* a reference is `str` (an id) unless it was expanded; `id_of` reads both;
* what Stripe may leave out or send as null has a default.
"""

from portal_embed.billing.stripe.objects.catalog import Coupon, Discount, DiscountSource, Price, Product, Recurring
from portal_embed.billing.stripe.objects.customers import Address, Customer, CustomerInvoiceSettings
from portal_embed.billing.stripe.objects.invoices import (
    ConfirmationSecret,
    DiscountAmount,
    Invoice,
    InvoiceLine,
    InvoiceParent,
    InvoiceSubscriptionDetails,
    LineParent,
    LinePricing,
    LineProrationDetails,
    Period,
    StatusTransitions,
    TaxAmount,
)
from portal_embed.billing.stripe.objects.payment_methods import (
    BankDebit,
    BillingDetails,
    Card,
    CardError,
    PaymentMethod,
    SetupIntent,
    Wallet,
    WalletAccount,
)
from portal_embed.billing.stripe.objects.payments import (
    CardDetails,
    Charge,
    ChargeMethod,
    CreditNote,
    InvoicePayment,
    PaymentIntent,
    PaymentOfInvoice,
    Refund,
)
from portal_embed.billing.stripe.objects.shared import Account, BusinessProfile, Deleted, Listing, id_of
from portal_embed.billing.stripe.objects.subscriptions import (
    BillingMode,
    CancellationDetails,
    ManagedPayments,
    PauseCollection,
    PendingItem,
    PendingUpdate,
    Subscription,
    SubscriptionItem,
)

__all__ = [
    "Account",
    "Address",
    "BankDebit",
    "BillingDetails",
    "BillingMode",
    "BusinessProfile",
    "CancellationDetails",
    "Card",
    "CardDetails",
    "CardError",
    "Charge",
    "ChargeMethod",
    "ConfirmationSecret",
    "Coupon",
    "CreditNote",
    "Customer",
    "CustomerInvoiceSettings",
    "Deleted",
    "Discount",
    "DiscountAmount",
    "DiscountSource",
    "Invoice",
    "InvoiceLine",
    "InvoiceParent",
    "InvoicePayment",
    "InvoiceSubscriptionDetails",
    "LineParent",
    "LinePricing",
    "LineProrationDetails",
    "Listing",
    "ManagedPayments",
    "PauseCollection",
    "PaymentIntent",
    "PaymentMethod",
    "PaymentOfInvoice",
    "PendingItem",
    "PendingUpdate",
    "Period",
    "Price",
    "Product",
    "Recurring",
    "Refund",
    "SetupIntent",
    "StatusTransitions",
    "Subscription",
    "SubscriptionItem",
    "TaxAmount",
    "Wallet",
    "WalletAccount",
    "id_of",
]
