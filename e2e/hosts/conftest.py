"""Each host application is started once, with two customers of its own."""

from __future__ import annotations

import pytest

from e2e.hosts.running import HOSTS, settings_for, users_file


@pytest.fixture(scope="module", params=HOSTS)
def site(request, sandbox, tmp_path_factory):
    """A running host application where `ada` and `bob` can sign in: `site.lives` has their lives in the sandbox."""
    folder = tmp_path_factory.mktemp("host")
    world = sandbox.world(folder.name)
    lives = {
        "ada": world.live("monthly", name="Ada Lovelace", email="ada@example.com"),
        "bob": world.live("monthly", price="starter_monthly", name="Bob Noyce", email="bob@example.com"),
    }
    users = users_file(folder, {name: life["customer"] for name, life in lives.items()})
    with HOSTS[request.param](settings_for(world, users)) as running:
        running.lives = lives
        running.books = world.stripe_client()
        yield running


@pytest.fixture
def host(site):
    """Where `Visit` goes: to the portal of this host."""
    return site
