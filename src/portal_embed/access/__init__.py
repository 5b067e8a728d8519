"""Who is asking, and may they: from a signed link to a session cookie, and the checks around each request.

Read in this order: `links` (the host makes one), `tokens`, `jwt_tokens` (as hosts in other languages do), `entrance` (it is used),
`session`, `guard` (every request), `headers` (every answer).
"""

from portal_embed.access.cookies import delete_cookie, set_cookie
from portal_embed.access.csrf import check_csrf_token, csrf_token
from portal_embed.access.entrance import Arrival, Entrance
from portal_embed.access.guard import SessionGuard
from portal_embed.access.headers import SecurityHeaders
from portal_embed.access.limits import Limits
from portal_embed.access.links import PortalSession, create_session
from portal_embed.access.operations import Operation, Operations
from portal_embed.access.return_url import safe_return_url
from portal_embed.access.session import Session, Sessions
from portal_embed.access.tokens import Handover

__all__ = [
    "Arrival",
    "Entrance",
    "Handover",
    "Limits",
    "Operation",
    "Operations",
    "PortalSession",
    "SecurityHeaders",
    "Session",
    "SessionGuard",
    "Sessions",
    "check_csrf_token",
    "create_session",
    "csrf_token",
    "delete_cookie",
    "safe_return_url",
    "set_cookie",
]
