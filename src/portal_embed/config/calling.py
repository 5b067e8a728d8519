"""Calling what the host gave: async as it is, sync in a thread of its own, with a limit on time and on how many are under way."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_AT_ONCE = 16
"""Calls of one callable. What hangs stays under way until it returns, and must not take the threads of anything else with it."""

_under_way: Counter[int] = Counter()
_guard = threading.Lock()


class Busy(Exception):
    """So many calls of it are under way that no further one is made."""


async def called(call: Callable[..., Any], *told: object, slowest: float, at_once: int = MOST_AT_ONCE) -> Any:
    """What `call` answers. `slowest`: seconds.

    Raises `Busy` at once, TimeoutError after `slowest`, RuntimeError for a call that cancels itself, else what the call raises.
    """
    with _guard:
        if _under_way[id(call)] >= at_once:
            raise Busy
        _under_way[id(call)] += 1
    work = _task(call, told) if inspect.iscoroutinefunction(call) else _in_a_thread(call, told)
    found = await _waited(work, slowest)
    return await _waited(asyncio.ensure_future(found), slowest) if inspect.isawaitable(found) else found


async def _waited(work: asyncio.Future[Any], slowest: float) -> Any:
    """Not `asyncio.timeout`, which would wait for a task that will not be canceled."""
    try:
        done, _ = await asyncio.wait({work}, timeout=slowest)
    except asyncio.CancelledError:
        work.cancel()
        raise
    if not done:
        work.cancel()
        raise TimeoutError
    if work.cancelled():
        raise RuntimeError("it was canceled")
    return work.result()


def _task(call: Callable[..., Any], told: tuple[object, ...]) -> asyncio.Future[Any]:
    task: asyncio.Future[Any] = asyncio.ensure_future(call(*told))
    task.add_done_callback(lambda _done: _is_over(call))
    return task


def _in_a_thread(call: Callable[..., Any], told: tuple[object, ...]) -> asyncio.Future[Any]:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Any] = loop.create_future()

    def hand_over(found: Any, error: BaseException | None) -> None:
        if answer.done():  # nobody waits any more
            return
        if error is None:
            answer.set_result(found)
        else:
            answer.set_exception(RuntimeError(repr(error)) if isinstance(error, StopIteration) else error)

    def work() -> None:
        found, error = None, None
        try:
            found = call(*told)
        except BaseException as raised:  # noqa: BLE001  (it is raised again where it is waited for)
            error = raised
        finally:
            _is_over(call)
        try:
            loop.call_soon_threadsafe(hand_over, found, error)
        except RuntimeError:  # the loop has ended meanwhile
            return

    threading.Thread(target=work, daemon=True, name="portal-host-call").start()
    return answer


def _is_over(call: Callable[..., Any]) -> None:
    with _guard:
        _under_way[id(call)] -= 1
        if _under_way[id(call)] <= 0:
            del _under_way[id(call)]
