"""Deep links: a session that does one thing to one object, and nothing else."""

from __future__ import annotations

import re

import pytest

from portal_embed import Catalog, Configuration, Features, Plan
from portal_embed.config import PaymentMethodUpdate, SubscriptionCancel, SubscriptionUpdate
from portal_embed.pages.routes import _PAGES
from tests.pages.deeds import client_secret, finish_form
from tests.pages.test_every_page import EVERY_FIELD
from tests.serving import hosting

pytestmark = pytest.mark.feature(8)

KINDS = (
    "customer_update",
    "payment_method_update",
    "subscription_cancel",
    "subscription_update",
    "subscription_update_confirm",
)
CARD = {"payment_methods.new", "payment_methods.create", "payment_methods.return"}
OWN = {
    "customer_update": {"details", "contacts", "email_changes", "billing_addresses", "shipping_addresses"}
    | {"shipping_removals", "invoice_fields", "tax_ids", "tax_id_removals"},
    "payment_method_update": CARD | {"payment_methods.outside"},
    "subscription_cancel": {"cancellations", "retentions"},
    "subscription_update": {
        "plans",
        "plan_changes",
        "withdrawals",
        "authentications",
        "scheduled_changes",
        "continuations",
    }
    | CARD,
    "subscription_update_confirm": {"plan_changes", "withdrawals", "authentications", "continuations"} | CARD,
}


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10)


def flow(kind, life, after=None, **detail):
    data = {"type": kind}
    if kind.startswith("subscription"):
        data[kind] = {"subscription": life["subscription"], **detail}
    return {**data, **({"after_completion": after} if after else {})}


def confirming(life, books, price="pro_yearly", **more):
    item = books.subscription(life["subscription"])["items"].data[0].id
    return {"items": [{"id": item, "price": life["prices"][price], **more}]}


@pytest.fixture
def flow_of(ada, books):
    def made(kind, after=None, **detail):
        if kind == "subscription_update_confirm" and "items" not in detail:
            detail = {**confirming(ada, books), **detail}
        return flow(kind, ada, after, **detail)

    return made


@pytest.fixture
def enter(visit, ada, flow_of):
    def entered(kind, after=None, *, at=None, session=None, **detail):
        return visit(
            ada["customer"], at=at, flow_data=flow_of(kind, after, **detail), return_url="/account", **(session or {})
        )

    return entered


class TestOneThingAndNothingElse:
    @pytest.mark.parametrize("kind", KINDS)
    def test_the_link_leads_straight_to_it(self, enter, kind):
        page = enter(kind).get("/flow")
        assert page.status == 200
        assert page.title.split(" · ")[0] in {
            *("Details", "Add a payment method", "Cancel Pro", "Change plan", "Confirm the change")
        }

    @pytest.mark.parametrize("kind", KINDS)
    def test_there_is_no_navigation_and_the_way_back_at_any_time(self, enter, kind):
        page = enter(kind).get("/flow")
        assert "/account" in page.links
        for place in ("/billing/", "/invoices", "/payment-methods", "/customers"):
            assert not page.leads_to(place), place

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_other_page_and_action_is_not_found(self, enter, ada, world, kind):
        browser = enter(kind)
        csrf = browser.get("/flow").form("/session/end").fields["_csrf"]
        ids = {
            "invoice": ada["invoice"] if ada.get("invoice") else "in_1Missing",
            "subscription": ada["subscription"],
            "method": ada["payment_method"],
            "credit_note": "cn_1Missing",
            "tax_id": "txi_1Missing",
            "price": "price_1Missing",
            "discount": "di_1Missing",
        }
        world.forget_requests()
        for name, method, pattern, *_ in _PAGES:
            if name in OWN[kind] or name.split(".")[0] in OWN[kind]:
                continue
            path = re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], pattern)
            fields = {"_csrf": csrf, **EVERY_FIELD}
            options = {"data": fields, "headers": browser.own} if method == "POST" else {}
            assert browser.ask(method, path, **options).status_code == 404, name
        assert world.requests() == []

    @pytest.mark.parametrize("kind", ["subscription_cancel", "subscription_update"])
    def test_nor_is_the_same_thing_done_to_another_object(self, visit, world, books, kind):
        erin = world.live("two_subscriptions")
        both = books.api.subscriptions.list({"customer": erin["customer"]}).data
        (other,) = (subscription.id for subscription in both if subscription.id != erin["subscription"])
        browser = visit(erin["customer"], flow_data=flow(kind, erin))
        page = {"subscription_cancel": "cancellation", "subscription_update": "plan"}[kind]
        assert browser.get(f"/subscriptions/{erin['subscription']}/{page}").status == 200
        assert browser.get(f"/subscriptions/{other}/{page}").status == 404

    @pytest.mark.parametrize("kind", ["subscription_cancel", "subscription_update"])
    def test_a_stranger_s_subscription_is_not_found(self, visit, ada, world, kind):
        mallory = world.life("monthly", name="Mallory")
        assert visit(mallory, flow_data=flow(kind, ada)).get("/flow").status == 404

    def test_an_ordinary_session_has_no_flow(self, visit, ada):
        browser = visit(ada["customer"])
        assert browser.get("/flow").status == 404
        assert browser.get("/flow/done?done=canceled").status == 404

    @pytest.mark.parametrize(
        ("kind", "features"),
        [
            ("subscription_cancel", Features(subscription_cancel=SubscriptionCancel(enabled=False))),
            ("subscription_update", Features(subscription_update=SubscriptionUpdate(enabled=False))),
            ("subscription_pause", Features()),
            ("payment_method_update", Features(payment_method_update=PaymentMethodUpdate(enabled=False))),
        ],
    )
    def test_what_is_switched_off_is_not_done_by_a_link_either(self, world, enter, kind, features):
        with hosting(world, configurations={"off": Configuration(features=features)}) as host:
            page = enter(kind, at=host, session={"configuration": "off"}).get("/flow")
        assert page.status == 409
        assert "not offered here" in page.text

    def test_a_read_only_session_cannot_do_it(self, enter):
        page = enter("subscription_cancel", session={"scopes": "view"}).get("/flow")
        assert page.status == 403


def cancel(browser):
    return browser.submit(browser.get("/flow").form("/cancellation"))


REDIRECT = {"type": "redirect", "redirect": {"return_url": "/account?canceled=1"}}
HOME = {"type": "portal_homepage"}
THANKS = {
    "type": "hosted_confirmation",
    "hosted_confirmation": {"custom_message": "We are <b>sorry</b> to see you go."},
}


class TestAfterwards:
    pytestmark = pytest.mark.feature(9)

    def test_a_page_says_what_was_done_and_leads_back(self, enter):
        page = cancel(enter("subscription_cancel"))
        assert page.url.split("?")[0].endswith("/flow/done")
        assert "Pro is canceled" in page.text
        assert "Keep my plan" not in page.text
        assert page.link("Back to Acme") == "/account"

    @pytest.mark.feature(10)
    def test_with_the_host_s_own_words(self, enter):
        page = cancel(enter("subscription_cancel", THANKS))
        assert "We are <b>sorry</b> to see you go." in page.text
        assert "<b>sorry" not in page.html

    def test_it_may_be_loaded_again(self, enter):
        browser = enter("subscription_cancel")
        assert "Pro is canceled" in browser.get(cancel(browser).url).text

    def test_the_flow_itself_then_says_that_it_is_done(self, enter):
        browser = enter("subscription_cancel")
        cancel(browser)
        assert "Pro is canceled" in browser.get("/flow").text

    def test_nothing_is_said_of_what_was_not_done(self, enter, ada):
        page = enter("subscription_cancel").get(f"/flow/done?done=canceled&of={ada['subscription']}")
        assert "is canceled" not in page.text
        assert page.title.startswith("Cancel Pro")

    @pytest.mark.feature(11)
    def test_a_redirect_leads_on_by_itself_and_by_a_link(self, enter):
        page = cancel(enter("subscription_cancel", REDIRECT))
        assert ("meta", "content", "0; url=/account?canceled=1") in page.attributes
        assert page.link("Continue") == "/account?canceled=1"

    def test_htmx_is_told_to_go_there(self, enter, ada):
        browser = enter("subscription_cancel", REDIRECT)
        done = cancel(browser).url
        answer = browser.ask("GET", done, headers={"HX-Request": "true"})
        assert answer.headers["hx-redirect"] == "/account?canceled=1"

    def test_the_homepage_is_the_whole_portal(self, enter):
        browser = enter("subscription_cancel", HOME)
        page = cancel(browser)
        assert page.title.startswith("Overview")
        assert "Pro is canceled" in page.text
        assert browser.get("/invoices").status == 200
        assert browser.get("/flow").status == 404


class TestPaymentMethod:
    def test_a_card_is_added_and_becomes_the_default(self, enter, books, ada):
        browser = enter("payment_method_update")
        page = browser.submit(browser.get("/flow").form("/payment-methods/new"))
        books.confirm_setup(client_secret(page), "pm_card_mastercard")
        page = browser.submit(finish_form(page))
        assert "Mastercard •••• 4444 was added" in page.text
        assert books.default_of(ada["customer"]) != ada["payment_method"]

    def test_the_page_with_the_card_leads_back_to_the_flow_only(self, enter):
        browser = enter("payment_method_update")
        page = browser.submit(browser.get("/flow").form("/payment-methods/new"))
        assert page.leads_to("/flow")
        assert not page.leads_to("/payment-methods/")

    def test_what_the_bank_did_not_confirm_is_said_and_can_be_tried_again(self, enter, books):
        browser = enter("payment_method_update")
        page = browser.submit(browser.get("/flow").form("/payment-methods/new"))
        intent = client_secret(page).split("_secret_")[0]
        page = browser.get(f"/payment-methods/return?setup_intent={intent}")
        assert "was not saved" in page.text
        assert page.leads_to("/flow")


class TestUpdate:
    def test_a_plan_is_chosen_and_confirmed(self, enter, books, ada):
        browser = enter("subscription_update")
        page = browser.get(f"/subscriptions/{ada['subscription']}/plan?price={ada['prices']['pro_yearly']}")
        page = browser.submit(page.form("/plan"))
        assert "Your plan is now Pro" in page.text
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_yearly"], 1)

    def test_the_bank_may_ask_in_between(self, visit, ada, books, flow_of):
        books.add(ada["customer"], "pm_card_authenticationRequired", default=True)
        browser = visit(ada["customer"], flow_data=flow_of("subscription_update"))
        page = browser.get(f"/subscriptions/{ada['subscription']}/plan?price={ada['prices']['pro_yearly']}")
        page = browser.submit(page.form("/plan"))
        assert "Confirm with your bank" in page.text
        books.answer_bank(client_secret(page))
        (back,) = (value for _, name, value in page.attributes if name == "data-return-url")
        assert "Your plan is now Pro" in browser.get(back).text


@pytest.mark.parametrize("kind", ["subscription_update", "subscription_update_confirm"])
class TestOnTheWayToAChange:
    def test_who_had_canceled_keeps_the_plan_first_and_goes_on(self, enter, ada, books, kind):
        books.api.subscriptions.update(ada["subscription"], {"cancel_at_period_end": True})
        browser = enter(kind)
        page = browser.get("/flow")
        assert page.status == 200
        assert "Pro ends on" in page.text
        assert "Keep your plan first, then you can change it." in page.text
        page = browser.submit(page.form("/continuation"))
        assert not books.subscription(ada["subscription"]).cancel_at_period_end
        assert "You are on Pro, $29.00 a month." in page.text

    def test_who_may_not_keep_it_is_told_why_it_cannot_be_changed(self, world, visit, ada, books, flow_of, kind):
        books.api.subscriptions.update(ada["subscription"], {"cancel_at_period_end": True})
        features = Features(subscription_cancel=SubscriptionCancel(enabled=False))
        with hosting(world, features=features) as host:
            page = visit(ada["customer"], at=host, flow_data=flow_of(kind)).get("/flow")
        assert "It is going to end." in page.text
        assert not page.leads_to("/continuation")

    def test_who_has_no_card_adds_one_and_goes_on(self, enter, ada, books, kind):
        books.api.payment_methods.detach(ada["payment_method"])
        browser = enter(kind)
        more = f"?price={ada['prices']['pro_yearly']}" if kind == "subscription_update" else ""
        page = browser.get(f"/subscriptions/{ada['subscription']}/plan{more}" if more else "/flow")
        page = browser.submit(page.form("/payment-methods/new"))
        books.confirm_setup(client_secret(page), "pm_card_mastercard")
        page = browser.submit(finish_form(page))
        assert "Paid with Mastercard •••• 4444" in page.text
        assert "Your plan is now Pro" in browser.submit(page.form("/plan")).text
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_yearly"], 1)


@pytest.mark.feature(70)
class TestConfirm:
    def test_who_does_not_want_it_keeps_what_they_have(self, enter):
        page = enter("subscription_update_confirm").get("/flow")
        assert page.link("Keep my current plan") == "/account"

    def test_the_change_is_shown_with_its_sum_and_nothing_else_can_be_chosen(self, enter):
        page = enter("subscription_update_confirm").get("/flow")
        assert "You are on Pro, $29.00 a month." in page.text
        assert "Pro, $290.00 a year" in page.text
        assert not [kind for kind in page.forms if kind.method == "get"]

    def test_confirming_makes_it_for_that_sum(self, enter, books, ada):
        before = books.charged(ada["customer"])
        browser = enter("subscription_update_confirm")
        page = browser.get("/flow")
        shown = int(page.form("/plan").fields["amount_due"])
        assert "Your plan is now Pro" in browser.submit(page.form("/plan")).text
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_yearly"], 1)
        assert books.charged(ada["customer"]) - before == shown

    def test_another_price_in_the_form_is_not_found(self, enter, ada, books):
        browser = enter("subscription_update_confirm")
        form = browser.get("/flow").form("/plan")
        assert browser.submit(form, price=ada["prices"]["starter_monthly"]).status == 404
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)

    def test_a_price_that_is_not_on_offer_is_said_and_logged(self, visit, ada, books, caplog):
        item = books.subscription(ada["subscription"])["items"].data[0].id
        detail = {"items": [{"id": item, "price": "price_1NotOnOffer"}]}
        page = visit(ada["customer"], flow_data=flow("subscription_update_confirm", ada, **detail)).get("/flow")
        assert page.status == 409
        assert "not offered to you" in page.text
        assert "not in the catalog" in caplog.text

    def test_an_item_of_another_subscription_is_not_found(self, visit, ada):
        detail = {"items": [{"id": "si_NotTheirs", "price": ada["prices"]["pro_yearly"]}]}
        assert (
            visit(ada["customer"], flow_data=flow("subscription_update_confirm", ada, **detail)).get("/flow").status
            == 404
        )

    def test_a_quantity_alone_is_a_change(self, world, visit, books):
        sue = world.live("monthly", price="scale_monthly", quantity=5, days=10)
        item = books.subscription(sue["subscription"])["items"].data[0].id
        detail = {"items": [{"id": item, "quantity": 8}]}
        browser = visit(sue["customer"], flow_data=flow("subscription_update_confirm", sue, **detail))
        browser.submit(browser.get("/flow").form("/plan"))
        assert books.plan(sue["subscription"])[1] == 8

    @pytest.mark.parametrize("kind", ["coupon", "promotion_code"])
    def test_a_discount_comes_along_and_the_sum_is_the_one_charged(self, visit, ada, books, kind):
        books.api.coupons.create({"id": "HALF", "percent_off": 50, "duration": "forever"})
        code = books.api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": "HALF"}})
        detail = {**confirming(ada, books), "discounts": [{kind: "HALF" if kind == "coupon" else code.id}]}
        browser = visit(ada["customer"], flow_data=flow("subscription_update_confirm", ada, **detail))
        page = browser.get("/flow")
        shown, before = int(page.form("/plan").fields["amount_due"]), books.charged(ada["customer"])
        browser.submit(page.form("/plan"))
        assert books.charged(ada["customer"]) - before == shown
        assert len(books.subscription(ada["subscription"]).discounts) == 1

    @pytest.mark.parametrize(
        ("life", "said"), [("waiting", "Changes to Pro once it is paid."), ("planned", "Changes to Starter on ")]
    )
    @pytest.mark.parametrize("when", ["now", "at_period_end"])
    def test_what_it_takes_the_place_of_is_said(self, world, visit, books, life, said, when):
        made = world.live(life)
        detail = confirming(made, books, "pro_yearly")
        features = Features(subscription_update=SubscriptionUpdate(takes_effect=(when,)))
        with hosting(world, features=features) as at:
            page = visit(made["customer"], at=at, flow_data=flow("subscription_update_confirm", made, **detail)).get(
                "/flow"
            )
        if (life, when) == ("waiting", "at_period_end"):
            assert "A change waits for its payment." in page.text
        else:
            assert said in page.text.split("Due now")[0]
            assert "Another choice takes its place." in page.text.split("Due now")[0]

    @pytest.mark.parametrize("kind", ["coupon", "promotion_code"])
    def test_a_discount_alone_is_put_on_once_however_often_it_is_confirmed(self, visit, ada, books, kind):
        books.api.coupons.create({"id": "HALF", "percent_off": 50, "duration": "forever"})
        code = books.api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": "HALF"}})
        discount = {kind: "HALF" if kind == "coupon" else code.id}
        detail = {**confirming(ada, books, "pro_monthly", quantity=1), "discounts": [discount]}
        browser = visit(ada["customer"], flow_data=flow("subscription_update_confirm", ada, **detail))
        form = browser.get("/flow").form("/plan")
        assert all("Your plan is now Pro" in browser.submit(form).text for _ in range(2))
        assert len(books.subscription(ada["subscription"]).discounts) == 1

    @pytest.mark.parametrize("kind", ["coupon", "promotion_code"])
    @pytest.mark.parametrize(("duration", "each"), [("once", "$290.00"), ("forever", "$145.00")])
    def test_a_discount_for_one_bill_is_not_promised_for_those_after_it(self, visit, ada, books, kind, duration, each):
        books.api.coupons.create({"id": "HALF", "percent_off": 50, "duration": duration})
        code = books.api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": "HALF"}})
        detail = {**confirming(ada, books), "discounts": [{kind: "HALF" if kind == "coupon" else code.id}]}
        page = visit(ada["customer"], flow_data=flow("subscription_update_confirm", ada, **detail)).get("/flow")
        assert f"{each} a year" in page.text.split("After that")[1]

    def test_what_stays_and_what_comes_with_the_plan_is_said(self, world, visit, books):
        base, team, desk, extra = (
            books.price(amount, name=name)
            for amount, name in ((1000, "Base"), (4000, "Team"), (300, "Desk"), (500, "Old extra"))
        )
        customer = books.customer()
        items = [{"price": base}, {"price": extra}]
        made = books.api.subscriptions.create({"customer": customer, "items": items})
        catalog = Catalog([Plan(price=base), Plan(price=team, includes=[Plan(price=desk)])])
        detail = {"subscription": made.id, "items": [{"id": made["items"].data[0].id, "price": team}]}
        data = {"type": "subscription_update_confirm", "subscription_update_confirm": detail}
        with hosting(world, catalog=catalog) as at:
            browser = visit(customer, at=at, flow_data=data)
            page = browser.get("/flow")
            assert "What stays as it is Old extra $5.00 a month" in page.text
            assert "Team, $40.00 a month plus Desk, $3.00 a month Due now" in page.text
            browser.submit(page.form("/plan"))
        assert {row.price.id for row in books.subscription(made.id)["items"].data} == {team, desk, extra}


@pytest.mark.feature(43)
class TestRetention:
    pytestmark = pytest.mark.feature(8)

    @pytest.fixture
    def coupon(self, books):
        return books.api.coupons.create(
            {"id": "STAY25", "percent_off": 25, "duration": "repeating", "duration_in_months": 3}
        ).id

    def enter(self, visit, life, coupon, after=None):
        offer = {"retention": {"type": "coupon_offer", "coupon_offer": {"coupon": coupon}}}
        return visit(
            life["customer"], flow_data=flow("subscription_cancel", life, after, **offer), return_url="/account"
        )

    def test_the_offer_stands_beside_the_way_out_with_its_terms(self, visit, ada, coupon):
        page = self.enter(visit, ada, coupon).get("/flow")
        assert "Stay for 25% less" in page.text
        assert "The discount lasts 3 months." in page.text
        assert "Your next bill is then $21.75 instead of $29.00." in page.text
        assert page.form("/cancellation").buttons == ["Cancel subscription"]

    def test_taking_it_puts_the_coupon_on_and_cancels_nothing(self, visit, ada, coupon, books):
        browser = self.enter(visit, ada, coupon)
        page = browser.submit(browser.get("/flow").form("/retention"))
        assert "You keep your plan" in page.text
        subscription = books.subscription(ada["subscription"])
        assert (subscription.cancel_at, len(subscription.discounts)) == (None, 1)

    def test_the_same_click_again_puts_it_on_once(self, visit, ada, coupon, books):
        browser = self.enter(visit, ada, coupon)
        form = browser.get("/flow").form("/retention")
        for _ in range(3):
            assert "You keep your plan" in browser.submit(form).text
        assert len(books.subscription(ada["subscription"]).discounts) == 1

    def test_a_discount_that_was_there_stays(self, world, visit, books, coupon):
        life = world.live("monthly", days=10)
        books.api.coupons.create({"id": "TEN", "percent_off": 10, "duration": "forever"})
        books.api.subscriptions.update(life["subscription"], {"discounts": [{"coupon": "TEN"}]})
        browser = self.enter(visit, life, coupon)
        browser.submit(browser.get("/flow").form("/retention"))
        assert len(books.subscription(life["subscription"]).discounts) == 2

    def test_leaving_is_as_possible_as_ever(self, visit, ada, coupon, books):
        browser = self.enter(visit, ada, coupon)
        assert "Pro is canceled" in browser.submit(browser.get("/flow").form("/cancellation")).text

    @pytest.mark.parametrize(
        "trouble",
        [
            {"percent_off": 25, "duration": "once", "applies_to": {"products": ["prod_other"]}},
            {"amount_off": 500, "currency": "eur", "duration": "once"},
        ],
        ids=["of another product", "of another currency"],
    )
    def test_one_that_does_not_fit_is_not_offered(self, visit, ada, books, trouble):
        if "applies_to" in trouble:
            trouble = {**trouble, "applies_to": {"products": [books.api.products.create({"name": "Other"}).id]}}
        books.api.coupons.create({"id": "ODD", **trouble})
        page = self.enter(visit, ada, "ODD").get("/flow")
        assert page.status == 200
        assert not page.leads_to("/retention")

    def test_nor_one_that_is_gone_and_nobody_is_kept_from_leaving(self, visit, ada, coupon, books):
        browser = self.enter(visit, ada, coupon)
        form = browser.get("/flow").form("/retention")
        books.api.coupons.delete(coupon)
        assert browser.submit(form).status in {404, 409}
        page = browser.get("/flow")
        assert not page.leads_to("/retention")
        assert "Pro is canceled" in browser.submit(page.form("/cancellation")).text

    def test_without_an_offer_in_the_link_there_is_none(self, visit, ada, coupon, books):
        browser = visit(ada["customer"], flow_data=flow("subscription_cancel", ada))
        form = browser.get("/flow").form("/cancellation")
        form.action = form.action.replace("/cancellation", "/retention")
        assert browser.submit(form).status == 403
        assert not books.subscription(ada["subscription"]).discounts
