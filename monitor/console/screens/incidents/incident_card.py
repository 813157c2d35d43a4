"""One incident as lists show it: how it stands, since when, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.console.figures.budget import BudgetLine
from monitor.console.speech import Speech
from monitor.console.states import State, phase_of
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import Incident
from statuspage.parts.html import Html

_MOST_NAMES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCard:
    id: str
    url: str
    title: str
    state: State
    began: Html
    lasted: str
    causes: tuple[str, ...]
    components: tuple[str, ...]
    others: int
    """How many more components there are."""
    last_update: Html | None
    by_person: bool
    """Somebody has written in it."""
    budget: tuple[BudgetLine, ...] = ()
    """What the month's allowance of its components suffers, while it is open."""


def incident_card(incident: Incident, catalogue: Catalogue, speech: Speech) -> IncidentCard:
    names = [name_of(c, catalogue, speech) for c in incident.concerned]
    is_open = incident.is_unresolved
    end = incident.resolved_at if incident.resolved_at is not None else speech.now
    written = [u for u in incident.updates if u.shown is not None]
    return IncidentCard(
        id=incident.id,
        url=f"/incidents/{incident.id}",
        title=speech.text(incident.title),
        state=phase_of(incident, speech),
        began=speech.since(incident.started_at) if is_open else speech.dated(incident.started_at),
        lasted="" if is_open else speech.duration(max(0, end - incident.started_at)),
        causes=tuple(dict.fromkeys(p.cause for p in incident.affected if p.cause)),
        components=tuple(names[:_MOST_NAMES]),
        others=max(0, len(names) - _MOST_NAMES),
        last_update=speech.ago(written[-1].at) if written and is_open else None,
        by_person=any(u.person is not None for u in incident.updates),
    )


def name_of(component: ComponentId, catalogue: Catalogue, speech: Speech) -> str:
    """Its name; its id where the configuration has dropped it."""
    if not catalogue.has(component):
        return str(component)
    return speech.text(catalogue.component(component).name)


def names_of(catalogue: Catalogue, speech: Speech) -> Mapping[ComponentId, str]:
    return {c.id: speech.text(c.name) for c in catalogue.components}
