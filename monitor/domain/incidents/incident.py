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
    """An unstable component stays down: no part is new, but one that nobody was told of."""
    SWUNG = "swung"
    """An unstable component changed once more; no update is written."""
    PERSON = "person"


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
    component of the same incident. A component that falls again gets a second part. One that
    `is_unwatched` ended because nobody looked any more, or a person closed its incident while it
    was down: when the outage did is not known.
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
class Update:
    """One entry of the public record; `number` counts from 1 within its incident.

    `machine` and `person` are separate: a page shows the person's words where there are any.
    `former` keeps every text that an edit replaced, oldest first.
    """

    number: int
    at: Second
    phase: Phase
    happening: IncidentEvent
    actor: str
    machine: Text | None = None
    person: Text | None = None
    former: tuple[Text, ...] = ()

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
    the recovery. `revision` grows with every saved change; commands are guarded by it."""

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
    _open: Mapping[ComponentId, Affected] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    @property
    def is_unresolved(self) -> bool:
        return self.phase is not Phase.RESOLVED

    @property
    def title(self) -> Text:
        return self.person_title or self.machine_title

    @property
    def open_parts(self) -> tuple[Affected, ...]:
        return tuple(part for part in self.affected if part.is_open)

    def open_part(self, component: ComponentId) -> Affected | None:
        # By component, for a storm asks for each of thousands of them in turn.
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
    def spans(self) -> dict[ComponentId, tuple[Second, Second | None]]:
        """From each component's first fall to its last end; None where it goes on."""
        found: dict[ComponentId, tuple[Second, Second | None]] = {}
        for part in self.affected:
            start, _ = found.get(part.component, (part.start, None))
            found[part.component] = (min(start, part.start), part.end)
        return found

    @property
    def unwatched(self) -> tuple[ComponentId, ...]:
        """The components whose last part ended, and nobody saw the end."""
        last = {part.component: part for part in self.affected}
        return tuple(c for c, part in last.items() if part.is_unwatched)

    def was_closed(self, part: Affected) -> bool:
        """Whether a person closed the incident while this part was still open."""
        return part.is_unwatched and any(
            u.happening is IncidentEvent.PERSON and u.phase is Phase.RESOLVED and u.at == part.end
            for u in self.updates
        )

    @property
    def closed_parts(self) -> tuple[Affected, ...]:
        return tuple(part for part in self.affected if self.was_closed(part))

    @property
    def watched_parts(self) -> tuple[Affected, ...]:
        """The parts of all other components: once it is over, those that were seen to come back."""
        lost = self.unwatched
        return tuple(part for part in self.affected if part.component not in lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentStatus:
    """A component's confirmed status at a moment, with the start of its present stretch."""

    component: ComponentId
    status: Outcome
    since: Second
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentChange:
    """An incident after a decision, and what the decision was about (None: no update is due).
    Nobody is alerted of a step that `is_hushed`."""

    incident: Incident
    happening: IncidentEvent
    part: Affected | None
    is_hushed: bool = False


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


def impact_of(parts: tuple[Affected, ...]) -> Impact:
    """Minor for slowness, major for one component down, critical for three or more."""
    down = {p.component for p in parts if p.status is Outcome.DOWN}
    if not down:
        return Impact.MINOR if parts else Impact.NONE
    return Impact.CRITICAL if len(down) >= 3 else Impact.MAJOR


def last_fall(incident: Incident) -> Update | None:
    """The last update that told of a component that fell."""
    return next((u for u in reversed(incident.updates) if u.happening in _FALLS), None)


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
    standing: ComponentStatus, now: Second, *, is_dependent: bool = False
) -> IncidentChange:
    """A confirmed outage or slowness that no open incident explains."""
    part = _part(standing, is_dependent=is_dependent)
    incident = Incident(
        id=incident_id(standing.component, standing.since),
        phase=Phase.INVESTIGATING,
        impact=impact_of((part,)),
        started_at=standing.since,
        created_at=now,
        machine_title=Text({"es": str(standing.component)}),
        affected=(part,),
    )
    return IncidentChange(incident=incident, happening=IncidentEvent.OPENED, part=part)


def join(
    incident: Incident, standing: ComponentStatus, *, is_dependent: bool = False
) -> IncidentChange:
    """Another component falls, or one of the incident's own falls again while it is observed."""
    part = _part(standing, is_dependent=is_dependent)
    is_relapse = incident.phase is Phase.MONITORING
    grown = replace(
        incident,
        phase=Phase.INVESTIGATING if is_relapse else incident.phase,
        monitoring_at=None,
        started_at=min(incident.started_at, part.start),
        affected=(*incident.affected, part),
        impact=impact_of((*incident.affected, part)),
    )
    happening = IncidentEvent.RELAPSED if is_relapse else IncidentEvent.JOINED
    return IncidentChange(incident=grown, happening=happening, part=part)


def change_part(incident: Incident, standing: ComponentStatus) -> IncidentChange | None:
    """A component that is already in the incident worsens, eases, or turns out to have begun
    earlier; None where nothing that anybody reads has changed."""
    part = incident.open_part(standing.component)
    if part is None:
        return None
    worsened = standing.status is Outcome.DOWN and part.status is not Outcome.DOWN
    grown = replace(
        part,
        status=standing.status if worsened else part.status,
        cause=standing.cause if worsened else part.cause,
        start=min(part.start, standing.since),
    )
    if grown == part:
        return None
    affected = tuple(grown if p is part else p for p in incident.affected)
    changed = replace(
        incident,
        affected=affected,
        impact=impact_of(affected),
        started_at=min(incident.started_at, grown.start),
    )
    happening = IncidentEvent.WORSENED if worsened else IncidentEvent.EASED
    return IncidentChange(incident=changed, happening=happening, part=grown)


def end_part(incident: Incident, component: ComponentId, at: Second) -> IncidentChange | None:
    """A component is up again at `at`; with the last one the incident is being observed."""
    part = incident.open_part(component)
    if part is None:
        return None
    ended = replace(part, end=max(at, part.start))
    affected = tuple(ended if p is part else p for p in incident.affected)
    left = replace(incident, affected=affected)
    if left.open_parts:
        return IncidentChange(incident=left, happening=IncidentEvent.PARTLY_BACK, part=ended)
    return IncidentChange(incident=_observed(left), happening=IncidentEvent.OBSERVING, part=ended)


def end_watching(
    incident: Incident, component: ComponentId, at: Second, now: Second
) -> IncidentChange | None:
    """Nobody looks at a component any more since `at`: its part ends and no recovery is told. With
    the last part the incident is over, or observed for those that did come back."""
    part = incident.open_part(component)
    if part is None:
        return None
    ended = replace(part, end=max(at, part.start), is_unwatched=True)
    left = replace(incident, affected=tuple(ended if p is part else p for p in incident.affected))
    if not left.open_parts:
        closed = replace(left, phase=Phase.RESOLVED, monitoring_at=None, resolved_at=now)
        left = _observed(left) if left.watched_parts else closed
    return IncidentChange(incident=left, happening=IncidentEvent.UNWATCHED, part=ended)


def resume(incident: Incident, standing: ComponentStatus) -> IncidentChange:
    """A component of which nobody had seen the end is watched again, and still down."""
    grown = join(incident, standing).incident
    reopened = replace(grown, phase=Phase.INVESTIGATING, monitoring_at=None, resolved_at=None)
    return IncidentChange(
        incident=reopened, happening=IncidentEvent.RESUMED, part=reopened.affected[-1]
    )


def _observed(incident: Incident) -> Incident:
    """All that was seen to come back is watched from its last recovery on."""
    recovered = max(p.end for p in incident.watched_parts if p.end is not None)
    return replace(incident, phase=Phase.MONITORING, monitoring_at=recovered)


def narrowed_to(
    incident: Incident, left: tuple[Affected, ...], *, observe: int, now: Second
) -> Incident:
    """The incident as it is where only some of its parts (`left`, at least one) may be told of: its
    impact, its times and its phase are theirs. What they all came back from is observed and
    resolved in their time, however long the others are down."""
    start = min(p.start for p in left)
    kept = replace(
        incident,
        affected=left,
        impact=impact_of(left),
        started_at=start,
        created_at=max(incident.created_at, start),
    )
    ends = [p.end for p in left if p.end is not None]
    if len(ends) < len(left):
        return kept
    seen = [p.end for p in kept.watched_parts if p.end is not None]
    recovered = max(seen, default=None)
    over = Second(max(ends) if recovered is None else recovered + observe)
    if incident.resolved_at is not None:
        over = min(over, incident.resolved_at)
    if now < over:
        return replace(kept, phase=Phase.MONITORING, monitoring_at=recovered, resolved_at=None)
    return replace(kept, phase=Phase.RESOLVED, monitoring_at=recovered, resolved_at=over)


def resolve_recovered(incident: Incident, now: Second, observe: int) -> IncidentChange | None:
    """Resolve an incident whose components have been up for `observe` seconds."""
    if incident.phase is not Phase.MONITORING or incident.monitoring_at is None:
        return None
    if now < incident.monitoring_at + observe:
        return None
    done = replace(
        incident, phase=Phase.RESOLVED, resolved_at=Second(incident.monitoring_at + observe)
    )
    return IncidentChange(incident=done, happening=IncidentEvent.RESOLVED, part=None)


def rewind(
    incident: Incident, cut: Second, now: Second, down: Collection[ComponentId]
) -> IncidentChange | None:
    """What is left of an incident when all that was seen from `cut` on no longer counts, for the
    clock was wrong: what began then is closed without having recovered, what ended then goes on
    where the component is still down (`down`). None where nothing changes.

    One that was told to be over stays over: what goes on beyond it is told anew once it is seen.
    """
    lasting = down if incident.is_unresolved else ()
    affected = tuple(_rewound(part, cut, now, lasting) for part in incident.affected)
    if affected == incident.affected:
        return None
    has_open = any(part.is_open for part in affected)
    ended = incident.resolved_at if incident.resolved_at is not None else now
    left = replace(
        incident,
        affected=affected,
        started_at=min(part.start for part in affected),
        created_at=min(incident.created_at, now),
        phase=Phase.RESOLVED if not has_open else _going_on(incident.phase),
        monitoring_at=None,
        resolved_at=None if has_open else min(ended, now),
    )
    return IncidentChange(incident=left, happening=IncidentEvent.CLOCK_SET, part=None)


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


def _part(standing: ComponentStatus, *, is_dependent: bool) -> Affected:
    return Affected(
        component=standing.component,
        status=standing.status,
        start=standing.since,
        cause=standing.cause,
        is_dependent=is_dependent,
    )
