"""The wire: keys, versions, parameters, expansion, and the words of every refusal."""

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.support import http, refusal_of, sdk


def test_an_unknown_parameter_is_named_in_the_refusal(client: stripe.StripeClient) -> None:
    error = refusal_of(client.v1.customers.create, {"wat": "1"})
    assert (error.http_status, error.code, error.param) == (400, "parameter_unknown", "wat")
    assert error.user_message == "Received unknown parameter: wat"


def test_a_nested_unknown_parameter_is_named_by_its_path(client: stripe.StripeClient) -> None:
    error = refusal_of(client.v1.customers.create, {"invoice_settings": {"nope": "1"}})
    assert error.user_message == "Received unknown parameter: invoice_settings[nope]"


def test_a_missing_parameter_is_named(client: stripe.StripeClient) -> None:
    error = refusal_of(client.v1.products.create, {})
    assert (error.code, error.param, error.user_message) == (
        "parameter_missing",
        "name",
        "Missing required param: name.",
    )


def test_a_word_where_a_number_belongs_is_an_invalid_integer(client: stripe.StripeClient) -> None:
    error = refusal_of(client.v1.customers.list, {"limit": "abc"})
    assert (error.code, error.param, error.user_message) == (
        "parameter_invalid_integer",
        "limit",
        "Invalid integer: abc",
    )


def test_a_bad_choice_lists_the_choices_and_has_no_code(client: stripe.StripeClient) -> None:
    error = refusal_of(client.v1.customers.create, {"tax_exempt": "maybe"})
    assert error.user_message == "Invalid tax_exempt: must be one of exempt, none, or reverse"
    assert error.code is None


def test_an_empty_string_cannot_unset_what_cannot_be_unset(client: stripe.StripeClient) -> None:
    error = refusal_of(client.v1.payment_methods.list, {"customer": ""})
    assert error.code == "parameter_invalid_empty"


def test_an_unknown_id_in_the_path_is_a_404_that_names_it(client: stripe.StripeClient) -> None:
    error = refusal_of(client.v1.customers.retrieve, "cus_nope")
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", "id")
    assert error.user_message == "No such customer: 'cus_nope'"


def test_an_unknown_id_in_the_query_is_a_400(client: stripe.StripeClient) -> None:
    error = refusal_of(client.v1.payment_methods.list, {"customer": "cus_nope"})
    assert (error.http_status, error.param) == (400, "customer")


def test_what_is_not_built_is_refused_as_an_unknown_url(world: SandboxWorld) -> None:
    answer = http(world, "GET", "/v1/widgets")
    assert answer.status == 404
    assert answer.json["error"] == {
        "message": "Unrecognized request URL (GET: /v1/widgets). Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/.",
        "type": "invalid_request_error",
    }


def test_a_refusal_carries_the_log_url_of_its_request(world: SandboxWorld) -> None:
    answer = http(world, "GET", "/v1/customers/cus_nope")
    assert answer.json["error"]["request_log_url"].endswith(f"?object={answer.headers['request-id']}")


def test_a_malformed_key_is_a_401(world: SandboxWorld) -> None:
    error = refusal_of(sdk(world, key="not_a_key").v1.customers.list)
    assert isinstance(error, stripe.AuthenticationError)


@pytest.mark.parametrize("key", ["sk_live_x1234567890", "rk_live_x1234567890", "pk_live_x1234567890"])
def test_live_keys_are_refused_and_not_repeated(world: SandboxWorld, key: str) -> None:
    error = refusal_of(sdk(world, key=key).v1.customers.list)
    assert error.http_status == 401
    assert "test keys only" in str(error.user_message)
    assert key not in str(error.user_message)


def test_restricted_test_keys_are_taken(world: SandboxWorld) -> None:
    assert sdk(world, key="rk_test_1234567890").v1.customers.list().data == []


def test_a_publishable_key_may_not_read_customers(world: SandboxWorld) -> None:
    error = refusal_of(sdk(world, key="pk_test_1234567890").v1.customers.list)
    assert isinstance(error, stripe.AuthenticationError)
    assert error.json_body["error"]["code"] == "secret_key_required"


def test_another_api_version_is_refused(world: SandboxWorld) -> None:
    answer = http(world, "GET", "/v1/customers", Stripe_Version="2024-04-10")
    assert (answer.status, answer.json["error"]["message"]) == (400, "Invalid Stripe API version: 2024-04-10")


def test_every_answer_says_its_version_and_request_id(world: SandboxWorld) -> None:
    answer = http(world, "GET", "/v1/customers")
    assert answer.headers["stripe-version"] == "2026-10-28.endive"
    assert answer.headers["request-id"].startswith("req_")


def test_what_cannot_be_expanded_is_refused(client: stripe.StripeClient) -> None:
    ada = client.v1.customers.create()
    error = refusal_of(client.v1.customers.retrieve, ada.id, {"expand": ["foo"]})
    assert (error.http_status, error.user_message) == (400, "This property cannot be expanded (foo).")


def test_a_list_suggests_where_its_expansion_belongs(client: stripe.StripeClient) -> None:
    error = refusal_of(client.v1.customers.list, {"expand": ["foo"]})
    assert str(error.user_message).endswith("You may want to try expanding 'data.foo' instead.")


def test_a_refused_expansion_leaves_nothing_behind(client: stripe.StripeClient) -> None:
    refusal_of(client.v1.customers.create, {"name": "Ada", "expand": ["foo"]})
    assert client.v1.customers.list().data == []
    assert client.v1.events.list().data == []


def test_an_id_that_is_null_stays_null_when_expanded(client: stripe.StripeClient) -> None:
    ada = client.v1.customers.create()
    read = client.v1.customers.retrieve(ada.id, {"expand": ["invoice_settings.default_payment_method"]})
    assert read.invoice_settings is not None
    assert read.invoice_settings.default_payment_method is None


def test_lists_expand_what_their_rows_refer_to(client: stripe.StripeClient) -> None:
    client.v1.prices.create({"currency": "usd", "unit_amount": 900, "product_data": {"name": "Pro"}})
    price = client.v1.prices.list({"expand": ["data.product"]}).data[0]
    assert isinstance(price.product, stripe.Product)
    assert price.product.name == "Pro"


def test_a_connected_account_has_books_of_its_own(client: stripe.StripeClient) -> None:
    ada = client.v1.customers.create({"name": "Ada"}, {"stripe_account": "acct_1AAAAAAAAAAAAAAA"})
    assert refusal_of(client.v1.customers.retrieve, ada.id).http_status == 404
    assert client.v1.customers.retrieve(ada.id, None, {"stripe_account": "acct_1AAAAAAAAAAAAAAA"}).name == "Ada"


def test_browsers_of_any_origin_may_call(world: SandboxWorld) -> None:
    preflight = http(world, "OPTIONS", "/v1/setup_intents/seti_1/confirm", Origin="https://shop.example")
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "*"


def test_private_worlds_know_nothing_of_each_other(
    sandbox_pair: tuple[stripe.StripeClient, stripe.StripeClient],
) -> None:
    one, other = sandbox_pair
    ada = one.v1.customers.create({"name": "Ada"})
    assert refusal_of(other.v1.customers.retrieve, ada.id).http_status == 404


@pytest.fixture
def sandbox_pair(sandbox: object) -> tuple[stripe.StripeClient, stripe.StripeClient]:
    """Clients of two worlds."""
    from portal_embed.sandbox import Sandbox

    assert isinstance(sandbox, Sandbox)
    return sdk(sandbox.world("pair-one")), sdk(sandbox.world("pair-two"))


def test_the_same_seed_gives_the_same_ids() -> None:
    from portal_embed.sandbox import Sandbox

    ids = []
    for _ in range(2):
        with Sandbox(seed="twice") as running:
            ids.append(sdk(running.world("w")).v1.customers.create().id)
    assert ids[0] == ids[1]
