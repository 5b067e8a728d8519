"""The README does what it says: its quick start runs, its table has every setting, its map every room, its paths exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import portal_embed
from portal_embed.cli import parser
from portal_embed.config.settings import ENVIRONMENT
from portal_embed.sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title):
    """The text below a heading, up to the next of its kind."""
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)[1]


def python_blocks(text):
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def world():
    """A world of a sandbox, where Ada pays by the month."""
    with Sandbox(seed="readme") as running:
        yield running.world("readme")


def test_the_quick_start_is_at_most_twelve_lines():
    (quick_start,) = python_blocks(section("Quick start"))

    assert len(quick_start.splitlines()) <= 12


def test_the_quick_start_leads_a_customer_from_the_host_to_their_overview(world, monkeypatch):
    ada = world.life("monthly")
    settings = {
        "STRIPE_SECRET_KEY": "sk_test_readme",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_readme",
        "STRIPE_API_BASE": world.api_base,
        "STRIPE_JS_URL": world.stripe_js_url,
        "PORTAL_SECRET_KEYS": "an-example-key-of-forty-letters-and-more",
        "PORTAL_BASE_URL": "http://localhost:8000/billing",
    }
    for name in ENVIRONMENT.values():
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    (quick_start,) = python_blocks(section("Quick start"))
    host = {"customer_of": lambda _request: ada}
    exec(compile(quick_start, "README.md", "exec"), host)

    navigation = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    with TestClient(host["app"], base_url="http://localhost:8000", headers=navigation) as browser:
        overview = browser.post("/manage-billing")
        browser.portal.call(host["portal"].aclose)

    assert overview.url == "http://localhost:8000/billing/"
    assert overview.status_code == 200
    assert "Pro" in overview.text
    assert 'href="/account"' in overview.text


@pytest.mark.parametrize("block", python_blocks(README))
def test_every_block_of_python_compiles_and_names_only_what_the_package_has(block):
    compile(block, "README.md", "exec")
    for names in re.findall(r"^from portal_embed import (.+)$", block, re.MULTILINE):
        for name in names.split(", "):
            assert hasattr(portal_embed, name)


def test_the_table_of_settings_has_every_variable_and_no_other():
    rows = re.findall(r"^\| `([A-Z_]+)` \|", section("Settings"), re.MULTILINE)

    assert sorted(rows) == sorted(ENVIRONMENT.values())


def test_every_command_is_in_the_readme():
    (commands,) = [action for action in parser()._actions if action.metavar == "<command>"]

    assert {name for name in commands.choices if f"portal-embed {name}" not in README} == set()


def test_the_map_names_every_room():
    package = ROOT / "src" / "portal_embed"
    rooms = {path.name for path in package.iterdir() if path.is_dir() and not path.name.startswith("_")}
    named = set(re.findall(r"^\| `(\w+)/` \|", section("Map of the rooms"), re.MULTILINE))

    assert rooms == named


def test_every_file_the_readme_points_to_is_there():
    paths = re.findall(r"\]\((?!https?://|#)([^)]+)\)", README)

    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_pitch_is_three_sentences():
    pitch = README.split("\n\n")[1]

    assert len(re.findall(r"[.!?](?:\s|$)", pitch)) == 3
