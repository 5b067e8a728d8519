"""What must not grow unnoticed: calls to Stripe and rounds of waiting per errand, bytes per page. `make bench` prints the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal_embed.sandbox import Sandbox
from tests.bench.errands import CHANGE, OTHER_CHANGES, Clerk, calls_of, run_errands, run_other_changes
from tests.bench.weights import asset_weight, scripts_of, styles_of
from tests.serving import hosting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal_embed.sandbox import SandboxWorld
    from tests.bench.errands import Errand
    from tests.serving import Host

SLOW = 0.1
"""Seconds that a call takes, so that those made together are seen to overlap."""

CALLS_AND_WAVES = {
    "overview": (4, 1),
    "next charge": (2, 2),
    "invoice list": (1, 1),
    "one invoice": (2, 1),
    "payment methods": (3, 1),
    "add method: form": (4, 3),
    "add method: save": (7, 7),
    "plan page": (1, 1),
    "plan preview": (2, 2),  # where list prices tell what comes after; else one more beside the second
    "change plan": (3, 3),
    "cancel page": (3, 2),  # the last one: what Stripe says is still billed
    "cancel": (2, 2),
    "keep after all": (2, 2),
    "pay page": (4, 2),  # one of them: is a bank debit on its way already?
    "pay": (5, 4),
}
"""Errand → at most so many calls, at most so many rounds of waiting; with products and prices known to the process."""

OTHER_CALLS = {"with a discount in force": 6, "with a code": 10, "at the period's end": 7}
"""The change of a plan where there is more to it: at most so many calls, preview and click together."""

SCRIPT_BYTES, STYLE_BYTES = 18_000, 10_000
"""Of a page, brotli."""
EMBED_BYTES = 4_000
"""Of the script in the host's own page, brotli."""


@pytest.fixture(scope="module")
def world() -> Iterator[SandboxWorld]:
    """A world of a sandbox that answers slowly."""
    with Sandbox(seed="budgets") as sandbox:
        world = sandbox.world("budgets")
        world.latency(SLOW)
        yield world


@pytest.fixture(scope="module")
def host(world: SandboxWorld) -> Iterator[Host]:
    """A portal for it."""
    with hosting(world) as host:
        yield host


@pytest.fixture(scope="module")
def errands(world: SandboxWorld, host: Host) -> dict[str, Errand]:
    """All errands, done once."""
    return {errand.name: errand for errand in run_errands(world, host)}


@pytest.fixture
def ada(world: SandboxWorld, host: Host) -> Iterator[Clerk]:
    """A customer who has just arrived."""
    clerk = Clerk(world, host, "monthly")
    yield clerk
    clerk.visitor.close()


def test_a_plan_is_changed_with_five_calls_from_the_choice_to_the_new_plan(errands):
    assert sum(errands[name].asked.count for name in CHANGE) <= 5


def test_other_changes_are_counted_beside_it_and_ask_no_more_often_than_they_did(world):
    with hosting(world, features=OTHER_CHANGES) as host:
        found = run_other_changes(world, host)
    counted = {name: preview.count + click.count for name, (preview, click) in found.items()}
    assert set(counted) == set(OTHER_CALLS)
    assert all(counted[name] <= most for name, most in OTHER_CALLS.items()), counted


def test_every_errand_has_a_budget(errands):
    assert set(errands) == set(CALLS_AND_WAVES)


@pytest.mark.parametrize("name", CALLS_AND_WAVES)
def test_an_errand_makes_no_more_calls_to_stripe_than_its_budget(errands, name):
    assert errands[name].asked.count <= CALLS_AND_WAVES[name][0]


@pytest.mark.parametrize("name", CALLS_AND_WAVES)
def test_an_errand_waits_for_stripe_no_more_often_than_its_budget(errands, name):
    assert errands[name].asked.waves <= CALLS_AND_WAVES[name][1]


def test_every_action_leads_to_a_page_read_anew_in_one_wave(errands):
    shown = {errand.name: errand.shown for errand in errands.values() if errand.shown is not None}
    assert shown
    assert {name: (calls.count > 0, calls.waves) for name, calls in shown.items()} == dict.fromkeys(shown, (True, 1))


def test_products_are_read_once_a_process_and_not_once_a_customer(world, host, ada):
    ada.read("overview", "/")
    bob = Clerk(world, host, "monthly")
    bob.read("overview", "/")
    bob.visitor.close()
    assert "/v1/products" not in {call["path"] for call in world.requests()}


def test_calls_of_one_wave_overlap_and_those_of_two_do_not():
    together = [{"started": 0.0, "ended": 1.0}, {"started": 0.1, "ended": 1.1}]
    after = [{"started": 1.2, "ended": 2.0}]
    assert (calls_of(together).waves, calls_of(together + after).waves) == (1, 2)


def test_a_page_loads_less_than_18_kb_of_our_script(ada):
    ada.read("overview", "/")
    scripts = scripts_of(ada.page.response.text)
    assert scripts
    assert asset_weight(scripts).brotli < SCRIPT_BYTES


def test_the_page_with_the_payment_element_loads_less_than_18_kb_of_our_script(ada):
    ada.read("payment methods", "/payment-methods")
    ada.open_payment_page("add method")
    scripts = scripts_of(ada.page.response.text)
    assert scripts
    assert asset_weight(scripts).brotli < SCRIPT_BYTES


def test_a_page_loads_less_than_10_kb_of_our_styles(ada):
    ada.read("overview", "/")
    styles = styles_of(ada.page.response.text)
    assert styles
    assert asset_weight(styles).brotli < STYLE_BYTES


def test_the_script_that_hosts_load_stays_small():
    assert asset_weight(["embed/embed.js"]).brotli < EMBED_BYTES
