"""The facts that a message to operators states about an incident. Every rendering reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from monitor.alerting.evidence import LastSeen
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId, FailureClass, Outcome
from monitor.domain.incidents.delivery import EventKind, Notification
from monitor.domain.incidents.flapping import announced_as_lasting
from monitor.domain.incidents.incident import (
    Affected,
    ComponentStatus,
    Incident,
    IncidentEvent,
    Update,
)
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import IntervalSet, Second
from monitor.i18n.addresses import incident_path
from monitor.i18n.alert_subject import short_fact, subject_line
from monitor.i18n.formats import (
    Lang,
    clock_time,
    duration,
    offset_name,
    rough_duration,
    weekday_and_day,
)
from monitor.i18n.forms.alerts import AlertWords
from monitor.i18n.forms.incidents import fill
from monitor.i18n.words import ALERTS, operators_lang
from monitor.incident_text.parts import has_public_part, spans_of
from monitor.incident_text.text import main_part

_JOINING = (
    IncidentEvent.OPENED,
    IncidentEvent.JOINED,
    IncidentEvent.RELAPSED,
    IncidentEvent.RESUMED,
    IncidentEvent.UNSTABLE,
)


class Tone(StrEnum):
    """How a message looks: text and colour, never colour alone."""

    DOWN = "down"
    SLOW = "slow"
    WELL = "ok"
    NO_DATA = "nd"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertContext:
    """One notification about one incident, at the moment of sending."""

    notification: Notification
    incident: Incident
    main: Affected
    last_seen: tuple[LastSeen, ...]
    catalogue: Catalogue
    failures: Mapping[str, FailureClass]
    component_statuses: Mapping[ComponentId, ComponentStatus]
    now: Second
    options: str = ""
    unseen: Mapping[ComponentId, IntervalSet] = field(default_factory=dict)
    """For the message about an end: the seconds of each component that have no data."""

    @property
    def lang(self) -> Lang:
        return operators_lang(self.catalogue.page)

    @property
    def words(self) -> AlertWords:
        return ALERTS[self.lang]

    @property
    def failure(self) -> FailureClass | None:
        """The class of the failure that the message is about."""
        return self.failures.get(self.part.cause)

    @property
    def event(self) -> IncidentEvent | None:
        """What an update is about; None for any other message."""
        found = [u for u in self.incident.updates if u.number == self.notification.number]
        is_update = self.notification.kind is EventKind.UPDATE
        return found[0].event if found and is_update else None

    @property
    def part(self) -> Affected:
        """The part that an update is about.

        Each opening, joining, relapse and resumption added a part, and each end of watching ended
        one. They are counted from the last one, because an unstable component's parts are added
        without an update.
        """
        affected = self.incident.affected
        if self.event is IncidentEvent.LASTING:
            lasting = announced_as_lasting(self.incident, self.catalogue.alerting)
            return lasting.get(self.notification.number, self.main)
        if self.event is IncidentEvent.UNWATCHED:
            counted: tuple[IncidentEvent, ...] = (IncidentEvent.UNWATCHED,)
            lost = (p for p in affected if p.is_unwatched)
            affected = tuple(sorted(lost, key=lambda p: p.end or 0))
        elif self.event in _JOINING[1:]:
            counted = _JOINING
        else:
            return self.main
        after = [u for u in self.incident.updates if u.number > self.notification.number]
        index = len(affected) - 1 - sum(u.event in counted for u in after)
        return affected[index] if 0 <= index < len(affected) else self.main

    @property
    def is_over(self) -> bool:
        return not self.incident.open_parts

    @property
    def is_unseen(self) -> bool:
        """Whether the part ended because it was no longer watched: nobody saw it come back."""
        return self.part.is_unwatched and self.notification.kind is not EventKind.RESOLUTION

    @property
    def is_closed(self) -> bool:
        """Whether a person closed the incident while the part was down."""
        return self.incident.was_closed(self.part)

    @property
    def is_published(self) -> bool:
        """Whether the public may read of the incident."""
        return has_public_part(self.incident, self.catalogue)

    @property
    def url(self) -> str:
        """The incident's public address; the page's, where the public may not read of it."""
        if not self.is_published:
            return self.catalogue.page.url
        page = self.catalogue.url_about(self.incident.concerned)
        return page + incident_path(self.incident.id, self.lang)

    @property
    def published(self) -> Update | None:
        """The last update that has words for the public."""
        if not self.is_published:
            return None
        said = (u for u in reversed(self.incident.updates) if u.person or u.machine)
        return next(said, None)

    @property
    def tone(self) -> Tone:
        if self.notification.kind is EventKind.RESOLUTION:
            return Tone.NO_DATA if self.is_closed else Tone.WELL
        if self.event is IncidentEvent.UNWATCHED:
            return Tone.NO_DATA
        return Tone.SLOW if self.part.status is Outcome.DEGRADED else Tone.DOWN

    @property
    def state_word(self) -> str:
        """The state in one word, with which the subject begins."""
        if self.notification.kind is EventKind.RESOLUTION:
            return self.words.closed if self.is_closed else self.words.recovered
        if self.event is IncidentEvent.UNWATCHED:
            return self.words.unwatched
        state = self.words.slow if self.tone is Tone.SLOW else self.words.down
        is_reminder = self.notification.kind is EventKind.REMINDER
        return fill(self.words.still, c=state) if is_reminder else state

    @property
    def subject(self) -> str:
        """Complete in fifty characters."""
        name = str(self.part.component)
        others = len({p.component for p in self._reported_parts}) - 1
        return subject_line(
            self.state_word,
            f"{name} +{others}" if others else name,
            reason=self._reason(),
            fact=self._fact(),
            places=self._places(),
            ident=self.incident.id,
        )

    def name(self, component: ComponentId) -> str:
        found = next((c for c in self.catalogue.components if c.id == component), None)
        return found.name.in_locale(self.lang) if found else str(component)

    def clock(self, at: Second) -> str:
        """To the second; with its day where that is not today."""
        zone = self.catalogue.zone
        day = at_zone(at, zone).date()
        time = clock_time(at, zone, with_seconds=True)
        is_today = day == at_zone(self.now, zone).date()
        return time if is_today else f"{weekday_and_day(day, self.lang)}, {time}"

    @property
    def zone_name(self) -> str:
        return offset_name(self.now, self.catalogue.zone)

    @property
    def lasted(self) -> int:
        """Seconds from the earliest start to now. For a resolution: how long the component that
        is named was affected, as the public reads it."""
        if self.notification.kind is EventKind.RESOLUTION:
            return self.seen_s(
                p for p in self._reported_parts if p.component == self.main.component
            )
        ends = [self.now if p.end is None else p.end for p in self._reported_parts]
        return max(0, max(ends) - min(p.start for p in self._reported_parts))

    def seen_s(self, parts: Iterable[Affected]) -> int:
        """How many seconds parts of one component lasted, without those that have no data."""
        own = tuple(parts)
        unseen = (self.unseen.get(p.component, IntervalSet()) for p in own)
        spans = IntervalSet.of(spans_of(own, self.now))
        return (spans - next(unseen, IntervalSet())).seconds

    @property
    def _reported_parts(self) -> tuple[Affected, ...]:
        return _parts_reported_by(self.notification, self.incident)

    @property
    def well(self) -> tuple[ComponentId, ...]:
        """Components that are up, where operators need not look."""
        affected_components = set(self.incident.components)
        return tuple(
            component
            for component, component_status in self.component_statuses.items()
            if component_status.status is Outcome.UP and component not in affected_components
        )

    @property
    def failing(self) -> tuple[LastSeen, ...]:
        return tuple(s for s in self.last_seen if s.has_failed)

    def _reason(self) -> str:
        kind = self.notification.kind
        if kind is EventKind.RESOLUTION and self.is_closed:
            state = self.words.states.get(self.part.status, "")
            return fill(self.words.was_still, c=state)
        if kind is EventKind.RESOLUTION:
            return duration(self.lasted)
        if kind is EventKind.REMINDER:
            return fill(self.words.ago, d=rough_duration(self.lasted))
        template = self.words.changed.get(self.event) if self.event else None
        return fill(template, c=self.part.cause) if template else self.part.cause

    def _fact(self) -> str:
        if self.notification.kind is EventKind.RESOLUTION:
            return ""
        if self.event in (IncidentEvent.UNWATCHED, IncidentEvent.UNSTABLE):
            return ""
        if self.is_unseen:
            return self.words.closed_already if self.is_closed else self.words.unwatched_already
        if self.is_over:
            return self.words.back_already
        of_part = [s for s in self.failing if s.component == self.part.component]
        return short_fact(of_part[0].message) if of_part else ""

    def _places(self) -> str:
        """How many of the locations that check the component see it fail."""
        if self.notification.kind is EventKind.RESOLUTION or self.is_over:
            return ""
        of_component = [s for s in self.last_seen if s.component == self.part.component]
        places = {s.location for s in of_component}
        failing = {s.location for s in of_component if s.has_failed}
        return f"{len(failing)}/{len(places)}" if failing else ""


def gather(
    notification: Notification,
    incident: Incident,
    *,
    last_seen: Sequence[LastSeen],
    catalogue: Catalogue,
    failures: Mapping[str, FailureClass],
    component_statuses: Mapping[ComponentId, ComponentStatus],
    now: Second,
    options: str = "",
    unseen: Mapping[ComponentId, IntervalSet] | None = None,
) -> AlertContext:
    reported = replace(incident, affected=_parts_reported_by(notification, incident))
    return AlertContext(
        notification=notification,
        incident=incident,
        main=main_part(reported, catalogue),
        last_seen=tuple(last_seen),
        catalogue=catalogue,
        failures=failures,
        component_statuses=component_statuses,
        now=now,
        options=options,
        unseen=unseen or {},
    )


def _parts_reported_by(notification: Notification, incident: Incident) -> tuple[Affected, ...]:
    """The parts that a message is about.

    A resolution is about those that a person closed while they were down, else about those that
    recovered: it says nothing of what is no longer watched. Any other message is about all.
    """
    if notification.kind is not EventKind.RESOLUTION:
        return incident.affected
    return incident.closed_parts or incident.watched_parts or incident.affected
