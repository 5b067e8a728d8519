"""What stands around every page: navigation, the way back to the host, the footer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal_embed.config.deciding import NavLink


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation. `route` is the route name, `is_current` marks the page we are on.

    `label` its words.
    """

    route: str
    label: str
    is_current: bool


@dataclass(frozen=True)
class Frame:
    """What the page tells a host that frames it: never who, which object, or where.

    `origins`: who may frame it, and the only ones it speaks to. `view`: the section, "overview". `changed`: what was just
    done ("canceled"), "" for nothing. `is_done`: the flow is complete. `problem`: the status of an error page, 0 for none.
    `expires_in`: seconds until the session ends if nothing is done, None where nobody is signed in. `customer`: a digest that
    tells whether a fresh session is still about the same one. `session`: the session itself where no cookie keeps it, "" where
    one does; `at`: the address of the page then, because it may be the answer to a form.
    """

    origins: tuple[str, ...]
    view: str
    changed: str
    is_done: bool
    problem: int
    expires_in: int | None
    customer: str
    session: str = ""
    at: str = ""


@dataclass(frozen=True)
class Piece:
    """What a piece of a host's page tells the script that holds it; as in `Frame`.

    `name`: which piece it is, "invoices". `is_entry`: its first page, which has no way back. `styles`: the addresses of its
    stylesheets, the portal's first. `view`, `changed`, `problem`, `expires_in` and `customer`: as a frame's.
    """

    name: str
    view: str
    changed: str
    problem: int
    expires_in: int | None
    customer: str
    styles: tuple[str, ...]
    is_entry: bool = False


@dataclass(frozen=True)
class ChallengeWidget:
    """The host's CAPTCHA: `script`, its address, and `markup`, the widget, which is not escaped again (it has `__html__`)."""

    script: str
    markup: str


@dataclass(frozen=True)
class Chrome:
    """The frame around a page.

    `business_name`: the host's name, "" if unknown. `return_url`: the checked address of the host's page, None if there
    is none. `nav`: empty when nobody is signed in. `locale` ("en") and `direction` ("ltr" or "rtl") go on the root
    element. `account_label`: whose billing this is, on the overview (the first page after arrival) and where an invoice
    is paid; "" elsewhere. `headline`: what the host says of its billing, "" for nothing. `logo`: the address of the
    host's image, "" for none, `logo_dark` the one for dark pages; `scheme`: "auto", or the one of light and dark that
    holds. `offers(route)`: whether there is such a page to link to. `read_only`: the session may look and change
    nothing, which every page says. `may_switch`: there are other customers to look after. `may_end_session`: offer
    "Sign out of billing" (not where the host itself says who is signed in). `frame`: None where no other page may frame
    this one. `piece`: None for a whole page. `layout`: the template around the page. `theme_of`: the Stripe account
    whose look it has, None for the portal's own. `links`: the host's own entries of the navigation. `challenge`: its
    CAPTCHA, on the pages that have one. `embedded`: a page of the host's stands around this one, with the host's name
    on it and the way back. `privacy_policy_url` and `terms_of_service_url`: the host's, None for none.
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
    embedded: bool = False
    headline: str = ""
    logo: str = ""
    logo_dark: str = ""
    scheme: str = "auto"
    read_only: bool = False
    may_switch: bool = False
    offers: Callable[[str], bool] = lambda _route: True
    frame: Frame | None = None
    piece: Piece | None = None
    layout: str = "layouts/whole.html"
    theme_of: str | None = None
    links: tuple[NavLink, ...] = ()
    challenge: ChallengeWidget | None = None
