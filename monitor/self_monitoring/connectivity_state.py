"""Whether the monitor itself is online: one alert when it goes offline, one when it is back.

It depends on a few lines: one for each connectivity check, and our resolver. Each is followed by
itself, in the order of the log, so that no clock can mislead it. One thing is reported for all
connectivity checks: that the monitor is offline. It is reported as over when every line has worked
for a while, for a line that is cut for moments is cut all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from monitor.domain.catalogue import Catalogue, Check
from monitor.domain.checks.connectivity import NO_NETWORK, NO_RESOLVER, RESOLVER
from monitor.domain.checks.observation import Outcome, Result
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import FoldKey
from monitor.self_monitoring.system_alert import raise_alert

CONTRADICTED = 5
"""So many failures of a check in a row are reported that were attributed to our line while other
checks had results by it."""
_LONGEST_WAIT_S = 600.0
_MOST_NAMES = 20
_OFFLINE_CURSOR, _UNRESOLVED_CURSOR = "blind_since", "unresolved_since"
CheckedResult = tuple[Result, Check]


@dataclass(slots=True)
class _AffectedCheck:
    """A check whose failures have counted as our own since its last result about its target."""

    since: Second
    interval: int
    result_count: int
    """The line's `result_count` at the check's last failure."""
    received_at: float
    """When a row last said so; monotonic."""
    contradicted: int = 0
    """Failures in a row between which other checks had results."""


@dataclass(slots=True)
class Line:
    """What the rows say of one connectivity check's line, or of our resolver."""

    name: str
    since: Second | None = None
    """The slot in which its present time offline began."""
    offline_at: float = float("-inf")
    """When a row last said so that no other result contradicts; monotonic."""
    result_count: int = 0
    """How many results by this line say something of their targets."""
    affected: dict[FoldKey, _AffectedCheck] = field(default_factory=dict)
    servers: tuple[str, ...] = ()
    had_other_failure: bool = False
    """Whether a run since the last offline one failed for a reason that is not the line's."""
    _count_at_offline: int = 0
    _is_last_offline: bool = False

    @property
    def is_offline(self) -> bool:
        return self._is_last_offline and bool(self.affected)

    @property
    def has_received(self) -> bool:
        return self.result_count > 0 or self.had_other_failure or bool(self.affected)

    @property
    def has_results_since(self) -> bool:
        """Whether any check had a result by it since the last offline run."""
        return self.result_count > self._count_at_offline

    @property
    def is_well(self) -> bool:
        return self.since is None and not self.affected

    def add_offline(self, result: Result, check: Check, monotonic: float) -> None:
        """A failure that is attributed to the line."""
        key = (result.check, result.location)
        check_state = self.affected.get(key)
        if check_state is not None:
            check_state.received_at = monotonic
        if check_state is not None and check_state.result_count != self.result_count:
            check_state.contradicted += 1
            check_state.result_count = self.result_count
            return
        if check_state is None:
            interval = check.policy.interval
            check_state = self.affected[key] = _AffectedCheck(
                result.slot, interval, self.result_count, monotonic
            )
        check_state.contradicted = 0
        self._count_at_offline, self.had_other_failure = self.result_count, False
        self._is_last_offline, self.offline_at = True, monotonic
        self.since = self.since or result.slot

    def add_result(self, key: FoldKey) -> None:
        self.result_count += 1
        self._is_last_offline = False
        if self.affected:
            self.affected.pop(key, None)

    def add_other_failure(self, key: FoldKey) -> None:
        """A run that says nothing of the line: its check is not affected by it any more."""
        self.had_other_failure = True
        self.affected.pop(key, None)

    def expire(self, hold: float, received_at: float) -> None:
        """Drop checks whose rows stopped coming while others' came: none is affected for ever."""
        silent_keys = [
            key
            for key, one in self.affected.items()
            if received_at - one.received_at > max(hold, 2.0 * one.interval)
        ]
        for key in silent_keys:
            del self.affected[key]

    def has_worked(self, hold: float, monotonic: float) -> bool:
        """Whether it has for `hold` seconds, as far as the affected check that runs most often can
        tell; not while it is open whether one of them is disputed."""
        if self.is_offline or any(one.contradicted for one in self.affected.values()):
            return False
        soonest = min((one.interval for one in self.affected.values()), default=0)
        return monotonic - self.offline_at >= max(hold, min(2.0 * soonest, _LONGEST_WAIT_S))

    @property
    def disputed(self) -> dict[FoldKey, _AffectedCheck]:
        return {k: one for k, one in self.affected.items() if one.contradicted >= CONTRADICTED}


class ConnectivityState:
    """Read from rows alone; what was reported is stored in the journal across restarts."""

    def __init__(
        self,
        offline_since: Second | None = None,
        unresolved_since: Second | None = None,
        disagreeing: Iterable[str] = (),
    ) -> None:
        self.offline_since = offline_since
        self.unresolved_since = unresolved_since
        self.resolver = Line(name=RESOLVER)
        self._lines: dict[str, Line] = {}
        self._disagreeing = dict.fromkeys(disagreeing, float("-inf"))
        """Lines whose disagreement was reported, and when they last disagreed; monotonic."""
        self._catalogue: Catalogue | None = None
        self._names_in_use: frozenset[str] = frozenset()
        self._reported: frozenset[str] = frozenset()
        """The lines that were cut when that was reported; empty after a restart."""
        self._created_at: float | None = None
        self._received_at = float("-inf")
        """When any row came last; monotonic. While none comes nothing is taken to be over."""

    @classmethod
    def restored(cls, tx: JournalTransaction, catalogue: Catalogue) -> ConnectivityState:
        names = (*(gate.id for gate in catalogue.gates), RESOLVER)
        return cls(
            Second(tx.cursors.get(_OFFLINE_CURSOR)) or None,
            Second(tx.cursors.get(_UNRESOLVED_CURSOR)) or None,
            [name for name in names if tx.cursors.get(_disagreement(name))],
        )

    def take(self, results: Iterable[CheckedResult], monotonic: float) -> None:
        """What new rows say, in the order of the log; `monotonic` is now."""
        lines, resolver = self._lines, self.resolver
        for result, check in results:
            self._received_at = monotonic
            line = lines.get(check.gate) if check.gate is not None else None
            is_known = line is not None or check.gate is None
            if result.failure is not None or not is_known or (line and line.affected):
                self._take_one(result, check, monotonic)
                continue
            # Nearly every row: one more success.
            if line is not None:
                line.result_count += 1
            if resolver.affected or self.unresolved_since is not None:
                self._add_resolved(result)

    def _take_one(self, result: Result, check: Check, monotonic: float) -> None:
        key = (result.check, result.location)
        if result.failure == NO_NETWORK:
            self._line(check.gate or "").add_offline(result, check, monotonic)
        elif result.failure == NO_RESOLVER:
            self.resolver.add_offline(result, check, monotonic)
            self.resolver.servers = _servers(result)
            self._add_other_failure(check, key)
        elif result.outcome is not Outcome.UNKNOWN:
            if check.gate is not None:
                self._line(check.gate).add_result(key)
            self._add_resolved(result)
        else:
            self._add_other_failure(check, key)
            self.resolver.add_other_failure(key)

    def _add_other_failure(self, check: Check, key: FoldKey) -> None:
        if check.gate is not None:
            self._line(check.gate).add_other_failure(key)

    def _add_resolved(self, result: Result) -> None:
        key = (result.check, result.location)
        if key in self.resolver.affected or "resolve" in result.phases_ms:
            self.resolver.add_result(key)

    def _line(self, name: str) -> Line:
        return self._lines.get(name) or self._lines.setdefault(name, Line(name=name))

    def report(
        self, tx: JournalTransaction, catalogue: Catalogue, now: Second, monotonic: float
    ) -> bool:
        """Raise the system alerts that are due. Returns whether any was raised."""
        self._forget_gone(catalogue, monotonic)
        alerts = _Alerts(tx, catalogue, now)
        lines = [self._line(name) for name in self._names_in_use]
        for line in (*lines, self.resolver):
            line.expire(catalogue.alerting.line_hold, self._received_at)
            self._report_disagreement(alerts, line, monotonic)
        self._report_lines(alerts, lines, monotonic)
        self._report_resolver(alerts, monotonic)
        return alerts.has_reported

    def _forget_gone(self, catalogue: Catalogue, monotonic: float) -> None:
        """Forget lines and checks that are no longer configured."""
        if self._created_at is None:
            self._created_at = monotonic
        if catalogue is self._catalogue:
            return
        self._catalogue = catalogue
        self._names_in_use = frozenset(check.gate for check in catalogue.checks if check.gate)
        gate_of = {check.id: check.gate for check in catalogue.checks}
        self._lines = {
            name: line for name, line in self._lines.items() if name in self._names_in_use
        }
        for line in self._lines.values():
            line.affected = {
                k: v for k, v in line.affected.items() if gate_of.get(k[0]) == line.name
            }
        affected = self.resolver.affected
        self.resolver.affected = {key: one for key, one in affected.items() if key[0] in gate_of}

    def _report_lines(self, alerts: _Alerts, lines: list[Line], monotonic: float) -> None:
        hold = alerts.catalogue.alerting.line_hold
        disputed = {line.name for line in lines if line.disputed}
        lines = [line for line in lines if line.name not in disputed]
        if self._reported and self._reported <= disputed:
            # What was reported as offline is a disagreement, and was reported as that.
            self._forget_offline(alerts)
        offline = [line for line in lines if line.is_offline]
        if offline and self.offline_since is None:
            self._report_offline(alerts, offline)
        if not all(line.has_worked(hold, monotonic) for line in lines):
            return
        for line in lines:
            line.since = None
        has_received = all(self._line(name).has_received for name in self._names_in_use)
        if self.offline_since is not None and has_received and self._has_run_for(hold, monotonic):
            if self._has_results_since:
                alerts.add(SystemAlert.ONLINE, self.offline_since)
            # Without a result since, ONLINE is not reported; but the next cut is reported again.
            self._forget_offline(alerts)

    @property
    def _has_results_since(self) -> bool:
        return not self._names_in_use or any(
            self._line(name).has_results_since for name in self._names_in_use
        )

    def _report_offline(self, alerts: _Alerts, offline: list[Line]) -> None:
        self.offline_since = min(line.since or alerts.now for line in offline)
        self._reported = frozenset(line.name for line in offline)
        has_others = len(alerts.catalogue.gates) > 1
        alerts.add(
            SystemAlert.OFFLINE,
            self.offline_since,
            ", ".join(sorted(self._reported)) if has_others else "",
        )
        alerts.store(_OFFLINE_CURSOR, self.offline_since)

    def _forget_offline(self, alerts: _Alerts) -> None:
        alerts.store(_OFFLINE_CURSOR, 0)
        self.offline_since, self._reported = None, frozenset()

    def _report_resolver(self, alerts: _Alerts, monotonic: float) -> None:
        """Not while the line is cut: that would be a second message about the same."""
        line, hold = self.resolver, alerts.catalogue.alerting.line_hold
        is_disputed = bool(line.disputed)
        is_reported = self.unresolved_since is not None or self.offline_since is not None
        if line.is_offline and not is_disputed and not is_reported:
            self.unresolved_since = line.since or alerts.now
            alerts.add(SystemAlert.NO_RESOLVER, self.unresolved_since, ", ".join(line.servers))
            alerts.store(_UNRESOLVED_CURSOR, self.unresolved_since)
        if not is_disputed and not line.has_worked(hold, monotonic):
            return
        if self.unresolved_since is None:
            line.since = None
        elif (line.has_results_since or line.had_other_failure) and self._has_run_for(
            hold, monotonic
        ):
            if not is_disputed and line.has_results_since:
                alerts.add(
                    SystemAlert.RESOLVER_BACK, self.unresolved_since, ", ".join(line.servers)
                )
            alerts.store(_UNRESOLVED_CURSOR, 0)
            self.unresolved_since = line.since = None

    def _has_run_for(self, hold: float, monotonic: float) -> bool:
        """After a restart nothing is reported as over sooner than otherwise."""
        return monotonic - (self._created_at or 0.0) >= hold

    def _report_disagreement(self, alerts: _Alerts, line: Line, monotonic: float) -> None:
        """Once, by name, until no check has been contradicted for long."""
        against = line.disputed
        if against and line.name not in self._disagreeing:
            since = min(one.since for one in against.values())
            alerts.add(SystemAlert.CONTRADICTED, since, _named(line, against), event=line.name)
            alerts.store(_disagreement(line.name), since)
        if against:
            self._disagreeing[line.name] = monotonic
        elif line.name in self._disagreeing:
            last = max(self._disagreeing[line.name], self._created_at or 0.0)
            longest = max((c.policy.interval for c in alerts.catalogue.checks), default=0)
            if monotonic - last >= max(2.0 * longest, _LONGEST_WAIT_S):
                del self._disagreeing[line.name]
                alerts.store(_disagreement(line.name), 0)


@dataclass(slots=True)
class _Alerts:
    """One transaction's system alerts."""

    tx: JournalTransaction
    catalogue: Catalogue
    now: Second
    has_reported: bool = False

    def add(self, kind: SystemAlert, since: Second, about: str = "", event: str = "") -> None:
        raise_alert(self.tx, kind, since, self.catalogue, self.now, about=about, event=event)
        self.has_reported = True

    def store(self, cursor: str, since: int) -> None:
        self.tx.cursors.set(cursor, since)


def _disagreement(name: str) -> str:
    return f"disagrees.{name}"


def _named(line: Line, against: Iterable[FoldKey]) -> str:
    names = sorted({str(check) for check, _ in against})
    more = f" +{len(names) - _MOST_NAMES}" if len(names) > _MOST_NAMES else ""
    return f"{line.name}: {', '.join(names[:_MOST_NAMES])}{more}"


def _servers(result: Result) -> tuple[str, ...]:
    replies = [result.evidence.get(key) for key in ("controls", RESOLVER)]
    found = [list(one) for one in replies if isinstance(one, dict)]
    return tuple(dict.fromkeys(str(name) for names in found for name in names))
