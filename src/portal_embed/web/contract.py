"""What each template may read: the contract with whoever overrides one. `portal-embed templates show NAME --context` prints it.

It is kept in tests/web/template_contract.txt: a field that goes or changes is a decision, noted in the CHANGELOG.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal_embed.view_models.cancellations import CancelPage
from portal_embed.view_models.customers import CustomersPage
from portal_embed.view_models.detail_forms import DetailForm
from portal_embed.view_models.details import DetailSection, DetailsPage, TaxIdsSection
from portal_embed.view_models.discounts import CodeField, PromotionCodePage, RemoveDiscountPage
from portal_embed.view_models.email_changes import EmailChangePage
from portal_embed.view_models.flows import FlowDonePage, FlowStartPage
from portal_embed.view_models.invoices import InvoicePage, InvoiceRow, InvoicesPage
from portal_embed.view_models.logins import CodePage, LoginLinkPage, LoginPage, RenewalPage
from portal_embed.view_models.next_charges import NextChargePart
from portal_embed.view_models.outcomes import Outcome
from portal_embed.view_models.overview import OverviewPage
from portal_embed.view_models.pauses import PausePage, ResumePage
from portal_embed.view_models.payment_methods import (
    FinishMethodPage,
    MethodRow,
    NewMethodPage,
    PaymentMethodsPage,
    RemoveMethodPage,
)
from portal_embed.view_models.payments import AuthenticationPage, PayInvoicePage
from portal_embed.view_models.plans import PlansPage
from portal_embed.view_models.prepaying import PrepayPage
from portal_embed.view_models.pricing import PricingPage
from portal_embed.view_models.problems import ProblemPage
from portal_embed.view_models.quantities import QuantityField
from portal_embed.view_models.recoveries import AskRecoveryPage, OpenRecoveryPage, RecoveryPage
from portal_embed.view_models.shared import Notice
from portal_embed.view_models.standings import Standing
from portal_embed.view_models.starts import CheckoutPage, StartPage
from portal_embed.view_models.staying import OffersPage
from portal_embed.view_models.subscription_cards import SubscriptionCard
from portal_embed.view_models.subscriptions import EndedPage, ItemRow, SubscriptionPage
from portal_embed.view_models.tax_ids import NewTaxIdPage, RemoveTaxIdPage
from portal_embed.view_models.upcoming import UpcomingPage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from portal_embed.view_models.chrome import Chrome
    from portal_embed.view_models.letters import Letter


@dataclass(frozen=True)
class PageNames:
    """What every template of a page may read beside what `TEMPLATES` says of it.

    `chrome`: what stands around the page. `url`: the address of a route, `url("invoices.show", id, done="paid")`. `static`: the
    address of a file of ours, `static("css/portal.css")`. `nonce`: what a script or stylesheet needs to be let in. `csrf`: the
    session's proof in a form, "" where nobody is signed in. `op(action)`: makes a form count once; the macro `form` of
    shared/_form.html writes both. `stylesheet_url`: the host's stylesheet, None for none. `theme_url`: the address of the
    host's theme, None for ours.
    """

    chrome: Chrome
    url: Callable[..., str]
    static: Callable[[str], str]
    nonce: str
    csrf: str
    op: Callable[[str], str]
    stylesheet_url: str | None
    theme_url: str | None


@dataclass(frozen=True)
class MailNames:
    """What a mail may read; nothing of a page's is there.

    `letter`: what it says. `business_name`: the host's name, "" if unknown. `locale` ("en") and `direction` ("ltr" or "rtl") go
    on the root element. `accent` and `accent_text`: the colours of the button, as CSS.
    """

    letter: Letter
    business_name: str
    locale: str
    direction: str
    accent: str
    accent_text: str


TEMPLATES: Mapping[str, Mapping[str, Any]] = {
    "authentications/new.html": {"page": AuthenticationPage},
    "cancellations/_buttons.html": {"page": CancelPage},
    "cancellations/_day.html": {"page": CancelPage},
    "cancellations/_outlook.html": {"page": CancelPage},
    "cancellations/new.html": {"page": CancelPage},
    "cancellations/offers.html": {"page": OffersPage},
    "cancellations/previewed.swaps.html": {"page": CancelPage},
    "checkouts/new.html": {"page": CheckoutPage},
    "customers/index.html": {"page": CustomersPage},
    "details/_country_fields.html": {"page": DetailForm},
    "details/_section.html": {"section": DetailSection},
    "details/_tax_ids.html": {"section": TaxIdsSection},
    "details/edit.html": {"page": DetailForm},
    "details/show.html": {"page": DetailsPage},
    "email_changes/show.html": {"page": EmailChangePage},
    "flows/confirm.html": {"page": PlansPage},
    "flows/done.html": {"page": FlowDonePage},
    "flows/start.html": {"page": FlowStartPage},
    "invoices/_credit_notes.html": {"page": InvoicePage},
    "invoices/_lines.html": {"page": InvoicePage},
    "invoices/_list.html": {"page": InvoicesPage},
    "invoices/_payments.html": {"page": InvoicePage},
    "invoices/_row.html": {"row": InvoiceRow},
    "invoices/index.html": {"page": InvoicesPage},
    "invoices/show.html": {"page": InvoicePage},
    "layout.html": {},
    "layouts/inside.html": {},
    "layouts/piece.html": {},
    "layouts/whole.html": {},
    "logins/code.html": {"page": CodePage},
    "logins/link.html": {"page": LoginLinkPage},
    "logins/new.html": {"page": LoginPage},
    "logins/renewal.html": {"page": RenewalPage},
    "mail/letter.html": {},
    "mail/letter.txt": {},
    "next_charges/show.html": {"page": NextChargePart},
    "outcomes/_later.html": {"page": Outcome},
    "outcomes/_settled.html": {"page": Outcome},
    "overview/_actions.html": {"subscription": SubscriptionCard, "leads": bool, "is_only": bool},
    "overview/_next_charge.html": {"page": NextChargePart},
    "overview/_next_charge_later.html": {"subscription": SubscriptionCard},
    "overview/_subscription.html": {"subscription": SubscriptionCard, "page": OverviewPage},
    "overview/_subscriptions.html": {"page": OverviewPage},
    "overview/show.html": {"page": OverviewPage},
    "payment_methods/_row.html": {"row": MethodRow, "page": PaymentMethodsPage},
    "payment_methods/finish.html": {"page": FinishMethodPage},
    "payment_methods/index.html": {"page": PaymentMethodsPage},
    "payment_methods/new.html": {"page": NewMethodPage},
    "pauses/new.html": {"page": PausePage},
    "payments/new.html": {"page": PayInvoicePage},
    "pieces/attention.html": {"page": OverviewPage},
    "pieces/plan.html": {"page": OverviewPage},
    "pieces/upcoming.html": {"page": UpcomingPage},
    "plans/_add_ons.html": {"page": PlansPage},
    "plans/_beside.html": {"page": PlansPage},
    "plans/_preview.html": {"page": PlansPage},
    "plans/_when.html": {"page": PlansPage},
    "plans/index.html": {"page": PlansPage},
    "plans/previewed.swaps.html": {"page": PlansPage},
    "prepayments/_preview.html": {"page": PrepayPage},
    "prepayments/new.html": {"page": PrepayPage},
    "pricing/index.html": {"page": PricingPage},
    "problems/_alert.html": {"page": ProblemPage},
    "problems/show.html": {"page": ProblemPage},
    "promotion_codes/new.html": {"page": PromotionCodePage},
    "promotion_codes/removal.html": {"page": RemoveDiscountPage},
    "recoveries/ask.html": {"page": AskRecoveryPage},
    "recoveries/open.html": {"page": OpenRecoveryPage},
    "recoveries/show.html": {"page": RecoveryPage},
    "removals/new.html": {"page": RemoveMethodPage},
    "resumptions/new.html": {"page": ResumePage},
    "shared/_challenge.html": {"unmet": str},
    "shared/_code.html": {"code": CodeField},
    "shared/_empty.html": {"empty_title": str, "empty_text": str},
    "shared/_errors_summary.html": {"errors": "tuple[tuple[str, str], ...]"},
    "shared/_field.html": {},
    "shared/_footer.html": {},
    "shared/_form.html": {},
    "shared/_header.html": {},
    "shared/_nav.html": {},
    "shared/_notice.html": {"notice": Notice, "takes_focus": bool},
    "shared/_parts.html": {},
    "shared/_quantity.html": {"quantity": QuantityField},
    "starts/_beside.html": {"page": StartPage},
    "starts/_button.html": {"page": StartPage},
    "starts/_preview.html": {"page": StartPage},
    "starts/new.html": {"page": StartPage},
    "starts/previewed.swaps.html": {"page": StartPage},
    "standings/_later.html": {"page": Standing},
    "subscriptions/_items.html": {"page": SubscriptionPage},
    "subscriptions/_usage.html": {"item": ItemRow},
    "subscriptions/ended.html": {"page": EndedPage},
    "subscriptions/show.html": {"page": SubscriptionPage},
    "tax_ids/_fields.html": {"page": NewTaxIdPage},
    "tax_ids/new.html": {"page": NewTaxIdPage},
    "tax_ids/removal.html": {"page": RemoveTaxIdPage},
}
"""Each template of ours, and what it may read beside the names of every page (of every mail, below `mail/`). The template of
a page gets its `page` from a handler; a part, whose name begins with `_`, from the template that includes it."""


def names_of(template: str) -> type:
    """The dataclass of the names that a template may read beside its own."""
    return MailNames if template.startswith("mail/") else PageNames
