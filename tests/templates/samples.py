"""Every page with believable, empty, enormous, German, right-to-left and hostile content.

People: Ada pays, Bob is past due. `SAMPLES` maps a name to a `Sample`; tests and the screenshots walk over all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from portal_embed.view_models.cancellations import CancelPage, ReasonChoice
from portal_embed.view_models.chrome import Chrome, NavItem, Piece
from portal_embed.view_models.customers import CustomerRow, CustomersPage
from portal_embed.view_models.flows import FlowDonePage, FlowStartPage, RetentionCard
from portal_embed.view_models.invoices import (
    CreditNoteRow,
    InvoiceLine,
    InvoicePage,
    InvoiceRow,
    InvoicesPage,
    PaymentRow,
)
from portal_embed.view_models.logins import CodePage, LoginLinkPage, LoginPage, RenewalPage
from portal_embed.view_models.next_charges import NextChargePart
from portal_embed.view_models.outcomes import outcome
from portal_embed.view_models.overview import OverviewPage
from portal_embed.view_models.payment_methods import (
    FinishMethodPage,
    MethodRow,
    NewMethodPage,
    PaymentMethodsPage,
    RemoveMethodPage,
)
from portal_embed.view_models.payments import AuthenticationPage, MethodChoice, PayInvoicePage
from portal_embed.view_models.plan_preview import PlanPreview
from portal_embed.view_models.plans import PlanChoice, PlanGroup, PlansPage
from portal_embed.view_models.pricing import IntervalTab, PricedPlan, PricingPage
from portal_embed.view_models.problems import ProblemPage
from portal_embed.view_models.quantities import QuantityField
from portal_embed.view_models.recoveries import AskRecoveryPage, OpenRecoveryPage, OwedRow, PausedRow, RecoveryPage
from portal_embed.view_models.shared import Badge, MethodLabel, Notice, SumRow, TierRow
from portal_embed.view_models.standings import unknown_standing
from portal_embed.view_models.starts import CheckoutPage, StartPage
from portal_embed.view_models.subscription_cards import EndedRow, SubscriptionCard
from portal_embed.view_models.subscriptions import EndedPage, ItemRow, SubscriptionPage
from portal_embed.view_models.upcoming import UpcomingCharge, UpcomingPage
from tests.templates import detail_samples

LONG_NAME = "Professional Workspace for Distributed Research Teams, Europe"  # 60 characters
GERMAN = "Abonnementverwaltungsbenachrichtigungseinstellungen"
HOSTILE = "<img src=x onerror=alert(1)> \"quoted\" & 'more' {{ 7 * 7 }}"


@dataclass(frozen=True, eq=False)
class Sample:
    """One page as a reader may meet it, and no other is it. `is_part`: rendered alone, without the layout."""

    template: str
    page: Any
    chrome: Chrome
    is_part: bool = False


def chrome(current: str = "overview.show", **changes: Any) -> Chrome:
    """The frame around Ada's pages; `current` is the route of the navigation's current entry."""
    entries = (
        ("overview.show", "Overview"),
        ("invoices.index", "Invoices"),
        ("payment_methods.index", "Payment methods"),
        ("details.show", "Details"),
    )
    plain = Chrome(
        business_name="Tidewater",
        return_url="https://tidewater.example/settings",
        nav=tuple(NavItem(route, label, route == current) for route, label in entries),
        locale="en",
        direction="ltr",
        account_label="a••@example.com",
        privacy_policy_url="https://tidewater.example/privacy",
        terms_of_service_url="https://tidewater.example/terms",
        may_end_session=True,
    )
    return replace(plain, **changes)


def piece(name: str, current: str = "overview.show") -> Chrome:
    """What stands around a page that a host takes into one of its own."""
    told = Piece(name, current.partition(".")[0], "", 0, 900, "digest", ("/billing/pieces.css",))
    return chrome(current, piece=told, layout="layouts/piece.html")


def rtl(current: str = "overview.show") -> Chrome:
    """The frame in Arabic."""
    entries = (("overview.show", "نظرة عامة"), ("invoices.index", "الفواتير"), ("payment_methods.index", "طرق الدفع"))
    nav = tuple(NavItem(route, label, route == current) for route, label in entries)
    return chrome(business_name="شركة المد", nav=nav, locale="ar", direction="rtl")


def german(current: str = "overview.show") -> Chrome:
    """The frame in German, with the longest words that a real catalog may hold."""
    entries = (
        ("overview.show", "Übersicht"),
        ("invoices.index", "Rechnungen"),
        ("payment_methods.index", "Zahlungsmethodenverwaltung"),
    )
    nav = tuple(NavItem(route, label, route == current) for route, label in entries)
    return chrome(business_name="Donaudampfschifffahrtsgesellschaft mbH & Co. KG", nav=nav, locale="de")


NOBODY = Chrome("Tidewater", "https://tidewater.example/settings", (), "en", "ltr")

VISA = MethodLabel("pm_visa", "Visa •••• 4242", "Visa ending in 4242", "Expires 12/2031")
EXPIRING = MethodLabel(
    "pm_amex",
    "American Express •••• 0005",
    "American Express ending in 0005",
    "Expires 03/2027",
    Badge("Expires soon", "caution"),
)
EXPIRED = MethodLabel(
    "pm_old", "Mastercard •••• 4444", "Mastercard ending in 4444", "Expired 01/2026", Badge("Expired", "critical")
)
SEPA = MethodLabel(
    "pm_sepa",
    "SEPA Direct Debit •••• 3000",
    "SEPA Direct Debit ending in 3000",
    "Sparkasse Oberösterreich-Niederbayern",
)
METHODS = (VISA, EXPIRING, EXPIRED, SEPA)

MONTHLY = SubscriptionCard(
    id="sub_monthly",
    name="Pro",
    description="",
    price="$29.00 a month",
    items=(),
    badge=Badge("Active", "positive"),
    sentences=("Renews on 12 March 2027.",),
    shows_next_charge=True,
    next_charge_on="12 March 2027",
    method=VISA,
    method_note="",
    may_change=True,
    change_note="",
    may_cancel=True,
    may_keep=False,
)
CANCELS = replace(
    MONTHLY,
    id="sub_cancels",
    name="Team",
    price="$12.00 a month for each of 5 seats",
    badge=Badge("Cancels on 12 March 2027", "caution"),
    sentences=("Your plan stays active until 12 March 2027. After that it ends and nothing more is charged.",),
    shows_next_charge=False,
    next_charge_on="",
    may_change=False,
    may_cancel=False,
    may_keep=True,
    keep_label="Keep Team",
    change_note="Keep the plan first if you want to change it.",
)
PAST_DUE = replace(
    MONTHLY,
    id="sub_bob",
    badge=Badge("Past due", "critical"),
    sentences=("The payment of $29.00 on 3 March 2027 failed.", "We try again on 6 March 2027."),
    method=EXPIRED,
    open_invoice_id="in_open",
)
LONG = replace(
    MONTHLY,
    id="sub_long",
    name=LONG_NAME,
    description=f"{GERMAN} for everyone who reads to the end of a line that does not end where one would expect it to end",
    price="1.299.999,00 € pro Jahr für jeden von 12.500 Arbeitsplätzen",
    items=(
        SumRow(f"Additional {GERMAN}", "$1,234,567.89 a month", "Up to 10,000 notifications"),
        SumRow("Support", "$99.00 a month"),
    ),
    badge=Badge("Testphase bis einschließlich 31. Dezember 2027", "neutral"),
    method=None,
    method_note="There is no payment method for this plan yet. Add one before 31 December 2027.",
)

PAST_DUE_NOTICE = Notice(
    "critical",
    "Your last payment failed",
    "$29.00 could not be charged on 3 March 2027. Update your card or pay another way.",
    "Pay invoice",
    "payments.new",
    "in_open",
)
DONE = Notice("positive", "Your plan is now Pro", "You paid $13.40 today. From 12 March 2027 it is $29.00 a month.")

OVERVIEW = OverviewPage(None, None, (MONTHLY,), (), "")

METERED_ITEM = ItemRow(
    key="si_calls",
    name="API calls",
    description="",
    quantity="",
    unit_price="",
    price="Price depends on use",
    billed="Monthly",
    tiers=(TierRow("1 to 1,000", "", ""), TierRow("1,001 and more", "$0.0005", "$10.00")),
    tiers_note="Each step is paid at its own price.",
    has_flat_fees=True,
    used="1,234",
    used_unit="call",
    used_since="12 February 2027",
    used_days=(SumRow("13 Feb 2027", "1,200"), SumRow("12 Feb 2027", "34")),
    used_note="Days run from midnight to midnight UTC.",
)


def invoice_rows(count: int) -> tuple[InvoiceRow, ...]:
    """`count` invoices in all the states there are."""
    states = (
        (Badge("Paid", "positive"), "", False),
        (Badge("Open", "caution"), "Due 3 March 2027", True),
        (Badge("Paid", "positive"), "$5.00 refunded", False),
        (Badge("Refunded", "neutral"), "", False),
        (Badge("Canceled", "neutral"), "", False),
        (Badge("Failed", "critical"), "The bank said no", True),
    )
    return tuple(
        InvoiceRow(
            f"in_{n}",
            f"TIDE-{n:04d}",
            f"{n % 28 + 1} March 2027",
            badge,
            "$29.00" if n % 7 else "$1,234,567.89",
            note,
            "Pro" if n % 5 else LONG_NAME,
            payable,
            n % 4 != 3,
        )
        for n in range(1, count + 1)
        for badge, note, payable in [states[n % len(states)]]
    )


INVOICE = InvoicePage(
    id="in_1",
    number="TIDE-0001",
    badge=Badge("Partly refunded", "neutral"),
    headline="$31.32",
    headline_label="Paid",
    facts=(
        SumRow("Date", "12 March 2027"),
        SumRow("Period", "12 March 2027 - 12 April 2027"),
        SumRow("Billed to", "Ada Lovelace, 12 Analytical Street, London W1"),
    ),
    lines=(
        InvoiceLine("Pro", "12 Mar 2027 - 12 Apr 2027", "1", "$29.00", "$29.00", False),
        InvoiceLine("Unused time on Starter after 12 March 2027", "12 Mar 2027 - 1 Apr 2027", "", "", "-$5.00", True),
        InvoiceLine(LONG_NAME, "", "12,500", "$0.0004", "$5.00", False),
    ),
    lines_truncated=True,
    sums=(
        SumRow("Subtotal", "$29.00"),
        SumRow("Discount", "-$2.90", "SPRING, 10 % off", is_credit=True),
        SumRow("VAT", "$5.22", "20 % on $26.10"),
        SumRow("Total", "$31.32", strong=True),
        SumRow("Paid", "$31.32"),
        SumRow("Left to pay", "$0.00", strong=True),
    ),
    payments=(
        PaymentRow("14 March 2027", "Refund", "Visa •••• 4242", "$5.00", Badge("Refunded", "neutral"), True),
        PaymentRow("12 March 2027", "Payment", "Visa •••• 4242", "$31.32", Badge("Paid", "positive")),
        PaymentRow("12 March 2027", "Payment", "", "$31.32", Badge("Failed", "critical")),
    ),
    credit_notes=(CreditNoteRow("cn_1", "TIDE-0001-CN-01", "14 March 2027", "$5.00", "Ordered twice", True),),
    is_payable=False,
    needs_authentication=False,
    has_pdf=True,
    has_receipt=True,
)
OPEN_INVOICE = replace(
    INVOICE,
    badge=Badge("Open", "caution"),
    headline="$31.32",
    headline_label="Amount due 19 March 2027",
    payments=(),
    credit_notes=(),
    is_payable=True,
    needs_authentication=True,
    has_receipt=False,
    lines_truncated=False,
    attention=Notice("caution", "Your bank wants you to confirm this payment", "Nothing is paid until you do."),
)
PAY = PayInvoicePage(
    id="in_1",
    number="TIDE-0001",
    amount="$29.00",
    amount_minor=2900,
    rows=(
        SumRow("Total", "$39.00"),
        SumRow("Credit on your account", "-$10.00", is_credit=True),
        SumRow("To pay", "$29.00", strong=True),
    ),
    methods=tuple(MethodChoice(method, n == 0, n == 0) for n, method in enumerate(METHODS)),
    button="Pay $29.00",
    may_add_method=True,
)
AUTHENTICATION = AuthenticationPage(
    title="Confirm your payment",
    sentence="Your bank asks you to confirm $29.00 for invoice TIDE-0001 with Visa •••• 4242.",
    amount="$29.00",
    client_secret="pi_1_secret_2",
    publishable_key="pk_test_1",
    stripe_js_url="/stripe.js",
    stripe_account="",
    locale="en",
    return_url="https://tidewater.example/billing/invoices/in_1/authentication",
    hosted_url="https://invoice.stripe.com/i/1",
    give_up_route="invoices.show",
    give_up_id="in_1",
)

METHOD_ROWS = (
    MethodRow(
        VISA,
        True,
        "Used for Pro and Team",
        False,
        False,
        "In use for Pro, so it can be replaced but not removed.",
        True,
    ),
    MethodRow(EXPIRING, False, "", True, True, "", False),
    MethodRow(EXPIRED, False, "Used for Archive", False, True, "", True),
    MethodRow(SEPA, False, "", True, True, "", False),
)
NEW_METHOD = NewMethodPage(
    title="Add payment method",
    client_secret="seti_1_secret_2",
    setup_intent_id="seti_1",
    publishable_key="pk_test_1",
    stripe_js_url="/stripe.js",
    stripe_account="",
    locale="en",
    return_url="https://tidewater.example/billing/payment-methods/return",
    appearance_json='{"theme": "stripe"}',
    appearance_dark_json='{"theme": "night"}',
    offers_default=True,
    offers_all=True,
    replaces=None,
    whose="a••@example.com",
)

PRICING = PricingPage(
    tabs=(IntervalTab("Monthly", "1-month", True, ""), IntervalTab("Yearly", "1-year", False, "Save 16%")),
    plans=(
        PricedPlan(
            "price_starter",
            "Starter",
            "For one person.",
            ("3 projects", "Help by email"),
            "$9.00 a month",
            "",
            "14 days free",
            False,
            "Start trial",
            None,
        ),
        PricedPlan("price_pro", "Pro", "", (), "$29.00 a month", "Save 16%", "", True, "", None),
        PricedPlan("price_team", "Team", "", (), "$49.00 a month per seat", "", "", False, "", "sub_1"),
    ),
    notice=Notice("neutral", "You have a plan", "You can change it to one of these."),
)
START = StartPage(
    price_id="price_pro",
    plan_name="Pro",
    price="$29.00 a month × 3 seats",
    description="For everyone who works with others.",
    quantity=QuantityField(3, 1, 50, "Seats", "From 1 to 50."),
    count=3,
    due_now="$87.00",
    due_now_sentence="You pay $87.00 today for the time until 26 December 2026.",
    rows=(SumRow("3 seat × Pro", "$87.00"), SumRow("Due now", "$87.00", strong=True)),
    next_rows=(SumRow("From 26 December 2026", "$87.00 a month"),),
    sentences=("It renews by itself until you cancel.",),
    carries_over=(),
    methods=(MethodChoice(VISA, True, True), MethodChoice(SEPA, False, False)),
    may_add_method=True,
    button="Pay $87.00 and start",
    through_checkout=False,
    amount_due=8700,
    later=8700,
)
PLANS = PlansPage(
    subscription_id="sub_1",
    current_name="Starter",
    current_price="$9.00 a month",
    groups=(
        PlanGroup(
            "Monthly",
            (
                PlanChoice(
                    "price_starter",
                    "Starter",
                    "For one person and five projects.",
                    "$9.00 a month",
                    "",
                    True,
                    False,
                ),
                PlanChoice(
                    "price_pro",
                    "Pro",
                    "For everyone who works with others.",
                    "$29.00 a month",
                    "",
                    False,
                    True,
                ),
                PlanChoice("price_team", "Team", "", "$49.00 a month", "", False, False),
            ),
        ),
        PlanGroup(
            "Yearly",
            (
                PlanChoice(
                    "price_pro_year",
                    "Pro",
                    "For everyone who works with others.",
                    "$290.00 a year",
                    "Save 17 %",
                    False,
                    False,
                ),
            ),
        ),
    ),
    quantity=None,
    not_returnable="",
    preview=None,
    preview_note="",
)
SEATS = QuantityField(5, 1, 50, "Seats", "Between 1 and 50.")
PREVIEW = PlanPreview(
    subscription_id="sub_1",
    plan_name="Pro",
    price="$29.00 a month",
    due_label="Due now",
    due_now="$13.40",
    due_now_sentence="You pay $13.40 today for the rest of March.",
    rows=(
        SumRow("Pro for 19 days", "$18.35", "12 - 31 March 2027"),
        SumRow("Unused time on Starter", "-$4.95", is_credit=True),
        SumRow("Due now", "$13.40", strong=True),
    ),
    next_rows=(SumRow("1 April 2027", "$29.00", "Then each month"),),
    method=VISA,
    button="Pay $13.40 and change plan",
    price_id="price_pro",
    quantity=1,
    proration_date=1_804_000_000,
    amount_due=1340,
    said="price=price_pro&quantity=1&takes_effect=now",
)
CANCEL = CancelPage(
    subscription_id="sub_1",
    title="Cancel Pro",
    sentences=(
        "Your plan stays active until 12 March 2027. Nothing more is charged after that.",
        "Your invoices stay here. Until then you can change your mind at any time.",
    ),
    reasons=(
        ReasonChoice("too_expensive", "It costs too much"),
        ReasonChoice("missing_features", "Something is missing"),
        ReasonChoice("switched_service", "I found something else"),
        ReasonChoice("unused", "I do not use it enough"),
        ReasonChoice("other", "Another reason"),
    ),
    button="Cancel subscription",
    keep_label="Keep Pro",
)


def problem(status: int, slug: str, title: str, *sentences: str, **more: Any) -> ProblemPage:
    """A problem page with a reference to give to support."""
    return ProblemPage(status, slug, title, sentences, **({"money": "", "reference": "req_7f3a9c"} | more))


FLOW = chrome("", nav=(), offers=lambda route: route.startswith(("flows.", "cancellations.", "retentions.")))
"""The frame of a deep link's session: no navigation, and the way back."""

NEXT_CHARGE = NextChargePart(
    "sub_monthly", "$29.00", "12 March 2027", "$29.00 on 12 March 2027", (SumRow("Pro", "$29.00"),)
)

SUBSCRIPTION = SubscriptionPage(
    confirmation=None,
    card=MONTHLY,
    facts=(SumRow("Billing period", "12 Feb 2027 to 12 Mar 2027"), SumRow("Began", "12 March 2026")),
    method_note="Your default payment method.",
    changes_method=True,
    waiting=None,
    waiting_rows=(),
    waiting_invoice=None,
    may_drop=False,
    has_parts=True,
    items=(ItemRow("si_pro", "Pro", "", "5", "$5.80", "$29.00 a month", "Monthly"), METERED_ITEM),
    invoices=invoice_rows(3),
)

SAMPLES: dict[str, Sample] = {
    "flow_start": Sample(
        "flows/start.html",
        FlowStartPage("Add a payment method", "Nothing is charged.", "Add", "payment_methods.new"),
        FLOW,
    ),
    "flow_done": Sample(
        "flows/done.html", FlowDonePage(DONE, "Thank you, from all of us.", "", may_repeat=True, is_complete=True), FLOW
    ),
    "flow_leads_on": Sample(
        "flows/done.html", FlowDonePage(DONE, "", "/account?done=1", may_repeat=False, is_complete=True), FLOW
    ),
    "flow_cancel_with_offer": Sample(
        "cancellations/new.html",
        replace(
            CANCEL,
            offer=RetentionCard(
                "Stay for 25% less",
                ("The discount lasts 3 months.", "Your next bill is then $21.75 instead of $29.00."),
                "Keep my plan for less",
            ),
        ),
        FLOW,
    ),
    "recovery_ask": Sample("recoveries/ask.html", AskRecoveryPage("bob@example.com"), NOBODY),
    "recovery_ask_wrong": Sample("recoveries/ask.html", AskRecoveryPage("bob", "Enter an email address."), NOBODY),
    "recovery_asked": Sample("recoveries/ask.html", AskRecoveryPage("bob@example.com", sent="If a bill …"), NOBODY),
    "recovery_open": Sample(
        "recoveries/open.html",
        OpenRecoveryPage("token", "b•••@example.com", "$29.00 to Tidewater is unpaid.", is_settled=False),
        NOBODY,
    ),
    "recovery_settled": Sample(
        "recoveries/open.html",
        OpenRecoveryPage("token", "b•••@example.com", "Nothing is owed any more.", is_settled=True),
        NOBODY,
    ),
    "recovery": Sample(
        "recoveries/show.html",
        RecoveryPage(
            "$78.00 is unpaid",
            (
                OwedRow(
                    "in_1", "Invoice A-0001", "$29.00", "3 March 2027", ("Your bank declined it.", "Ask."), "Pay $29.00"
                ),
                OwedRow("in_2", "Invoice A-0002", "$49.00", "4 March 2027", (), "Pay $49.00"),
            ),
            (PausedRow("sub_1", "Pro is paused.", "Go on with Pro"),),
            VISA,
            None,
            DONE,
        ),
        chrome("", nav=()),
    ),
    "recovery_done": Sample(
        "recoveries/show.html", RecoveryPage("Your billing", (), (), None, DONE), chrome("", nav=())
    ),
    "login": Sample("logins/new.html", LoginPage("ada@example.com"), NOBODY),
    "login_wrong": Sample("logins/new.html", LoginPage("ada", "Enter an email address."), NOBODY),
    "login_code": Sample("logins/code.html", CodePage("token", "If ada@example.com belongs to a customer, …"), NOBODY),
    "login_code_wrong": Sample("logins/code.html", CodePage("token", "If …", "That is not the code."), NOBODY),
    "login_code_dead": Sample(
        "logins/code.html", CodePage("token", "If …", "Too many.", is_dead=True, renews="token"), NOBODY
    ),
    "login_link": Sample("logins/link.html", LoginLinkPage("token", "ada@example.com"), NOBODY),
    "login_renewal": Sample(
        "logins/renewal.html", RenewalPage("token", "We can send a new one to a•••@x.com."), NOBODY
    ),
    "customers": Sample(
        "customers/index.html",
        CustomersPage(
            (
                CustomerRow("cus_ada", "Ada Lovelace", "ada@example.com", is_current=True),
                CustomerRow("cus_engines", "Analytical Engines Ltd", "", is_current=False),
            )
        ),
        chrome("", may_switch=True),
    ),
    "overview": Sample("overview/show.html", OVERVIEW, chrome()),
    "piece_plan": Sample("pieces/plan.html", OVERVIEW, piece("plan"), is_part=True),
    "piece_attention": Sample(
        "pieces/attention.html", replace(OVERVIEW, attention=PAST_DUE_NOTICE), piece("attention"), is_part=True
    ),
    "piece_upcoming": Sample(
        "pieces/upcoming.html",
        UpcomingPage(
            (UpcomingCharge("Pro", NEXT_CHARGE), UpcomingCharge("Scale", replace(NEXT_CHARGE, note="Not known.")))
        ),
        piece("upcoming"),
        is_part=True,
    ),
    "overview_past_due": Sample(
        "overview/show.html", replace(OVERVIEW, attention=PAST_DUE_NOTICE, subscriptions=(PAST_DUE,)), chrome()
    ),
    "overview_many": Sample(
        "overview/show.html",
        replace(
            OVERVIEW,
            confirmation=DONE,
            subscriptions=(MONTHLY, CANCELS),
            ended=(EndedRow("sub_archive", "Archive", "Ended on 1 May 2026", may_restart=True),),
            more_ended="All that ended (4)",
            balance="You have a credit of $12.00. It pays for your next invoice first.",
        ),
        chrome(),
    ),
    "overview_on_its_way": Sample(
        "overview/show.html",
        replace(
            OVERVIEW,
            subscriptions=(replace(MONTHLY, outcome=outcome("in_open", "overview.show", "sub_monthly")),),
        ),
        chrome(),
    ),
    "outcome_part": Sample(
        "outcomes/_later.html", outcome("in_open", "subscriptions.show", "sub_monthly", 3), chrome(), is_part=True
    ),
    "outcome_given_up": Sample(
        "outcomes/_later.html", outcome("in_open", "invoices.show", "in_open", 99), chrome(), is_part=True
    ),
    "outcome_settled": Sample(
        "outcomes/_settled.html", outcome("in_open", "overview.show", "sub_monthly"), chrome(), is_part=True
    ),
    "standing_unknown": Sample("standings/_later.html", unknown_standing("invoice", "in_1"), chrome(), is_part=True),
    "standing": Sample(
        "standings/_later.html",
        replace(
            unknown_standing("subscription", "sub_1"),
            ask=1,
            name="Pro",
            detail="$29.00 a month",
            badge=Badge("Active", "positive"),
            sentence="Changes to Team once it is paid.",
        ),
        chrome(),
        is_part=True,
    ),
    "subscription": Sample("subscriptions/show.html", SUBSCRIPTION, chrome()),
    "subscription_waiting": Sample(
        "subscriptions/show.html",
        replace(
            SUBSCRIPTION,
            waiting=Notice("caution", "Changes to Team once it is paid.", "Until then your old plan goes on."),
            waiting_rows=(SumRow("Now", "Pro, $29.00 a month"), SumRow("Then", "Team, $49.00 a month")),
            waiting_invoice="in_open",
            may_drop=True,
        ),
        chrome(),
    ),
    "subscription_german": Sample(
        "subscriptions/show.html",
        replace(
            SUBSCRIPTION, card=LONG, items=(replace(METERED_ITEM, key="si_long", name=LONG_NAME), *SUBSCRIPTION.items)
        ),
        german(),
    ),
    "subscription_rtl": Sample("subscriptions/show.html", SUBSCRIPTION, rtl()),
    "subscriptions_ended": Sample(
        "subscriptions/ended.html",
        EndedPage(tuple(EndedRow(f"sub_{n}", LONG_NAME, "Ended on 1 May 2026") for n in range(5))),
        chrome(),
    ),
    "subscriptions_ended_none": Sample("subscriptions/ended.html", EndedPage(()), chrome()),
    "overview_new": Sample(
        "overview/show.html", replace(OVERVIEW, subscriptions=(), start_label="See plans"), chrome()
    ),
    "overview_waits": Sample(
        "overview/show.html",
        replace(
            OVERVIEW,
            subscriptions=(
                replace(
                    MONTHLY,
                    badge=Badge("Waiting for payment", "caution"),
                    may_change=False,
                    may_cancel=False,
                    open_invoice_id="in_1",
                    pay_label="Finish payment",
                    may_start_over=True,
                ),
            ),
        ),
        chrome(),
    ),
    "overview_german": Sample(
        "overview/show.html", replace(OVERVIEW, subscriptions=(LONG, CANCELS), attention=PAST_DUE_NOTICE), german()
    ),
    "overview_rtl": Sample("overview/show.html", replace(OVERVIEW, subscriptions=(MONTHLY, CANCELS)), rtl()),
    "next_charge": Sample(
        "next_charges/show.html",
        NextChargePart(
            "sub_monthly",
            "$29.00",
            "12 March 2027",
            "$29.00 on 12 March 2027",
            (
                SumRow("Pro", "$34.00"),
                SumRow("Credit", "-$5.00", is_credit=True),
                SumRow("Total", "$29.00", strong=True),
            ),
        ),
        chrome(),
    ),
    "next_charge_part": Sample(
        "overview/_next_charge.html",
        NEXT_CHARGE,
        chrome(),
        is_part=True,
    ),
    "next_charge_unknown": Sample(
        "next_charges/show.html",
        NextChargePart("sub_monthly", "", "", "", (), "The sum is known once your usage for March is counted."),
        chrome(),
    ),
    "invoices": Sample(
        "invoices/index.html", InvoicesPage(invoice_rows(12), None, "in_12", True), chrome("invoices.index")
    ),
    "invoices_middle": Sample(
        "invoices/index.html", InvoicesPage(invoice_rows(3), "in_1", "in_3", False), chrome("invoices.index")
    ),
    "invoices_500": Sample(
        "invoices/index.html", InvoicesPage(invoice_rows(500), None, None, True), chrome("invoices.index")
    ),
    "invoices_none": Sample("invoices/index.html", InvoicesPage((), None, None, True), chrome("invoices.index")),
    "invoices_past_the_end": Sample(
        "invoices/index.html", InvoicesPage((), None, None, False), chrome("invoices.index")
    ),
    "invoices_rtl": Sample(
        "invoices/index.html", InvoicesPage(invoice_rows(4), None, "in_4", True), rtl("invoices.index")
    ),
    "invoices_part": Sample(
        "invoices/_list.html", InvoicesPage(invoice_rows(2), None, None, True), chrome("invoices.index"), is_part=True
    ),
    "invoice": Sample("invoices/show.html", INVOICE, chrome("invoices.index")),
    "invoice_open": Sample("invoices/show.html", OPEN_INVOICE, chrome("invoices.index")),
    "invoice_german": Sample(
        "invoices/show.html",
        replace(INVOICE, number="DDSG-2027-000000000001", facts=(*INVOICE.facts, SumRow(GERMAN, LONG_NAME))),
        german("invoices.index"),
    ),
    "pay": Sample("payments/new.html", PAY, chrome("invoices.index")),
    "pay_declined": Sample(
        "payments/new.html",
        replace(
            PAY,
            problem=Notice(
                "critical", "Your bank declined the payment", "No money moved. Try another card or ask your bank."
            ),
        ),
        chrome("invoices.index"),
    ),
    "pay_without_method": Sample("payments/new.html", replace(PAY, methods=(), rows=()), chrome("invoices.index")),
    "authentication": Sample("authentications/new.html", AUTHENTICATION, chrome("invoices.index")),
    "authentication_no_hosted_page": Sample(
        "authentications/new.html", replace(AUTHENTICATION, hosted_url=None), chrome("invoices.index")
    ),
    "methods": Sample(
        "payment_methods/index.html", PaymentMethodsPage(METHOD_ROWS, True, 2), chrome("payment_methods.index")
    ),
    "methods_done": Sample(
        "payment_methods/index.html",
        PaymentMethodsPage(
            METHOD_ROWS[:2],
            True,
            0,
            Notice("positive", "Visa •••• 4242 is saved and is now your default"),
            Notice("caution", "A card expires soon", "American Express •••• 0005 expires in March 2027."),
        ),
        chrome("payment_methods.index"),
    ),
    "methods_none": Sample(
        "payment_methods/index.html", PaymentMethodsPage((), True, 0), chrome("payment_methods.index")
    ),
    "new_method": Sample("payment_methods/new.html", NEW_METHOD, chrome("payment_methods.index")),
    "new_method_replaces": Sample(
        "payment_methods/new.html",
        replace(
            NEW_METHOD,
            title="Replace Visa •••• 4242",
            replaces=VISA,
            back="/invoices/in_1/payment",
            back_url="/billing/invoices/in_1/payment",
            offers_default=False,
        ),
        chrome("payment_methods.index"),
    ),
    "finish_method": Sample(
        "payment_methods/finish.html",
        FinishMethodPage("seti_1", "Your bank has confirmed. One step is left.", (("make_default", "on"),)),
        chrome("payment_methods.index"),
    ),
    "remove_method": Sample(
        "removals/new.html",
        RemoveMethodPage(VISA, ("It is not used for any plan.", "You can add it again at any time.")),
        chrome("payment_methods.index"),
    ),
    "pricing": Sample("pricing/index.html", PRICING, chrome()),
    "pricing_one_interval": Sample(
        "pricing/index.html", replace(PRICING, tabs=(), confirmation=DONE, plans=PRICING.plans[:1]), chrome()
    ),
    "pricing_none": Sample("pricing/index.html", PricingPage((), ()), chrome()),
    "pricing_hostile": Sample(
        "pricing/index.html",
        replace(
            PRICING,
            plans=(replace(PRICING.plans[0], name=HOSTILE, description=HOSTILE, features=(HOSTILE, LONG_NAME)),),
        ),
        chrome(),
    ),
    "piece_plans": Sample("pricing/index.html", PRICING, piece("plans"), is_part=True),
    "start": Sample("starts/new.html", START, chrome()),
    "start_without_method": Sample("starts/new.html", replace(START, methods=(), button="", quantity=None), chrome()),
    "start_whom_to_ask": Sample(
        "starts/new.html", replace(START, methods=(), button="", may_add_method=False), chrome()
    ),
    "start_seats_wrong": Sample(
        "starts/new.html",
        replace(START, button="", quantity=replace(SEATS, value=99, error="Choose between 1 and 50 seats.")),
        chrome(),
    ),
    "start_again_declined": Sample(
        "starts/new.html",
        replace(
            START,
            again="sub_9",
            carries_over=("As you had it before: the plan, the number, and how you pay.",),
            problem=Notice("critical", "Your bank declined the payment.", "Nothing was charged."),
        ),
        chrome(),
    ),
    "start_through_checkout": Sample(
        "starts/new.html",
        replace(START, methods=(), may_add_method=False, through_checkout=True, button="Continue to checkout"),
        chrome(),
    ),
    "checkout": Sample("checkouts/new.html", CheckoutPage("https://checkout.example/c/pay", "Pro", False), chrome()),
    "checkout_framed": Sample(
        "checkouts/new.html", CheckoutPage("https://checkout.example/c/pay", "Pro", True), chrome()
    ),
    "login_subscribed": Sample(
        "logins/new.html",
        LoginPage("ada@example.com", subscribed=True, notice=Notice("neutral", "You may have this plan already")),
        NOBODY,
    ),
    "plans": Sample("plans/index.html", replace(PLANS, preview=PREVIEW), chrome()),
    "plans_first": Sample(
        "plans/index.html",
        replace(PLANS, not_returnable="Starter is no longer sold. Once you leave it, you cannot return to it."),
        chrome(),
    ),
    "plans_seats_wrong": Sample(
        "plans/index.html",
        replace(PLANS, quantity=replace(SEATS, value=99, error="Choose between 1 and 50 seats.")),
        chrome(),
    ),
    "plans_changed": Sample(
        "plans/index.html",
        replace(
            PLANS,
            quantity=SEATS,
            preview=replace(
                PREVIEW,
                changed_notice=Notice(
                    "caution", "The sum has changed", "It was $13.40 and is now $13.38. Nothing was charged."
                ),
                sentences=("Tax is included.",),
            ),
            problem=None,
        ),
        chrome(),
    ),
    "plans_same": Sample("plans/index.html", replace(PLANS, preview_note="This is the plan you have."), chrome()),
    "plans_german": Sample(
        "plans/index.html",
        replace(
            PLANS,
            current_name=LONG_NAME,
            preview=replace(
                PREVIEW, plan_name=LONG_NAME, button="13,40 € bezahlen und zum Professional Workspace wechseln"
            ),
        ),
        german(),
    ),
    "plans_part": Sample("plans/_preview.html", replace(PLANS, preview=PREVIEW), chrome(), is_part=True),
    "cancel": Sample("cancellations/new.html", CANCEL, chrome()),
    "cancel_without_question": Sample("cancellations/new.html", replace(CANCEL, reasons=()), chrome()),
    "cancel_refused": Sample(
        "cancellations/new.html",
        replace(CANCEL, attention=Notice("caution", "Please choose a reason")),
        chrome(),
    ),
    "not_found": Sample(
        "problems/show.html",
        problem(
            404,
            "not_found",
            "This page is not here",
            "It may have moved, or it belongs to another account.",
            action_label="Go to the overview",
            action_route="overview.show",
        ),
        chrome(),
    ),
    "session_expired": Sample(
        "problems/show.html",
        problem(
            401,
            "session_expired",
            "Your billing session has ended",
            "For your safety it ends after a while. Open billing again from Tidewater.",
            leads_to_host=True,
        ),
        NOBODY,
    ),
    "stripe_unavailable": Sample(
        "problems/show.html",
        problem(
            503,
            "stripe_unavailable",
            "Our payment partner did not answer",
            "Please look again in a minute.",
            money="We cannot tell yet whether the payment went through. Look at your invoices before you try again.",
            action_label="See invoices",
            action_route="invoices.index",
            leads_to_host=True,
        ),
        chrome(),
    ),
    "problem_part": Sample(
        "problems/_alert.html",
        problem(503, "stripe_unavailable", "This did not load", "Please try again in a minute."),
        chrome(),
        is_part=True,
    ),
    **{
        name: Sample(template, page, chrome("details.show"), is_part)
        for name, (template, page, is_part) in detail_samples.samples(HOSTILE).items()
    },
    "hostile": Sample(
        "overview/show.html",
        replace(
            OVERVIEW,
            subscriptions=(
                replace(
                    MONTHLY,
                    name=HOSTILE,
                    description=HOSTILE,
                    sentences=(HOSTILE,),
                    method=replace(VISA, text=HOSTILE, text_spoken=HOSTILE),
                ),
            ),
            balance=HOSTILE,
        ),
        chrome(business_name=HOSTILE, account_label=HOSTILE),
    ),
    "hostile_invoices": Sample(
        "invoices/index.html",
        InvoicesPage(
            (
                InvoiceRow(
                    "in_1", HOSTILE, "12 March 2027", Badge("Paid", "positive"), "$29.00", HOSTILE, HOSTILE, True, True
                ),
            ),
            None,
            None,
            True,
        ),
        chrome("invoices.index", business_name=HOSTILE),
    ),
}

PAGES = {name: sample for name, sample in SAMPLES.items() if not sample.is_part}
