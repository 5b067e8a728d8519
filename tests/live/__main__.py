"""`make live`: the same errands at Stripe, with a test key, and at the sandbox; prints where they differ.

    STRIPE_LIVE_CHECK_KEY=sk_test_… make live                      # all errands, a few minutes
    STRIPE_LIVE_CHECK_KEY=sk_test_… make live ARGS='upgrade tax'   # some

It makes test clocks and, on them, customers; products, coupons and tax rates marked as its own; and deletes or archives
all of it. It names no object that it did not make. Exit code 0: no difference; 1: some; 2: it did not run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from portal_embed.sandbox import Sandbox
from tests.live.compare import differences
from tests.live.errands import ERRANDS
from tests.live.running import RECORDINGS, Place, run, sandbox_place, write
from tests.live.safety import Refused, key_from
from tests.live.wire import SLOWLY, client_on


def main(arguments: list[str], environ: Mapping[str, str]) -> int:
    """Refuse or run; returns the exit code."""
    try:
        key = key_from(environ)
        names = _wanted(arguments)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return check(names, lambda wire: client_on(wire, key), RECORDINGS, SLOWLY)


def check(names: list[str], there: Place, folder: Path, pause: float) -> int:
    """Run errands there and at a sandbox, print the differences, write the recordings; returns the exit code."""
    total = 0
    with Sandbox() as sandbox:
        for name in names:
            print(f"\n{name}: {(ERRANDS[name].__doc__ or '').strip()}", flush=True)
            theirs = run(ERRANDS[name], there, pause)
            if (theirs.broke or "").startswith("AuthenticationError"):
                print(f"Stripe does not take the key: {theirs.broke}", file=sys.stderr)
                return 2
            ours = run(ERRANDS[name], sandbox_place(sandbox.world(name)))
            lines = differences(theirs.exchanges, ours.exchanges)
            if theirs.broke:
                lines.append(f"broke off at Stripe, so nothing is recorded: {theirs.broke}")
            else:
                write(folder, name, theirs)
            if ours.broke:
                lines.append(f"broke off at the sandbox: {ours.broke}")
            lines += [*theirs.left, *ours.left]
            print("\n".join(f"  {line}" for line in lines) or "  no difference", flush=True)
            total += len(lines)
    print(f"\n{total} differences in {len(names)} errands; recordings in {folder}")
    return 1 if total else 0


def _wanted(arguments: list[str]) -> list[str]:
    unknown = [name for name in arguments if name not in ERRANDS]
    if unknown:
        raise Refused(f"There is no errand {', '.join(unknown)}; there are {', '.join(ERRANDS)}.")
    return arguments or list(ERRANDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
