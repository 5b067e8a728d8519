"""What was used."""

from __future__ import annotations

from msgspec import Struct


class MeterSummary(Struct, frozen=True, kw_only=True):
    """What a customer's use adds up to from `start_time` (inclusive) to `end_time` (exclusive), unix seconds."""

    aggregated_value: float
    start_time: int
    end_time: int
