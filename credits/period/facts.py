"""What the figures of a window rest on: read of the journal once, as values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.catalogues.in_force import Catalogues
from monitor.domain.checks.fold import FoldState, Transition
from monitor.domain.checks.observation import CheckId, ComponentId
from monitor.domain.exclusions.classification import ExclusionRevision
from monitor.domain.incidents.incident import Affected
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.time.interval import Interval, Second
from monitor.domain.timeline import Timeline
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import FoldKey
from monitor.timelines.excluded import outages_at_publication
from monitor.timelines.outages import Explaining, down_until


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentParts:
    """Which components an incident affected, and when: it explains their outages by its id."""

    id: str
    affected: tuple[Affected, ...]

    def open_part(self, component: ComponentId) -> Affected | None:
        return next((p for p in self.affected if p.component == component and p.is_open), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFacts:
    """`transitions` draw the timelines in the window; `states` say until when each is known.
    `troubles` are the timelines of what was down or slow when a maintenance window was published.
    `down_until` is where the last results end of everything that was down when last seen."""

    window: Interval
    maintenance: Sequence[MaintenanceWindow]
    incidents: Sequence[Explaining]
    classified: Sequence[ExclusionRevision]
    transitions: Mapping[FoldKey, Sequence[Transition]]
    states: Mapping[FoldKey, FoldState]
    troubles: Mapping[ComponentId, Timeline]
    down_until: frozenset[Second]

    def about(
        self, components: Collection[ComponentId], checks: Collection[CheckId]
    ) -> PeriodFacts:
        """What of it the figures of some components rest on; `checks` are all that they ever
        had."""
        return replace(
            self,
            maintenance=list(_windows_about(self.maintenance, components)),
            incidents=list(_parts_about(self.incidents, components)),
            classified=[one for one in self.classified if one.component in components],
            transitions={key: t for key, t in self.transitions.items() if key[0] in checks},
            states={key: state for key, state in self.states.items() if key[0] in checks},
            troubles={c: timeline for c, timeline in self.troubles.items() if c in components},
            down_until=frozenset(
                s for s in self.down_until if self.window.start <= s <= self.window.end
            ),
        )


def read_facts(tx: JournalTransaction, catalogues: Catalogues, window: Interval) -> PeriodFacts:
    maintenance = tx.maintenance.touching(window)
    states = tx.folds.states()
    return PeriodFacts(
        window=window,
        maintenance=maintenance,
        incidents=tx.incidents.touching(window),
        classified=tx.exclusions.in_force(window),
        transitions=tx.transitions.drawing(window),
        states=states,
        troubles=outages_at_publication(tx.transitions, catalogues.revisions, maintenance),
        down_until=down_until(states),
    )


def _windows_about(
    windows: Iterable[MaintenanceWindow], components: Collection[ComponentId]
) -> Iterator[MaintenanceWindow]:
    for window in windows:
        named = tuple(c for c in window.components if c in components)
        if named:
            yield replace(window, components=named)


def _parts_about(
    incidents: Iterable[Explaining], components: Collection[ComponentId]
) -> Iterator[IncidentParts]:
    for incident in incidents:
        parts = tuple(part for part in incident.affected if part.component in components)
        if parts:
            yield IncidentParts(id=incident.id, affected=parts)
