"""What Stripe.js promises a page, kept by the stand-in: saving cards, declines, 3-D Secure, mistakes thrown."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from e2e.stripe_js.stage import ASKING_CARD, BANK, DECLINED_CARD, FRAME, fill, mount, result


def test_a_good_card_is_saved_for_the_customer(page, intent, client, ada):
    fill(mount(page, intent))
    page.evaluate("save()")

    saved = result(page)["setupIntent"]

    assert saved["status"] == "succeeded"
    method = client.v1.payment_methods.retrieve(saved["payment_method"])
    assert (method.card.last4, method.card.exp_month, method.card.exp_year) == ("4242", 12, 2034)
    assert (method.customer, method.billing_details.address.postal_code) == (ada.id, "12345")


def test_the_number_never_reaches_the_host_page(page, intent):
    fill(mount(page, intent))
    page.evaluate("save()")
    result(page)

    everything_the_page_saw = page.evaluate("JSON.stringify([heard, events]) + document.documentElement.outerHTML")

    assert "4242424242424242" not in everything_the_page_saw.replace(" ", "")
    assert page.evaluate(f'document.querySelector("{FRAME}").contentDocument') is None


def test_a_declined_card_says_so_and_may_be_replaced(page, intent):
    fields = mount(page, intent)
    fill(fields, DECLINED_CARD)
    page.evaluate("save()")

    error = result(page)["error"]

    assert (error["type"], error["code"], error["decline_code"]) == ("card_error", "card_declined", "generic_decline")
    assert error["message"] == "Your card was declined."
    assert error["setup_intent"]["status"] == "requires_payment_method"
    fill(fields)
    page.evaluate("save()")
    expect(page.locator("output")).to_contain_text('"status":"succeeded"')


def test_a_completed_3d_secure_challenge_saves_the_card(page, intent, client):
    fill(mount(page, intent), ASKING_CARD)
    page.evaluate("save()")

    page.frame_locator(BANK).get_by_role("button", name="Complete authentication").click()

    assert result(page)["setupIntent"]["status"] == "succeeded"
    assert page.locator(BANK).count() == 0
    assert client.v1.setup_intents.retrieve(intent.id).status == "succeeded"


@pytest.mark.parametrize("way", ["Fail authentication", "Close", "Escape in the dialog", "Escape in the page"])
def test_a_challenge_not_passed_saves_nothing(page, intent, client, way):
    fill(mount(page, intent), ASKING_CARD)
    page.evaluate("save()")
    bank = page.frame_locator(BANK)
    expect(bank.get_by_role("button", name="Fail authentication")).to_be_enabled()

    if way == "Escape in the dialog":
        bank.get_by_role("button", name="Fail authentication").press("Escape")
    elif way == "Escape in the page":
        page.evaluate("document.querySelector('dialog').dispatchEvent(new Event('cancel', {cancelable: true}))")
    else:
        bank.get_by_role("button", name=way, exact=True).click()

    error = result(page)["error"]
    assert error["code"] == "setup_intent_authentication_failure"
    assert error["message"].startswith("We are unable to authenticate your payment method.")
    assert error["setup_intent"]["status"] == "requires_payment_method"
    assert page.locator(BANK).count() == 0
    assert client.v1.setup_intents.retrieve(intent.id).payment_method is None


def test_the_dialog_takes_the_focus_and_the_page_below_is_inert(page, intent):
    fill(mount(page, intent), ASKING_CARD)
    page.evaluate("save()")
    expect(page.frame_locator(BANK).get_by_role("heading")).to_be_visible()

    assert page.evaluate("document.activeElement.title") == "3D Secure authentication"
    assert page.evaluate("document.querySelector('dialog').matches(':modal')")


def test_without_if_required_success_leads_to_the_return_url(page, host, intent):
    fill(mount(page, intent))

    page.evaluate("save('always')")

    page.wait_for_url(f"{host}/return?*")
    query = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    assert query == {
        "kept": "1",
        "setup_intent": intent.id,
        "setup_intent_client_secret": intent.client_secret,
        "redirect_status": "succeeded",
    }


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("Stripe('sk_test_123')", "You should not use your secret key"),
        ("Stripe('pk_live_123')", "publishable test keys only"),
        (
            "stripe.elements({mode: 'setup', currency: 'usd', paymentMethodTypes: ['card']})",
            "allowedPaymentMethodTypes",
        ),
        ("stripe.elements().create('payment')", "must pass a clientSecret or mode"),
        ("stripe.elements({mode: 'setup'}).create('card')", "no Element of type card"),
        ("stripe.elements({clientSecret: 'nonsense'})", "should be a client secret"),
        ("stripe.confirmSetup({elements: stripe.elements({mode: 'setup'}), redirect: 'if_required'})", "client secret"),
        ("stripe.confirmSetup({clientSecret: 'seti_1_secret_2'})", "return_url"),
        ("stripe.confirmSetup({clientSecret: 'pi_1_secret_2', redirect: 'if_required'})", "SetupIntent"),
    ],
)
def test_a_mistake_in_the_page_is_thrown(page, code, words):
    told = page.evaluate(
        f"(async () => {{ try {{ await {code}; }} catch (e) {{ return e.name + ': ' + e.message; }} }})()"
    )

    assert told.startswith("IntegrationError: ")
    assert words in told


def test_the_deferred_way_collects_first_and_confirms_a_later_intent(page, intent):
    page.evaluate("mount({mode: 'setup', currency: 'usd'})")
    fill(page.frame_locator(FRAME))
    page.evaluate("elements.submit()")

    page.evaluate(
        "(clientSecret) => { stripe.confirmSetup({elements, clientSecret, redirect: 'if_required'}).then(shown); }",
        intent.client_secret,
    )

    assert result(page)["setupIntent"]["status"] == "succeeded"


def test_the_deferred_way_wants_submit_first(page, intent):
    page.evaluate("mount({mode: 'setup', currency: 'usd'})")

    told = page.evaluate(
        "(clientSecret) => stripe.confirmSetup({elements, clientSecret, redirect: 'if_required'}).catch((e) => e.message)",
        intent.client_secret,
    )

    assert told.startswith("elements.submit() must be called before stripe.confirmSetup()")


def test_a_saved_card_is_confirmed_without_an_element(page, client, ada, intent):
    saved = client.v1.payment_methods.attach("pm_card_visa", {"customer": ada.id})

    page.evaluate(
        "([clientSecret, payment_method]) => { stripe.confirmSetup({clientSecret, confirmParams: {payment_method}, "
        "redirect: 'if_required'}).then(shown); }",
        [intent.client_secret, saved.id],
    )

    assert result(page)["setupIntent"]["payment_method"] == saved.id


def test_an_intent_that_the_server_confirmed_is_brought_to_its_end(page, client, ada):
    waiting = client.v1.setup_intents.create(
        {
            "customer": ada.id,
            "confirm": True,
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "use_stripe_sdk": True,
        }
    )
    assert waiting.status == "requires_action"

    page.evaluate("(clientSecret) => { stripe.handleNextAction({clientSecret}).then(shown); }", waiting.client_secret)
    page.frame_locator(BANK).get_by_role("button", name="Complete authentication").click()

    assert result(page)["setupIntent"]["status"] == "succeeded"


def test_a_page_reads_only_intents_whose_secret_it_has(page, intent):
    read = page.evaluate("(secret) => stripe.retrieveSetupIntent(secret)", intent.client_secret)
    guessed = page.evaluate("(secret) => stripe.retrieveSetupIntent(secret)", intent.client_secret + "x")

    assert read["setupIntent"]["id"] == intent.id
    assert guessed["error"]["code"] == "resource_missing"


def test_a_broken_connection_is_an_error_and_not_an_exception(page, intent, world):
    fill(mount(page, intent))
    world.fail("/confirm$", reset=True, times=None)  # a browser tries again by itself where a kept connection breaks

    page.evaluate("save()")

    assert result(page)["error"]["type"] == "api_connection_error"


def test_a_bank_page_by_redirect_leads_back_with_what_became_of_it(page, host, client, ada):
    waiting = client.v1.setup_intents.create(
        {
            "customer": ada.id,
            "confirm": True,
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "return_url": f"{host}/return?kept=1",
        }
    )

    page.goto(waiting.next_action.redirect_to_url.url)
    page.get_by_role("button", name="Fail authentication").click()

    page.wait_for_url(f"{host}/return?*")
    query = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    assert (query["kept"], query["setup_intent"], query["redirect_status"]) == ("1", waiting.id, "failed")
    assert client.v1.setup_intents.retrieve(waiting.id).status == "requires_payment_method"
