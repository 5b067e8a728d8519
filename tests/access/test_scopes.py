"""Eight scopes, three roles, each larger than the one before."""

import pytest

from portal_embed.access.scopes import MANAGE, PAY, ROLES, SCOPES, VIEW, expand


def test_each_role_adds_to_the_one_before():
    assert VIEW < PAY < MANAGE == SCOPES
    assert len(SCOPES) == 8


def test_who_views_changes_nothing():
    assert {scope.split(":")[1] for scope in VIEW} == {"read"}


def test_who_pays_does_not_change_the_plan():
    assert "subscriptions:write" not in PAY


def test_roles_and_scopes_mix():
    assert expand(["view", "invoices:pay"]) == VIEW | {"invoices:pay"}
    assert expand("pay") == ROLES["pay"]
    assert expand(None) == MANAGE


@pytest.mark.parametrize("scopes", [[], "", ["view", "root"], "admin"])
def test_nothing_and_the_unknown_are_refused(scopes):
    with pytest.raises(ValueError, match="scope"):
        expand(scopes)
