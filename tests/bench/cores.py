"""Which process runs where."""

from __future__ import annotations

import os

SERVER_CORE, OTHER_CORE = 0, 1
"""What is measured has a core to itself; what it talks to, and who asks it, share the other."""


def pin(core: int) -> None:
    """Stay on one core, where the system can do that and has as many."""
    if hasattr(os, "sched_setaffinity") and core < (os.cpu_count() or 1):
        os.sched_setaffinity(0, {core})
