"""The components that an account may choose, by service."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.console.visit import Visit
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
    found = []
    for service in visit.catalogue.services:
        components = tuple(
            Choice(id=c.id, name=visit.speech.text(c.name), is_chosen=c.id in chosen)
            for c in visit.catalogue.components
            if c.service == service.id and bounds.has(c.id)
        )
        if components:
            found.append(
                ServiceChoices(name=visit.speech.text(service.name), components=components)
            )
    return tuple(found)
