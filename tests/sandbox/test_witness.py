"""The check that stands behind every test can fail: it sees what is missing, unknown or of a wrong type."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox.annotations import problems_of
from tests.sandbox.witness import shape_of


@pytest.fixture
def ada(client):
    """A customer as the API tells it."""
    return client.v1.customers.create({"name": "Ada"}).to_dict()


def test_a_right_body_has_no_problems(ada):
    assert problems_of(ada) == []


def test_a_missing_key_is_seen_though_it_might_be_null(ada):
    del ada["phone"]
    assert problems_of(ada) == ["customer.phone: missing, Customer requires it"]


def test_an_unknown_key_is_seen(ada):
    assert problems_of({**ada, "nickname": "Countess"}) == ["customer.nickname: not declared by Customer"]


def test_a_wrong_type_is_seen(ada):
    (problem,) = problems_of({**ada, "balance": "0"})
    assert problem.startswith("customer.balance: '0' does not fit")


def test_a_null_where_none_may_be_is_seen(ada):
    (problem,) = problems_of({**ada, "livemode": None})
    assert problem.startswith("customer.livemode: null")


def test_an_object_inside_a_list_is_looked_at(ada):
    del ada["email"]
    answer = {"object": "list", "data": [ada], "has_more": False, "url": "/v1/customers"}
    assert problems_of(answer) == ["list[0].email: missing, Customer requires it"]


def test_what_the_api_answers_is_read_along(sandbox, client):
    before = sandbox.app._api.checked
    client.v1.customers.create({"metadata": {"a_key_that_nobody_else_has": "1"}})
    assert sandbox.app._api.problems() == []
    assert sandbox.app._api.checked == before + 1


def test_answers_that_differ_in_names_and_numbers_have_one_shape(client):
    one, other = (client.v1.customers.create({"name": name}).to_dict() for name in ("Ada Lovelace", "Bob B."))
    assert shape_of(json.dumps(one).encode()) == shape_of(json.dumps(other).encode())


@pytest.mark.parametrize(
    "change",
    [
        *({"phone": 5}, {"balance": "0"}, {"tax_exempt": "sometimes"}, {"nick": "x"}, {"name": None}),
        *({"preferred_locales": ["de-AT"]}, {"balance": 0.5}, {"livemode": True}, {"metadata": None}),
    ],
)
def test_another_type_word_or_key_is_another_shape(client, change):
    ada = client.v1.customers.create({"name": "Ada Lovelace"}).to_dict()
    assert shape_of(json.dumps(ada).encode()) != shape_of(json.dumps({**ada, **change}).encode())


PLANTED = """
import urllib.request
from portal_embed.sandbox import Sandbox

def test_a_page():
    with Sandbox() as sandbox:
        world = sandbox.app.worlds.realm("default", sandbox.url).account().world
        world.save({"object": "tax_rate", "id": "txr_1", "percentage": "twenty"})
        headers = {"Authorization": "Bearer sk_test_planted"}
        request = urllib.request.Request(f"{sandbox.url}/v1/tax_rates/txr_1", headers=headers)
        assert b"twenty" in urllib.request.urlopen(request).read()
"""


@pytest.mark.parametrize("room", ["tests", "e2e"])
def test_a_wrong_body_is_reported_whatever_test_of_the_suite_it_is_answered_to(tmp_path, room):
    root = Path(__file__).parents[2]
    (tmp_path / "conftest.py").write_text((root / room / "conftest.py").read_text("utf-8"))
    (tmp_path / "test_planted.py").write_text(PLANTED)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert "1 passed, 1 error" in done.stdout, done.stdout + done.stderr
    assert "GET /v1/tax_rates/txr_1: tax_rate.percentage: 'twenty' does not fit" in done.stdout
