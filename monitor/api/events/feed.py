"""The newest events in memory, read from the journal once for everybody who asks.

Two feeds become one: the change feed, and what the folds decided. Each has an order of its own,
which is that of the commits, and a place in both is how far each has been read. So whoever comes
with a place gets what is behind it, once, in whatever order the two were joined.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import TypeAlias

from monitor.api.events.event import NOWHERE, Event, Position, Topic, topic_of
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import Change
from monitor.domain.checks.observation import CheckId, ComponentId
from monitor.domain.exclusions.classification import ExclusionRecord, ExclusionReference
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.refusals import NotFound, Refused
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.incidents.service_bounds import ServiceBounds
from monitor.journal.ports import Decided, IncidentOutline, Journal, JournalTransaction

KEPT = 5_000
"""How many events are kept, and how many rows of each feed are read at once at most."""


_Row: TypeAlias = tuple[Second, int, int, Decided | Change]
"""When, of which feed, its number there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`reached` is how far it goes; `has_more` says that there is more that is seen."""

    events: Sequence[Event]
    reached: Position
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody stands who follows from here: after so many events of this process, with both
    feeds read so far."""

    passed: int
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """New rows of both feeds at one moment, and what their subjects were then."""

    start: Position
    end: Position
    changes: Sequence[Change]
    decisions: Sequence[tuple[int, Decided]]
    incidents: Mapping[IncidentId, IncidentOutline]
    windows: Mapping[str, MaintenanceWindow]
    exclusions: Mapping[str, ExclusionRecord]


class EventFeed:
    """Threads may share it. `follow` reads; all else answers from memory, without waiting."""

    def __init__(
        self,
        journal: Journal,
        catalogues: Callable[[], Catalogues],
        clock: Clock,
        *,
        kept: int = KEPT,
    ) -> None:
        self._journal = journal
        self._catalogues = catalogues
        self._clock = clock
        self._kept = kept
        self._following = Lock()
        self._lock = Lock()
        self._events: deque[Event] = deque()
        self._reached: Position | None = None
        self._catalogue: Catalogue | None = None
        self._floor = NOWHERE
        """Whoever has read less of either feed has missed something that is not kept."""
        self._passed = 0
        """How many events there have been, those that are no longer kept among them."""

    def follow(self) -> None:
        """Read what is new, in one short transaction. Raises JournalError."""
        with self._following:
            with self._journal.transaction() as tx:
                read = self._read(tx)
            if read is None:
                return
            catalogues = self._catalogues()
            present = catalogues.present(self._clock.now()).catalogue
            self._take(read, _events(read, catalogues, present), present)

    @property
    def catalogue(self) -> Catalogue:
        """What was in force when the newest event was read. Raises Refused `events.gone` where
        nothing ever was."""
        if self._catalogue is None:
            raise Refused("events.gone")
        return self._catalogue

    @property
    def end(self) -> Place:
        """Where it has been read to. Raises Refused `events.gone` where it never was."""
        with self._lock:
            return Place(passed=self._passed, position=self._end())

    def behind(self, place: Place) -> tuple[Sequence[Event], Place]:
        """What has come since it ended there, and where it ends now. Raises Refused `events.gone`
        where not all of it is kept."""
        with self._lock:
            self._require_kept(place.position)
            count = min(self._passed - place.passed, len(self._events))
            found = list(islice(reversed(self._events), count))[::-1]
            return found, Place(passed=self._passed, position=self._end())

    def since(self, position: Position) -> tuple[Sequence[Event], Place]:
        """The same for somebody who comes from elsewhere, and knows how far both feeds were read.
        Raises Refused `events.gone`."""
        with self._lock:
            self._require_kept(position)
            found = [event for event in self._events if event.is_after(position)]
            return found, Place(passed=self._passed, position=self._end())

    def page(self, bounds: ServiceBounds, after: Position | None, limit: int) -> Page:
        """The first so many behind a place, or the newest. Raises Refused `events.gone`."""
        with self._lock:
            reached, known = self._end(), list(self._events)
            if after is not None:
                self._require_kept(after)
        if after is None:
            newest = list(islice((e for e in reversed(known) if e.is_seen(bounds)), limit))[::-1]
            return Page(events=newest, reached=reached, has_more=False)
        seen = [e for e in known if e.is_after(after) and e.is_seen(bounds)]
        shown, has_more = seen[:limit], len(seen) > limit
        if has_more:
            reached = after.joined(shown[-1].reached)
        return Page(events=shown, reached=reached, has_more=has_more)

    def _end(self) -> Position:
        if self._reached is None:
            raise Refused("events.gone")
        return self._reached

    def _require_kept(self, position: Position) -> None:
        if not position.reaches(self._floor) or not self._end().reaches(position):
            raise Refused("events.gone")

    def _read(self, tx: JournalTransaction) -> _Read | None:
        end = Position(change=tx.changes.last(), decision=tx.transitions.newest())
        start = self._reached
        if start == end:
            return None
        if start is None or not end.reaches(start):
            # The first time; or another journal, in which these numbers mean something else.
            start = NOWHERE
        start = Position(
            change=max(start.change, end.change - self._kept),
            decision=max(start.decision, end.decision - self._kept),
        )
        changes = [c for c in tx.changes.since(start.change, self._kept) if topic_of(c.kind)]
        incidents = _subjects(changes, Topic.INCIDENT)
        return _Read(
            start=start,
            end=end,
            changes=changes,
            decisions=tx.transitions.decided_after(start.decision, self._kept),
            incidents=tx.incidents.outlines([IncidentId(s) for s in incidents]),
            windows=_windows(tx, _subjects(changes, Topic.MAINTENANCE)),
            exclusions=_exclusions(tx, _subjects(changes, Topic.EXCLUSION)),
        )

    def _take(self, read: _Read, events: Sequence[Event], present: Catalogue) -> None:
        with self._lock:
            self._catalogue = present
            if self._reached is None or not read.end.reaches(self._reached):
                self._events.clear()
                self._floor = read.start
            elif not self._reached.reaches(read.start):
                # So much came at once that not all of it was read.
                self._floor = self._floor.joined(read.start)
            self._events.extend(events)
            self._passed += len(events)
            while len(self._events) > self._kept:
                self._forget(self._events.popleft())
            self._reached = read.end

    def _forget(self, event: Event) -> None:
        """Of the two feeds, the one that it came from is no longer kept up to it."""
        reached = event.reached
        if event.is_decision:
            floor = Position(change=0, decision=reached.decision)
        else:
            floor = Position(change=reached.change, decision=0)
        self._floor = self._floor.joined(floor)


def _subjects(changes: Iterable[Change], topic: Topic) -> set[str]:
    return {change.subject for change in changes if topic_of(change.kind) is topic}


def _windows(tx: JournalTransaction, wanted: Iterable[str]) -> dict[str, MaintenanceWindow]:
    found = {}
    for name in wanted:
        try:
            found[name] = tx.maintenance.get(MaintenanceId(name))
        except NotFound:
            continue
    return found


def _exclusions(tx: JournalTransaction, wanted: Iterable[str]) -> dict[str, ExclusionRecord]:
    found = {}
    for name in wanted:
        try:
            found[name] = tx.exclusions.get(ExclusionReference(name))
        except NotFound:
            continue
    return found


def _events(read: _Read, catalogues: Catalogues, present: Catalogue) -> list[Event]:
    """In the order of both feeds; of two that were at one second, what was decided comes first, for
    it is the reason."""
    told = _Told(read, catalogues, present)
    rows: list[Iterable[_Row]] = [
        [(d.decided_at, 0, number, d) for number, d in read.decisions],
        [(c.at, 1, c.seq, c) for c in read.changes],
    ]
    position, found = read.start, []
    for _, _, number, row in heapq.merge(*rows, key=lambda row: row[:2]):
        if isinstance(row, Decided):
            position = Position(change=position.change, decision=number)
            found.append(told.decision(row, position))
        else:
            position = Position(change=number, decision=position.decision)
            found.append(told.change(row, position))
    return found


class _Told:
    """Rows as events."""

    def __init__(self, read: _Read, catalogues: Catalogues, present: Catalogue) -> None:
        self._read = read
        self._catalogues = catalogues
        self._present = present

    def decision(self, decided: Decided, reached: Position) -> Event:
        check = self._catalogues.check(decided.check, decided.catalogue_revision)
        return Event(
            topic=Topic.CHECK,
            kind=f"check.{decided.transition.to}",
            subject=str(decided.check),
            at=decided.decided_at,
            components=() if check is None else (check.component,),
            reached=reached,
            is_decision=True,
        )

    def change(self, change: Change, reached: Position) -> Event:
        topic = topic_of(change.kind)
        if topic is None:
            raise ValueError(f"{change.kind} is no event")
        revision, components = self._subject(topic, change.subject)
        return Event(
            topic=topic, kind=change.kind, subject=change.subject, at=change.at,
            revision=revision, components=components, reached=reached,
        )  # fmt: skip

    def _subject(self, topic: Topic, name: str) -> tuple[int | None, tuple[ComponentId, ...]]:
        """Its revision and its components."""
        match topic:
            case Topic.INCIDENT:
                outline = self._read.incidents.get(IncidentId(name))
                return (outline.revision, outline.components) if outline else (None, ())
            case Topic.MAINTENANCE:
                window = self._read.windows.get(name)
                return (window.revision, window.components) if window else (None, ())
            case Topic.EXCLUSION:
                record = self._read.exclusions.get(name)
                return (record.newest.revision, record.components) if record else (None, ())
            case Topic.CONFIGURATION:
                return (int(name) if name.isdecimal() else None), ()
            case Topic.CHECK | Topic.MONITOR:
                check = self._present.check(CheckId(name))
                return None, (() if check is None else (check.component,))
