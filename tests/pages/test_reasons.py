"""Why somebody leaves: Stripe's eight reasons, the host's own, a few words, and whether one has to be given."""

from __future__ import annotations

import json

import pytest

from portal_embed import Features
from portal_embed.billing.stripe.feedback_options import LIFE_SECONDS, FeedbackReader
from portal_embed.billing.stripe.objects import FeedbackOption, Listing
from portal_embed.config import FEEDBACK, CancellationReason, Hooks, PlanOffer, SubscriptionCancel
from portal_embed.errors import ConfigError, StripeUnavailable
from tests.pages.visitor import Visitor
from tests.serving import hosting


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10)


@pytest.fixture
def boats(books):
    """Two reasons of the merchant's own; the second is offered no more. Only the newest SDK has a service for them."""

    def post(path="", **described):
        answer = books.client.raw_request("post", f"/v1/billing/feedback_options{path}", **described)
        return json.loads(answer.body)["id"]

    kept, gone = post(description="I sold my boat & my mooring"), post(description="The harbour is closed")
    post(f"/{gone}/deactivate")
    return kept, gone


@pytest.fixture
def asking(world):
    """`asking(required=True)`: a browser of somebody at a host that asks so."""
    running, browsers = [], []

    def start(life, hooks=None, **reason):
        cancel = SubscriptionCancel(cancellation_reason=CancellationReason(**reason))
        context = hosting(world, features=Features(subscription_cancel=cancel), **({"hooks": hooks} if hooks else {}))
        running.append(context)
        host = context.__enter__()
        browsers.append(Visitor(host).enter(host.link(life["customer"])))
        return browsers[-1]

    yield start
    for browser in browsers:
        browser.close()
    for context in running:
        context.__exit__(None, None, None)


def form_of(browser, life):
    return browser.get(f"/subscriptions/{life['subscription']}/cancellation").form("/cancellation")


def details(books, life):
    return books.subscription(life["subscription"]).cancellation_details


@pytest.mark.feature(39, 41)
@pytest.mark.parametrize("reason", FEEDBACK)
def test_each_of_the_eight_reasons_reaches_stripe_with_a_few_words(reason, ada, asking, books):
    browser = asking(ada)
    browser.submit(form_of(browser, ada), feedback=reason, comment=" A few words ")
    assert (details(books, ada).feedback, details(books, ada).comment) == (reason, "A few words")


@pytest.mark.feature(41)
def test_words_without_a_reason_reach_stripe_too_and_no_more_than_it_keeps(ada, asking, books):
    browser = asking(ada)
    browser.submit(form_of(browser, ada), comment="x" * 600)
    assert (details(books, ada).feedback, details(books, ada).comment) == (None, "x" * 500)


@pytest.mark.feature(40)
class TestOwnReasons:
    def test_one_is_offered_in_its_words_and_reaches_stripe(self, ada, boats, asking, books):
        browser = asking(ada, feedback_options=boats)
        page = browser.get(f"/subscriptions/{ada['subscription']}/cancellation")
        assert "I sold my boat & my mooring" in page.text
        assert "The harbour is closed" not in page.text
        assert page.form("/cancellation").choices["feedback"] == [boats[0], *FEEDBACK]
        browser.submit(page.form("/cancellation"), feedback=boats[0], comment="Fair winds")
        found = details(books, ada)
        assert (found.feedback, found.feedback_option, found.comment) == (None, boats[0], "Fair winds")

    def test_one_that_is_not_offered_is_left_out_and_nobody_is_kept(self, ada, boats, asking, books):
        browser = asking(ada, feedback_options=boats)
        browser.submit(form_of(browser, ada), feedback=boats[1])
        assert details(books, ada).feedback_option is None
        assert books.subscription(ada["subscription"]).cancel_at is not None

    def test_they_may_be_the_only_ones(self, ada, boats, asking):
        browser = asking(ada, feedback_options=boats, options=())
        assert form_of(browser, ada).choices["feedback"] == [boats[0]]

    def test_those_of_stripes_own_configuration_are_taken(self, ada, boats, books, world, visit):
        reason = {"enabled": True, "options": ["other"], "feedback_options": [boats[0]]}
        cancel = {"enabled": True, "mode": "at_period_end", "cancellation_reason": reason}
        books.api.billing_portal.configurations.create({"features": {"subscription_cancel": cancel}})
        with hosting(world, configuration="default") as host:
            browser = visit(ada["customer"], at=host)
            assert form_of(browser, ada).choices["feedback"] == [boats[0], "other"]

    def test_while_they_cannot_be_read_the_others_are_offered(self, ada, boats, asking, world, books):
        browser = asking(ada, feedback_options=boats, required=True)
        world.fail(r"^/v1/billing/feedback_options", times=None)
        form = form_of(browser, ada)
        assert form.choices["feedback"] == list(FEEDBACK)
        browser.submit(form, feedback="unused")
        assert details(books, ada).feedback == "unused"

    def test_where_none_can_be_offered_none_is_demanded(self, ada, boats, asking, world, books):
        browser = asking(ada, feedback_options=boats, options=(), required=True)
        world.fail(r"^/v1/billing/feedback_options", times=None)
        assert "Pro is canceled" in browser.submit(form_of(browser, ada)).text

    @pytest.mark.feature(44)
    def test_the_host_offers_by_them(self, ada, boats, asking):
        heard = []

        def offers(leaving):
            heard.append((leaving.reason, leaving.feedback_option))
            return [PlanOffer("starter_monthly")] if leaving.feedback_option == boats[0] else []

        browser = asking(ada, hooks=Hooks(offers=offers), feedback_options=boats)
        page = browser.submit(form_of(browser, ada), feedback=boats[0])
        assert "Change to Starter instead" in page.text
        assert heard == [(None, boats[0])]


@pytest.mark.feature(42)
class TestAReasonThatIsDemanded:
    def test_without_one_nothing_is_canceled_and_the_words_stay(self, ada, asking, books):
        browser = asking(ada, required=True)
        form = form_of(browser, ada)
        page = browser.submit(form, comment="I just want to go")
        assert page.status == 422
        assert "Choose the reason that fits best." in page.text
        assert "I just want to go" in page.text
        assert books.subscription(ada["subscription"]).cancel_at is None
        page = browser.submit(page.form("/cancellation"), feedback="other")
        assert "Pro is canceled" in page.text
        assert details(books, ada).feedback == "other"

    def test_one_that_is_none_is_not_enough(self, ada, asking, books):
        browser = asking(ada, required=True)
        assert browser.submit(form_of(browser, ada), feedback="because").status == 422

    def test_it_is_asked_before_anything_is_offered(self, ada, asking):
        browser = asking(ada, hooks=Hooks(offers=lambda _leaving: [PlanOffer("starter_monthly")]), required=True)
        form = form_of(browser, ada)
        assert browser.submit(form).status == 422
        assert "Before you go" in browser.submit(form, feedback="unused").text

    def test_where_it_is_not_it_stays_optional(self, ada, asking):
        browser = asking(ada)
        page = browser.get(f"/subscriptions/{ada['subscription']}/cancellation")
        assert "What is the main reason? Optional" in page.text
        page = asking(ada, required=True).get(f"/subscriptions/{ada['subscription']}/cancellation")
        assert "What is the main reason? Optional" not in page.text


class Sky:
    """A Stripe that lists these options, or does not answer."""

    def __init__(self):
        self.calls, self.words = 0, "I sold my boat"

    async def get(self, _kind, _path, **_params):
        self.calls += 1
        if not self.words:
            raise StripeUnavailable("no answer")
        return Listing(data=(FeedbackOption(id="fdbk_1", description=self.words),))


@pytest.mark.feature(40)
async def test_they_are_read_once_a_minute_and_the_last_ones_hold_while_stripe_is_away():
    now, sky = [0.0], Sky()
    reader = FeedbackReader(sky, clock=lambda: now[0])
    assert await reader.described(()) == {}
    assert sky.calls == 0
    for words in ("I sold my boat", "I sold it", "I sold it", ""):
        sky.words = words
        assert await reader.described(("fdbk_0", "fdbk_1")) in ({"fdbk_1": "I sold my boat"}, {"fdbk_1": "I sold it"})
        now[0] += LIFE_SECONDS / 2
    assert sky.calls == 2
    now[0] += LIFE_SECONDS
    assert await reader.described(("fdbk_1",)) == {"fdbk_1": "I sold it"}
    assert sky.calls == 3


@pytest.mark.feature(40)
@pytest.mark.parametrize("wrong", ["", "fdbk 1", "../customers"])
def test_what_is_no_id_stops_the_start(wrong):
    with pytest.raises(ConfigError, match="must hold ids of feedback options"):
        CancellationReason(feedback_options=(wrong,))
