"""Who is asking, and may they: from a signed link to a session cookie, and the checks around each request.

Read in this order: `links` (the host makes one), `tokens`, `entrance` (it is used), `session`, `guard` (every request),
`headers` (every answer).
"""

from .cookies import delete_cookie, set_cookie
from .csrf import check_csrf_token, csrf_token
from .entrance import Arrival, Entrance
from .guard import SessionGuard
from .headers import SecurityHeaders
from .limits import Limits
from .links import PortalSession, create_session
from .operations import Operation, Operations
from .return_url import safe_return_url
from .session import Session, Sessions
from .tokens import Handover

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
