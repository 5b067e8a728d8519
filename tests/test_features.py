"""Every feature in scope has a test that would fail without it, and the table of features can tell."""

from __future__ import annotations

import ast

import pytest

from tests import embedding
from tests.features import FEATURES, _marked, table


@pytest.mark.parametrize("number", FEATURES)
def test_a_feature_in_scope_has_a_test(number):
    assert table()[number], FEATURES[number]


def test_a_mark_names_a_feature_in_scope():
    assert table().keys() == FEATURES.keys()


def test_what_is_skipped_or_tests_nothing_does_not_count():
    module = ast.parse(
        "import pytest\n"
        "@pytest.mark.skip\n@pytest.mark.feature(1)\ndef test_skipped(): ...\n"
        "@pytest.mark.feature(2)\ndef helper(): ...\n"
        "@pytest.mark.feature(3, 4)\nclass TestIt:\n    def test_one(self): ...\n"
        "class Empty:\n    pytestmark = pytest.mark.feature(5)\n"
    )
    assert _marked(module) == [(3, "TestIt"), (4, "TestIt")]


@pytest.mark.parametrize("row", embedding.ROWS, ids=lambda row: row[0])
def test_what_we_say_of_embedding_has_a_test(row):
    _, others, ours, tests = row
    assert len(others.split()) == len(embedding.OTHERS)
    assert all(map(embedding.is_there, tests))
    assert tests or not ours


def test_our_scripts_are_a_fraction_of_the_lightest_portal_s():
    lightest = min(int(number) for number in embedding.ROWS[-1][1].split() if number.isdigit())
    assert embedding.script_kilobytes() < lightest / 3


def test_a_test_that_is_not_there_is_missed():
    assert not embedding.is_there("tests/test_features.py::test_nothing_of_this_name")
