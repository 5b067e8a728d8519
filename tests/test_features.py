"""Every feature in scope has a test that would fail without it, and the table of features can tell."""

from __future__ import annotations

import ast

import pytest

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
