"""Updates as data: what Statuspage's webhooks say of an incident, of maintenance, and of each
component whose state an update changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import Phase
from statuspage.pages.site import known_languages
from statuspage.publish.api import Document, incident_alone, maintenance_alone
from statuspage.view.model import PublicIncident, PublicMaintenance

Documents = Mapping[str, Document]
"""By language."""


def incident_documents(incident: PublicIncident, number: int, catalogue: Catalogue) -> Documents:
    """The incident as it was with that update."""
    then = _as_of(incident, number)
    return {
        lang.value: incident_alone(then, catalogue.page, catalogue.zone, lang)
        for lang in known_languages(catalogue.page.locales)
    }


def maintenance_documents(window: PublicMaintenance, step: str, catalogue: Catalogue) -> Documents:
    """The maintenance as it was with that step: in this form it is an incident too."""
    place = [one.name for one in window.steps].index(step)
    then = replace(window, steps=window.steps[: place + 1], phase=window.steps[place].phase)
    return {
        lang.value: maintenance_alone(then, catalogue.page, catalogue.zone, lang)
        for lang in known_languages(catalogue.page.locales)
    }


def incident_records(documents: Documents) -> Mapping[str, str]:
    return {lang: _encoded({"incident": document}) for lang, document in documents.items()}


def component_records(documents: Documents) -> Iterator[tuple[ComponentId, Mapping[str, str]]]:
    """Each component that the newest update changed."""
    first = next(iter(documents.values()))
    for place, change in enumerate(first["incident_updates"][0]["affected_components"] or ()):
        if change["old_status"] != change["new_status"]:
            yield (
                ComponentId(change["code"]),
                {
                    lang: _encoded(_component_update(document, place))
                    for lang, document in documents.items()
                },
            )


def _component_update(document: Document, place: int) -> Document:
    update = document["incident_updates"][0]
    change = update["affected_components"][place]
    return {
        "component_update": {
            "id": f"{update['id']}-{change['code']}",
            "component_id": change["code"],
            "created_at": update["created_at"],
            "old_status": change["old_status"],
            "new_status": change["new_status"],
        },
        "component": {
            "id": change["code"],
            "name": change["name"],
            "created_at": document["created_at"],
            "status": change["new_status"],
        },
    }


def _as_of(incident: PublicIncident, number: int) -> PublicIncident:
    """By place, newest first: what a page tells by itself has numbers of its own."""
    place = [one.number for one in incident.updates].index(number)
    updates = incident.updates[place:]
    newest = updates[0]
    is_watched = newest.phase in (Phase.MONITORING, Phase.RESOLVED)
    return replace(
        incident,
        updates=updates,
        phase=newest.phase,
        updated_at=newest.at,
        monitoring_at=incident.monitoring_at if is_watched else None,
        resolved_at=incident.resolved_at if newest.phase is Phase.RESOLVED else None,
    )


def _encoded(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
