"""Out of a frame: a handover token by which a framed session goes on with one thing at top level, and comes back.

Payment methods that are approved on a page of their own (PayPal's, a bank's) cannot be saved in a frame: that page forbids to be
framed, and what it leads back to stands at top level, where a browser that keeps sites apart knows nothing of the frame's session.
So the session hands over to another one there, which may do no more than that one thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.access import tokens
from portal_embed.access.flows import AfterCompletion, Flow
from portal_embed.access.return_url import safe_return_url
from portal_embed.access.scopes import PAYMENT_METHODS_READ, PAYMENT_METHODS_WRITE

if TYPE_CHECKING:
    from portal_embed.access.session import Session
    from portal_embed.config import PortalConfig

_FLOW = "payment_method_update"
_SCOPES = frozenset({PAYMENT_METHODS_READ, PAYMENT_METHODS_WRITE})
_LIFE = 60
"""Seconds: the frame's script uses the token at once."""


def may_step_out(config: PortalConfig, session: Session) -> bool:
    """Whether this session stands in a frame and has a way out of it for saving a payment method.

    Not who came by a mail, whose session ends and forbids in other ways than a token can say; not whom the host itself names on
    each request, who is known at top level too. Nor who may have switched to a customer that the host ends by the name of another.
    """
    is_framed = session.framed or session.embed_origin is not None
    may_add = session.may(PAYMENT_METHODS_WRITE) and (session.flow is None or session.flow.type == _FLOW)
    is_one = not (session.customers and session.customer_account)
    return is_framed and may_add and is_one and not session.by_mail and config.identity is None


def way_back(config: PortalConfig, session: Session, return_url: str | None) -> str | None:
    """Where it leads afterwards: the page around the frame, else the session's own way back, else the host's (`return_url`)."""
    ways = (session.host_page, session.return_url, return_url)
    return next((way for way in ways if safe_return_url(way, config.allowed_return_origins) is not None), None)


def token_for(config: PortalConfig, session: Session, *, return_url: str | None, now: float) -> str:
    """A single-use token to add a payment method at top level. `return_url`: where the host's sessions lead back to, if anywhere.

    The same customer, actor and terms with no more than the scopes that this needs; `end_sessions` ends it with the session it
    comes from.
    """
    back = way_back(config, session, return_url)
    after = session.flow.after_completion if session.flow is not None else AfterCompletion()
    if after.type != "redirect" and back is not None:
        after = AfterCompletion(type="redirect", return_url=back)
    token, _ = tokens.create(
        config,
        customer=None if session.customer_account else session.customer,
        customer_account=session.customer_account,
        account=session.account,
        scopes=session.scopes & _SCOPES,
        flow=Flow(type=_FLOW, after_completion=after),
        configuration=session.configuration,
        on_behalf_of=session.on_behalf_of,
        actor=session.actor,
        host_session=session.host_session,
        locale=session.locale,
        return_url=back,
        ttl=_LIFE,
        now=now,
    )
    return token
