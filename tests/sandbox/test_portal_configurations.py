"""Configurations of Stripe's own portal: kept, listed, expanded, and refused where Stripe's documentation refuses."""

import pytest
import stripe

WHERE = "features.subscription_update.products"


@pytest.fixture
def prices(world):
    return world.live("monthly")["prices"]


@pytest.fixture
def product(client, prices):
    return client.v1.prices.retrieve(prices["pro_monthly"]).product


@pytest.fixture
def make(client):
    def made(**features):
        return client.v1.billing_portal.configurations.create(
            {"features": features or {"invoice_history": {"enabled": True}}}
        )

    return made


def on_offer(product, *prices, **quantity):
    adjustable = {"adjustable_quantity": {"enabled": True, **quantity}} if quantity else {}
    return {
        "enabled": True,
        "default_allowed_updates": ["price"],
        "products": [{"product": product, "prices": list(prices), **adjustable}],
    }


def test_what_is_not_said_is_off(make):
    made = make()
    assert made.features.invoice_history.enabled
    assert not made.features.subscription_cancel.enabled
    assert (made.active, made.login_page.url) == (True, None)


def test_the_first_one_is_the_default_and_is_found_as_that(make, client):
    first, second = make(), make()
    assert (first.is_default, second.is_default) == (True, False)
    (found,) = client.v1.billing_portal.configurations.list({"is_default": True}).data
    assert found.id == first.id
    with pytest.raises(stripe.InvalidRequestError, match="default"):
        client.v1.billing_portal.configurations.update(first.id, {"active": False})


def test_products_are_there_when_they_are_expanded(make, client, product, prices):
    made = make(subscription_update=on_offer(product, prices["pro_monthly"], prices["pro_yearly"], minimum=2))
    assert not hasattr(made.features.subscription_update, "products")
    found = client.v1.billing_portal.configurations.retrieve(made.id, {"expand": [WHERE]})
    (listed,) = found.features.subscription_update.products
    assert listed.prices == [prices["pro_monthly"], prices["pro_yearly"]]
    assert (listed.adjustable_quantity.minimum, listed.adjustable_quantity.maximum) == (2, None)
    (in_list,) = client.v1.billing_portal.configurations.list({"expand": [f"data.{WHERE}"]}).data
    assert in_list.features.subscription_update.products


def test_a_change_changes_what_it_names(make, client):
    made = make(subscription_cancel={"enabled": True, "mode": "immediately"})
    changed = client.v1.billing_portal.configurations.update(
        made.id, {"features": {"subscription_cancel": {"proration_behavior": "create_prorations"}}, "name": "EU"}
    )
    cancel = changed.features.subscription_cancel
    assert (cancel.mode, cancel.proration_behavior, changed.name) == ("immediately", "create_prorations", "EU")
    events = [event.type for event in client.v1.events.list().data if event.type.startswith("billing_portal")]
    assert events == ["billing_portal.configuration.updated", "billing_portal.configuration.created"]


@pytest.mark.parametrize(
    "cancel",
    [
        {"enabled": True, "mode": "immediately", "proration_behavior": "always_invoice"},
        {"enabled": True, "mode": "at_period_end", "proration_behavior": "create_prorations"},
    ],
)
def test_prorations_that_cannot_be_are_refused(make, cancel):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        make(subscription_cancel=cancel)
    assert refused.value.param == "features[subscription_cancel][proration_behavior]"


def test_prices_of_one_interval_or_of_another_product_are_refused(make, client, product, prices):
    twin = client.v1.prices.create(
        {"product": product, "currency": "usd", "unit_amount": 1, "recurring": {"interval": "month"}}
    )
    for listed in ([prices["pro_monthly"], twin.id], [prices["starter_monthly"]]):
        with pytest.raises(stripe.InvalidRequestError, match="price"):
            make(subscription_update=on_offer(product, *listed))


def test_a_headline_that_is_too_long_is_refused(client):
    with pytest.raises(stripe.InvalidRequestError, match="60"):
        client.v1.billing_portal.configurations.create(
            {"features": {"invoice_history": {"enabled": True}}, "business_profile": {"headline": "x" * 61}}
        )
