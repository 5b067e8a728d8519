"""What a run ends in: a report of what was done, or the find, with all that is needed to see it again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


class Broken(Exception):
    """An invariant does not hold. The message says which, where, and how to see it again."""

    def __init__(self, check: str, wrong: str, seed: int, step: int, diary: list[str]) -> None:
        """`check`: the invariant's name. `wrong`: what is wrong, in a sentence."""
        self.check = check
        self.seed = seed
        self.step = step
        story = "\n".join(f"  {line}" for line in diary)
        super().__init__(
            f"{check}: {wrong}\nseed {seed}, step {step}; the last steps were\n{story}\n"
            f"To see it again: portal-embed simulate --seed {seed} --steps {step}"
        )


@dataclass
class Report:
    """A run without a find. `deeds`: how often each thing was done; `trace` the whole diary."""

    seed: int
    steps: int
    days: int = 0
    charges: int = 0
    deeds: Counter[str] = field(default_factory=Counter)
    trace: list[str] = field(default_factory=list)
