"""The result log as the raw store: single rows by their place, and looks without their evidence."""

from __future__ import annotations

import json
from collections.abc import Sequence

from monitor.adapters.result_log_reader import SqliteResultReader
from monitor.adapters.result_log_rows import result_of
from monitor.domain.interval import Interval, Second
from monitor.domain.latency import phases_us
from monitor.domain.observation import CheckId, LocationId, LoggedResult, Outcome
from monitor.ports.results import FoldKey
from monitor.ports.store import Timed

_AT_ONCE = 500
_SUCCEEDED = (Outcome.UP, Outcome.DEGRADED)


class SqliteResultLookup(SqliteResultReader):
    """Implements `monitor.ports.store.TimedReader` as well."""

    def timed(self, after: int, limit: int) -> Sequence[Timed]:
        with self._lock:
            rows = self._rows(
                "SELECT seq, check_id, location, slot, outcome, phases FROM result"
                " WHERE seq > ? ORDER BY seq LIMIT ?",
                (after, limit),
            )
        return [_timed(*row) for row in rows]

    def timed_tail(self, key: FoldKey, after: int, since: Second) -> list[Timed]:
        """One check's looks after a cursor whose slots are not before a second; as `tail`."""
        with self._lock:
            rows = self._rows(
                "SELECT seq, check_id, location, slot, outcome, phases FROM result"
                " WHERE seq > ? AND check_id = ? AND location = ? AND slot >= ? ORDER BY seq",
                (after, *key, since),
            )
        return [_timed(*row) for row in rows]

    def at(self, seqs: Sequence[int]) -> list[LoggedResult]:
        """The rows at these places that are still there, in order of `seq`."""
        found: list[LoggedResult] = []
        ordered = sorted(seqs)
        for first in range(0, len(ordered), _AT_ONCE):
            part = ordered[first : first + _AT_ONCE]
            marks = ",".join("?" * len(part))
            with self._lock:
                rows = self._results(f"seq IN ({marks}) ORDER BY seq", tuple(part))
            found += map(result_of, rows)
        return found

    def tail(self, key: FoldKey, after: int, span: Interval) -> list[LoggedResult]:
        """The results of one check that stand after a cursor, in order of `seq`: a walk, so the
        cursor has to be near the end."""
        with self._lock:
            rows = self._results(
                "seq > ? AND check_id = ? AND location = ? AND slot >= ? AND slot < ? ORDER BY seq",
                (after, *key, span.start, span.end),
            )
        return [result_of(row) for row in rows]


def _timed(
    seq: int, check: str, location: str, slot: int, outcome: str, phases: str | None
) -> Timed:
    return Timed(
        seq=seq,
        key=(CheckId(check), LocationId(location)),
        slot=Second(slot),
        duration_us=_duration_us(outcome, phases),
    )


def _duration_us(outcome: str, phases: str | None) -> int | None:
    """As `monitor.domain.latency.duration_us`, without the whole result."""
    if phases is None or outcome not in _SUCCEEDED:
        return None
    held: dict[str, float] = json.loads(phases)
    return phases_us(held)
