"""What Stripe answered to `make live` is what the sandbox answers; and a replay sees it when it is not."""

import json

from tests.live.errands import ERRANDS
from tests.live.running import RECORDINGS, replay, run, sandbox_place, write


def test_the_sandbox_answers_as_every_recording_says(sandbox):
    """Until somebody has run `make live` there are none; the tests below hold the replaying itself."""
    found = {
        path.name: replay(path, sandbox_place(sandbox.world(path.stem))) for path in sorted(RECORDINGS.glob("*.json"))
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_a_recording_of_a_sandbox_replays_without_a_difference(tmp_path, here, there):
    recording = write(tmp_path, "upgrade", run(ERRANDS["upgrade"], there))
    assert replay(recording, here) == []


def test_a_planted_difference_is_found_and_told(tmp_path, here, there):
    recording = write(tmp_path, "upgrade", run(ERRANDS["upgrade"], there))
    content = json.loads(recording.read_text())
    content["exchanges"][-1]["body"]["latest_invoice"]["amount_due"] += 1
    del content["exchanges"][-1]["body"]["description"]
    recording.write_text(json.dumps(content))
    count, call = len(content["exchanges"]), "POST /v1/subscriptions/<sub:1>"
    assert sorted(replay(recording, here)) == [
        f"{count} {call} · description: Stripe says nothing / sandbox says null",
        f"{count} {call} · latest_invoice.amount_due: Stripe says 2667 / sandbox says 2666",
    ]


def test_an_errand_that_has_changed_since_is_told_apart_from_a_difference(tmp_path, here, there):
    recording = write(tmp_path, "refund", run(ERRANDS["refund"], there))
    recording.write_text(recording.read_text().replace('"amount": "400"', '"amount": "500"'))
    assert [line for line in replay(recording, here) if "record it again" in line]


def test_an_errand_that_is_gone_is_told(tmp_path, here):
    recording = tmp_path / "dance.json"
    recording.write_text('{"errand": "dance", "exchanges": []}')
    assert replay(recording, here) == ["there is no errand 'dance' any more"]


def test_objects_must_stand_for_each_other_throughout(tmp_path, here, there):
    recording = write(tmp_path, "refund", run(ERRANDS["refund"], there))
    content = json.loads(recording.read_text())
    content["exchanges"][-1]["body"]["customer"] = "<cus:2>"
    recording.write_text(json.dumps(content))
    assert [line for line in replay(recording, here) if "customer: Stripe says" in line]
