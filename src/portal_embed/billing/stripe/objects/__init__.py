"""Stripe's objects as small frozen structs: only the fields that we read, under Stripe's names.

Reading into these instead of the SDK's own classes is about nine times cheaper. Rules for every struct here:

* amounts are whole numbers of minor units, times are unix seconds, as Stripe sends them;
* an enum is a plain `str`: a value that Stripe adds tomorrow must not break a page;
* a reference is `str` (an id) unless it was expanded; `id_of` reads both;
* what Stripe may leave out or send as null has a default.
"""

from portal_embed.billing.stripe.objects.catalog import (
    Coupon,
    Discount,
    DiscountSource,
    Price,
    Product,
    PromotionCode,
    Recurring,
    Tier,
    TransformQuantity,
)
from portal_embed.billing.stripe.objects.checkouts import CheckoutSession
from portal_embed.billing.stripe.objects.configurations import FeedbackOption, PortalConfiguration
from portal_embed.billing.stripe.objects.customers import (
    Address,
    Customer,
    CustomerInvoiceSettings,
    CustomField,
    Shipping,
    TaxId,
    Verification,
)
from portal_embed.billing.stripe.objects.invoices import (
    ConfirmationSecret,
    DiscountAmount,
    Invoice,
    InvoiceLine,
    InvoiceParent,
    InvoiceSubscriptionDetails,
    LinePricing,
    Period,
    StatusTransitions,
    TaxAmount,
)
from portal_embed.billing.stripe.objects.meters import MeterSummary
from portal_embed.billing.stripe.objects.payment_methods import (
    BankDebit,
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
from portal_embed.billing.stripe.objects.shared import Listing, Reference, id_of
from portal_embed.billing.stripe.objects.subscriptions import (
    AutomaticTax,
    BillingMode,
    CancellationDetails,
    ManagedPayments,
    PauseCollection,
    PauseSchedule,
    PendingUpdate,
    Phase,
    PhaseDiscount,
    PhaseItem,
    Schedule,
    Subscription,
    SubscriptionItem,
)

__all__ = [
    "Address",
    "AutomaticTax",
    "BankDebit",
    "BillingMode",
    "CancellationDetails",
    "Card",
    "CardDetails",
    "CardError",
    "Charge",
    "ChargeMethod",
    "CheckoutSession",
    "ConfirmationSecret",
    "Coupon",
    "CreditNote",
    "CustomField",
    "Customer",
    "CustomerInvoiceSettings",
    "Discount",
    "DiscountAmount",
    "DiscountSource",
    "FeedbackOption",
    "Invoice",
    "InvoiceLine",
    "InvoiceParent",
    "InvoicePayment",
    "InvoiceSubscriptionDetails",
    "LinePricing",
    "Listing",
    "ManagedPayments",
    "MeterSummary",
    "PauseCollection",
    "PauseSchedule",
    "PaymentIntent",
    "PaymentMethod",
    "PaymentOfInvoice",
    "PendingUpdate",
    "Period",
    "Phase",
    "PhaseDiscount",
    "PhaseItem",
    "PortalConfiguration",
    "Price",
    "Product",
    "PromotionCode",
    "Recurring",
    "Reference",
    "Refund",
    "Schedule",
    "SetupIntent",
    "Shipping",
    "StatusTransitions",
    "Subscription",
    "SubscriptionItem",
    "TaxAmount",
    "TaxId",
    "Tier",
    "TransformQuantity",
    "Verification",
    "Wallet",
    "WalletAccount",
    "id_of",
]
