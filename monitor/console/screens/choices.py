"""The components that an account may choose, by service."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.console.visit import Visit
from monitor.domain.checks.observation import ServiceId
from monitor.incidents.service_bounds import ServiceBounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    id: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChoices:
    name: str
    components: tuple[Choice, ...]


def component_choices(visit: Visit) -> tuple[ServiceChoices, ...]:
    bounds = ServiceBounds.of(visit.actor, visit.catalogue)
    chosen = set(visit.form.many("component")) | {visit.query.get("component", "")}
    of_service: dict[ServiceId, list[Choice]] = {}
    for c in visit.catalogue.components:
        if bounds.has(c.id):
            choice = Choice(id=c.id, name=visit.speech.text(c.name), is_chosen=c.id in chosen)
            of_service.setdefault(c.service, []).append(choice)
    return tuple(
        ServiceChoices(name=visit.speech.text(s.name), components=tuple(of_service[s.id]))
        for s in visit.catalogue.services
        if s.id in of_service
    )
