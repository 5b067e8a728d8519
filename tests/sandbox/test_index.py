"""The page at a world's root: what is there, and buttons that work as plain forms."""

import urllib.error
import urllib.parse
import urllib.request

import pytest


def open_page(url, form=None, **headers):
    """The page's text after redirects, as a browser without JavaScript gets it."""
    data = None if form is None else urllib.parse.urlencode(form).encode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    with urllib.request.urlopen(urllib.request.Request(url, data, sent), timeout=20) as answer:
        return answer.read().decode()


def test_it_shows_the_worlds_customers_and_how_their_subscriptions_are(world):
    bob = world.life("past_due")
    page = open_page(f"{world.api_base}/")
    assert bob in page
    assert "bob@example.com" in page
    assert "<td>past_due</td>" in page


def test_it_shows_the_last_requests(world, client):
    client.v1.prices.list()
    assert "<code>GET /v1/prices</code>" in open_page(f"{world.api_base}/")


def test_a_button_moves_the_clock_and_what_falls_due_happens(world, client):
    ada = world.life("monthly")
    before = world.now()
    open_page(f"{world.api_base}/", {"step": "A month on"})
    assert world.now() - before >= 31 * 86_400
    assert client.v1.invoices.list({"customer": ada}).data[0].created > before


def test_buttons_stop_the_clock_and_let_it_run_again(world):
    assert "stands still" in open_page(f"{world.api_base}/", {"do": "freeze"})
    assert "stands still" not in open_page(f"{world.api_base}/", {"do": "run"})


def test_a_button_makes_a_customer(world, client):
    assert "ivy@example.com" in open_page(f"{world.api_base}/", {"life": "open_invoice"})
    assert len(client.v1.customers.list().data) == 1


def test_it_leads_to_the_other_worlds(world, sandbox):
    world.now()
    name = world.api_base.rsplit("/", 1)[-1]
    assert f'<a href="/w/{name}/">' in open_page(f"{sandbox.url}/")


def test_it_opens_without_the_last_slash_too(world):
    assert "A pretend Stripe" in open_page(world.api_base)


def test_its_style_sheet_is_there(world):
    assert "font" in open_page(f"{world.api_base}/index.css")


def test_a_button_on_another_site_does_nothing(world):
    with pytest.raises(urllib.error.HTTPError) as refused:
        open_page(f"{world.api_base}/", {"step": "A month on"}, Sec_Fetch_Site="cross-site")
    assert refused.value.code == 403
    refused.value.close()


def test_a_name_is_shown_as_text(world, client):
    client.v1.customers.create({"name": "<script>alert(1)</script>"})
    assert "<script>" not in open_page(f"{world.api_base}/")
