"""What counts as Stripe follows from two settings, for the real one and for a sandbox alike."""

import pytest

from portal_embed.config import StripeHosts

REAL = StripeHosts.of("https://api.stripe.com", "https://js.stripe.com/endive/stripe.js")
SANDBOX = StripeHosts.of("http://127.0.0.1:8100/w/ada", "http://127.0.0.1:8100/w/ada/stripe.js")


@pytest.mark.parametrize(
    "url",
    [
        "https://invoice.stripe.com/i/acct_1/test_x?s=ap",
        "https://pay.stripe.com/invoice/acct_1/x/pdf?s=ap",
        "https://files.stripe.com/x",
        "https://dashboard.stripe.com:443/x",
    ],
)
def test_links_to_stripe_are_links(url):
    assert REAL.may_link(url)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JavaScript:alert(1)//stripe.com",
        "data:text/html,x",
        "http://invoice.stripe.com/x",
        "https://invoice.stripe.com.evil.example/x",
        "https://evilstripe.com/x",
        "https://stripe.com@evil.example/",
        "https://user@invoice.stripe.com/",
        "https://evil.example/#.stripe.com",
        "https://evil.example\\.stripe.com/",
        "https://invoice.stripe.com:8443/",
        "https://invoice.stripe.com:x/",
        "//invoice.stripe.com/x",
        "https://invoice.\u0455tripe.com/",  # a Cyrillic letter
        "https://invoice.stripe.com/\nx",
        "http://127.0.0.1:8100/i/x",
    ],
)
def test_everything_else_is_not(url):
    assert not REAL.may_link(url)


def test_with_a_sandbox_only_its_own_origin_is_a_link():
    assert SANDBOX.may_link("http://127.0.0.1:8100/i/x/pdf")
    assert not SANDBOX.may_link("http://127.0.0.1:8101/i/x")
    assert not SANDBOX.may_link("https://invoice.stripe.com/i/x")
