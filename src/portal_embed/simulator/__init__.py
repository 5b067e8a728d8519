"""Random customers do random things in the portal, under random failures, while time passes; the books are checked after
every step.

`simulate(seed, steps)` is the whole of it. Nothing that runs in production imports it.
"""

from portal_embed.simulator.play import simulate
from portal_embed.simulator.report import Broken, Report

__all__ = ["Broken", "Report", "simulate"]
