"""What a message to operators says of an incident, gathered: every rendering reads these facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from monitor.alerting.evidence import LastSeen
from monitor.domain.addresses import incident_path
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
    BLIND = "nd"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertContext:
    """One notification about one incident, at the moment of sending."""

    notification: Notification
    incident: Incident
    main: Affected
    sights: tuple[LastSeen, ...]
    catalogue: Catalogue
    failures: Mapping[str, FailureClass]
    standings: Mapping[ComponentId, ComponentStatus]
    now: Second
    options: str = ""
    unseen: Mapping[ComponentId, IntervalSet] = field(default_factory=dict)
    """Of what is over, the seconds that nobody saw."""

    @property
    def lang(self) -> Lang:
        return operators_lang(self.catalogue.page)

    @property
    def say(self) -> AlertWords:
        return ALERTS[self.lang]

    @property
    def failure(self) -> FailureClass | None:
        """The class of what the message is about."""
        return self.failures.get(self.part.cause)

    @property
    def happening(self) -> IncidentEvent | None:
        """What an update is about."""
        found = [u for u in self.incident.updates if u.number == self.notification.number]
        is_update = self.notification.kind is EventKind.UPDATE
        return found[0].happening if found and is_update else None

    @property
    def part(self) -> Affected:
        """The part that an update is about: each opening, joining, relapse and resumption added
        one, and each loss of sight ended one. Counted from the last one, for of an unstable
        component parts are added without an update."""
        affected = self.incident.affected
        if self.happening is IncidentEvent.LASTING:
            lasting = announced_as_lasting(self.incident, self.catalogue.alerting)
            return lasting.get(self.notification.number, self.main)
        if self.happening is IncidentEvent.UNWATCHED:
            counted: tuple[IncidentEvent, ...] = (IncidentEvent.UNWATCHED,)
            lost = (p for p in affected if p.is_unwatched)
            affected = tuple(sorted(lost, key=lambda p: p.end or 0))
        elif self.happening in _JOINING[1:]:
            counted = _JOINING
        else:
            return self.main
        after = [u for u in self.incident.updates if u.number > self.notification.number]
        index = len(affected) - 1 - sum(u.happening in counted for u in after)
        return affected[index] if 0 <= index < len(affected) else self.main

    @property
    def is_over(self) -> bool:
        return not self.incident.open_parts

    @property
    def is_unseen(self) -> bool:
        """Whether nobody saw what the message is about come back: they ceased to watch it."""
        return self.part.is_unwatched and self.notification.kind is not EventKind.RESOLUTION

    @property
    def is_closed(self) -> bool:
        """Whether a person closed the incident while what the message is about was down."""
        return self.incident.was_closed(self.part)

    @property
    def is_published(self) -> bool:
        """Whether anybody but operators may read of it."""
        return has_public_part(self.incident, self.catalogue)

    @property
    def url(self) -> str:
        """Where the public reads of it; the page, where it may not."""
        page = self.catalogue.page.url
        if not self.is_published:
            return page
        return page.rstrip("/") + incident_path(self.incident.id, self.lang)

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
            return Tone.BLIND if self.is_closed else Tone.WELL
        if self.happening is IncidentEvent.UNWATCHED:
            return Tone.BLIND
        return Tone.SLOW if self.part.status is Outcome.DEGRADED else Tone.DOWN

    @property
    def word(self) -> str:
        """The state in one word, as the subject begins."""
        if self.notification.kind is EventKind.RESOLUTION:
            return self.say.closed if self.is_closed else self.say.recovered
        if self.happening is IncidentEvent.UNWATCHED:
            return self.say.unwatched
        state = self.say.slow if self.tone is Tone.SLOW else self.say.down
        is_reminder = self.notification.kind is EventKind.REMINDER
        return fill(self.say.still, c=state) if is_reminder else state

    @property
    def subject(self) -> str:
        """Complete in fifty characters."""
        name = str(self.part.component)
        others = len({p.component for p in self._told_parts}) - 1
        return subject_line(
            self.word,
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
        """Seconds from the earliest start to now, or the length of what is over: that of the
        component that is named, as the public reads it."""
        if self.notification.kind is EventKind.RESOLUTION:
            return self.seen_s(p for p in self._told_parts if p.component == self.main.component)
        ends = [self.now if p.end is None else p.end for p in self._told_parts]
        return max(0, max(ends) - min(p.start for p in self._told_parts))

    def seen_s(self, parts: Iterable[Affected]) -> int:
        """How long parts of one component lasted, without the time of which nobody knows."""
        own = tuple(parts)
        unseen = (self.unseen.get(p.component, IntervalSet()) for p in own)
        spans = IntervalSet.of(spans_of(own, self.now))
        return (spans - next(unseen, IntervalSet())).seconds

    @property
    def _told_parts(self) -> tuple[Affected, ...]:
        return _told_of(self.notification, self.incident)

    @property
    def well(self) -> tuple[ComponentId, ...]:
        """Components that are up: where not to look."""
        hit = set(self.incident.components)
        return tuple(
            component
            for component, standing in self.standings.items()
            if standing.status is Outcome.UP and component not in hit
        )

    @property
    def failing(self) -> tuple[LastSeen, ...]:
        return tuple(s for s in self.sights if s.has_failed)

    def _reason(self) -> str:
        kind = self.notification.kind
        if kind is EventKind.RESOLUTION and self.is_closed:
            state = self.say.states.get(self.part.status, "")
            return fill(self.say.was_still, c=state)
        if kind is EventKind.RESOLUTION:
            return duration(self.lasted)
        if kind is EventKind.REMINDER:
            return fill(self.say.ago, d=rough_duration(self.lasted))
        told = self.say.changed.get(self.happening) if self.happening else None
        return fill(told, c=self.part.cause) if told else self.part.cause

    def _fact(self) -> str:
        if self.notification.kind is EventKind.RESOLUTION:
            return ""
        if self.happening in (IncidentEvent.UNWATCHED, IncidentEvent.UNSTABLE):
            return ""
        if self.is_unseen:
            return self.say.closed_already if self.is_closed else self.say.unwatched_already
        if self.is_over:
            return self.say.back_already
        of_part = [s for s in self.failing if s.component == self.part.component]
        return short_fact(of_part[0].message) if of_part else ""

    def _places(self) -> str:
        """How many of the locations that look at the component see it fail."""
        if self.notification.kind is EventKind.RESOLUTION or self.is_over:
            return ""
        looks = [s for s in self.sights if s.component == self.part.component]
        places = {s.location for s in looks}
        failing = {s.location for s in looks if s.has_failed}
        return f"{len(failing)}/{len(places)}" if failing else ""


def gather(
    notification: Notification,
    incident: Incident,
    *,
    sights: Sequence[LastSeen],
    catalogue: Catalogue,
    failures: Mapping[str, FailureClass],
    standings: Mapping[ComponentId, ComponentStatus],
    now: Second,
    options: str = "",
    unseen: Mapping[ComponentId, IntervalSet] | None = None,
) -> AlertContext:
    told = replace(incident, affected=_told_of(notification, incident))
    return AlertContext(
        notification=notification,
        incident=incident,
        main=main_part(told, catalogue),
        sights=tuple(sights),
        catalogue=catalogue,
        failures=failures,
        standings=standings,
        now=now,
        options=options,
        unseen=unseen or {},
    )


def _told_of(notification: Notification, incident: Incident) -> tuple[Affected, ...]:
    """Of an end, what a person closed while it was down, else what recovered: nothing is said of
    what nobody watches any more. Of all else, everything."""
    if notification.kind is not EventKind.RESOLUTION:
        return incident.affected
    return incident.closed_parts or incident.watched_parts or incident.affected
