"""Restricted keys: refused what they were not given, as Stripe refuses it."""

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.support import refusal_of, sdk

KEY = "rk_test_portal_of_ada"


@pytest.fixture
def restricted(world: SandboxWorld) -> stripe.StripeClient:
    """A client whose key may read customers and write coupons."""
    world.restrict(KEY, "customer_read", "coupon_write")
    return sdk(world, KEY)


def test_what_was_given_is_answered(restricted):
    assert restricted.v1.customers.list().data == []


def test_write_includes_read(restricted):
    restricted.v1.coupons.create({"percent_off": 10, "duration": "once"})
    assert len(restricted.v1.coupons.list().data) == 1


def test_a_read_does_not_give_a_write(restricted, client):
    error = refusal_of(restricted.v1.customers.create, {"name": "Ada"})
    assert isinstance(error, stripe.PermissionError)
    assert client.v1.customers.list().data == []


def test_the_refusal_names_key_account_and_what_to_enable(restricted, client):
    error = refusal_of(restricted.v1.prices.list)
    account = client.v1.accounts.retrieve_current().id
    assert (error.http_status, error.json_body["error"]["code"]) == (403, "more_permissions_required")
    assert error.user_message == (
        "Permission denied. The provided key 'rk_test_...of_ada' does not have the required permissions for this endpoint "
        f"on account '{account}'. Enabling \"Prices Read\" ('plan_read') permissions on this key would allow this request "
        f"to continue. You can edit permissions at https://dashboard.stripe.com/{account}/test/apikeys."
    )


def test_a_restricted_key_that_nobody_limited_may_do_everything(world):
    assert sdk(world, "rk_test_other_key").v1.prices.list().data == []


def test_previewing_an_invoice_is_a_read(world):
    customer = world.life("monthly")
    world.restrict(KEY, "invoice_read", "subscription_read")
    reader = sdk(world, KEY)
    (subscription,) = reader.v1.subscriptions.list({"customer": customer}).data
    assert reader.v1.invoices.create_preview({"subscription": subscription.id}).total > 0


def test_permissions_are_for_restricted_keys_only(world):
    with pytest.raises(ValueError, match="rk_test_"):
        world.restrict("sk_test_ada", "customer_read")


def test_a_permission_that_does_not_exist_is_refused(world):
    with pytest.raises(ValueError, match="customers_reed"):
        world.restrict(KEY, "customers_reed")
