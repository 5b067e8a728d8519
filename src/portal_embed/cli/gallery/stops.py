"""Every page of the portal, with somebody on it for whom it looks the way it usually does, and the way that leads there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from portal_embed.cli.gallery.ways import (
    canada,
    canceled,
    card_form,
    changes_on_a_day,
    checkout,
    code,
    code_used,
    confirming,
    contact_saved,
    contact_wrong,
    declined,
    email_asked,
    email_link,
    finish,
    flow,
    flow_done,
    japan,
    login_link,
    login_wrong,
    managing,
    no_reason,
    offering,
    older,
    on_a_day,
    paid_ahead,
    recover,
    recovery,
    recovery_asked,
    removal,
    renewal,
    replace_form,
    stale_form,
    start_declined,
    stripe_fails,
    tax_id_wrong,
    types,
    unconfirmed,
    wrong_code,
)
from portal_embed.config import (
    CancellationReason,
    Catalog,
    Features,
    Hooks,
    LoginPage,
    PauseDuration,
    PauseInterval,
    Plan,
    Quantity,
    SubscriptionCancel,
    SubscriptionCreate,
    SubscriptionPause,
    SubscriptionPrepay,
    SubscriptionUpdate,
)
from portal_embed.config.deciding import PlanOffer, TalkOffer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from portal_embed.cli.gallery.ways import Life, Way


@dataclass(frozen=True)
class Stop:
    """One page. `life`: somebody's history; `path`, made of the life's ids, or `go` leads there from the overview.

    `template`: what the page is rendered with. `session`: keywords of `create_session`, made of the life. `changes`: the way
    there can be gone once only. `settings`: of the portal, where it takes others to look like this. `is_still`: the page
    leaves by itself and is shown without its scripts. `mail`: not the page is shown but the mail of this kind that it sends,
    as text where `as_text`.
    """

    name: str
    template: str
    life: str
    path: str = "/"
    go: Way | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    session: Callable[[Life], dict[str, Any]] | None = None
    is_signed_in: bool = True
    changes: bool = False
    is_still: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    mail: str = ""
    as_text: bool = False


NOT_SHOWN = {
    "cancellations/previewed.swaps.html": "the answer to another moment: parts of cancellations/new.html, which are shown",
    "starts/previewed.swaps.html": "the answer to another number or code: parts of starts/new.html, which are shown",
    "plans/previewed.swaps.html": "the answer to a choice of plan: plans/_preview.html and shared/_quantity.html, which are shown",
    "problems/_alert.html": "stands on any page for the moment in which a part of it cannot be loaded",
    "pieces/attention.html": "a piece of a page of yours: the notices of the overview",
    "pieces/plan.html": "a piece of a page of yours: the plans of the overview",
    "pieces/upcoming.html": "a piece of a page of yours: the next charge of each plan",
    "layouts/piece.html": "stands around every page that is a piece of a page of yours",
    "layouts/inside.html": "stands around every page inside a layout of yours",
    "standings/_later.html": "stands on the page of a problem where nobody knows what came of a click",
    "outcomes/_settled.html": "stands for the moment in which the page around it is read anew",
    "overview/_next_charge.html": "arrives on the overview a moment after the page, where you see it",
}
"""Templates that no page here is rendered with, and why."""

_OVERVIEW, _INVOICES, _INVOICE, _PAY = (
    "overview/show.html",
    "invoices/index.html",
    "invoices/show.html",
    "payments/new.html",
)
_METHODS, _NEW_METHOD, _DETAILS, _EDIT = (
    "payment_methods/index.html",
    "payment_methods/new.html",
    "details/show.html",
    "details/edit.html",
)
_PAUSE, _RESUME = "pauses/new.html", "resumptions/new.html"
_TAX_ID, _PLANS, _CANCEL, _CODE = "tax_ids/new.html", "plans/index.html", "cancellations/new.html", "logins/code.html"
_LOGIN, _ASK, _PROBLEM, _DONE = "logins/new.html", "recoveries/ask.html", "problems/show.html", "flows/done.html"
_PLAN, _END, _NEXT, _STOP, _GO_ON = (
    f"/subscriptions/{{subscription}}/{page}" for page in ("plan", "cancellation", "next-charge", "pause", "resumption")
)
_LENGTHS = PauseDuration(type="indefinite", interval_options=(PauseInterval(), PauseInterval(interval_count=2)))
_PAUSING = {"features": Features(subscription_pause=SubscriptionPause(enabled=True, duration=_LENGTHS))}
_ONE, _SUB = "subscriptions/show.html", "/subscriptions/{subscription}"
_AHEAD = "prepayments/new.html"
_PREPAY = {"features": Features(subscription_prepay=SubscriptionPrepay(enabled=True))}
_TALK = TalkOffer("Talk to us", "https://example.com/talk", "We may find another way.")
_STAY = {"hooks": Hooks(offers=lambda _leaving: [PlanOffer("starter_monthly"), _TALK])}
_CODES = {
    "features": Features(
        subscription_update=SubscriptionUpdate(default_allowed_updates=("price", "quantity", "promotion_code"))
    )
}
_ADD_ONS = {
    "catalog": Catalog(
        [Plan(lookup_key="pro_monthly"), Plan(lookup_key="scale_monthly")],
        add_ons=[Plan(lookup_key="storage_monthly", quantity=Quantity(1, 9))],
    )
}
_LATER = {
    "features": Features(subscription_update=SubscriptionUpdate(schedule_at_period_end=("decreasing_item_amount",)))
}
_WHEN = {"features": Features(subscription_update=SubscriptionUpdate(takes_effect=("now", "at_period_end", "on_date")))}
_DEARER = _PLAN + "?price={prices[scale_monthly]}&quantity=5"
_PROMO = "promotion_codes/new.html"
_CHOOSING = SubscriptionCancel(choices=("at_period_end", "on_date", "immediately"))
_ANY_TIME = {"features": Features(subscription_cancel=_CHOOSING)}
_REASON = CancellationReason(required=True)
_DEMANDING = {"features": Features(subscription_cancel=SubscriptionCancel(cancellation_reason=_REASON))}
_PRICING, _START, _START_AT = "pricing/index.html", "starts/new.html", "/plans/{prices[pro_monthly]}/start"
_STARTS = {"features": Features(subscription_create=SubscriptionCreate(enabled=True))}
_START_CODES = {"features": Features(subscription_create=SubscriptionCreate(enabled=True, allow_promotion_codes=True))}
_CHECKOUT = {"features": Features(subscription_create=SubscriptionCreate(enabled=True, through="checkout"))}
_TRIALS = {
    **_STARTS,
    "catalog": Catalog(
        [
            *(Plan(lookup_key="starter_monthly"), Plan(lookup_key="pro_monthly", trial_days=14)),
            *(Plan(lookup_key="scale_monthly", quantity=Quantity(1, 50)), Plan(lookup_key="pro_yearly")),
        ]
    ),
}
_LIN = {"name": "Lin Login", "email": "lin@example.com"}

SECTIONS: dict[str, tuple[Stop, ...]] = {
    "Overview": (
        Stop("active", _OVERVIEW, "monthly"),
        Stop("past due", _OVERVIEW, "past_due"),
        Stop("bank asks", _OVERVIEW, "3ds_renewal"),
        Stop("trial", _OVERVIEW, "trialing"),
        Stop("ending", _OVERVIEW, "canceling"),
        Stop("just canceled", _OVERVIEW, "monthly", go=canceled, changes=True),
        Stop("two subscriptions", _OVERVIEW, "two_subscriptions"),
        Stop("long names", _OVERVIEW, "long_name"),
        Stop("ended", _OVERVIEW, "ended"),
        Stop("empty", _OVERVIEW, "new"),
        Stop("empty, with plans to start", _OVERVIEW, "new", settings=_STARTS),
        Stop("ended, to start again", _OVERVIEW, "ended", settings=_STARTS),
        Stop("waits for its first payment", _OVERVIEW, "incomplete", settings=_STARTS),
        Stop("without a way back", _OVERVIEW, "monthly", settings={"return_url": None}),
        Stop("read-only", _OVERVIEW, "monthly", session=lambda _life: {"scopes": "view"}),
        Stop("on its way", _OVERVIEW, "debited"),
        Stop("next charge", "next_charges/show.html", "monthly", _NEXT),
        Stop("next charge, reverse charge", "next_charges/show.html", "reverse_charge", _NEXT),
        Stop("next charge, several rows", "next_charges/show.html", "two_subscriptions", _NEXT.replace("{", "{second_")),
    ),
    "One plan": (
        Stop("usual", _ONE, "monthly", _SUB),
        Stop("by use, in tiers", _ONE, "metered", _SUB),
        Stop("by use, one tier for all", _ONE, "metered", _SUB, options={"tiers_mode": "volume"}),
        Stop("several parts", _ONE, "several_items", _SUB),
        Stop("past due", _ONE, "past_due", _SUB),
        Stop("trial", _ONE, "trialing", _SUB),
        Stop("ending", _ONE, "canceling", _SUB),
        Stop("planned", _ONE, "planned", _SUB),
        Stop("waits for its payment", _ONE, "waiting", _SUB),
        Stop("on its way", _ONE, "debited", _SUB),
        Stop("long names", _ONE, "long_name", _SUB),
        Stop("ended", _ONE, "ended", _SUB),
        Stop("all that ended", "subscriptions/ended.html", "ended", "/subscriptions/ended"),
    ),
    "Invoices": (
        Stop("list", _INVOICES, "monthly", "/invoices"),
        Stop("list, open and overdue", _INVOICES, "open_invoice", "/invoices", options={"overdue": True}),
        Stop("list, second page", _INVOICES, "many_invoices", go=older, options={"count": 60}),
        Stop("list, empty", _INVOICES, "new", "/invoices"),
        Stop("paid", _INVOICE, "monthly", "/invoices/{invoice}"),
        Stop("open", _INVOICE, "past_due", "/invoices/{invoice}"),
        Stop("sent by hand", _INVOICE, "open_invoice", "/invoices/{invoice}", options={"overdue": True}),
        Stop("refunded", _INVOICE, "refunded", "/invoices/{invoice}"),
        Stop("credited", _INVOICE, "credited", "/invoices/{invoice}"),
        Stop("bank asks", _INVOICE, "3ds_renewal", "/invoices/{invoice}"),
    ),
    "Paying": (
        Stop("pay", _PAY, "open_invoice", "/invoices/{invoice}/payment", options={"overdue": True}),
        Stop("pay, no method", _PAY, "open_invoice", "/invoices/{invoice}/payment", options={"card": None}),
        Stop("declined", _PAY, "past_due", go=declined),
        Stop("bank asks", "authentications/new.html", "3ds_renewal", go=declined),
        Stop("not confirmed", _PAY, "3ds_renewal", go=unconfirmed),
    ),
    "Payment methods": (
        Stop("every type", _METHODS, "every_method", "/payment-methods"),
        Stop("two in use", _METHODS, "two_subscriptions", "/payment-methods"),
        Stop("empty", _METHODS, "new", "/payment-methods"),
        Stop("add", _NEW_METHOD, "monthly", go=card_form),
        Stop("replace", _NEW_METHOD, "monthly", go=replace_form),
        Stop("back from the bank", "payment_methods/finish.html", "monthly", go=finish, is_still=True),
        Stop("remove", "removals/new.html", "monthly", go=removal),
    ),
    "Details": (
        Stop("a business", _DETAILS, "business", "/details"),
        Stop("empty", _DETAILS, "new", "/details"),
        Stop("just saved", _DETAILS, "business", go=contact_saved),
        Stop("without mail", _DETAILS, "business", "/details", settings={"mail": None, "login_page": LoginPage()}),
        Stop("contact", _EDIT, "business", "/details/contact"),
        Stop("contact, with errors", _EDIT, "business", go=contact_wrong),
        Stop("billing address", _EDIT, "business", "/details/billing-address"),
        Stop("billing address, Japan", _EDIT, "business", go=japan),
        Stop("shipping address", _EDIT, "business", "/details/shipping-address"),
        Stop("invoice fields", _EDIT, "business", "/details/invoice-fields"),
        Stop("email", _EDIT, "business", "/details/email"),
        Stop("email, asked", _DETAILS, "business", go=email_asked),
        Stop("email, the link", "email_changes/show.html", "business", go=email_link),
        Stop("email, a dead link", "email_changes/show.html", "new", "/email-change?token=old", is_signed_in=False),
        Stop("tax ID", _TAX_ID, "business", "/details/tax-ids/new"),
        Stop("tax ID, several kinds", _TAX_ID, "business", go=canada),
        Stop("tax ID, with errors", _TAX_ID, "business", go=tax_id_wrong),
        Stop("tax ID, remove", "tax_ids/removal.html", "business", "/details/tax-ids/{tax_id}/removal"),
    ),
    "Plans": (
        Stop("choose", _PLANS, "monthly", _PLAN),
        Stop("preview", _PLANS, "monthly", _PLAN + "?price={prices[pro_yearly]}"),
        Stop("quantity", _PLANS, "monthly", _PLAN + "?price={prices[scale_monthly]}&quantity=5"),
        Stop("several parts, by use", _PLANS, "several_items", _PLAN + "?price={prices[starter_monthly]}"),
        Stop("add-ons", _PLANS, "add_ons", _PLAN + "?add_on.{prices[storage_monthly]}=5", settings=_ADD_ONS),
        Stop("planned", _PLANS, "planned", _PLAN),
        Stop("waits for its day", _PLANS, "monthly", _PLAN + "?price={prices[starter_monthly]}", settings=_LATER),
        Stop("when, with errors", _PLANS, "monthly", _DEARER + "&takes_effect=on_date&takes_effect_on=2026-01-01", settings=_WHEN),
        Stop("on a day", _PLANS, "monthly", go=changes_on_a_day, settings=_WHEN),
        Stop("with a code", _PLANS, "discounted", _PLAN + "?price={prices[pro_yearly]}&promotion_code=AUTUMN10", settings=_CODES),
        Stop("quantity, with errors", _PLANS, "monthly", _PLAN + "?price={prices[scale_monthly]}&quantity=99"),
        Stop("no longer offered", _PLANS, "long_name", _PLAN),
        Stop("discount in force", _OVERVIEW, "discounted", settings=_CODES),
        Stop("promotion code", _PROMO, "discounted", "/subscriptions/{subscription}/promotion-code", settings=_CODES),
        Stop("promotion code, found", _PROMO, "discounted", go=types("AUTUMN10"), settings=_CODES),
        Stop("promotion code, wrong", _PROMO, "discounted", go=types("SUMMER99"), settings=_CODES),
        Stop("promotion code, used", _OVERVIEW, "discounted", go=code_used, changes=True, settings=_CODES),
        Stop("remove discount", "promotion_codes/removal.html", "discounted", "/discounts/{discount}/removal", settings=_CODES),
        Stop("cancel", _CANCEL, "monthly", _END),
        Stop("before leaving", "cancellations/offers.html", "monthly", go=canceled, settings=_STAY),
        Stop("cancel, past due", _CANCEL, "past_due", _END),
        Stop("cancel, any time", _CANCEL, "monthly", _END, settings=_ANY_TIME),
        Stop("cancel, on a day", _CANCEL, "monthly", go=on_a_day, settings=_ANY_TIME),
        Stop("cancel, with errors", _CANCEL, "monthly", go=no_reason, settings=_DEMANDING),
        Stop("another end", _CANCEL, "canceling", _END, settings=_ANY_TIME),
        Stop("pay ahead", _AHEAD, "monthly", "/subscriptions/{subscription}/prepayment", settings=_PREPAY),
        Stop("pay ahead, chosen", _AHEAD, "monthly", "/subscriptions/{subscription}/prepayment?periods=6", settings=_PREPAY),
        Stop("paid ahead", _OVERVIEW, "monthly", go=paid_ahead, changes=True, settings=_PREPAY),
        Stop("pause", _PAUSE, "monthly", _STOP, settings=_PAUSING),
        Stop("pause, classic", _PAUSE, "monthly", _STOP, options={"billing_mode": "classic"}, settings=_PAUSING),
        Stop("paused", _OVERVIEW, "paused"),
        Stop("bills not collected", _OVERVIEW, "paused", options={"months": 1, "billing_mode": "classic"}),
        Stop("resume", _RESUME, "paused", _GO_ON),
        Stop("resume, no method", _RESUME, "paused", _GO_ON, options={"card": None}),
        Stop("resume, classic", _RESUME, "paused", _GO_ON, options={"months": None, "billing_mode": "classic"}),
    ),
    "Starting a plan": (
        Stop("plans on sale", _PRICING, "new", "/plans", settings=_TRIALS),
        Stop("plans, of who has one", _PRICING, "monthly", "/plans", settings=_STARTS),
        Stop("start", _START, "ended", _START_AT, settings=_STARTS),
        Stop("start, seats", _START, "ended", "/plans/{prices[scale_monthly]}/start?quantity=5", settings=_STARTS),
        Stop("start, with a code", _START, "ended", _START_AT + "?promotion_code=AUTUMN10", settings=_START_CODES),
        Stop("start, a wrong code", _START, "ended", _START_AT + "?promotion_code=SUMMER99", settings=_START_CODES),
        Stop("start, a trial", _START, "new", _START_AT, settings=_TRIALS),
        Stop("start, no method", _START, "new", _START_AT, settings=_STARTS),
        Stop("start, declined", _START, "incomplete", go=start_declined, settings=_STARTS),
        Stop("start again", _START, "ended", "/subscriptions/{subscription}/restart", settings=_STARTS),
        Stop("start through Checkout", _START, "new", _START_AT, settings=_CHECKOUT),
        Stop("to Checkout", "checkouts/new.html", "new", go=checkout, settings=_CHECKOUT, is_still=True),
    ),
    "Deep links": (
        Stop("details", _DETAILS, "business", "", session=flow("customer_update")),
        Stop("payment method", "flows/start.html", "monthly", "", session=flow("payment_method_update")),
        Stop("plan", _PLANS, "monthly", "", session=flow("subscription_update")),
        Stop("confirm a plan", "flows/confirm.html", "monthly", "", session=confirming),
        Stop("cancel, with an offer", _CANCEL, "monthly", "", session=offering),
        Stop("done", _DONE, "monthly", go=flow_done, session=flow("subscription_cancel"), changes=True),
        Stop("switch accounts", "customers/index.html", "monthly", "/customers", session=managing),
    ),
    "Signing in": (
        Stop("login", _LOGIN, "new", "/login?prefilled_email=lin%40example.com", is_signed_in=False),
        Stop("login, with errors", _LOGIN, "new", go=login_wrong, is_signed_in=False),
        Stop("code", _CODE, "monthly", go=code, options=_LIN, is_signed_in=False),
        Stop("code, wrong", _CODE, "monthly", go=wrong_code, options=_LIN, is_signed_in=False),
        Stop("login, the link", "logins/link.html", "monthly", go=login_link, options=_LIN, is_signed_in=False),
        Stop("a new link", "logins/renewal.html", "monthly", go=renewal, is_signed_in=False),
    ),
    "Unpaid bills": (
        Stop("ask", _ASK, "past_due", "/recover", is_signed_in=False),
        Stop("asked", _ASK, "past_due", go=recovery_asked, is_signed_in=False),
        Stop("the link", "recoveries/open.html", "past_due", go=recover, is_signed_in=False),
        Stop("what is owed", "recoveries/show.html", "past_due", go=recovery, is_signed_in=False),
    ),
    "Problems": (
        Stop("not found", _PROBLEM, "monthly", "/invoices/in_nobodys"),
        Stop("not allowed", _PROBLEM, "monthly", "/payment-methods/{payment_method}/removal"),
        Stop("a stale form", _PROBLEM, "monthly", go=stale_form),
        Stop("Stripe fails", _PROBLEM, "monthly", go=stripe_fails, options={"days": 10}, changes=True),
        Stop("session over", _PROBLEM, "new", "/expired", is_signed_in=False),
        Stop("link used", _PROBLEM, "new", "/enter?token=used", is_signed_in=False),
    ),
    "Mails": (
        Stop("code", "mail/letter.html", "monthly", go=code, options=_LIN, is_signed_in=False, mail="login_code"),
        Stop("canceled", "mail/letter.html", "monthly", go=canceled, changes=True, mail="canceled"),
        Stop("canceled, as text", "mail/letter.txt", "monthly", go=canceled, changes=True, mail="canceled", as_text=True),
        Stop("unpaid", "mail/letter.html", "past_due", go=recovery_asked, is_signed_in=False, mail="recovery"),
    ),
}  # fmt: skip


def slug(section: str, stop: Stop) -> str:
    """A stop in an address: "plans-quantity-with-errors"."""
    return "-".join(f"{section} {stop.name}".replace(",", "").lower().split())


STOPS: dict[str, Stop] = {slug(section, stop): stop for section, stops in SECTIONS.items() for stop in stops}
