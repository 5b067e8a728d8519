"""What the host decides for each customer: changes, offers before leaving, links, a CAPTCHA. And that nobody waits long for it."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from portal_embed import Catalog, Hooks, LoginPage, Plan, Quantity
from portal_embed.config import (
    AllowedChanges,
    Challenge,
    CouponOffer,
    NavLink,
    PauseOffer,
    PlanOffer,
    TalkOffer,
    TrialOffer,
    calling,
)
from portal_embed.errors import ConfigError
from portal_embed.web import asked
from tests.serving import hosting, server

pytestmark = pytest.mark.feature(21)

DAY = 86_400


@pytest.fixture
def ada(world):
    return world.live("monthly", name="Ada Lovelace", email="ada@example.com")


@pytest.fixture
def hosted(world):
    """`hosted(offers=…)`: a host with these hooks."""
    running = []

    def start(**hooks):
        settings = {name: hooks.pop(name) for name in ("mail", "login_page", "catalog") if name in hooks}
        context = hosting(world, hooks=Hooks(**hooks), **settings)
        running.append(context)
        return context.__enter__()

    yield start
    for context in running:
        context.__exit__(None, None, None)


@pytest.fixture
def silence(monkeypatch):
    """A hook that never answers, and a portal with little patience."""
    monkeypatch.setattr(asked, "PATIENCE", 0.05)
    monkeypatch.setattr(asked, "FOR_LINKS", 0.05)
    monkeypatch.setattr(asked, "FOR_THE_CHALLENGE", 0.05)
    ended = threading.Event()
    yield lambda *_told: ended.wait(10)
    ended.set()


def broken(*_told):
    raise RuntimeError("the host's database is down")


def cancel(visitor, life, **said):
    page = visitor.get(f"/subscriptions/{life['subscription']}/cancellation")
    return visitor.submit(page.form("/cancellation"), **said)


def is_canceled(books, life):
    return books.api.subscriptions.retrieve(life["subscription"]).cancel_at is not None


@pytest.mark.feature(44)
class TestOffersBeforeLeaving:
    @pytest.fixture
    def coupon(self, books):
        return books.api.coupons.create(
            {"id": "STAY25", "percent_off": 25, "duration": "repeating", "duration_in_months": 3}
        )

    def test_by_reason_with_plain_leaving_beside_them(self, hosted, visit, ada, books, coupon):
        heard = []

        def offers(leaving):
            heard.append(leaving)
            if leaving.reason == "too_expensive":
                return [
                    CouponOffer("STAY25"),
                    PlanOffer("starter_monthly"),
                    TalkOffer("Talk to Grace", "/talk", "She knows every plan."),
                ]
            return []

        visitor = visit(ada["customer"], at=hosted(offers=offers), actor="user_42")
        page = cancel(visitor, ada, feedback="too_expensive", comment="Too much for us")
        assert page.title.startswith("Before you go")
        for words in ("Stay for 25% less", "$21.75", "Change to Starter instead", "$9.00 a month", "Talk to Grace"):
            assert words in page.text
        (leaving,) = heard
        assert (leaving.asker.customer, leaving.asker.actor) == (ada["customer"], "user_42")
        assert (leaving.plan.lookup_key, leaving.plan.quantity) == ("pro_monthly", 1)
        assert not is_canceled(books, ada)
        done = visitor.submit(page.form("/cancellation"))
        assert "Pro is canceled" in done.text
        details = books.api.subscriptions.retrieve(ada["subscription"]).cancellation_details
        assert (details.feedback, details.comment) == ("too_expensive", "Too much for us")

    def test_in_a_deep_link_there_is_a_way_back_to_the_host_too(self, hosted, visit, ada, coupon, books):
        flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": ada["subscription"]}}
        visitor = visit(ada["customer"], at=hosted(offers=lambda _leaving: [CouponOffer("STAY25")]), flow_data=flow)
        page = cancel(visitor, ada)
        assert page.title.startswith("Before you go")
        ends = books.subscription(ada["subscription"])["items"].data[0].current_period_end
        day = dt.datetime.fromtimestamp(ends, dt.UTC)
        assert f"You keep Pro until {day.day} {day:%B %Y}. Then it ends." in page.text
        assert page.link("Keep my plan").endswith("/account")
        assert not is_canceled(books, ada)

    def test_a_cheaper_plan_for_who_has_add_ons(self, hosted, visit, world):
        nina = world.live("add_ons")
        plans = [Plan(lookup_key="starter_monthly"), Plan(lookup_key="pro_monthly")]
        catalog = Catalog(plans, add_ons=[Plan(lookup_key="storage_monthly", quantity=Quantity(1, 5))])
        host = hosted(offers=lambda _leaving: [PlanOffer("starter_monthly")], catalog=catalog)
        visitor = visit(nina["customer"], at=host)
        page = cancel(visitor, nina)
        assert "Change to Starter instead $9.00 a month" in page.text
        chosen = visitor.get(page.link("See what it costs").partition("/billing")[2])
        assert "Storage pack" in chosen.text
        assert "Starter, $9.00 a month" in chosen.text

    def test_declined_ones_are_told(self, hosted, visit, ada, coupon):
        events = []
        host = hosted(offers=lambda _leaving: [CouponOffer("STAY25")], event=events.append)
        visitor = visit(ada["customer"], at=host)
        visitor.submit(cancel(visitor, ada).form("/cancellation"))
        server().run(host.portal._services.outbox.drain())
        assert [event.type for event in events if event.type != "portal.opened"] == [
            "offer.declined",
            "subscription.canceled",
        ]

    @pytest.mark.feature(43)
    def test_a_coupon_is_taken_once_however_often_it_is_clicked(self, hosted, visit, ada, books, coupon):
        visitor = visit(ada["customer"], at=hosted(offers=lambda _leaving: [CouponOffer("STAY25")]))
        form = cancel(visitor, ada).form("/retention")
        assert "You keep Pro" in visitor.submit(form).text
        assert "You keep Pro" in visitor.submit(form).text
        subscription = books.api.subscriptions.retrieve(ada["subscription"], {"expand": ["discounts"]})
        assert [discount.source.coupon for discount in subscription.discounts] == ["STAY25"]
        assert not is_canceled(books, ada)

    def test_nobody_takes_a_coupon_that_was_not_offered_to_them(self, hosted, visit, ada, books, coupon):
        books.api.coupons.create({"id": "FREE", "percent_off": 100, "duration": "forever"})
        visitor = visit(ada["customer"], at=hosted(offers=lambda _leaving: [CouponOffer("STAY25")]))
        form = cancel(visitor, ada).form("/retention")
        assert visitor.submit(form, offer="coupon:FREE").status == 403
        assert books.api.subscriptions.retrieve(ada["subscription"]).discounts == []

    def test_a_trial_goes_on(self, hosted, visit, world, books):
        clara = world.live("trialing")
        before = books.api.subscriptions.retrieve(clara["subscription"]).trial_end
        visitor = visit(clara["customer"], at=hosted(offers=lambda _leaving: [TrialOffer(7)]))
        form = cancel(visitor, clara).form("/retention")
        for _ in range(2):
            assert visitor.submit(form).status == 200
        after = books.api.subscriptions.retrieve(clara["subscription"])
        assert (after.trial_end, after.status) == (before + 7 * DAY, "trialing")

    @pytest.mark.parametrize(
        "offer",
        [
            CouponOffer("no_such"),
            PlanOffer("pro_monthly"),
            PlanOffer("no_such"),
            TrialOffer(7),
            TalkOffer("Talk", "javascript:alert(1)"),
            "a coupon",
        ],
    )
    def test_what_makes_no_sense_here_is_not_offered(self, hosted, visit, ada, books, offer):
        visitor = visit(ada["customer"], at=hosted(offers=lambda _leaving: [offer]))
        assert "Pro is canceled" in cancel(visitor, ada).text

    @pytest.mark.parametrize("answer", ["raises", "is silent", "is nonsense"])
    def test_a_hook_that_fails_keeps_nobody(self, hosted, visit, ada, books, silence, answer):
        hook = {"raises": broken, "is silent": silence, "is nonsense": lambda _leaving: 42}[answer]
        visitor = visit(ada["customer"], at=hosted(offers=hook))
        assert "Pro is canceled" in cancel(visitor, ada).text
        assert is_canceled(books, ada)

    @pytest.mark.parametrize(
        "answer",
        [
            lambda _leaving: [TalkOffer("Talk", None)],
            lambda _leaving: [TrialOffer("7")],
            lambda _leaving: [PauseOffer("7")],
            lambda _leaving: [PlanOffer(["x"])],
            lambda _leaving: [CouponOffer(7)],
        ],
    )
    def test_nor_does_one_wrong_word_in_it(self, hosted, visit, ada, books, answer):
        visitor = visit(ada["customer"], at=hosted(offers=answer))
        assert "Pro is canceled" in cancel(visitor, ada).text

    def test_a_pause_that_ends_by_itself(self, hosted, visit, ada, world, books):
        visitor = visit(ada["customer"], at=hosted(offers=lambda _leaving: [PauseOffer(2)]))
        page = cancel(visitor, ada)
        assert "Pause for 2 months" in page.text
        for _ in range(2):
            assert "Pro is paused" in visitor.submit(page.form("/retention")).text
        assert books.api.subscriptions.retrieve(ada["subscription"]).status == "paused"
        before = len(books.api.invoices.list({"customer": ada["customer"], "limit": 100}).data)
        world.move_clock(45 * DAY)
        assert len(books.api.invoices.list({"customer": ada["customer"], "limit": 100}).data) == before
        world.move_clock(20 * DAY)
        assert books.api.subscriptions.retrieve(ada["subscription"]).status == "active"

    def test_in_classic_billing_mode_nothing_is_collected_for_so_long(self, hosted, visit, world, books):
        old = world.live("monthly", billing_mode="classic")
        visitor = visit(old["customer"], at=hosted(offers=lambda _leaving: [PauseOffer(1)]))
        assert "Pro is paused" in visitor.submit(cancel(visitor, old).form("/retention")).text
        collection = books.api.subscriptions.retrieve(old["subscription"]).pause_collection
        assert collection.behavior == "void"
        assert 28 * DAY <= collection.resumes_at - world.now() <= 31 * DAY

    def test_no_pause_for_a_trial(self, hosted, visit, world, books):
        clara = world.live("trialing")
        visitor = visit(clara["customer"], at=hosted(offers=lambda _leaving: [PauseOffer(1)]))
        assert "is canceled" in cancel(visitor, clara).text

    def test_one_in_a_session_and_no_second(self, hosted, visit, world, books, coupon):
        clara = world.live("trialing")
        visitor = visit(clara["customer"], at=hosted(offers=lambda _leaving: [CouponOffer("STAY25"), TrialOffer(7)]))
        before = books.api.subscriptions.retrieve(clara["subscription"]).trial_end
        first, second = [form for form in cancel(visitor, clara).forms if form.action.endswith("/retention")]
        assert "You keep Pro" in visitor.submit(first).text
        assert visitor.submit(second).status == 409
        assert books.api.subscriptions.retrieve(clara["subscription"]).trial_end == before

    def test_the_hook_knows_what_there_is_already(self, hosted, visit, world, books, coupon):
        clara = world.live("trialing")
        books.api.subscriptions.update(clara["subscription"], {"discounts": [{"coupon": "STAY25"}]})
        heard = []
        cancel(visit(clara["customer"], at=hosted(offers=lambda leaving: heard.append(leaving) or [])), clara)
        trial_end = books.api.subscriptions.retrieve(clara["subscription"]).trial_end
        assert [(leaving.coupons, leaving.trial_end) for leaving in heard] == [(("STAY25",), trial_end)]

    def test_a_plan_that_the_host_does_not_allow_is_none_to_offer(self, hosted, visit, ada):
        host = hosted(
            offers=lambda _leaving: [PlanOffer("starter_monthly")],
            changes=lambda _asker, _plan: AllowedChanges(plans={"scale_monthly"}),
        )
        assert "Pro is canceled" in cancel(visit(ada["customer"], at=host), ada).text

    def test_a_team_reads_what_all_its_seats_cost(self, hosted, visit, world):
        team = world.live("monthly", price="scale_monthly", quantity=5)
        visitor = visit(team["customer"], at=hosted(offers=lambda _leaving: [PlanOffer("scale_yearly")]))
        assert "$150.00 a year × 5" in cancel(visitor, team).text

    def test_nobody_declines_what_was_not_offered(self, hosted, visit, ada):
        events = []
        host = hosted(event=events.append)
        cancel(visit(ada["customer"], at=host), ada, offered="yes")
        server().run(host.portal._services.outbox.drain())
        assert "offer.declined" not in [event.type for event in events]

    def test_in_a_deep_link_too(self, hosted, visit, ada, books, coupon):
        flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": ada["subscription"]}}
        visitor = visit(ada["customer"], at=hosted(offers=lambda _leaving: [CouponOffer("STAY25")]), flow_data=flow)
        page = visitor.submit(cancel(visitor, ada).form("/retention"))
        assert "You keep your plan" in page.text
        assert not is_canceled(books, ada)


class TestWhoMayChangeToWhat:
    def plans(self, visitor, life):
        return visitor.get(f"/subscriptions/{life['subscription']}/plan")

    def test_only_what_the_host_allows_and_the_plan_in_force(self, hosted, visit, ada):
        host = hosted(changes=lambda _asker, _plan: AllowedChanges(plans={"scale_monthly"}))
        visitor = visit(ada["customer"], at=host)
        page = self.plans(visitor, ada)
        assert "Scale" in page.text
        assert "$9.00" not in page.text
        starter = ada["prices"]["starter_monthly"]
        assert visitor.get(f"/subscriptions/{ada['subscription']}/plan?price={starter}").status == 404

    def test_the_hosts_word_where_nothing_may_be_changed(self, hosted, visit, ada):
        async def changes(asker, plan):
            assert (asker.customer, plan.price) == (ada["customer"], ada["prices"]["pro_monthly"])
            return AllowedChanges(refusal="You have a contract with us: call Grace at 020 7946 0000.")

        visitor = visit(ada["customer"], at=hosted(changes=changes))
        page = self.plans(visitor, ada)
        assert page.status == 409
        assert "call Grace at 020 7946 0000" in page.text
        for path in ("/", f"/subscriptions/{ada['subscription']}"):
            page = visitor.get(path)
            assert "call Grace at 020 7946 0000" in page.text
            assert not page.leads_to("/plan")

    def test_seats_in_use_are_the_least_there_are(self, hosted, visit, world, books):
        team = world.live("monthly", price="scale_monthly", quantity=5)
        catalog = Catalog([Plan(lookup_key="scale_monthly", quantity=Quantity(1, 50))])
        host = hosted(changes=lambda _asker, plan: AllowedChanges(quantity=Quantity(4, 8)), catalog=catalog)
        visitor = visit(team["customer"], at=host)
        page = visitor.get(f"/subscriptions/{team['subscription']}/plan?quantity=3")
        assert "Choose a number from 4 to 8." in page.text

        def confirmation():
            page = visitor.get(f"/subscriptions/{team['subscription']}/plan?quantity=4")
            return next(form for form in page.forms if form.method == "post")

        def quantity():
            return books.api.subscriptions.retrieve(team["subscription"])["items"].data[0].quantity

        visitor.submit(confirmation(), quantity="2")
        assert quantity() == 5
        visitor.submit(confirmation())
        assert quantity() == 4

    @pytest.mark.parametrize("fails", ["raises", "is silent"])
    def test_without_an_answer_nothing_is_changed_and_leaving_goes_on(self, hosted, visit, ada, books, silence, fails):
        visitor = visit(ada["customer"], at=hosted(changes={"raises": broken, "is silent": silence}[fails]))
        assert visitor.get("/").leads_to("/plan")
        page = self.plans(visitor, ada)
        assert page.status == 409
        assert "Plans cannot be changed at the moment" in page.text
        assert "Pro is canceled" in cancel(visitor, ada).text


class TestProvingOnceMore:
    def remove_card(self, visitor, life, books):
        other = books.api.payment_methods.attach("pm_card_mastercard", {"customer": life["customer"]})
        page = visitor.get(f"/payment-methods/{other.id}/removal")
        return visitor.submit(page.form("/removal")), other.id

    def is_there(self, books, life, method):
        return method in [found.id for found in books.api.customers.payment_methods.list(life["customer"]).data]

    @pytest.mark.feature(20)
    def test_leads_to_the_host_and_nothing_is_done_before(self, hosted, visit, ada, books):
        asked_of = []

        def step_up(asker, action):
            asked_of.append((asker.actor, action))
            return "/sign-in-again" if asker.actor == "user_42" else None

        host = hosted(step_up=step_up)
        page, method = self.remove_card(visit(ada["customer"], at=host, actor="user_42"), ada, books)
        assert page.status == 403
        assert ("/sign-in-again", "Confirm") in page.link_words
        assert self.is_there(books, ada, method)
        assert asked_of == [("user_42", "removals.create")]
        page, method = self.remove_card(visit(ada["customer"], at=host, actor="proven"), ada, books)
        assert not self.is_there(books, ada, method)

    @pytest.mark.parametrize("fails", ["raises", "is silent"])
    def test_without_an_answer_nothing_is_removed_but_who_leaves_leaves(
        self, hosted, visit, ada, books, silence, fails
    ):
        visitor = visit(ada["customer"], at=hosted(step_up={"raises": broken, "is silent": silence}[fails]))
        page, method = self.remove_card(visitor, ada, books)
        assert page.status == 409
        assert self.is_there(books, ada, method)
        assert "Pro is canceled" in cancel(visitor, ada).text

    def test_whatever_it_says_it_is_not_asked_about_leaving_and_paying(self, hosted, visit, world, ada, books):
        host = hosted(step_up=lambda *_asked: "/prove")
        bob = world.live("open_invoice", name="Bob", email="bob@example.com")
        visitor = visit(bob["customer"], at=host)
        visitor.submit(visitor.get(f"/invoices/{bob['invoice']}/payment").form("/payment"))
        assert books.api.invoices.retrieve(bob["invoice"]).status == "paid"
        assert "Pro is canceled" in cancel(visit(ada["customer"], at=host), ada).text

    def test_replacing_a_card_removes_one_too(self, hosted, visit, ada):
        visitor = visit(ada["customer"], at=hosted(step_up=lambda *_asked: "/prove"))
        replacing = next(form for form in visitor.get("/payment-methods").forms if "replaces" in form.fields)
        assert visitor.submit(replacing).status == 403
        adding = visitor.get("/payment-methods").forms[-2]
        assert "replaces" not in adding.fields
        assert visitor.submit(adding).status == 200

    def test_an_answer_that_leads_nowhere_is_none(self, hosted, visit, ada, books):
        page, method = self.remove_card(
            visit(ada["customer"], at=hosted(step_up=lambda *_asked: "prove-me")), ada, books
        )
        assert (page.status, self.is_there(books, ada, method)) == (409, True)

    @pytest.mark.parametrize("fails", ["raises", "is silent"])
    def test_nor_is_paying_blocked(self, hosted, visit, world, books, silence, fails):
        bob = world.live("open_invoice", name="Bob", email="bob@example.com")
        visitor = visit(bob["customer"], at=hosted(step_up={"raises": broken, "is silent": silence}[fails]))
        page = visitor.get(f"/invoices/{bob['invoice']}/payment")
        visitor.submit(page.form("/payment"))
        assert books.api.invoices.retrieve(bob["invoice"]).status == "paid"


class TestLinksInTheNavigation:
    def test_stand_after_ours(self, hosted, visit, ada):
        async def navigation(asker):
            return [NavLink("Usage", f"/usage/{asker.customer}"), NavLink("Bad", "javascript:alert(1)")]

        page = visit(ada["customer"], at=hosted(navigation=navigation)).get("/")
        assert (f"/usage/{ada['customer']}", "Usage") in page.link_words
        assert "javascript" not in page.html

    def test_one_wrong_word_in_it_leaves_the_page_as_it_is(self, hosted, visit, ada):
        visitor = visit(ada["customer"], at=hosted(navigation=lambda _asker: [NavLink("Usage", None)]))
        assert "$29.00 a month" in visitor.get("/").text

    @pytest.mark.parametrize("fails", ["raises", "is silent"])
    def test_are_not_waited_for(self, hosted, visit, ada, silence, fails):
        visitor = visit(ada["customer"], at=hosted(navigation={"raises": broken, "is silent": silence}[fails]))
        assert "$29.00 a month" in visitor.get("/").text


class TestAChallenge:
    @pytest.fixture
    def mails(self):
        return []

    @pytest.fixture
    def asking(self, hosted, mails):
        def start(verify):
            challenge = Challenge(
                script="https://captcha.example/api.js",
                markup='<div class="captcha" data-sitekey="10000"></div>',
                field="captcha-response",
                verify=verify,
            )
            return hosted(challenge=challenge, mail=mails.append, login_page=LoginPage(enabled=True))

        return start

    @pytest.mark.parametrize("path", ["/login", "/recover"])
    def test_stands_on_the_forms_that_anybody_may_send(self, asking, visit, ada, path):
        visitor = visit(at=asking(lambda _answer, _address: True))
        answer = visitor.ask("GET", path)
        assert 'data-sitekey="10000"' in answer.text
        policy = answer.headers["content-security-policy"]
        for directive in ("script-src", "frame-src"):
            assert "https://captcha.example" in next(part for part in policy.split("; ") if part.startswith(directive))

    def test_and_on_no_other_page(self, asking, visit, ada):
        answer = visit(ada["customer"], at=asking(lambda _answer, _address: True)).ask("GET", "/")
        assert "captcha" not in answer.text + answer.headers["content-security-policy"]

    @pytest.mark.parametrize("path", ["/login", "/recover"])
    @pytest.mark.parametrize("answer", ["", "wrong"])
    def test_without_a_good_answer_nobody_is_written_to(self, asking, visit, ada, mails, path, answer):
        host = asking(lambda said, _address: said == "right")
        visitor = visit(at=host)
        page = visitor.submit(visitor.get(path).form(path), email="ada@example.com", **{"captcha-response": answer})
        assert page.status == 422
        assert "show that you are a person" in page.text
        server().run(host.portal._services.outbox.drain())
        assert mails == []

    def test_with_one_the_code_is_sent(self, asking, visit, ada, mails):
        host = asking(lambda said, address: said == "right" and address == "127.0.0.1")
        visitor = visit(at=host)
        visitor.submit(visitor.get("/login").form("/login"), email="ada@example.com", **{"captcha-response": "right"})
        server().run(host.portal._services.outbox.drain())
        assert [mail.to for mail in mails] == ["ada@example.com"]

    @pytest.mark.parametrize("fails", ["raises", "is silent"])
    def test_a_provider_that_is_down_keeps_nobody_out(self, asking, visit, ada, mails, silence, fails):
        host = asking({"raises": broken, "is silent": silence}[fails])
        visitor = visit(at=host)
        visitor.submit(visitor.get("/login").form("/login"), email="ada@example.com", **{"captcha-response": "x"})
        server().run(host.portal._services.outbox.drain())
        assert len(mails) == 1

    def test_a_flood_opens_no_door(self, asking, visit, ada, mails, silence):
        visitor = visit(at=asking(silence))
        calling._under_way[id(silence)] = calling.MOST_AT_ONCE
        page = visitor.submit(
            visitor.get("/login").form("/login"), email="ada@example.com", **{"captcha-response": "x"}
        )
        del calling._under_way[id(silence)]
        assert (page.status, mails) == (422, [])

    def test_a_script_that_is_not_https_stops_the_start(self):
        with pytest.raises(ConfigError, match="must be an https address"):
            Challenge(script="http://captcha.example", markup="", field="x", verify=broken)


@pytest.mark.parametrize("hooks", [{"navigation": ["x"]}, {"offers": "x"}, {"step_up": 3}, {"challenge": object()}])
def test_what_cannot_be_called_stops_the_start(world, hooks):
    with pytest.raises(ConfigError, match="hooks"):
        hosting(world, hooks=Hooks(**hooks)).__enter__()
