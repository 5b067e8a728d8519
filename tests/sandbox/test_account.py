"""The account behind a key, and the colours that its merchant chose."""

import pytest

from tests.sandbox.support import sdk


def branding(client):
    return client.v1.accounts.retrieve_current().settings.branding


def test_no_colour_is_chosen_at_first(client):
    assert (branding(client).primary_color, branding(client).secondary_color) == (None, None)


def test_colours_are_the_account_s_own_until_others_are_chosen(world, client):
    world.own("sk_test_eu", "acct_1Eu")
    world.brand(primary_color="#112233", secondary_color="#0a5cff")
    world.brand(primary_color="#ffffff", account="acct_1Eu")
    assert (branding(client).primary_color, branding(client).secondary_color) == ("#112233", "#0a5cff")
    assert branding(sdk(world, "sk_test_eu")).primary_color == "#ffffff"
    connected = client.v1.accounts.retrieve_current(options={"stripe_account": "acct_1Eu"})
    assert (connected.id, connected.settings.branding.primary_color) == ("acct_1Eu", "#ffffff")

    world.brand(secondary_color="#0b6e75")
    assert (branding(client).primary_color, branding(client).secondary_color) == (None, "#0b6e75")


def test_another_name_is_no_colour(world):
    with pytest.raises(ValueError, match="tertiary_color"):
        world._control("branding", tertiary_color="#0a5cff")
