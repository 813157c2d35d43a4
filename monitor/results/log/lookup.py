"""The result log as the raw store: single rows by their place, and runs without their evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from monitor.domain.checks.observation import CheckId, LocationId, LoggedResult, Outcome
from monitor.domain.time.eras import Eras
from monitor.domain.time.interval import Interval, Second
from monitor.results.log.ports import FoldKey
from monitor.results.log.reader import SqliteResultReader
from monitor.results.log.rows import result_of
from monitor.results.rollups.latency import phases_us
from monitor.results.stores.ports import Timed

_AT_ONCE = 500
_SUCCEEDED = (Outcome.UP, Outcome.DEGRADED)


class SqliteResultLookup(SqliteResultReader):
    """Implements `monitor.results.stores.ports.TimedReader` as well."""

    def timed(self, after: int, limit: int) -> Sequence[Timed]:
        with self._lock:
            return self._behind(after, limit, self._timed)

    def timed_at(self, seqs: Sequence[int]) -> list[Timed]:
        """As `at`."""
        found: list[Timed] = []
        for part in _parts(seqs):
            with self._lock:
                found += self._timed(f"seq IN ({_marks(part)}) ORDER BY seq", part)
        return found

    def timed_tail(self, key: FoldKey, after: int, since: Second) -> list[Timed]:
        """One check's runs after a cursor whose slots are not before a second; as `tail`."""
        with self._lock:
            found = self._timed(
                "seq > ? AND check_id = ? AND location = ? AND slot >= ? ORDER BY seq",
                (after, *key, since),
            )
        return [run for run in found if not run.is_absurd]

    def at(self, seqs: Sequence[int]) -> list[LoggedResult]:
        """The rows at these places that are still there, in order of `seq`."""
        found: list[LoggedResult] = []
        for part in _parts(seqs):
            with self._lock:
                rows = self._results(f"seq IN ({_marks(part)}) ORDER BY seq", part)
            found += map(result_of, rows)
        return found

    def tail(self, key: FoldKey, after: int, span: Interval) -> list[LoggedResult]:
        """The results of one check that stand after a cursor, in order of `seq`, without absurd
        ones. It walks through the rows, so the cursor has to be near the end."""
        with self._lock:
            rows = self._results(
                "seq > ? AND check_id = ? AND location = ? AND slot >= ? AND slot < ? ORDER BY seq",
                (after, *key, span.start, span.end),
            )
        found = map(result_of, rows)
        return [row for row in found if not row.is_absurd]

    def known_eras(self) -> Eras:
        return Eras(self.eras())

    def _timed(self, condition: str, values: tuple[object, ...]) -> list[Timed]:
        absurd = "absurd" if self._is_indexed() else "0"
        rows = self._rows(
            f"SELECT seq, check_id, location, slot, outcome, phases, {absurd}"  # noqa: S608
            f" FROM result WHERE {condition}",
            values,
        )
        return [_timed(*row) for row in rows]


def _parts(seqs: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """In order, each with as many as one statement may name."""
    ordered = sorted(seqs)
    for first in range(0, len(ordered), _AT_ONCE):
        yield tuple(ordered[first : first + _AT_ONCE])


def _marks(part: Sequence[int]) -> str:
    return ",".join("?" * len(part))


def _timed(
    seq: int, check: str, location: str, slot: int, outcome: str, phases: str | None, absurd: int
) -> Timed:
    return Timed(
        seq=seq,
        key=(CheckId(check), LocationId(location)),
        slot=Second(slot),
        duration_us=_duration_us(outcome, phases),
        is_absurd=bool(absurd),
    )


def _duration_us(outcome: str, phases: str | None) -> int | None:
    """As `monitor.results.rollups.latency.duration_us`, without the whole result."""
    if phases is None or outcome not in _SUCCEEDED:
        return None
    phases_ms: dict[str, float] = json.loads(phases)
    return phases_us(phases_ms)
