"""Eras of the clock as JSON and back."""

from __future__ import annotations

import json
from dataclasses import asdict

from monitor.domain.time.eras import Era, EraSpan, Origin
from monitor.domain.time.interval import Second


def era_row(era: Era) -> str:
    return json.dumps({**asdict(era), "lineage": [tuple(asdict(s).values()) for s in era.lineage]})


def read_era(told: str) -> Era:
    kept = json.loads(told)
    kept["origin"] = Origin(kept["origin"])
    kept["lineage"] = tuple(_span_of(*span) for span in kept["lineage"])
    return Era(**kept)


def _span_of(
    era: int, since: Second, until: Second, after_step: bool, breaks_runs: bool | None = None
) -> EraSpan:
    """A version before kept steps alone that end runs."""
    is_broken = after_step if breaks_runs is None else breaks_runs
    return EraSpan(era, since, until, after_step=after_step, breaks_runs=is_broken)
