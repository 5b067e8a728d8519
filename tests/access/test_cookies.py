"""One cookie, in the one jar that fits, and none when two compete."""

import pytest

from portal_embed.access.cookies import cookie_name, delete_cookie, read_cookie, set_cookie
from tests.access.portal import make_config

CONFIG = make_config()
LOCAL = make_config(base_url="http://localhost:8000/billing")
NAME, FRAMED = cookie_name(CONFIG), cookie_name(CONFIG, framed=True)


def test_first_party_the_cookie_is_lax_and_bound_to_the_host():
    assert set_cookie(CONFIG, "v") == f"{NAME}=v; Path=/; Secure; HttpOnly; SameSite=Lax"
    assert NAME.startswith("__Host-pe_")


def test_in_a_cross_site_frame_it_is_partitioned():
    assert set_cookie(CONFIG, "v", framed=True) == f"{FRAMED}=v; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
    assert FRAMED.startswith("__Host-pex_")


def test_on_plain_http_on_this_machine_it_has_neither_prefix_nor_secure():
    line = set_cookie(LOCAL, "v")

    assert line == f"{cookie_name(LOCAL)}=v; Path=/; HttpOnly; SameSite=Lax"
    assert cookie_name(LOCAL).startswith("pe_")


@pytest.mark.parametrize("framed", [False, True])
def test_it_is_deleted_with_the_attributes_it_was_set_with(framed):
    made, gone = set_cookie(CONFIG, "", framed=framed), delete_cookie(CONFIG, framed=framed)

    assert gone == made + "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"


def test_two_portals_on_one_host_have_two_cookies():
    assert cookie_name(make_config(base_url="https://app.example.com/other")) != NAME


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], None),
        (["other=1"], None),
        ([f"{NAME}=v"], ("v", False)),
        ([f"a=b;{NAME}=v ; c"], ("v", False)),
        ([f"{FRAMED}=v"], ("v", True)),
        ([f"{NAME}=v", "a=b"], ("v", False)),
        ([f"{NAME}=v; {NAME}=w"], None),
        ([f"{NAME}=v; {NAME}=v"], None),
        ([f"{NAME}=v", f"{NAME}=w"], None),
        ([f"{NAME}=v; {FRAMED}=w"], None),
        ([f"{NAME}"], None),
        ([f"x{NAME}=v"], None),
    ],
)
def test_one_session_cookie_is_read_and_several_are_none(headers, found):
    assert read_cookie(CONFIG, headers) == found
