"""`/api/v2`: the wire format of Atlassian Statuspage, made from the same answer as the page.

`indicator` is `none` exactly when the page says that all is stable, so that they never disagree.
Texts are in the page's default language, enum values English.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from monitor.domain.catalogue import Page
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import Phase
from monitor.domain.maintenance import MaintenancePhase
from monitor.domain.maintenance_steps import MaintenanceStep
from monitor.domain.rollup import Shown
from monitor.domain.text import Text
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import incident_path, maintenance_path
from monitor.i18n.formats import Lang, clock_time, long_date
from monitor.i18n.forms.page import Words
from monitor.i18n.words import PAGE
from statuspage.parts.answer import answer, is_down, is_general_outage, stale_answer, told_alone
from statuspage.parts.html import without_nuls
from statuspage.parts.maintenance_record import step_text
from statuspage.parts.placeholders import placeholder
from statuspage.view.model import (
    PublicComponent,
    PublicIncident,
    PublicMaintenance,
    PublicPart,
    PublicService,
    PublicUpdate,
    PublicView,
)

Document = dict[str, Any]
_AT, _SINCE = placeholder("api-at"), placeholder("api-since")
_NEWEST = 50
_OF_OUTCOME = {
    Outcome.UP: "operational",
    Outcome.DEGRADED: "degraded_performance",
    Outcome.DOWN: "major_outage",
    # Never confirmed at all: the description says that there is no data.
    Outcome.UNKNOWN: "operational",
}
_STATUS_OF = {
    MaintenancePhase.SCHEDULED: "scheduled",
    MaintenancePhase.IN_PROGRESS: "in_progress",
    MaintenancePhase.COMPLETED: "completed",
    MaintenancePhase.CANCELLED: "completed",
}
_WORST = (Outcome.DOWN, Outcome.DEGRADED)
_WORST_FIRST = ("major_outage", "partial_outage", "degraded_performance", "under_maintenance")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Api:
    """The view that documents are made from: in one language, fresh or stale."""

    view: PublicView
    lang: Lang
    is_stale: bool

    @property
    def page_id(self) -> str:
        return hashlib.sha256(self.view.page.url.encode()).hexdigest()[:12]

    def text(self, text: Text) -> str:
        return without_nuls(text.in_locale(self.lang))

    def time(self, at: Second) -> str:
        return at_zone(at, self.view.zone).isoformat(timespec="milliseconds")

    def link(self, path: str) -> str:
        return self.view.page.url.rstrip("/") + path


def api_documents(view: PublicView, lang: Lang, *, is_stale: bool) -> dict[str, bytes]:
    """Every address of the API with its document."""
    api = _Api(view=view, lang=lang, is_stale=is_stale)
    incidents = [_incident(i, api) for i in view.incidents]
    unresolved = [_incident(i, api) for i in view.incidents if i.phase is not Phase.RESOLVED]
    windows = sorted(view.maintenance, key=lambda w: -w.start)
    scheduled = _windows(windows, (MaintenancePhase.SCHEDULED,), api)
    active = _windows(windows, (MaintenancePhase.IN_PROGRESS,), api)
    page, status, components = _page(api), _status(api), _components(api)
    documents: dict[str, Document] = {
        "summary": {
            "page": page,
            "components": components,
            "incidents": unresolved,
            "scheduled_maintenances": [*active, *scheduled],
            "status": status,
        },
        "status": {"page": page, "status": status},
        "components": {"page": page, "components": components},
        "incidents": {"page": page, "incidents": incidents[:_NEWEST]},
        "incidents/unresolved": {"page": page, "incidents": unresolved},
        "scheduled-maintenances": {
            "page": page,
            "scheduled_maintenances": [_maintenance(w, api) for w in windows[:_NEWEST]],
        },
        "scheduled-maintenances/upcoming": {"page": page, "scheduled_maintenances": scheduled},
        "scheduled-maintenances/active": {"page": page, "scheduled_maintenances": active},
    }
    return {f"/api/v2/{name}.json": _encode(document) for name, document in documents.items()}


def incident_alone(incident: PublicIncident, page: Page, zone: ZoneInfo, lang: Lang) -> Document:
    """An incident as the API has it, where nothing else is known: of its components it says what
    its newest update says of them."""
    return _with_components(_incident(incident, _alone(page, zone, lang)))


def maintenance_alone(
    window: PublicMaintenance, page: Page, zone: ZoneInfo, lang: Lang
) -> Document:
    """As `incident_alone`."""
    return _with_components(_maintenance(window, _alone(page, zone, lang)))


def _alone(page: Page, zone: ZoneInfo, lang: Lang) -> _Api:
    view = PublicView(
        at=Second(0), stale_after=0, zone=zone, page=page, support=(), guarantee="", services=(),
        incidents=(), maintenance=(),
    )  # fmt: skip
    return _Api(view=view, lang=lang, is_stale=False)


def _with_components(document: Document) -> Document:
    changes = document["incident_updates"][0]["affected_components"] or ()
    components = [
        {"id": one["code"], "name": one["name"], "status": one["new_status"]} for one in changes
    ]
    return {**document, "components": components}


def api_words(view: PublicView, lang: Lang) -> dict[str, str]:
    """What replaces the placeholders of stale documents, which state the time of their data."""
    api = _Api(view=view, lang=lang, is_stale=True)
    since = stale_answer(view, lang).title
    return {"api-at": _json_escaped(api.time(view.at)), "api-since": _json_escaped(since)}


def indicator(view: PublicView, *, is_stale: bool = False) -> str:
    """`critical` for a general outage, `major` for any outage, `minor` for anything else at all."""
    if is_general_outage(view.components) and view.components:
        return "critical"
    if any(is_down(c) for c in view.components):
        return "major"
    is_calm = bool(view.components) and all(
        c.shown is Shown.OPERATIONAL and c.no_data_since is None for c in view.components
    )
    return "none" if is_calm and not is_stale and not told_alone(view) else "minor"


def component_status(component: PublicComponent) -> str:
    """Under maintenance, or the status beneath it or that a person states, whichever is worse;
    without data, the last that was confirmed."""
    if component.shown is Shown.MAINTENANCE:
        return "under_maintenance"
    return _OF_OUTCOME[component.worst]


def group_status(members: Sequence[PublicComponent]) -> str:
    """The worst member's; a partial outage where only some are down."""
    found = [component_status(c) for c in members]
    worst = next((status for status in _WORST_FIRST if status in found), "operational")
    is_partial = worst == "major_outage" and set(found) != {"major_outage"}
    return "partial_outage" if is_partial else worst


def _encode(document: Document) -> bytes:
    written = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for marker in (_AT, _SINCE):
        # JSON has escaped its NULs. Nothing else gives such a string: texts lose their own NULs.
        written = written.replace(json.dumps(marker), f'"{marker}"')
    return written.encode()


def _json_escaped(text: str) -> str:
    """A text as it stands between the quotes of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _page(api: _Api) -> Document:
    page = api.view.page
    return {
        "id": api.page_id,
        "name": api.text(page.name),
        "url": page.url.rstrip("/"),
        "time_zone": api.view.zone.key,
        "updated_at": _AT if api.is_stale else api.time(api.view.at),
    }


def _status(api: _Api) -> Document:
    return {
        "indicator": indicator(api.view, is_stale=api.is_stale),
        "description": _SINCE if api.is_stale else answer(api.view, api.lang).title,
    }


def _components(api: _Api) -> list[Document]:
    documents: list[Document] = []
    for service in api.view.services:
        group = f"service.{service.id}"
        documents.append(_group(service, group, len(documents) + 1, api))
        for component in service.components:
            documents.append(_component(component, group, len(documents) + 1, api))
    return documents


def _group(service: PublicService, group: str, position: int, api: _Api) -> Document:
    members = service.components
    return {
        "id": group,
        "name": api.text(service.name),
        "status": group_status(members),
        "created_at": api.time(min((c.created_at for c in members), default=api.view.at)),
        "updated_at": api.time(max((c.updated_at for c in members), default=api.view.at)),
        "position": position,
        "description": api.text(service.description) if service.description else None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": api.page_id,
        "group": True,
        "only_show_if_degraded": False,
        "components": [str(c.id) for c in members],
    }


def _component(
    component: PublicComponent, group: str | None, position: int | None, api: _Api
) -> Document:
    return {
        "id": str(component.id),
        "name": api.text(component.name),
        "status": component_status(component),
        "created_at": api.time(component.created_at),
        "updated_at": api.time(component.updated_at),
        "position": position,
        "description": _no_data(component.no_data_since, api),
        "showcase": True,
        "start_date": None,
        "group_id": group,
        "page_id": api.page_id,
        "group": False,
        "only_show_if_degraded": False,
    }


def _no_data(since: Second | None, api: _Api) -> str | None:
    if since is None:
        return None
    day = long_date(at_zone(since, api.view.zone).date(), api.lang)
    return PAGE[api.lang].no_data_since.format(t=clock_time(since, api.view.zone), d=day)


def _affected(ids: Iterable[ComponentId], api: _Api) -> list[Document]:
    """The whole component objects that an incident or a window concerns, each once."""
    wanted = set(ids)
    return [c for c in _components(api) if not c["group"] and c["id"] in wanted]


def _incident(incident: PublicIncident, api: _Api) -> Document:
    updates = [
        _update(
            f"{incident.id}-{u.number}",
            _status_of_update(u),
            _body(u, incident, api),
            incident.id,
            u.at,
            api,
            affected=_changes_of_parts(incident, before.at if before else None, u.at, api),
            changed_at=u.changed_at,
        )
        for u, before in zip_longest(incident.updates, incident.updates[1:])
    ]
    recovered, over = _in_order(incident)
    return {
        "id": str(incident.id),
        "name": api.text(incident.title),
        "status": _status_of_incident(incident),
        "created_at": api.time(incident.created_at),
        "updated_at": api.time(incident.updated_at),
        "monitoring_at": _maybe(recovered, api),
        "resolved_at": _maybe(over, api),
        "impact": incident.impact.value,
        "shortlink": api.link(incident_path(incident.id, api.lang)),
        "started_at": api.time(incident.started_at),
        "page_id": api.page_id,
        "incident_updates": updates,
        "components": _affected((p.component for p in incident.parts), api),
    }


def _status_of_update(update: PublicUpdate) -> str:
    return "postmortem" if update.is_postmortem else update.phase.value


def _status_of_incident(incident: PublicIncident) -> str:
    """That of its newest update is `postmortem` where there is one, as Statuspage has it."""
    is_explained = incident.phase is Phase.RESOLVED and any(
        update.is_postmortem for update in incident.updates
    )
    return "postmortem" if is_explained else incident.phase.value


def _changes_of_parts(
    incident: PublicIncident, before: Second | None, at: Second, api: _Api
) -> list[Document]:
    """What an update said of each component that was part of the incident by then: as the update
    before it had it, and as it was now."""
    begun = [part for part in incident.parts if part.start <= at]
    return [
        {
            "code": str(component),
            "name": api.text(name),
            "old_status": _status_at(begun, component, before),
            "new_status": _status_at(begun, component, at),
        }
        for component, name in {part.component: part.name for part in begun}.items()
    ]


def _status_at(parts: Sequence[PublicPart], component: ComponentId, at: Second | None) -> str:
    """The worst of what failed in it then; before there was an incident it worked."""
    if at is None:
        return _OF_OUTCOME[Outcome.UP]
    lasting = [
        part.status
        for part in parts
        if part.component == component and part.start <= at and (part.end is None or at < part.end)
    ]
    return _OF_OUTCOME[next((o for o in _WORST if o in lasting), Outcome.UP)]


def _in_order(incident: PublicIncident) -> tuple[Second | None, Second | None]:
    """When it recovered and when it was over, neither before the incident was created nor in
    another order: clients compute with them. One that was decided late, after an absence of the
    monitor, had recovered before it was created."""
    recovered, over = incident.monitoring_at, incident.resolved_at
    if recovered is not None:
        recovered = max(recovered, incident.created_at)
    if over is not None:
        over = max(over, recovered or incident.created_at)
    return recovered, over


def _body(update: PublicUpdate, incident: PublicIncident, api: _Api) -> str:
    """The text, and what the format has no field for: with the first that a person reported it,
    with the last where it goes on."""
    words, said = PAGE[api.lang], [api.text(update.body)]
    if incident.is_by_person and update is incident.updates[-1]:
        said.append(f"({words.by_person})")
    if incident.is_merged and update is incident.updates[0]:
        said.append(_goes_on(incident, words, api))
    return "\n\n".join(said)


def _goes_on(incident: PublicIncident, words: Words, api: _Api) -> str:
    if incident.merged_into is None:
        return words.merged_elsewhere
    other, title = incident.merged_into
    link = api.link(incident_path(other, api.lang))
    return words.merged_into.replace("{x}", f"{api.text(title)}, {link}")


def _windows(
    windows: Sequence[PublicMaintenance], phases: Sequence[MaintenancePhase], api: _Api
) -> list[Document]:
    return [_maintenance(w, api) for w in windows if w.phase in phases]


def _maintenance(window: PublicMaintenance, api: _Api) -> Document:
    """Each step is an update. What was cancelled is completed, as the format has no word for it,
    and its last update says so."""
    is_over = window.phase in (MaintenancePhase.COMPLETED, MaintenancePhase.CANCELLED)
    return {
        "id": str(window.id),
        "name": api.text(window.title),
        "status": _STATUS_OF[window.phase],
        "created_at": api.time(window.published_at),
        "updated_at": api.time(window.updated_at),
        "monitoring_at": None,
        "resolved_at": api.time(window.updated_at) if is_over else None,
        "impact": "maintenance",
        "shortlink": api.link(maintenance_path(window.id, api.lang)),
        "started_at": api.time(min(window.start, window.published_at)),
        "page_id": api.page_id,
        "incident_updates": [
            _step(step, before, window, api)
            for step, before in zip_longest(window.steps[::-1], window.steps[-2::-1])
        ],
        "components": _affected((id_ for id_, _ in window.components), api),
        "scheduled_for": api.time(window.start),
        "scheduled_until": api.time(window.end),
    }


def _step(
    step: MaintenanceStep, before: MaintenanceStep | None, window: PublicMaintenance, api: _Api
) -> Document:
    body = without_nuls(step_text(step, window, api.lang, api.view.zone))
    affected = [
        {
            "code": str(component),
            "name": api.text(name),
            "old_status": _status_under(before),
            "new_status": _status_under(step),
        }
        for component, name in window.components
    ]
    return _update(
        f"{window.id}-{step.name}",
        _STATUS_OF[step.phase],
        body,
        window.id,
        step.at,
        api,
        affected=affected,
    )


def _status_under(step: MaintenanceStep | None) -> str:
    is_under_way = step is not None and step.phase is MaintenancePhase.IN_PROGRESS
    return "under_maintenance" if is_under_way else "operational"


def _update(
    id_: str,
    status: str,
    body: str,
    of: str,
    at: Second,
    api: _Api,
    *,
    affected: list[Document],
    changed_at: Second | None = None,
) -> Document:
    return {
        "id": id_,
        "status": status,
        # Clients reject an update that says nothing.
        "body": body or "—",
        "incident_id": str(of),
        "created_at": api.time(at),
        "updated_at": api.time(at if changed_at is None else changed_at),
        "display_at": api.time(at),
        "affected_components": affected or None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _maybe(at: Second | None, api: _Api) -> str | None:
    return None if at is None else api.time(at)
