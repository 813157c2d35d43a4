"""Checks whose runs themselves fail time after time: reported in one message for all of them.

`probe_error` says nothing of the target, so no incident reports it. A check whose secret is gone,
or whose target has found a bug of ours, would stay without data for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.domain.catalogue import Catalogue
from monitor.domain.change import MACHINE, Change
from monitor.domain.checks.observation import (
    CheckId,
    FailureId,
    Json,
    LocationId,
    LoggedResult,
    Outcome,
    Result,
)
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.i18n.alert_subject import one_line, shortened
from monitor.journal.ports import JournalTransaction
from monitor.self_monitoring.system_alert import system_alerts

PROBE_ERROR = FailureId("probe_error")
RUNS = 5
"""In a row; one run may fail for want of file descriptors, which is over with the next."""
_EVERY_S = 3600
_NAMED = 3
_LONGEST_REASON = 160
_Place = tuple[CheckId, LocationId]


@dataclass(frozen=True, slots=True)
class _Broken:
    since: Second
    reason: str


class BrokenWatch:
    """A check is reported once, until a run of it says something of its target again; one message
    an hour at most, also across restarts."""

    def __init__(self) -> None:
        self._broken: dict[_Place, tuple[int, Second]] = {}
        self._reported: set[CheckId] = set()
        self._new: dict[CheckId, _Broken] = {}
        self._quiet_until = Second(0)

    def take(self, rows: Iterable[LoggedResult]) -> None:
        for row in rows:
            result = row.result
            if row.is_absurd:
                continue
            if result.failure == PROBE_ERROR:
                self._count(result)
            elif self._broken and result.outcome is not Outcome.UNKNOWN:
                self._forget(result)

    def _count(self, result: Result) -> None:
        place = (result.check, result.location)
        runs, since = self._broken.get(place, (0, result.slot))
        self._broken[place] = (runs + 1, since)
        if runs + 1 >= RUNS and result.check not in self._reported:
            self._new[result.check] = _Broken(since, result.message)

    def _forget(self, result: Result) -> None:
        if self._broken.pop((result.check, result.location), None) is not None:
            self._reported.discard(result.check)
            self._new.pop(result.check, None)

    def report(self, tx: JournalTransaction, catalogue: Catalogue, now: Second) -> bool:
        """Returns whether anything was reported; what was not waits for the next hour."""
        if not self._new or now < self._quiet_until:
            return False
        hour = now // _EVERY_S
        self._quiet_until = Second((hour + 1) * _EVERY_S)
        since = min(broken.since for broken in self._new.values())
        subject = f"{SystemAlert.CHECK_BROKEN}:{int(since)}:{_about(self._new)}"
        if not tx.outbox.enqueue(
            system_alerts(f"{SystemAlert.CHECK_BROKEN}:{hour}", subject, catalogue.alerting, now)
        ):
            return False
        tx.changes.append([_change(check, broken, now) for check, broken in self._new.items()])
        self._reported.update(self._new)
        self._new = {}
        return True


def _change(check: CheckId, broken: _Broken, now: Second) -> Change:
    after: dict[str, Json] = {"since": int(broken.since), "message": broken.reason}
    return Change(
        at=now,
        actor=MACHINE.id,
        kind=SystemAlert.CHECK_BROKEN,
        subject=str(check),
        before={},
        after=after,
    )


def _about(found: Mapping[CheckId, _Broken]) -> str:
    """
    >>> broken = _Broken(Second(0), "ValueError: x")
    >>> _about({CheckId("a"): broken}), _about({CheckId(c): broken for c in "abcde"})
    ('a=ValueError: x', 'a, b, c +2=ValueError: x')
    """
    names = sorted(found)
    more = f" +{len(names) - _NAMED}" if len(names) > _NAMED else ""
    reason = shortened(one_line(found[names[0]].reason), _LONGEST_REASON)
    return f"{', '.join(names[:_NAMED])}{more}={reason}"
