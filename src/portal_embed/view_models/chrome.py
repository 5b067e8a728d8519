"""What stands around every page: navigation, the way back to the host, the footer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation. `route` is the route name, `is_current` marks the page we are on."""

    route: str
    label: str
    is_current: bool


@dataclass(frozen=True)
class Chrome:
    """The frame around a page.

    `business_name`: the host's name, "" if unknown. `return_url`: the checked address of the host's page, None if
    there is none. `nav`: empty when nobody is signed in. `locale` ("en") and `direction` ("ltr" or "rtl") go on the
    root element. `account_label`: whose billing this is, on the overview (the first page after arrival) and where an
    invoice is paid; "" elsewhere. `headline`: what the host says of its billing, "" for nothing. `offers(route)`:
    whether there is such a page to link to. `read_only`: the session may look and change nothing, which every page
    says. `may_switch`: there are other customers to look after. `may_end_session`: offer "Sign out of billing" (not
    where the host itself says who is signed in).
    """

    business_name: str
    return_url: str | None
    nav: tuple[NavItem, ...]
    locale: str
    direction: str
    account_label: str = ""
    privacy_policy_url: str | None = None
    terms_of_service_url: str | None = None
    may_end_session: bool = False
    headline: str = ""
    read_only: bool = False
    may_switch: bool = False
    offers: Callable[[str], bool] = lambda _route: True
