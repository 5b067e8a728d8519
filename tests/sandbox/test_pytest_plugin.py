"""What the sandbox gives to hosts: fixtures for their tests, a running sandbox, Stripe's client."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from portal_embed.sandbox import Sandbox, SandboxWorld

pytest_plugins = ["portal_embed.sandbox.pytest_plugin"]
ROOT = Path(__file__).parents[2]


def host_test():
    """The host's own test that the README shows."""
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (found,) = [block for block in blocks if "pytest_plugins" in block]
    return found


def test_the_readmes_host_test_passes_in_a_project_of_its_own(tmp_path):
    (tmp_path / "test_billing.py").write_text(host_test())
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
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_it_has_at_most_ten_lines():
    assert len(host_test().splitlines()) <= 10


@pytest.mark.parametrize("visit", ["first", "second"])
def test_every_test_has_a_world_of_its_own(stripe_world, visit):
    assert stripe_world.stripe_client().v1.customers.list().data == []
    stripe_world.life("monthly")


def test_a_world_is_named_after_its_test_so_that_its_ids_stay_the_same(stripe_world):
    assert stripe_world.api_base.endswith("test_a_world_is_named_after_its_test_so_that_its_ids_stay_the_same")


def test_the_same_seed_gives_the_same_ids():
    ids = []
    for _ in range(2):
        with Sandbox(seed="ada") as running:
            ids.append(running.world("ada").life("monthly"))
    assert ids[0] == ids[1]


def test_stripes_client_takes_its_options(world: SandboxWorld):
    client = world.stripe_client("rk_test_ada_reads", stripe_account="acct_1erin")
    client.v1.customers.list()
    assert world.requests()[-1]["account"] == "acct_1erin"


def test_importing_the_product_does_not_bring_the_sandbox():
    code = "import sys, portal_embed; sys.exit('portal_embed.sandbox' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
