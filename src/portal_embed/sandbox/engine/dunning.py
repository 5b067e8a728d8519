"""When an unpaid invoice is tried again, which declines are not worth trying, and what comes when all tries failed."""

from collections.abc import Sequence

from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("an unpaid renewal is retried after 3, 5 and 7 days and then left past_due, unless the world says otherwise", "assumed",
     "MOVES MONEY: on Stripe the Dashboard decides, its default is a smart schedule; the control verb `dunning` sets it here"),
    ("nine hard decline codes keep the retries from reaching the bank until there is another method", "documented",
     "Stripe docs, smart retries: hard decline codes"),
    ("such a retry still counts as an attempt and keeps its schedule", "documented", "Stripe docs, smart retries"),
    ("when the last retry failed the subscription stays past_due, becomes unpaid, or is canceled for `payment_failed`",
     "documented", "Stripe docs, subscription statuses, failed payment settings"),
    ("the renewals of an unpaid subscription stay drafts that nobody charges", "documented",
     "Stripe docs, subscription statuses: unpaid"),
    ("a renewal without any method counts as a failed attempt and is tried again like one", "assumed", "no recording"),
]  # fmt: skip

HARD = frozenset(
    {"incorrect_number", "lost_card", "pickup_card", "stolen_card", "revocation_of_authorization",
     "revocation_of_all_authorizations", "authentication_required", "highest_risk_level", "transaction_not_allowed"}
)  # fmt: skip
"""Decline codes after which the bank is not asked again for the same method."""

_DEFAULT = (3 * 86_400, 5 * 86_400, 7 * 86_400)
_ENDS = ("past_due", "unpaid", "canceled")


def configure(world: World, retry_after: Sequence[int] = _DEFAULT, then: str = "past_due") -> JsonObject:
    """Decide the seconds from one failed attempt to the next, and the subscription's state after the last.

    Raises ValueError for a state that is none of past_due, unpaid, canceled.
    """
    if then not in _ENDS:
        raise ValueError(f"After the last retry a subscription can be {', '.join(_ENDS)}, not {then}.")
    return world.save({"object": "_dunning", "id": "settings", "retry_after": list(retry_after), "then": then})


def _settings(world: World) -> JsonObject:
    return world.get("_dunning", "settings") or {"retry_after": _DEFAULT, "then": "past_due"}


def schedule(world: World, invoice: JsonObject) -> None:
    """Set `next_payment_attempt` after an attempt that failed; None when it was the last."""
    after = _settings(world)["retry_after"]
    tries = invoice["attempt_count"] - 1
    more = invoice["auto_advance"] and tries < len(after)
    invoice["next_payment_attempt"] = world.now() + after[tries] if more else None


def is_last(world: World, invoice: JsonObject) -> bool:
    """Whether every retry of this invoice has failed."""
    return bool(invoice["auto_advance"] and invoice["attempt_count"] > len(_settings(world)["retry_after"]))


def verdict(world: World) -> str:
    """What a subscription becomes when every retry failed."""
    return str(_settings(world)["then"])


def is_hopeless(intent: JsonObject | None, method: str) -> bool:
    """Whether the bank has said of this very method that it need not be asked again."""
    error = (intent or {}).get("last_payment_error") or {}
    return error.get("decline_code") in HARD and (error.get("payment_method") or {}).get("id") == method
