"""The last run of every check, as small as the operators' metrics need it.

A whole result with its evidence takes ten times the memory; what is held here is rewritten by each
row that the tick reads, and by nothing else: after a start a check has none until its next run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import (
    ComponentId,
    FailureId,
    Json,
    LoggedResult,
    Outcome,
    Result,
)
from monitor.domain.checks.thresholds import TOO_SLOW
from monitor.domain.time.interval import Second
from monitor.results.log.ports import FoldKey


class LastRun(NamedTuple):
    """A tuple, for the tick makes one of every row, in half the time of a frozen dataclass.

    `phases` that happened, in their order, with the milliseconds `spent_ms` in each.

    `certificate_until` is when the certificate expires that was seen last under this revision of
    the configuration, for a run that fails before it sees one does not make it last longer.
    """

    slot: Second
    revision: int
    outcome: Outcome
    failure: FailureId | None
    phases: tuple[str, ...]
    spent_ms: tuple[float, ...]
    certificate_until: Second | None
    era: int = 0

    @property
    def total_ms(self) -> float:
        return sum(self.spent_ms)


class LastRuns:
    """One for each (check, location) that was seen; written by the core's tick alone."""

    def __init__(self) -> None:
        self._runs: dict[FoldKey, LastRun] = {}
        self._phases: dict[tuple[str, ...], tuple[str, ...]] = {}

    def take(self, rows: Iterable[LoggedResult]) -> None:
        """Hold what these rows say; a late one says nothing about the present, nor does an absurd
        one. A later era's is newer, whatever its clock showed."""
        for row in rows:
            if row.is_absurd:
                continue
            result = row.result
            key = (result.check, result.location)
            before = self._runs.get(key)
            if before is None or (before.era, before.slot) < (result.era, result.slot):
                self._runs[key] = self._run(result, before)

    def slow(self, component: ComponentId, catalogue: Catalogue) -> float | None:
        """How many ms the component's slowest last run took, of those that were too slow."""
        found = [
            run.total_ms
            for check in catalogue.checks_of(component)
            for place in check.locations
            if (run := self._runs.get((check.id, place))) and run.failure == TOO_SLOW
        ]
        return max(found, default=None)

    def copy(self) -> Mapping[FoldKey, LastRun]:
        """As they are now, for another thread to read."""
        return dict(self._runs)

    def _run(self, result: Result, before: LastRun | None) -> LastRun:
        # Thousands of runs share a handful of tuples of phases.
        phases = tuple(result.phases_ms)
        until = certificate_until(result.evidence)
        if until is None and before is not None and before.revision == result.revision:
            until = before.certificate_until
        return LastRun(
            result.slot,
            result.revision,
            result.outcome,
            result.failure,
            self._phases.setdefault(phases, phases),
            tuple(result.phases_ms.values()),
            until,
            result.era,
        )


def certificate_until(evidence: Mapping[str, Json]) -> Second | None:
    """When the certificate in a run's evidence expires; every probe over TLS puts it there.

    >>> certificate_until({"tls": {"not_after": "1970-01-02T00:00:00+00:00"}})
    86400
    >>> certificate_until({"status": 200}), certificate_until({"tls": {"not_after": "soon"}})
    (None, None)
    """
    tls = evidence.get("tls")
    if tls is None or not isinstance(tls, Mapping):
        return None
    written = tls.get("not_after")
    return _second(written) if isinstance(written, str) else None


@lru_cache(maxsize=4096)
def _second(written: str) -> Second | None:
    try:
        return Second(int(datetime.fromisoformat(written).timestamp()))
    except ValueError:
        return None
