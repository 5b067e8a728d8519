"""A handover token of either kind: one of ours (`tokens`), or a JWT that a host in another language signed (`jwt_tokens`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.access import jwt_tokens, tokens

if TYPE_CHECKING:
    from portal_embed.access.tokens import Handover
    from portal_embed.config import PortalConfig


def verify(config: PortalConfig, token: object, now: float, *, expired_ok: bool = False) -> Handover:
    """What `token` says, or `LinkRefused` with a one-word reason: see `tokens.verify`. JWTs count only where there are keys."""
    if config.jwt_keys and jwt_tokens.is_jwt(token):
        token = jwt_tokens.exchanged(config, token, now)
    return tokens.verify(config, token, now, expired_ok=expired_ok)
