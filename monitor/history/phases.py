"""How long each phase of a check's runs took, day by day, by a sample of the runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from monitor.domain.checks.observation import CheckId, LocationId, Result
from monitor.domain.time.interval import Interval, Second
from monitor.results.rollups.latency import duration_us
from monitor.results.stores.ports import ResultStore

SAMPLES = 4
"""Parts of a day out of which runs are taken: the evening alone would not be the day."""
RUNS = 30
"""Runs of each part, the newest ones. No store keeps percentiles of phases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseDay:
    """`medians_ms` by phase, in the order in which runs have them, each over the runs that have
    it: medians of phases do not add up to that of the whole."""

    interval: Interval
    runs: int
    medians_ms: Mapping[str, float]


async def phases_of(
    store: ResultStore, check: CheckId, location: LocationId, days: Sequence[Interval]
) -> tuple[PhaseDay, ...]:
    """Of the days that have a run which succeeded. Raises StoreUnavailable or
    StoreMisconfigured."""
    found = []
    for day in days:
        runs: list[Result] = []
        for part in _parts(day):
            runs += await store.results((check, location), part, RUNS)
        timed = [run for run in runs if duration_us(run) is not None]
        if timed:
            found.append(PhaseDay(interval=day, runs=len(timed), medians_ms=_medians(timed)))
    return tuple(found)


def _parts(day: Interval) -> Iterator[Interval]:
    cuts = [Second(day.start + day.seconds * n // SAMPLES) for n in range(SAMPLES + 1)]
    return (Interval(start, end) for start, end in pairwise(cuts))


def _medians(runs: Sequence[Result]) -> dict[str, float]:
    by_phase: dict[str, list[float]] = {}
    for run in runs:
        for phase, taken in run.phases_ms.items():
            by_phase.setdefault(phase, []).append(taken)
    return {phase: median(taken) for phase, taken in by_phase.items()}
