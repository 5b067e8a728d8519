"""Customers and what hangs from them: details, balance, tax ids, deletion."""

import pytest
import stripe

from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.support import refusal_of


@pytest.fixture
def ada(client):
    """A customer with a name and an address."""
    return client.v1.customers.create(
        {
            "name": "Ada",
            "email": "ada@example.com",
            "address": {"line1": "1 Main St", "line2": "Apt 4", "country": "US"},
        }
    )


def test_a_customer_has_exactly_the_keys_the_sdk_declares(ada):
    assert_matches_sdk(ada.to_dict())


def test_a_new_customer_owes_nothing_and_counts_invoices_from_one(ada):
    assert (ada.balance, ada.next_invoice_sequence, ada.currency, ada.delinquent) == (0, 1, None, False)


def test_an_invoice_prefix_is_eight_capitals_or_digits(ada):
    assert len(ada.invoice_prefix) == 8
    assert ada.invoice_prefix == ada.invoice_prefix.upper()


def test_an_emptied_name_is_null(client, ada):
    assert client.v1.customers.update(ada.id, {"name": ""}).name is None


def test_an_address_is_replaced_as_a_whole(client, ada):
    changed = client.v1.customers.update(ada.id, {"address": {"line1": "2 Side St"}})
    assert (changed.address.line1, changed.address.line2, changed.address.country) == ("2 Side St", None, None)


def test_metadata_is_merged_by_key_and_an_empty_value_removes_one(client, ada):
    client.v1.customers.update(ada.id, {"metadata": {"a": "1", "b": "2"}})
    changed = client.v1.customers.update(ada.id, {"metadata": {"a": "", "c": "3"}})
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}


def test_a_taken_invoice_prefix_is_refused(client, ada):
    error = refusal_of(client.v1.customers.create, {"invoice_prefix": ada.invoice_prefix})
    assert f"taken by customer: {ada.id}" in error.user_message


def test_the_list_finds_customers_by_their_exact_email(client, ada):
    client.v1.customers.create({"email": "ada@example.com.au"})
    assert [row.id for row in client.v1.customers.list({"email": "ada@example.com"}).data] == [ada.id]


def test_a_deleted_customer_leaves_three_keys_and_no_place_in_lists(client, ada):
    client.v1.customers.delete(ada.id)
    assert client.v1.customers.retrieve(ada.id).to_dict() == {"id": ada.id, "object": "customer", "deleted": True}
    assert client.v1.customers.list().data == []


def test_the_event_of_a_deletion_carries_the_full_customer(client, ada):
    client.v1.customers.delete(ada.id)
    event = client.v1.events.list({"type": "customer.deleted"}).data[0]
    assert event.data.object.to_dict()["name"] == "Ada"
    assert "deleted" not in event.data.object.to_dict()


def test_an_update_event_tells_only_what_changed(client, ada):
    client.v1.customers.update(ada.id, {"metadata": {"a": "1"}, "description": "Countess"})
    event = client.v1.events.list({"type": "customer.updated"}).data[0]
    assert event.data.previous_attributes.to_dict() == {"metadata": {"a": None}, "description": None}
    assert_matches_sdk(event.to_dict())


def test_the_default_method_must_be_the_customers_own(client, ada):
    card = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    error = refusal_of(client.v1.customers.update, ada.id, {"invoice_settings": {"default_payment_method": card.id}})
    assert error.code == "resource_missing"


def test_a_balance_entry_moves_the_balance(client, ada):
    entry = client.v1.customers.balance_transactions.create(ada.id, {"amount": -500, "currency": "usd"})
    assert_matches_sdk(entry.to_dict())
    assert (entry.ending_balance, client.v1.customers.retrieve(ada.id).balance) == (-500, -500)


def test_a_tax_id_is_listed_until_it_is_deleted(client, ada):
    tax_id = client.v1.customers.tax_ids.create(ada.id, {"type": "eu_vat", "value": "FR12345678901"})
    assert_matches_sdk(tax_id.to_dict())
    assert [row.id for row in client.v1.customers.tax_ids.list(ada.id).data] == [tax_id.id]
    client.v1.customers.tax_ids.delete(ada.id, tax_id.id)
    assert client.v1.customers.tax_ids.list(ada.id).data == []


def test_mallory_cannot_read_adas_tax_id_through_her_own_url(client, ada):
    tax_id = client.v1.customers.tax_ids.create(ada.id, {"type": "eu_vat", "value": "FR12345678901"})
    mallory = client.v1.customers.create()
    assert refusal_of(client.v1.customers.tax_ids.retrieve, mallory.id, tax_id.id).http_status == 404


def test_the_account_says_who_sells(client):
    account = client.v1.accounts.retrieve_current()
    assert_matches_sdk(account.to_dict())
    assert isinstance(account, stripe.Account)
