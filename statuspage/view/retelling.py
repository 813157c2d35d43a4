"""What a page says by itself of the part of an incident that it shows, where the machine wrote of
the whole: how it began, that it is back, that it is over, in sentences that know of nothing else.

Without them a record would begin with "the problem also affects …", or end with nothing, because
the text that says so names another page's services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from monitor.domain.catalogue import Catalogue, Component
from monitor.domain.checks.observation import ComponentId, FailureClass
from monitor.domain.incidents.incident import (
    Affected,
    Incident,
    IncidentChange,
    IncidentEvent,
    Origin,
    Phase,
    Update,
)
from monitor.domain.text import Text
from monitor.domain.time.interval import FOREVER, Second
from monitor.incident_text.text import came_back_text, update_text

FIRST, BACK, LAST = 0, 900_000, 1_000_000
"""The numbers of an entry that a page adds: stored ones count from 1, and are never so many. To
`BACK` the number of parts that were over is added, for it may be back several times."""
_ACTOR = "engine"
_WORKS = frozenset({Phase.MONITORING, Phase.RESOLVED})
_BEGINNINGS = frozenset({IncidentEvent.OPENED, IncidentEvent.JOINED, IncidentEvent.RELAPSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Retelling:
    """Writes for one page, whose `public` components are all that it may name."""

    catalogue: Catalogue
    public: Mapping[ComponentId, Component]
    failures: Mapping[str, FailureClass] = field(default_factory=dict)

    def of(self, left: Incident, updates: Sequence[Update]) -> tuple[Update, ...]:
        """The updates that may be read of what is `left` of an incident, with a beginning and an
        end. What people opened begins and ends with their words."""
        if left.origin is not Origin.MACHINE or not left.affected:
            return tuple(updates)
        told = [self._of_its_own(left, update) for update in updates]
        begun = self._with_beginning(left, told)
        return tuple(self._with_end(left, self._with_recoveries(left, begun)))

    def _of_its_own(self, left: Incident, update: Update) -> Update:
        """That the failure reaches one more says of others where nothing else of the page is down:
        it fails again."""
        if update.event is not IncidentEvent.JOINED or update.machine is None or update.former:
            return update
        down = [p for p in left.affected if _is_down_at(p, update.at)]
        if len({part.component for part in down}) != 1:
            return update
        part = max(down, key=lambda part: part.start)
        so_far = tuple(p for p in left.affected if p.start <= part.start)
        text = update_text(
            IncidentChange(
                incident=replace(left, affected=so_far), event=IncidentEvent.RELAPSED, part=part
            ),
            catalogue=self._narrowed(left),
            failures=self.failures,
            now=update.at,
        )
        return replace(update, machine=text)

    def _with_beginning(self, left: Incident, updates: Sequence[Update]) -> Sequence[Update]:
        """The first words of the machine say that it fails, and not that it fails as well."""
        first = next((u for u in updates if u.machine is not None), None)
        if first is not None and first.event is IncidentEvent.OPENED:
            return updates
        begun = self._beginning(left)
        if first is not None and first.event in _BEGINNINGS and not first.former:
            told = replace(first, machine=begun.machine)
            return [told if update is first else update for update in updates]
        return [begun, *updates]

    def _beginning(self, left: Incident) -> Update:
        part = min(left.affected, key=lambda part: part.start)
        text = update_text(
            IncidentChange(incident=left, event=IncidentEvent.OPENED, part=part),
            catalogue=self._narrowed(left),
            failures=self.failures,
            now=left.created_at,
        )
        return _entry(FIRST, left.created_at, Phase.INVESTIGATING, IncidentEvent.OPENED, text)

    def _with_recoveries(self, left: Incident, updates: Sequence[Update]) -> Sequence[Update]:
        """Each time that all of it was back, where no text that may be read says so: the last one
        would go on saying that it fails."""
        back = [u.at for u in updates if u.phase in _WORKS and not _is_postmortem(u)]
        added = [
            self._recovery(left, parts, over)
            for parts, over, until in _recoveries(left)
            if not any(over <= at < until for at in back)
        ]
        return sorted([*updates, *added], key=lambda update: update.at) if added else updates

    def _recovery(self, left: Incident, parts: tuple[Affected, ...], over: Second) -> Update:
        text = update_text(
            IncidentChange(
                incident=replace(left, affected=parts), event=IncidentEvent.OBSERVING, part=None
            ),
            catalogue=self._narrowed(left),
            failures=self.failures,
            now=over,
        )
        return _entry(BACK + len(parts), over, Phase.MONITORING, IncidentEvent.OBSERVING, text)

    def _with_end(self, left: Incident, updates: Sequence[Update]) -> Iterable[Update]:
        ends = (u for u in updates if u.phase is Phase.RESOLVED and not _is_postmortem(u))
        over, is_told = left.resolved_at, any(ends)
        # One that was merged goes on elsewhere, and of what was closed nobody saw the end.
        is_unseen = left.merged_into is not None or any(p.is_unwatched for p in left.affected)
        if over is None or is_told or is_unseen:
            return updates
        text = came_back_text(left, self._narrowed(left), self.failures, over)
        ended = _entry(LAST, over, Phase.RESOLVED, IncidentEvent.RESOLVED, text)
        return sorted([*updates, ended], key=lambda update: update.at)

    def _narrowed(self, left: Incident) -> Catalogue:
        """With the components of what is left alone, which may all be named, and their checks: what
        a failure means depends on the kind of service that they look at."""
        own = (replace(self.public[c], is_public=True) for c in left.components)
        checks = chain.from_iterable(map(self.catalogue.checks_of, left.components))
        return replace(self.catalogue, components=tuple(own), checks=tuple(checks))


def _recoveries(left: Incident) -> Iterator[tuple[tuple[Affected, ...], Second, Second]]:
    """The parts that were over, when, and until when all worked: the next fall, or for ever."""
    parts = sorted(left.affected, key=lambda part: part.start)
    for count in range(1, len(parts) + 1):
        so_far = tuple(parts[:count])
        ends = [p.end for p in so_far if p.end is not None and not p.is_unwatched]
        until = parts[count].start if count < len(parts) else FOREVER
        if len(ends) == count and max(ends) < until:
            yield so_far, max(ends), until


def _is_postmortem(update: Update) -> bool:
    """It comes after the end, and does not tell it."""
    return update.event is IncidentEvent.POSTMORTEM


def _is_down_at(part: Affected, at: Second) -> bool:
    return part.start <= at and (part.end is None or part.end > at)


def _entry(number: int, at: Second, phase: Phase, event: IncidentEvent, text: Text) -> Update:
    return Update(number=number, at=at, phase=phase, event=event, actor=_ACTOR, machine=text)
