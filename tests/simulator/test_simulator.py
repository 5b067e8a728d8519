"""The simulator finds nothing in the portal as it is, and tells what it did."""

from __future__ import annotations

import gc
import random
from collections import Counter
from functools import cache

import pytest

from portal_embed.cli import main
from portal_embed.simulator import simulate
from portal_embed.simulator.deeds import DEEDS

SEEDS, STEPS = range(1, 6), 400
RARE = {"drop a change", "open the bank's question again"}
"""What only somebody does whose bank asked about a change, and who then went back."""


@cache
def ran(seed):
    """The report of one run; several tests read it."""
    return simulate(seed, STEPS)


@pytest.mark.parametrize("seed", SEEDS)
def test_four_hundred_steps_with_nothing_wrong(seed):
    report = ran(seed)

    assert report.steps == STEPS
    assert report.days > 30
    assert report.charges > 5


def test_in_two_thousand_steps_everything_is_done_and_tried_in_every_way():
    done = sum((ran(seed).deeds for seed in SEEDS), Counter())

    assert sum(ran(seed).steps for seed in SEEDS) == 2000
    assert {deed.name for deed in DEEDS if not done[deed.name]} <= RARE
    for way in ("twice at once", "the old form again", "at once", "look at a stranger's", "answer the bank: fail"):
        assert any(way in name for name in done)


def test_the_same_seed_tells_the_same_story():
    told = simulate(11, 60).trace

    assert simulate(11, 60).trace == told
    assert simulate(12, 60).trace != told


def test_the_command_says_how_much_it_did(capsys):
    assert main(["simulate", "--seed", "4", "--steps", "30", "--runs", "2"]) == 0

    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("seed 4: 30 steps, ")
    assert second.startswith("seed 5: 30 steps, ")
    assert "nothing is wrong" in second


def test_it_tells_every_step_when_asked(capsys):
    main(["simulate", "--seed", "4", "--steps", "5", "--verbose"])

    assert "come in by the host's link -> /billing/ 200" in capsys.readouterr().out


def test_it_leaves_the_process_as_it_was():
    random.seed("a test")
    expected, thresholds = random.getstate(), gc.get_threshold()
    simulate(1, 3)

    assert random.getstate() == expected
    assert gc.get_threshold() == thresholds
