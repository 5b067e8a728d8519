"""The policy is exact: nothing runs but what carries the nonce, and Stripe only where a card is entered."""

from portal_embed.access.csp import content_security_policy, permissions_policy
from tests.access.portal import make_config

SANDBOX = {"stripe_api_base": "http://127.0.0.1:8100/w/ada", "stripe_js_url": "http://127.0.0.1:8100/w/ada/stripe.js"}


def policy(*, payment_page=False, **changes):
    text = content_security_policy(make_config(**changes), "N", session=None, payment_page=payment_page)
    return dict(directive.split(" ", 1) for directive in text.split("; "))


def test_the_base_page():
    assert policy() == {
        "default-src": "'none'",
        "script-src": "'nonce-N'",
        "style-src": "'nonce-N'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "frame-src": "'none'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "object-src": "'none'",
        "frame-ancestors": "'none'",
    }


def test_a_payment_page_adds_what_stripes_guide_lists():
    pay = policy(payment_page=True)

    assert pay["script-src"] == "'nonce-N' https://js.stripe.com https://*.js.stripe.com"
    assert pay["frame-src"] == "https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com"
    assert pay["connect-src"] == "'self' https://api.stripe.com"
    assert pay["img-src"] == "'self' data: https://*.stripe.com"


def test_with_a_sandbox_it_adds_exactly_its_origin():
    pay = policy(payment_page=True, **SANDBOX)

    assert pay["script-src"] == "'nonce-N' http://127.0.0.1:8100"
    assert pay["frame-src"] == "http://127.0.0.1:8100"
    assert pay["connect-src"] == "'self' http://127.0.0.1:8100"
    assert "stripe.com" not in str(pay)


def test_a_payment_page_differs_in_nothing_else():
    base, pay = policy(), policy(payment_page=True)

    assert {name for name in base if base[name] != pay[name]} == {"script-src", "frame-src", "connect-src", "img-src"}


def test_a_hosts_stylesheet_may_bring_fonts_but_no_styles_without_the_nonce():
    with_stylesheet = policy(stylesheet_url="https://cdn.example.com/brand.css?v=1")

    assert with_stylesheet["font-src"] == "'self' https://cdn.example.com"
    assert with_stylesheet["style-src"] == "'nonce-N'"


def test_payments_are_allowed_for_stripe_alone():
    assert permissions_policy(make_config()).endswith(
        'payment=(self "https://js.stripe.com" "https://*.js.stripe.com")'
    )
    assert permissions_policy(make_config(**SANDBOX)).endswith('payment=(self "http://127.0.0.1:8100")')
