"""What a customer comes for, done step by step, and the calls that each step made to Stripe."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal_embed import Features
from portal_embed.config import SubscriptionUpdate
from tests.pages.visitor import Form, Page, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx2 as httpx

    from portal_embed.sandbox import SandboxWorld
    from tests.serving import Host

REDIRECT = 303
CHANGE = ("plan preview", "change plan")
"""The errands that lead from the choice to the new plan."""


@dataclass(frozen=True)
class Calls:
    """Calls that one request of the browser made to Stripe. `waves`: how many of them had to wait for one another."""

    count: int
    waves: int
    slowest: float = 0.0
    """The longest of them, seconds."""


@dataclass(frozen=True)
class Errand:
    """`asked`: the calls of the request itself; `shown`: those of the page that an action leads to, None for a reading."""

    name: str
    asked: Calls
    shown: Calls | None = None


class Clerk:
    """One customer at the portal, with somebody beside them who counts.

    The sandbox must answer slowly enough for calls that are made together to overlap.
    """

    def __init__(self, world: SandboxWorld, host: Host, life: str) -> None:
        """`life` is a ready customer of the sandbox."""
        self.world = world
        self.made = world.live(life)
        self.visitor = Visitor(host).enter(host.link(self.made["customer"]))
        self.page: Page

    def read(self, name: str, path: str) -> Errand:
        """Open a page."""
        self.world.forget_requests()
        self.page = self.visitor.get(path)
        assert self.page.status == 200, f"{name}: {self.page.status} {self.page.text}"
        return Errand(name, calls_of(self.world.requests()))

    def act(self, name: str, form: Form, **typed: str) -> Errand:
        """Send a form of the page, then open the page that it leads to."""
        asked = self._send(form, typed)
        assert asked.status_code == REDIRECT, f"{name}: {asked.status_code} {Page(asked).text}"
        counted = calls_of(self.world.requests())
        shown = self.read(name, urllib.parse.urljoin(str(asked.url), asked.headers["location"]))
        return Errand(name, counted, shown.asked)

    def open_payment_page(self, name: str) -> Errand:
        """Open the page with the Payment Element, which is the answer to a POST."""
        answer = self._send(the_form(self.page, "/payment-methods/new", without="replaces"), {})
        assert answer.status_code == 200, f"{name}: {answer.status_code}"
        self.page = Page(answer)
        return Errand(name, calls_of(self.world.requests()))

    def confirm_in_browser(self) -> None:
        """What Stripe.js does with the card: between the browser and Stripe alone."""
        intent = self.page.form("/payment-methods").fields["setup_intent"]
        html = self.page.response.text
        secret = html.split('data-client-secret="', 1)[1].split('"', 1)[0]
        body = {"client_secret": secret, "payment_method": "pm_card_mastercard", "return_url": self.page.url}
        request = urllib.request.Request(
            f"{self.world.api_base}/v1/setup_intents/{intent}/confirm",
            urllib.parse.urlencode(body).encode(),
            {"Authorization": "Bearer pk_test_portal"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert json.load(answer)["status"] == "succeeded"

    def _send(self, form: Form, typed: dict[str, str]) -> httpx.Response:
        self.world.forget_requests()
        self.visitor.client.follow_redirects = False
        try:
            return self.visitor.send(form, **typed)
        finally:
            self.visitor.client.follow_redirects = True


def run_errands(world: SandboxWorld, host: Host) -> list[Errand]:
    """All of them once, with products and prices known already, as in a portal that has been up for a minute."""
    ada = Clerk(world, host, "monthly")
    subscription, invoice = ada.made["subscription"], ada.made["invoice"]
    plan = f"/subscriptions/{subscription}/plan"
    yearly = f"{plan}?price={ada.made['prices']['pro_yearly']}"
    for path in ("/", plan):
        ada.read("warming up", path)
    done = [
        ada.read("overview", "/"),
        ada.read("next charge", f"/subscriptions/{subscription}/next-charge"),
        ada.read("invoice list", "/invoices"),
        ada.read("one invoice", f"/invoices/{invoice}"),
        ada.read("payment methods", "/payment-methods"),
        ada.open_payment_page("add method: form"),
    ]
    ada.confirm_in_browser()
    done.append(ada.act("add method: save", ada.page.form("/payment-methods"), make_default="on", use_for_all="on"))
    done += [ada.read("plan page", plan), ada.read("plan preview", yearly)]
    done.append(ada.act("change plan", the_form(ada.page, "/plan", having="proration_date")))
    done.append(ada.read("cancel page", f"/subscriptions/{subscription}/cancellation"))
    done.append(ada.act("cancel", ada.page.form("/cancellation")))
    done.append(ada.act("keep after all", ada.page.form("/continuation")))
    ivy = Clerk(world, host, "open_invoice")
    done.append(ivy.read("pay page", f"/invoices/{ivy.made['invoice']}/payment"))
    done.append(ivy.act("pay", the_form(ivy.page, "/payment", having="amount")))
    for clerk in (ada, ivy):
        clerk.visitor.close()
    return done


OTHER_CHANGES = Features(
    subscription_update=SubscriptionUpdate(
        default_allowed_updates=("price", "quantity", "promotion_code"), takes_effect=("now", "at_period_end")
    )
)
"""What the other cases of a change need switched on."""


def run_other_changes(world: SandboxWorld, host: Host) -> dict[str, tuple[Calls, Calls]]:
    """Changes with more to them, with products and prices known: those of the preview and those of the click, by name."""
    cases = {
        "with a discount in force": ("discounted", ""),
        "with a code": ("discounted", "&promotion_code=AUTUMN10"),
        "at the period's end": ("monthly", "&takes_effect=at_period_end"),
    }
    found = {}
    for name, (life, more) in cases.items():
        clerk = Clerk(world, host, life)
        plan = f"/subscriptions/{clerk.made['subscription']}/plan"
        for path in ("/", plan):
            clerk.read("warming up", path)
        preview = clerk.read(name, f"{plan}?price={clerk.made['prices']['pro_yearly']}{more}")
        click = clerk.act(name, the_form(clerk.page, "/plan", having="proration_date"))
        found[name] = preview.asked, click.asked
        clerk.visitor.close()
    return found


def calls_of(log: Iterable[dict[str, Any]]) -> Calls:
    """Count, and find the longest chain of calls of which each began after the one before had ended."""
    calls = sorted(log, key=lambda call: call["ended"])
    waves, free = 0, float("-inf")
    for call in calls:
        if call["started"] >= free:
            waves, free = waves + 1, call["ended"]
    return Calls(len(calls), waves, max((call["ended"] - call["started"] for call in calls), default=0.0))


def the_form(page: Page, to: str, *, having: str = "_op", without: str = "") -> Form:
    """The one form to an address that has a field and lacks another: a page may have several to one address."""
    found = [f for f in page.forms if f.action.endswith(to) and having in f.fields and without not in f.fields]
    assert len(found) == 1, f"{len(found)} forms to {to} on {page.url}"
    return found[0]
