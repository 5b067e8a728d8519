"""Calling what the host gave: nobody waits longer than said, and what hangs takes nothing else with it."""

from __future__ import annotations

import asyncio
import functools
import threading

import pytest

from portal_embed.config.calling import Busy, called


@pytest.fixture
def hanging():
    """A sync callable that hangs until the test is over."""
    over = threading.Event()
    yield lambda *_told: over.wait(30)
    over.set()


def test_sync_and_async_callables_and_those_that_answer_something_to_await():
    async def later(value):
        return value + 1

    async def ask():
        return [await called(call, 1, slowest=5) for call in (later, lambda value: value + 1, functools.partial(later))]

    assert asyncio.run(ask()) == [2, 2, 2]


def test_what_it_raises_is_raised_and_a_call_that_cancels_itself_is_a_failure():
    def cancels():
        raise asyncio.CancelledError

    async def cancels_later():
        raise asyncio.CancelledError

    def ends():
        raise StopIteration

    async def ask(call):
        await called(call, slowest=5)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(ask(lambda: 1 / 0))
    for call in (cancels_later, ends):
        with pytest.raises(RuntimeError):
            asyncio.run(ask(call))
    with pytest.raises((RuntimeError, asyncio.CancelledError)):
        asyncio.run(ask(cancels))


def test_an_async_one_that_will_not_be_canceled_is_not_waited_for():
    async def ask():
        released = asyncio.Event()

        async def stubborn():
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                await released.wait()

        with pytest.raises(TimeoutError):
            await called(stubborn, slowest=0.01)
        released.set()  # only now: had it been waited for, nobody would be here

    asyncio.run(asyncio.wait_for(ask(), 20))


def test_what_hangs_leaves_the_threads_of_others_alone_and_is_not_called_without_end(hanging):
    async def ask():
        hung = [asyncio.ensure_future(called(hanging, slowest=0.05, at_once=8)) for _ in range(20)]
        answers = await asyncio.gather(*hung, return_exceptions=True)
        others = await asyncio.wait_for(asyncio.to_thread(lambda: "here"), 5)
        return [type(answer) for answer in answers], others, await called(lambda: "there", slowest=5)

    kinds, others, another = asyncio.run(ask())
    assert (kinds.count(TimeoutError), kinds.count(Busy)) == (8, 12)
    assert (others, another) == ("here", "there")


def test_once_it_answers_again_it_is_called_again():
    async def ask():
        release = threading.Event()
        wait = release.wait  # one object: each look at the attribute makes another
        with pytest.raises(TimeoutError):
            await called(wait, slowest=0.01, at_once=1)
        with pytest.raises(Busy):
            await called(wait, slowest=0.01, at_once=1)
        release.set()
        while True:
            try:
                return await called(wait, slowest=5, at_once=1)
            except Busy:
                await asyncio.sleep(0)

    assert asyncio.run(ask()) is True
