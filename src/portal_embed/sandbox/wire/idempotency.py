"""Idempotency keys: the first answer is kept and given again (recorded from Stripe's API, Aug 2026)."""

from dataclasses import dataclass
from hashlib import sha256

from portal_embed.sandbox.wire.errors import StripeError

TRUTH = [
    (
        "The same key with the same parameters gives the first answer byte for byte.",
        "recorded",
        "Stripe's API, Aug 2026",
    ),
    (
        "The same key with other parameters is refused with 400 `idempotency_error`.",
        "recorded",
        "Stripe's API, Aug 2026",
    ),
    (
        "Refusals and failures are repeated too, once execution has begun.",
        "documented",
        "Stripe docs, idempotent requests",
    ),
    ("Keys count on POST only; refused parameters are not kept.", "documented", "Stripe docs, idempotent requests"),
    (
        "A key whose first request still runs gives 409 `idempotency_key_in_use`.",
        "documented",
        "Stripe docs; wording assumed",
    ),
]


@dataclass
class Kept:
    """The first answer to a key; `status` 0 while it is being made."""

    fingerprint: bytes
    request_id: str
    status: int = 0
    body: bytes = b""


class Keys:
    """The keys of one account. They are kept as long as the world lives."""

    def __init__(self) -> None:
        """No keys yet."""
        self._kept: dict[str, Kept] = {}

    def begin(self, key: str, path: str, body: bytes, request_id: str) -> Kept | None:
        """The kept answer to repeat, or None after noting that this request is the first with `key`."""
        fingerprint = sha256(path.encode() + b"\0" + body).digest()
        kept = self._kept.get(key)
        if kept is None:
            self._kept[key] = Kept(fingerprint, request_id)
            return None
        if kept.fingerprint != fingerprint:
            raise StripeError(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try "
                f"using a key other than '{key}' if you meant to execute a different request.",
                type="idempotency_error",
            )
        if not kept.status:
            raise StripeError(
                f"There is currently another in-progress request using this Idempotent Key: {key}.",
                status=409,
                type="idempotency_error",
                code="idempotency_key_in_use",
            )
        return kept

    def finish(self, key: str, status: int, body: bytes) -> None:
        """Keep the answer."""
        kept = self._kept[key]
        kept.status, kept.body = status, body

    def forget(self, key: str) -> None:
        """The request never ran (bad parameters, a failure before it): the key is free again."""
        kept = self._kept.get(key)
        if kept is not None and not kept.status:
            del self._kept[key]
