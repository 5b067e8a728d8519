"""What the host's log says of each deed: who did what to which thing, and the key by which Stripe's own events know it."""

from __future__ import annotations

import logging


def test_a_deed_is_logged_with_its_actor_and_the_key_that_stripe_saw(world, visit, caplog):
    ada = world.live("monthly", days=10)
    browser = visit(ada["customer"], actor="user_42")
    page = browser.get(f"/subscriptions/{ada['subscription']}/cancellation")

    with caplog.at_level(logging.INFO, logger="portal_embed"):
        browser.submit(page.form("/cancellation"))

    [line] = [r.getMessage() for r in caplog.records if "cancellations.create" in r.getMessage()]
    [write] = [call for call in world.requests() if call["method"] == "POST" and ada["subscription"] in call["path"]][
        -1:
    ]
    assert f"cancellations.create:{ada['subscription']} done by user_42" in line
    assert write["idempotency_key"] in line


def test_a_refused_deed_is_logged_as_refused(world, visit, caplog):
    ada = world.live("monthly", days=10)
    browser = visit(ada["customer"])
    page = browser.get(f"/subscriptions/{ada['subscription']}/cancellation")
    world.fail("/v1/subscriptions/", status=500, times=9)

    with caplog.at_level(logging.INFO, logger="portal_embed"):
        browser.submit(page.form("/cancellation"))

    [line] = [r.getMessage() for r in caplog.records if "cancellations.create" in r.getMessage()]
    assert "by the customer" in line
    assert "done" not in line
