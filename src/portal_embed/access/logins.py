"""Signing in by email: a request that the browser keeps, a code and a link that go to the address, and the proof by either.

Nothing is stored until somebody proves something. The request is a signed value in the form; the code is made from it by
our keys, so only who reads the mail knows it; used requests and failed tries stand in the store.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal_embed.access import keys
from portal_embed.errors import LinkRefused, PortalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal_embed.config import PortalConfig, Store

LIFE = 10 * 60
"""Seconds in which a code or link works."""
MOST_TRIES = 5
"""Wrong codes for one request; then it is dead."""
EMAIL = re.compile(r"[^@\s<>\"(),:;\\\x00-\x20\x7f]{1,64}@[^@\s<>\"(),:;\\\x00-\x20\x7f]{1,189}")

_CODE, _LINK = "login-code", "login-link"
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
"""No vowels, so that no code spells a word; nothing that is read as something else."""
_LENGTH = 8


class WrongCode(PortalError):
    """Not the code that was mailed. `tries_left` is 0 when another one has to be asked for."""

    status = 422
    slug = "wrong_code"

    def __init__(self, tries_left: int) -> None:
        """`tries_left`: for this request."""
        super().__init__(f"{tries_left} tries left")
        self.tries_left = tries_left


@dataclass(frozen=True, kw_only=True)
class LoginRequest:
    """Somebody wants in as whoever reads `email`. `renews`: the expired link that is to work again, None for a plain sign-in.
    `subscribed`: they wanted to buy what they have already, see `pages/logins.py`.

    `expires` in seconds since 1970.
    """

    nonce: str
    email: str
    expires: int
    renews: str | None = None
    subscribed: bool = False


class Logins:
    """Makes requests, and checks what comes back."""

    def __init__(self, config: PortalConfig, store: Store, clock: Callable[[], float]) -> None:
        """`clock`: seconds since 1970."""
        self._config = config
        self._store = store
        self._clock = clock

    def ask(self, email: str, *, renews: str | None = None, subscribed: bool = False) -> LoginRequest:
        """A new request for an address (its form must have been checked)."""
        expires = int(self._clock()) + LIFE
        return LoginRequest(
            nonce=secrets.token_urlsafe(16), email=email, expires=expires, renews=renews, subscribed=subscribed
        )

    def form_token(self, asked: LoginRequest) -> str:
        """What the page keeps while its reader looks for the code."""
        return self._seal(_CODE, asked)

    def link_token(self, asked: LoginRequest) -> str:
        """What the mailed link carries. It opens a page; only that page's button uses it up."""
        return self._seal(_LINK, asked)

    def code(self, asked: LoginRequest) -> str:
        """The code that is mailed: "KRTP-7XQ2"."""
        return _shown(self._codes(asked)[0])

    def read_form(self, token: object) -> LoginRequest:
        """The request that a page kept. Raises `LinkRefused`."""
        return self._open(_CODE, token)

    def read_link(self, token: object) -> LoginRequest:
        """The request of a mailed link, used up or not. Raises `LinkRefused`."""
        return self._open(_LINK, token)

    async def prove_by_code(self, token: object, typed: str) -> LoginRequest:
        """Who holds the page also reads the mail. Raises `WrongCode`, or `LinkRefused` when it is old or used."""
        asked = self._open(_CODE, token)
        tries = await self._store.incr(keys.store_key("login-tries", asked.nonce), LIFE)
        if tries > MOST_TRIES:
            raise WrongCode(0)
        given = re.sub(r"[^A-Z0-9]", "", typed.upper())[:32]
        if not any(hmac.compare_digest(code.encode(), given.encode()) for code in self._codes(asked)):
            raise WrongCode(MOST_TRIES - tries)
        return await self._use_up(asked)

    async def prove_by_link(self, token: object) -> LoginRequest:
        """Who pressed the button of the link's page reads the mail. Raises `LinkRefused` when it is old or used."""
        return await self._use_up(self._open(_LINK, token))

    async def _use_up(self, asked: LoginRequest) -> LoginRequest:
        """Code and link are one thing: whichever comes first uses up both."""
        if not await self._store.add_once(keys.store_key("login-used", asked.nonce), LIFE + 60):
            raise LinkRefused("replay")
        return asked

    def _codes(self, asked: LoginRequest) -> list[str]:
        """One for each signing key, so that a key can be replaced while a mail is on its way; the newest first."""
        made = keys.macs(self._config, _CODE, f"{asked.nonce}\0{asked.email}\0{asked.renews or ''}")
        return [_letters(base64.urlsafe_b64decode(mac + "=")) for mac in made]

    def _seal(self, purpose: str, asked: LoginRequest) -> str:
        claims: dict[str, Any] = {
            "n": asked.nonce,
            "e": asked.email,
            "exp": asked.expires,
            "aud": self._config.base_url,
        }
        if asked.renews is not None:
            claims["r"] = asked.renews
        if asked.subscribed:
            claims["s"] = True
        return keys.sign(self._config, purpose, claims)

    def _open(self, purpose: str, token: object) -> LoginRequest:
        try:
            claims = keys.unsign(self._config, purpose, token)
        except keys.Unsigned as refused:
            raise LinkRefused(str(refused)) from None
        if claims.get("aud") != self._config.base_url or type(claims.get("exp")) is not int:
            raise LinkRefused("audience")
        if self._clock() >= claims["exp"]:
            raise LinkRefused("expired")
        return LoginRequest(
            nonce=claims["n"],
            email=claims["e"],
            expires=claims["exp"],
            renews=claims.get("r"),
            subscribed=claims.get("s") is True,
        )


def _letters(mac: bytes) -> str:
    number = int.from_bytes(mac[:16], "big")
    made = ""
    for _ in range(_LENGTH):
        number, index = divmod(number, len(_LETTERS))
        made += _LETTERS[index]
    return made


def _shown(code: str) -> str:
    return f"{code[: _LENGTH // 2]}-{code[_LENGTH // 2 :]}"
