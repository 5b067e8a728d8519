"""The simulator finds each fault that is planted, and tells how to see it again."""

from __future__ import annotations

import pytest

from portal_embed.cli import main
from portal_embed.simulator import Broken, simulate, step_checks
from tests.simulator.plants import PLANTS, nobody_asks_whose_it_is

MOST_STEPS = 4000
"""So many steps at most may a planted fault live."""


@pytest.mark.parametrize("plant", PLANTS, ids=str)
def test_a_planted_fault_is_found(plant, monkeypatch):
    plant.sow(monkeypatch)
    found = first_find(MOST_STEPS, plant.seed)

    assert found.check in plant.found_by


def test_every_invariant_of_a_step_is_broken_by_some_plant():
    found_by = {name for plant in PLANTS for name in plant.found_by}

    assert {check.__name__ for check in step_checks.STEPS} <= found_by


def test_a_find_is_seen_again_by_what_it_says(monkeypatch, capsys):
    nobody_asks_whose_it_is(monkeypatch)
    found = first_find(MOST_STEPS)
    seed, step = found.seed, found.step

    assert main(["simulate", "--seed", str(seed), "--steps", str(step)]) == 1
    told = capsys.readouterr().err
    assert told.strip() == str(found)
    assert told.startswith(found.check)
    assert f"portal-embed simulate --seed {seed} --steps {step}" in told
    assert main(["simulate", "--seed", str(seed), "--steps", str(step - 1)]) == 0


def first_find(steps, first=1, each=250):
    """The first thing that is found, by one seed after the other, `first` before all others."""
    for seed in dict.fromkeys([first, *range(1, 1 + steps // each)]):
        try:
            simulate(seed, each)
        except Broken as found:
            return found
    raise AssertionError(f"nothing was found in {steps} steps")
