"""Whether the monitor itself can see: told once when it goes blind, taken back when it sees.

What it sees by is a few lines: one behind each gate, and our resolver. Each is followed by itself,
in the order of the log, so that no clock can mislead it. What is told is one thing for all gates:
that the monitor is blind. It is taken back when every line has worked for a while, for a line
that is cut for moments is cut all the same.
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
"""So many looks on end that were called our own fault while other checks saw are told."""
_LONGEST_WAIT_S = 600.0
_MOST_NAMES = 20
_BLIND_CURSOR, _UNRESOLVED_CURSOR = "blind_since", "unresolved_since"
Glimpse = tuple[Result, Check]


@dataclass(slots=True)
class _Hidden:
    """A check whose failures count as our own since it last saw anything itself."""

    since: Second
    interval: int
    seen: int
    """How often others had seen by the line at its last look."""
    heard_at: float
    """When a row last said so; monotonic."""
    contradicted: int = 0
    """Looks on end between which others saw."""


@dataclass(slots=True)
class Line:
    """What the rows say of one gate's line, or of our resolver."""

    name: str
    since: Second | None = None
    """The slot in which its present spell of blindness began."""
    blind_at: float = float("-inf")
    """When a row last said so that nobody contradicts; monotonic."""
    seen: int = 0
    hidden: dict[FoldKey, _Hidden] = field(default_factory=dict)
    servers: tuple[str, ...] = ()
    has_passed: bool = False
    """Whether a look since the last that was blind failed for a reason that is not the line's."""
    _seen_at_miss: int = 0
    _is_last_blind: bool = False

    @property
    def is_offline(self) -> bool:
        return self._is_last_blind and bool(self.hidden)

    @property
    def is_heard(self) -> bool:
        return self.seen > 0 or self.has_passed or bool(self.hidden)

    @property
    def has_seen_since(self) -> bool:
        """Whether anybody has seen by it since the last look that was blind."""
        return self.seen > self._seen_at_miss

    @property
    def is_well(self) -> bool:
        return self.since is None and not self.hidden

    def miss(self, result: Result, check: Check, monotonic: float) -> None:
        """A failure that is not believed."""
        key = (result.check, result.location)
        known = self.hidden.get(key)
        if known is not None:
            known.heard_at = monotonic
        if known is not None and known.seen != self.seen:
            known.contradicted += 1
            known.seen = self.seen
            return
        if known is None:
            interval = check.policy.interval
            known = self.hidden[key] = _Hidden(result.slot, interval, self.seen, monotonic)
        known.contradicted = 0
        self._seen_at_miss, self.has_passed = self.seen, False
        self._is_last_blind, self.blind_at = True, monotonic
        self.since = self.since or result.slot

    def see(self, key: FoldKey) -> None:
        self.seen += 1
        self._is_last_blind = False
        if self.hidden:
            self.hidden.pop(key, None)

    def pass_over(self, key: FoldKey) -> None:
        """A look that says nothing of the line: its check is not hidden by it any more."""
        self.has_passed = True
        self.hidden.pop(key, None)

    def expire(self, hold: float, heard_at: float) -> None:
        """A check whose rows stopped coming, while others' came, hides nothing for ever."""
        silent = [
            key
            for key, one in self.hidden.items()
            if heard_at - one.heard_at > max(hold, 2.0 * one.interval)
        ]
        for key in silent:
            del self.hidden[key]

    def has_worked(self, hold: float, monotonic: float) -> bool:
        """Whether it has for `hold` seconds, as far as the check that looks most often and has
        not seen by itself yet can tell; not while it is open whether one of them is disputed."""
        if self.is_offline or any(one.contradicted for one in self.hidden.values()):
            return False
        soonest = min((one.interval for one in self.hidden.values()), default=0)
        return monotonic - self.blind_at >= max(hold, min(2.0 * soonest, _LONGEST_WAIT_S))

    @property
    def disputed(self) -> dict[FoldKey, _Hidden]:
        return {k: one for k, one in self.hidden.items() if one.contradicted >= CONTRADICTED}


class ConnectivityState:
    """Read from rows alone; what was told is kept in the journal across restarts."""

    def __init__(
        self,
        blind_since: Second | None = None,
        unresolved_since: Second | None = None,
        disagreeing: Iterable[str] = (),
    ) -> None:
        self.blind_since = blind_since
        self.unresolved_since = unresolved_since
        self.resolver = Line(name=RESOLVER)
        self._gates: dict[str, Line] = {}
        self._disagreeing = dict.fromkeys(disagreeing, float("-inf"))
        """Lines of which it was told, and when they last did; monotonic."""
        self._catalogue: Catalogue | None = None
        self._asked: frozenset[str] = frozenset()
        self._told: frozenset[str] = frozenset()
        """The gates whose lines were cut when it was told; empty after a restart."""
        self._made_at: float | None = None
        self._heard_at = float("-inf")
        """When any row came last; monotonic. While none comes nothing is taken to be over."""

    @classmethod
    def restored(cls, tx: JournalTransaction, catalogue: Catalogue) -> ConnectivityState:
        names = (*(gate.id for gate in catalogue.gates), RESOLVER)
        return cls(
            Second(tx.cursors.get(_BLIND_CURSOR)) or None,
            Second(tx.cursors.get(_UNRESOLVED_CURSOR)) or None,
            [name for name in names if tx.cursors.get(_disagreement(name))],
        )

    def take(self, glimpses: Iterable[Glimpse], monotonic: float) -> None:
        """What new rows say, in the order of the log; `monotonic` is now."""
        gates, resolver = self._gates, self.resolver
        for result, check in glimpses:
            self._heard_at = monotonic
            line = gates.get(check.gate) if check.gate is not None else None
            if result.failure is None and line is not None and not line.hidden:
                # Nearly every row: one more look that saw.
                line.seen += 1
                if resolver.hidden or self.unresolved_since is not None:
                    self._see_names(result)
            else:
                self._take_in(result, check, monotonic)

    def _take_in(self, result: Result, check: Check, monotonic: float) -> None:
        key = (result.check, result.location)
        if result.failure == NO_NETWORK:
            self._gate(check.gate or "").miss(result, check, monotonic)
        elif result.failure == NO_RESOLVER:
            self.resolver.miss(result, check, monotonic)
            self.resolver.servers = _servers(result)
            self._pass_gate(check, key)
        elif result.outcome is not Outcome.UNKNOWN:
            if check.gate is not None:
                self._gate(check.gate).see(key)
            self._see_names(result)
        else:
            self._pass_gate(check, key)
            self.resolver.pass_over(key)

    def _pass_gate(self, check: Check, key: FoldKey) -> None:
        if check.gate is not None:
            self._gate(check.gate).pass_over(key)

    def _see_names(self, result: Result) -> None:
        key = (result.check, result.location)
        if key in self.resolver.hidden or "resolve" in result.phases_ms:
            self.resolver.see(key)

    def _gate(self, name: str) -> Line:
        return self._gates.get(name) or self._gates.setdefault(name, Line(name=name))

    def report(
        self, tx: JournalTransaction, catalogue: Catalogue, now: Second, monotonic: float
    ) -> bool:
        """Give or take back the notices; whether any was."""
        self._forget_gone(catalogue, monotonic)
        telling = _Telling(tx, catalogue, now)
        lines = [self._gate(name) for name in self._asked]
        for line in (*lines, self.resolver):
            line.expire(catalogue.alerting.line_hold, self._heard_at)
            self._tell_of_disagreement(telling, line, monotonic)
        self._tell_of_gates(telling, lines, monotonic)
        self._tell_of_resolver(telling, monotonic)
        return telling.has_told

    def _forget_gone(self, catalogue: Catalogue, monotonic: float) -> None:
        """What nobody looks at any more hides nothing."""
        if self._made_at is None:
            self._made_at = monotonic
        if catalogue is self._catalogue:
            return
        self._catalogue = catalogue
        self._asked = frozenset(check.gate for check in catalogue.checks if check.gate)
        gate_of = {check.id: check.gate for check in catalogue.checks}
        self._gates = {name: line for name, line in self._gates.items() if name in self._asked}
        for line in self._gates.values():
            line.hidden = {k: v for k, v in line.hidden.items() if gate_of.get(k[0]) == line.name}
        hidden = self.resolver.hidden
        self.resolver.hidden = {key: one for key, one in hidden.items() if key[0] in gate_of}

    def _tell_of_gates(self, telling: _Telling, lines: list[Line], monotonic: float) -> None:
        hold = telling.catalogue.alerting.line_hold
        disputed = {line.name for line in lines if line.disputed}
        lines = [line for line in lines if line.name not in disputed]
        if self._told and self._told <= disputed:
            # What was told as blindness is a disagreement, and was told as that.
            self._forget_blindness(telling)
        blind = [line for line in lines if line.is_offline]
        if blind and self.blind_since is None:
            self._tell_blind(telling, blind)
        if not all(line.has_worked(hold, monotonic) for line in lines):
            return
        for line in lines:
            line.since = None
        is_heard = all(self._gate(name).is_heard for name in self._asked)
        if self.blind_since is not None and is_heard and self._has_watched(hold, monotonic):
            if self._has_seen_since:
                telling.say(SystemAlert.ONLINE, self.blind_since)
            # Where nobody saw, nobody is told so; but what comes next is told again.
            self._forget_blindness(telling)

    @property
    def _has_seen_since(self) -> bool:
        return not self._asked or any(self._gate(name).has_seen_since for name in self._asked)

    def _tell_blind(self, telling: _Telling, blind: list[Line]) -> None:
        self.blind_since = min(line.since or telling.now for line in blind)
        self._told = frozenset(line.name for line in blind)
        has_others = len(telling.catalogue.gates) > 1
        telling.say(
            SystemAlert.OFFLINE,
            self.blind_since,
            ", ".join(sorted(self._told)) if has_others else "",
        )
        telling.keep(_BLIND_CURSOR, self.blind_since)

    def _forget_blindness(self, telling: _Telling) -> None:
        telling.keep(_BLIND_CURSOR, 0)
        self.blind_since, self._told = None, frozenset()

    def _tell_of_resolver(self, telling: _Telling, monotonic: float) -> None:
        """Not while the line is cut: of that it would be the second message."""
        line, hold = self.resolver, telling.catalogue.alerting.line_hold
        is_disputed = bool(line.disputed)
        is_told = self.unresolved_since is not None or self.blind_since is not None
        if line.is_offline and not is_disputed and not is_told:
            self.unresolved_since = line.since or telling.now
            telling.say(SystemAlert.NO_RESOLVER, self.unresolved_since, ", ".join(line.servers))
            telling.keep(_UNRESOLVED_CURSOR, self.unresolved_since)
        if not is_disputed and not line.has_worked(hold, monotonic):
            return
        if self.unresolved_since is None:
            line.since = None
        elif (line.has_seen_since or line.has_passed) and self._has_watched(hold, monotonic):
            if not is_disputed and line.has_seen_since:
                telling.say(
                    SystemAlert.RESOLVER_BACK, self.unresolved_since, ", ".join(line.servers)
                )
            telling.keep(_UNRESOLVED_CURSOR, 0)
            self.unresolved_since = line.since = None

    def _has_watched(self, hold: float, monotonic: float) -> bool:
        """After a restart nothing is taken back sooner than otherwise."""
        return monotonic - (self._made_at or 0.0) >= hold

    def _tell_of_disagreement(self, telling: _Telling, line: Line, monotonic: float) -> None:
        """Once, by name, until nobody has been contradicted for long."""
        against = line.disputed
        if against and line.name not in self._disagreeing:
            since = min(one.since for one in against.values())
            telling.say(SystemAlert.CONTRADICTED, since, _named(line, against), event=line.name)
            telling.keep(_disagreement(line.name), since)
        if against:
            self._disagreeing[line.name] = monotonic
        elif line.name in self._disagreeing:
            last = max(self._disagreeing[line.name], self._made_at or 0.0)
            longest = max((c.policy.interval for c in telling.catalogue.checks), default=0)
            if monotonic - last >= max(2.0 * longest, _LONGEST_WAIT_S):
                del self._disagreeing[line.name]
                telling.keep(_disagreement(line.name), 0)


@dataclass(slots=True)
class _Telling:
    """One transaction's notices."""

    tx: JournalTransaction
    catalogue: Catalogue
    now: Second
    has_told: bool = False

    def say(self, kind: SystemAlert, since: Second, about: str = "", event: str = "") -> None:
        raise_alert(self.tx, kind, since, self.catalogue, self.now, about=about, event=event)
        self.has_told = True

    def keep(self, cursor: str, since: int) -> None:
        self.tx.cursors.set(cursor, since)


def _disagreement(name: str) -> str:
    return f"disagrees.{name}"


def _named(line: Line, against: Iterable[FoldKey]) -> str:
    names = sorted({str(check) for check, _ in against})
    more = f" +{len(names) - _MOST_NAMES}" if len(names) > _MOST_NAMES else ""
    return f"{line.name}: {', '.join(names[:_MOST_NAMES])}{more}"


def _servers(result: Result) -> tuple[str, ...]:
    asked = [result.evidence.get(key) for key in ("controls", RESOLVER)]
    found = [list(one) for one in asked if isinstance(one, dict)]
    return tuple(dict.fromkeys(str(name) for names in found for name in names))
