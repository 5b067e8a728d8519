"""The outbox: a page never waits for mail and never fails with it."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from portal_embed import Mail
from portal_embed.mail import outbox as module
from portal_embed.mail.outbox import Outbox

MAIL = Mail(kind="login_code", to="ada@example.com", subject="Code", text="123", html="<p>123", locale="en")


class Sent(list):
    async def __call__(self, mail):
        self.append(mail)


async def test_a_mail_is_handed_over_after_the_page():
    sent = Sent()
    outbox = Outbox(sent.__call__)
    outbox.put(MAIL)
    assert sent == []
    await outbox.drain()
    assert sent == [MAIL]


async def test_a_plain_function_runs_in_a_thread_of_its_own():
    threads = []
    outbox = Outbox(lambda _mail: threads.append(threading.get_ident()))
    outbox.put(MAIL)
    await outbox.drain()
    assert threads[0] != threading.get_ident()


async def test_an_object_that_answers_a_coroutine_is_awaited():
    sent = Sent()
    outbox = Outbox(sent)
    outbox.put(MAIL)
    await outbox.drain()
    assert sent == [MAIL]


@pytest.mark.parametrize(("failures", "arrives"), [(1, True), (2, False)])
async def test_it_is_tried_twice(failures, arrives, caplog):
    tries = []

    async def send(mail):
        tries.append(mail)
        if len(tries) <= failures:
            raise OSError(f"{mail.to} is unknown")

    outbox = Outbox(send, pause=0)
    with caplog.at_level(logging.INFO, logger="portal_embed"):
        outbox.put(MAIL)
        await outbox.drain()
    assert len(tries) == 2
    assert ("mail login_code was handed over" in caplog.text) is arrives
    assert "ada@example.com" not in caplog.text
    assert "OSError" in caplog.text


async def test_one_that_hangs_is_given_up(monkeypatch, caplog):
    monkeypatch.setattr(module, "SLOWEST", 0.01)

    async def send(_mail):
        await asyncio.Event().wait()

    outbox = Outbox(send, pause=0)
    outbox.put(MAIL)
    await outbox.drain()
    assert "TimeoutError" in caplog.text


async def test_what_waits_is_bounded(monkeypatch, caplog):
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    sent = Sent()
    outbox = Outbox(sent.__call__)
    for _ in range(5):
        outbox.put(MAIL)
    await outbox.drain()
    assert len(sent) == 3
    assert "dropped" in caplog.text


async def test_drain_waits_for_what_comes_of_what_it_waits_for():
    sent = Sent()
    outbox = Outbox(sent.__call__)

    async def find_out_whom():
        await asyncio.to_thread(lambda: None)
        outbox.put(MAIL)

    outbox.later(find_out_whom(), "looking up")
    await outbox.drain()
    assert sent == [MAIL]


async def test_without_a_mailer_the_outbox_is_closed():
    assert not Outbox(None).is_open
    assert Outbox(Sent().__call__).is_open
