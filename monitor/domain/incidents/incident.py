"""Incidents: what people read about a failure. Money never reads an incident's times.

Everything here is a pure decision on values. The machine appends updates and never overwrites a
person's words; each update says which of the two wrote it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NewType

from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.text import Text, is_same_in
from monitor.domain.time.interval import Second

IncidentId = NewType("IncidentId", str)


class Phase(StrEnum):
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


class Impact(StrEnum):
    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Origin(StrEnum):
    """Who opened an incident."""

    MACHINE = "machine"
    PERSON = "person"


class IncidentEvent(StrEnum):
    """Why an update was written."""

    OPENED = "opened"
    JOINED = "joined"
    WORSENED = "worsened"
    EASED = "eased"
    PARTLY_BACK = "partly_back"
    OBSERVING = "observing"
    RELAPSED = "relapsed"
    RESOLVED = "resolved"
    UNWATCHED = "unwatched"
    CLOCK_SET = "clock_set"
    RESUMED = "resumed"
    UNSTABLE = "unstable"
    LASTING = "lasting"
    """An unstable component stays down: no part is new, but one was not reported yet."""
    SWUNG = "swung"
    """An unstable component changed once more; no update is written."""
    DUE = "due"
    """The next update was due and no person had written. It goes on where there is a part."""
    PERSON = "person"
    POSTMORTEM = "postmortem"
    """A person tells, after the end, what happened and why. It ends and begins nothing."""


_FALLS = frozenset(
    {
        IncidentEvent.OPENED,
        IncidentEvent.JOINED,
        IncidentEvent.RELAPSED,
        IncidentEvent.RESUMED,
        IncidentEvent.UNSTABLE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """One component's part in an incident: its own start and end, and why.

    `status` is the worst it came to (DOWN or DEGRADED). A dependent fell because of another
    component of the same incident. A component that falls again gets a second part. A part
    that `is_unwatched` ended because no check watched it any more, or because a person closed its
    incident while it was down: when the outage ended is not known.
    """

    component: ComponentId
    status: Outcome
    start: Second
    cause: str
    end: Second | None = None
    is_dependent: bool = False
    is_unwatched: bool = False

    @property
    def is_open(self) -> bool:
        return self.end is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a person says of a component in an incident, from when to when: DOWN, DEGRADED, or UP
    where it is concerned and works. The page shows it; no figure reads it, nor does the machine.

    An incident that was merged into another keeps, as statements, the parts that went over."""

    component: ComponentId
    status: Outcome
    start: Second
    end: Second | None = None

    @property
    def is_open(self) -> bool:
        return self.end is None


Piece = Affected | Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One entry of the public record; `number` counts from 1 within its incident.

    `machine` and `person` are separate: a page shows the person's words where there are any.
    `former` holds every text that an edit replaced, oldest first.
    """

    number: int
    at: Second
    phase: Phase
    event: IncidentEvent
    actor: str
    machine: Text | None = None
    person: Text | None = None
    former: tuple[Text, ...] = ()
    corrected_at: Second | None = None
    """When its text was last replaced; None too where that was before this was recorded."""

    next_update_at: Second | None = None
    """Until when it promises the next one."""

    @property
    def changed_at(self) -> Second:
        """When it last came to say what it says."""
        return self.at if self.corrected_at is None else max(self.at, self.corrected_at)

    @property
    def shown(self) -> Text | None:
        return self.person or self.machine

    def is_automatic_in(self, locale: str) -> bool:
        """Whether the machine's own words are shown in a language: people may have corrected
        another one alone."""
        return self.machine is not None and is_same_in(locale, self.shown, self.machine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`started_at` is the earliest backdated start, `created_at` the decision, `monitoring_at`
    the recovery. `revision` grows with every saved change; commands are guarded by it.

    `affected` is what the machine saw fail and follows; `statements` are a person's word. One that
    was merged is resolved, and goes on in `merged_into`."""

    id: IncidentId
    phase: Phase
    impact: Impact
    started_at: Second
    created_at: Second
    machine_title: Text
    person_title: Text | None = None
    monitoring_at: Second | None = None
    resolved_at: Second | None = None
    affected: tuple[Affected, ...] = ()
    updates: tuple[Update, ...] = ()
    revision: int = 0
    origin: Origin = Origin.MACHINE
    statements: tuple[Statement, ...] = ()
    related: tuple[IncidentId, ...] = ()
    merged_into: IncidentId | None = None
    _open: Mapping[ComponentId, Affected] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    @property
    def is_unresolved(self) -> bool:
        return self.phase is not Phase.RESOLVED

    @property
    def next_update_at(self) -> Second | None:
        """Until when the last update that says anything promises the next one."""
        said = (u for u in reversed(self.updates) if u.shown is not None)
        last = next(said, None)
        return None if last is None else last.next_update_at

    @property
    def title(self) -> Text:
        return self.person_title or self.machine_title

    @property
    def open_parts(self) -> tuple[Affected, ...]:
        return tuple(part for part in self.affected if part.is_open)

    def open_part(self, component: ComponentId) -> Affected | None:
        # Indexed by component: a storm calls this for each of thousands of them.
        found = self._open
        if found is None:
            found = {part.component: part for part in reversed(self.open_parts)}
            object.__setattr__(self, "_open", found)
        return found.get(component)

    @property
    def components(self) -> tuple[ComponentId, ...]:
        """Each affected component once, in the order in which they joined."""
        return tuple(dict.fromkeys(part.component for part in self.affected))

    @property
    def concerned(self) -> tuple[ComponentId, ...]:
        """Every component that it is about, those too of which only a person speaks."""
        stated = (statement.component for statement in self.statements)
        return tuple(dict.fromkeys((*self.components, *stated)))

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What the machine saw and what a person says."""
        return (*self.affected, *self.statements)

    @property
    def was_down(self) -> bool:
        """Whether anything in it came to be down, by a check or by a person's word."""
        return any(piece.status is Outcome.DOWN for piece in self.pieces)

    @property
    def open_statements(self) -> tuple[Statement, ...]:
        return tuple(statement for statement in self.statements if statement.is_open)

    @property
    def failing_statements(self) -> tuple[Statement, ...]:
        """What a person says that goes on. That something works is said too, and ends nothing."""
        return tuple(s for s in self.open_statements if s.status is not Outcome.UP)

    def is_open_for(self, component: ComponentId) -> bool:
        """Whether it fails in this incident now, by a check or by a person's word."""
        said = any(s.component == component for s in self.failing_statements)
        return said or self.open_part(component) is not None

    @property
    def postmortem(self) -> Update | None:
        """What happened and why, where a person has told it."""
        return next((u for u in self.updates if u.event is IncidentEvent.POSTMORTEM), None)

    @property
    def resolutions(self) -> int:
        """How often it was said to be over: a person may open it again."""
        told = (IncidentEvent.RESOLVED, IncidentEvent.PERSON)
        return sum(u.phase is Phase.RESOLVED and u.event in told for u in self.updates)

    @property
    def is_ended_by_person(self) -> bool:
        """Whether only a person says that it is over: one opened it, or says that something in it
        goes on."""
        return self.origin is Origin.PERSON or bool(self.failing_statements)

    @property
    def spans(self) -> dict[ComponentId, tuple[Second, Second | None]]:
        """From each component's first fall to its last end; None where it goes on."""
        found: dict[ComponentId, tuple[Second, Second | None]] = {}
        for part in self.affected:
            start, _ = found.get(part.component, (part.start, None))
            found[part.component] = (min(start, part.start), part.end)
        return found

    @property
    def unwatched(self) -> tuple[ComponentId, ...]:
        """The components whose last part ended without anybody seeing the end."""
        last = {part.component: part for part in self.affected}
        return tuple(c for c, part in last.items() if part.is_unwatched)

    def was_closed(self, part: Affected) -> bool:
        """Whether a person closed the incident while this part was still open."""
        return part.is_unwatched and any(
            u.event is IncidentEvent.PERSON and u.phase is Phase.RESOLVED and u.at == part.end
            for u in self.updates
        )

    @property
    def closed_parts(self) -> tuple[Affected, ...]:
        return tuple(part for part in self.affected if self.was_closed(part))

    @property
    def watched_parts(self) -> tuple[Affected, ...]:
        """The parts of all others: once it is over, of those that were seen to recover."""
        lost = self.unwatched
        return tuple(part for part in self.affected if part.component not in lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentStatus:
    """A component's confirmed status at a moment, with the start of its present span. Right before
    one that was `seen_to_begin` it was seen in another status; else nobody knows how long it had
    lasted by then."""

    component: ComponentId
    status: Outcome
    since: Second
    cause: str
    seen_to_begin: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentChange:
    """An incident after a decision, and what the decision was about (None: no update is due).
    Nobody is alerted of a step that `is_silenced`."""

    incident: Incident
    event: IncidentEvent
    part: Affected | None
    is_silenced: bool = False


def incident_id(component: ComponentId, start: Second, salt: int = 0) -> IncidentId:
    """Short enough for a subject line, equal when the same outage is decided again."""
    digest = hashlib.sha256(f"{component}|{start}|{salt}".encode()).digest()
    alphabet = "23456789abcdefghjkmnpqrstuvwxyz"
    number = int.from_bytes(digest[:6], "big")
    letters = []
    for _ in range(6):
        number, index = divmod(number, len(alphabet))
        letters.append(alphabet[index])
    return IncidentId("".join(letters))


def impact_of(parts: tuple[Affected, ...], statements: tuple[Statement, ...] = ()) -> Impact:
    """Minor for slowness, major for one component down, critical for three or more."""
    said: tuple[Piece, ...] = (*parts, *statements)
    fallen = [p for p in said if p.status is not Outcome.UP]
    down = {p.component for p in fallen if p.status is Outcome.DOWN}
    if not down:
        return Impact.MINOR if fallen else Impact.NONE
    return Impact.CRITICAL if len(down) >= 3 else Impact.MAJOR


def last_fall(incident: Incident) -> Update | None:
    """The last update about a component that fell."""
    return next((u for u in reversed(incident.updates) if u.event in _FALLS), None)


def severity(incident: Incident) -> tuple[bool, int, Second]:
    """Sorts the worst first: what goes on, by how many are down, then what began earliest."""
    down = sum(p.status is Outcome.DOWN for p in incident.open_parts)
    return not incident.open_parts, -down, incident.started_at


def worst_first(parts: Iterable[Affected]) -> list[Affected]:
    """What goes on, fell by itself, is down, and began earliest comes first."""
    return sorted(
        parts,
        key=lambda p: (not p.is_open, p.is_dependent, p.status is not Outcome.DOWN, p.start),
    )


def open_incident(
    component_status: ComponentStatus, now: Second, *, is_dependent: bool = False
) -> IncidentChange:
    """A confirmed outage or slowness that no open incident explains."""
    part = _part(component_status, is_dependent=is_dependent)
    incident = Incident(
        id=incident_id(component_status.component, component_status.since),
        phase=Phase.INVESTIGATING,
        impact=impact_of((part,)),
        started_at=component_status.since,
        created_at=now,
        machine_title=Text({"es": str(component_status.component)}),
        affected=(part,),
    )
    return IncidentChange(incident=incident, event=IncidentEvent.OPENED, part=part)


def join(
    incident: Incident, component_status: ComponentStatus, *, is_dependent: bool = False
) -> IncidentChange:
    """Another component falls, or one of the incident's own falls again while it is observed."""
    part = _part(component_status, is_dependent=is_dependent)
    is_relapse = incident.phase is Phase.MONITORING
    grown = replace(
        incident,
        phase=Phase.INVESTIGATING if is_relapse else incident.phase,
        monitoring_at=None,
        started_at=min(incident.started_at, part.start),
        affected=(*incident.affected, part),
        impact=impact_of((*incident.affected, part), incident.statements),
    )
    event = IncidentEvent.RELAPSED if is_relapse else IncidentEvent.JOINED
    return IncidentChange(incident=grown, event=event, part=part)


def change_part(incident: Incident, component_status: ComponentStatus) -> IncidentChange | None:
    """A component that is already in the incident worsens, eases, or turns out to have begun
    earlier; None where nothing that anybody reads has changed."""
    part = incident.open_part(component_status.component)
    if part is None:
        return None
    worsened = component_status.status is Outcome.DOWN and part.status is not Outcome.DOWN
    grown = replace(
        part,
        status=component_status.status if worsened else part.status,
        cause=component_status.cause if worsened else part.cause,
        start=min(part.start, component_status.since),
    )
    if grown == part:
        return None
    affected = tuple(grown if p is part else p for p in incident.affected)
    changed = replace(
        incident,
        affected=affected,
        impact=impact_of(affected, incident.statements),
        started_at=min(incident.started_at, grown.start),
    )
    event = IncidentEvent.WORSENED if worsened else IncidentEvent.EASED
    return IncidentChange(incident=changed, event=event, part=grown)


def end_part(incident: Incident, component: ComponentId, at: Second) -> IncidentChange | None:
    """A component is up again at `at`; with the last one the incident is being observed, unless a
    person ends it."""
    part = incident.open_part(component)
    if part is None:
        return None
    ended = replace(part, end=max(at, part.start))
    affected = tuple(ended if p is part else p for p in incident.affected)
    left = replace(incident, affected=affected)
    if left.open_parts or left.is_ended_by_person:
        return IncidentChange(incident=left, event=IncidentEvent.PARTLY_BACK, part=ended)
    return IncidentChange(incident=_observed(left), event=IncidentEvent.OBSERVING, part=ended)


def end_watching(
    incident: Incident, component: ComponentId, at: Second, now: Second
) -> IncidentChange | None:
    """No check watches a component any more since `at`: its part ends and no recovery is reported.
    With the last part the incident is over, or is observed for those that did recover."""
    part = incident.open_part(component)
    if part is None:
        return None
    ended = replace(part, end=max(at, part.start), is_unwatched=True)
    left = replace(incident, affected=tuple(ended if p is part else p for p in incident.affected))
    if not left.open_parts and not left.is_ended_by_person:
        closed = replace(
            left,
            phase=Phase.RESOLVED,
            monitoring_at=None,
            resolved_at=now,
            statements=ended_statements(left, now),
        )
        left = _observed(left) if left.watched_parts else closed
    return IncidentChange(incident=left, event=IncidentEvent.UNWATCHED, part=ended)


def resume(incident: Incident, component_status: ComponentStatus) -> IncidentChange:
    """A component whose outage nobody saw end is watched again, and is still down."""
    grown = join(incident, component_status).incident
    reopened = replace(grown, phase=Phase.INVESTIGATING, monitoring_at=None, resolved_at=None)
    return IncidentChange(
        incident=reopened, event=IncidentEvent.RESUMED, part=reopened.affected[-1]
    )


def _observed(incident: Incident) -> Incident:
    """Observe the incident, from the last recovery that was seen."""
    recovered = max(p.end for p in incident.watched_parts if p.end is not None)
    return replace(incident, phase=Phase.MONITORING, monitoring_at=recovered)


def narrowed_to(
    incident: Incident, parts: tuple[Affected, ...], *, observe: int, now: Second
) -> Incident:
    """The incident where only some of its parts (`parts`, at least one) may be shown: its impact,
    its times and its phase are theirs. Once all of these have recovered, it is observed and
    resolved by their times, however long the others are down."""
    start = min(p.start for p in parts)
    narrowed = replace(
        incident,
        affected=parts,
        impact=impact_of(parts, incident.statements),
        started_at=start,
        created_at=max(incident.created_at, start),
    )
    ends = [p.end for p in parts if p.end is not None]
    if len(ends) < len(parts):
        return narrowed
    seen = [p.end for p in narrowed.watched_parts if p.end is not None]
    recovered = max(seen, default=None)
    over = Second(max(ends) if recovered is None else recovered + observe)
    if incident.resolved_at is not None:
        over = min(over, incident.resolved_at)
    if now < over:
        return replace(narrowed, phase=Phase.MONITORING, monitoring_at=recovered, resolved_at=None)
    return replace(narrowed, phase=Phase.RESOLVED, monitoring_at=recovered, resolved_at=over)


def resolve_recovered(incident: Incident, now: Second, observe: int) -> IncidentChange | None:
    """Resolve an incident whose components have been up for `observe` seconds."""
    if incident.phase is not Phase.MONITORING or incident.monitoring_at is None:
        return None
    if incident.is_ended_by_person:
        return None
    if now < incident.monitoring_at + observe:
        return None
    over = Second(incident.monitoring_at + observe)
    done = replace(
        incident,
        phase=Phase.RESOLVED,
        resolved_at=over,
        statements=ended_statements(incident, over),
    )
    return IncidentChange(incident=done, event=IncidentEvent.RESOLVED, part=None)


def ended_statements(incident: Incident, at: Second) -> tuple[Statement, ...]:
    """What people said in it, all over: what still holds ends now."""
    return tuple(replace(s, end=max(at, s.start)) if s.is_open else s for s in incident.statements)


def rewind(
    incident: Incident, cut: Second, now: Second, down: Collection[ComponentId]
) -> IncidentChange | None:
    """What is left of an incident when all that was seen from `cut` on no longer counts, for the
    clock was wrong: what began then is closed without having recovered, what ended then goes on
    where the component is still down (`down`). None where nothing changes.

    One that was reported as over stays over: what goes on beyond it is reported anew once seen.
    """
    lasting = down if incident.is_unresolved else ()
    affected = tuple(_rewound(part, cut, now, lasting) for part in incident.affected)
    if affected == incident.affected:
        return None
    goes_on = incident.is_unresolved and incident.is_ended_by_person
    has_open = goes_on or any(part.is_open for part in affected)
    ended = incident.resolved_at if incident.resolved_at is not None else now
    left = replace(
        incident,
        affected=affected,
        started_at=incident.started_at if goes_on else min(part.start for part in affected),
        created_at=min(incident.created_at, now),
        phase=Phase.RESOLVED if not has_open else _going_on(incident.phase),
        monitoring_at=None,
        resolved_at=None if has_open else min(ended, now),
    )
    return IncidentChange(incident=left, event=IncidentEvent.CLOCK_SET, part=None)


def _rewound(part: Affected, cut: Second, now: Second, down: Collection[ComponentId]) -> Affected:
    if part.start >= cut:
        never = min(part.start, now)
        return replace(part, start=never, end=never)
    if part.end is None or part.end <= cut:
        return part
    return replace(part, end=None if part.component in down else cut)


def _going_on(phase: Phase) -> Phase:
    return phase if phase is Phase.IDENTIFIED else Phase.INVESTIGATING


def write(incident: Incident, update: Update) -> Incident:
    """Append to the record; the number is the incident's next."""
    numbered = replace(update, number=len(incident.updates) + 1)
    return replace(incident, updates=(*incident.updates, numbered))


def _part(component_status: ComponentStatus, *, is_dependent: bool) -> Affected:
    return Affected(
        component=component_status.component,
        status=component_status.status,
        start=component_status.since,
        cause=component_status.cause,
        is_dependent=is_dependent,
    )
