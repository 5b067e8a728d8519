"""The memory store keeps its word across threads and event loops, and refuses rather than forgets."""

import asyncio
import threading

import pytest

from portal_embed.config import Store
from portal_embed.errors import Conflict, StoreUnavailable
from portal_embed.store import MemoryStore


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(clock):
    return MemoryStore(clock=clock, max_entries=100)


def test_it_is_a_store_of_one_process(store):
    assert isinstance(store, Store)
    assert not store.shared_between_processes


async def test_only_the_first_may_mark_a_key(store, clock):
    assert await store.add_once("k", 10)
    assert not await store.add_once("k", 10)
    clock.now += 10
    assert await store.add_once("k", 10)


async def test_put_once_answers_what_was_there(store):
    assert await store.put_once("k", "first", 10) is None
    assert await store.put_once("k", "second", 10) == "first"
    assert await store.get("k") == "first"


async def test_put_replaces_and_delete_forgets(store):
    await store.put("k", "a", 10)
    await store.put("k", "b", 10)
    assert await store.get("k") == "b"
    await store.delete("k")
    await store.delete("k")
    assert await store.get("k") is None


async def test_a_value_leaves_when_its_time_has_come(store, clock):
    await store.put("short", "v", 5)
    await store.put("long", "v", 50)
    clock.now += 5

    assert await store.get_many(["short", "long", "none"]) == [None, "v", None]


async def test_writing_again_gives_new_time(store, clock):
    await store.put("k", "a", 5)
    clock.now += 4
    await store.put("k", "b", 5)
    clock.now += 4

    assert await store.get("k") == "b"


async def test_counting_starts_anew_after_its_time(store, clock):
    assert [await store.incr("k", 10) for _ in range(3)] == [1, 2, 3]
    clock.now += 9
    assert await store.incr("k", 10) == 4
    clock.now += 1
    assert await store.incr("k", 10) == 1


async def test_when_full_it_makes_room_from_what_has_expired_and_then_refuses(store, clock):
    for number in range(100):
        await store.put(f"k{number}", "v", 10 if number else 5)
    with pytest.raises(StoreUnavailable):
        await store.add_once("one more", 10)
    await store.put("k1", "still writable", 10)
    clock.now += 5

    assert await store.add_once("one more", 10)


async def test_memory_does_not_grow_by_writing_one_key_again_and_again(store):
    for _ in range(10_000):
        await store.put("k", "v", 1000)

    assert len(store._expiries) < 200


async def test_a_lock_is_held_by_one(store):
    async with store.lock("k", ttl=30, wait=0):
        with pytest.raises(Conflict):
            async with store.lock("k", ttl=30, wait=0):
                pass
    async with store.lock("k", ttl=30, wait=0):
        pass


async def test_a_lock_waits_until_it_is_free(store):
    order = []

    async def hold(name):
        async with store.lock("k", ttl=30, wait=5):
            order.append(f"{name} in")
            await asyncio.sleep(0.01)
            order.append(f"{name} out")

    await asyncio.gather(hold("a"), hold("b"), hold("c"))

    assert [order[i].split()[0] == order[i + 1].split()[0] for i in (0, 2, 4)] == [True] * 3


async def test_a_lock_is_let_go_after_an_error(store):
    with pytest.raises(RuntimeError):
        async with store.lock("k", ttl=30, wait=0):
            raise RuntimeError
    async with store.lock("k", ttl=30, wait=0):
        pass


async def test_who_held_a_lock_too_long_does_not_free_the_next_holders(store, clock):
    slow = store.lock("k", ttl=5, wait=0)
    await slow.__aenter__()
    clock.now += 5
    async with store.lock("k", ttl=5, wait=0):
        await slow.__aexit__(None, None, None)
        with pytest.raises(Conflict):
            async with store.lock("k", ttl=5, wait=0):
                pass


def test_several_event_loops_share_it(store):
    won = []

    def worker():
        async def race():
            return [await store.add_once(f"k{number}", 10) for number in range(50)]

        won.extend(asyncio.run(race()))

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(won) == 50


def test_it_can_be_written_without_an_event_loop_and_inside_one(store):
    async def inside():
        store.put_sync("inside", "v", 10)
        return await store.get("outside")

    store.put_sync("outside", "v", 10)

    assert asyncio.run(inside()) == "v"
    assert store.snapshot() == {"outside": "v", "inside": "v"}
