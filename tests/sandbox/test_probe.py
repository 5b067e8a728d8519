"""A probe written for any Stripe emulator, run against ours: what it answers is right, what it does not know it refuses."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

LEFT_TO_OTHERS = {
    "client side: customer_sessions.create (payment_element)",
    "client side: confirmation_tokens (test helper create, retrieve)",
    "client side: setup_intents.confirm(confirmation_token)",
    "client side: ephemeral_keys / payment_method_configurations / payment_method_domains",
    "hosted: billing_portal.sessions create (flow_data)",
    "hosted: checkout.sessions create mode=setup / subscription, retrieve",
    "hosted: payment_links create",
    "hosted: entitlements.active_entitlements.list(customer)",
}
"""What comes with the features that will use it; until then it is refused as an unknown URL."""
PROBE = Path(__file__).with_name("probe.py")


@pytest.fixture(scope="module")
def outcome(sandbox, tmp_path_factory):
    """The probe's rows, and every exchange it had."""
    folder = tmp_path_factory.mktemp("probe")
    url = sandbox.world("probe").api_base
    command = [
        sys.executable,
        str(PROBE),
        f"sandbox={url}",
        "--json",
        str(folder / "rows.json"),
        "--capture",
        str(folder),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=110)
    return json.loads((folder / "rows.json").read_text())["sandbox"], json.loads((folder / "sandbox.json").read_text())


def test_all_that_a_portal_needs_is_answered_rightly(outcome):
    rows, _ = outcome
    assert len(rows) == 116
    wrong = {f"{row['group']}: {row['name']}": row["why"] for row in rows if row["result"] != "ok"}
    assert wrong.keys() == LEFT_TO_OTHERS, {name: why for name, why in wrong.items() if name not in LEFT_TO_OTHERS}


def test_everything_else_is_refused_and_nothing_is_made_up(outcome):
    rows, exchanges = outcome
    last_status = {exchange["check"]: exchange["status"] for exchange in exchanges}
    pretended = [
        f"{row['group']}: {row['name']} ({row['result']}: {row['why']})"
        for row in rows
        if row["result"] != "ok" and last_status[f"{row['group']}: {row['name']}"] not in (400, 404)
    ]
    assert pretended == []


def test_the_sandbox_itself_never_fails(outcome):
    _, exchanges = outcome
    assert [exchange["url"] for exchange in exchanges if exchange["status"] >= 500] == []
