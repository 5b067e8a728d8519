"""How something is done exactly once.

A `Deed` is one confirmed click. Its keys make each step of it repeatable: the same click arriving twice, or sent
again after a lost answer, has one effect in Stripe. `settled` asks Stripe what happened when an answer was lost.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from portal_embed.billing.stripe.errors import NoAnswer
from portal_embed.errors import Conflict, Declined, PortalError, StripeUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

T = TypeVar("T")


@dataclass(frozen=True)
class Deed:
    """One click. `key(step)` is the idempotency key of one of its writes: the same for every arrival of the same click.

    `again`: it has arrived before, so Stripe may only repeat an old answer.
    """

    key: Callable[[str], str]
    again: bool = False


async def settled(
    write: Callable[[], Awaitable[T]], happened: Callable[[], Awaitable[bool]], *, again: bool = False
) -> T | None:
    """Do the write. Should Stripe's answer be lost, ask whether it took effect: then the answer is None, as if all
    were well.

    Raises what the write raised when it had no effect, or when that cannot be found out: then `outcome_unknown` stays
    true. So it does when Stripe may still be at work, because what is not there now may be there in a moment.

    `again`: the click has arrived before. Stripe then repeats its old answer and does nothing; where something has undone
    the effect since, that is a `Conflict` and no success.
    """
    try:
        answer = await write()
    except StripeUnavailable as error:
        if not error.outcome_unknown:
            raise
        try:
            done = await happened()
        except PortalError:
            raise error from None
        if done:
            return None
        if isinstance(error, NoAnswer):
            raise
        if again:  # Stripe repeats an old failure for good, too: only a new click gets a new answer
            raise Conflict("the same click as before, whose effect is gone by now") from error
        raise StripeUnavailable(str(error), stripe_request_id=error.stripe_request_id) from error
    if again and not await happened():
        raise Conflict("the same click as before, whose effect is gone by now")
    return answer


@contextmanager
def underway() -> Iterator[None]:
    """From here on something has taken effect: what fails now must not read as "nothing was changed".

    A decline passes, because it says itself what became of the money.
    """
    try:
        yield
    except Declined:
        raise
    except PortalError as error:
        raise StripeUnavailable(str(error), outcome_unknown=True, stripe_request_id=error.stripe_request_id) from error
