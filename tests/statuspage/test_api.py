"""`/api/v2` keeps the wire format that existing clients expect, and agrees with the page."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.incident import Phase
from monitor.domain.rollup import Shown
from monitor.i18n.formats import Lang
from statuspage.parts.answer import answer
from statuspage.parts.placeholders import fill
from statuspage.publish.api import api_documents, api_words, component_status, group_status
from statuspage.publish.render import render
from statuspage.view.model import PublicView
from tests.statuspage.builders import (
    at,
    component,
    incident,
    part,
    resolved,
    service,
    showing,
    update,
    view,
)
from tests.statuspage.company import SCENES
from tests.statuspage.reading import Document, old_form, text_of

COMPONENT = {
    "id", "name", "status", "created_at", "updated_at", "position", "description", "showcase",
    "start_date", "group_id", "page_id", "group", "only_show_if_degraded",
}  # fmt: skip
INCIDENT = {
    "id", "name", "status", "created_at", "updated_at", "monitoring_at", "resolved_at", "impact",
    "shortlink", "started_at", "page_id", "incident_updates", "components",
}  # fmt: skip
UPDATE = {
    "id", "status", "body", "incident_id", "created_at", "updated_at", "display_at",
    "affected_components", "deliver_notifications", "custom_tweet", "tweet_id",
}  # fmt: skip
DOCUMENTS = {
    "summary": {"page", "components", "incidents", "scheduled_maintenances", "status"},
    "status": {"page", "status"},
    "components": {"page", "components"},
    "incidents": {"page", "incidents"},
    "incidents/unresolved": {"page", "incidents"},
    "scheduled-maintenances": {"page", "scheduled_maintenances"},
    "scheduled-maintenances/upcoming": {"page", "scheduled_maintenances"},
    "scheduled-maintenances/active": {"page", "scheduled_maintenances"},
}
STATUSES = {
    "operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance",
}  # fmt: skip
# What the page shows, and what the API may say of it.
AGREE = {
    "is-ok": {"operational"},
    "is-slow": {"degraded_performance"},
    "is-fix": {"degraded_performance", "major_outage"},
    "is-down": {"major_outage"},
    "is-maint": {"under_maintenance"},
    "is-nd": {"operational", "degraded_performance"},
}


def api(said: PublicView, name: str, *, is_stale: bool = False) -> Any:
    document = api_documents(said, Lang.ES, is_stale=is_stale)[f"/api/v2/{name}.json"]
    return json.loads(fill(document, api_words(said, Lang.ES)))


@pytest.fixture(params=SCENES)
def said(request: pytest.FixtureRequest) -> PublicView:
    return SCENES[request.param]()


def test_it_has_every_document_with_its_fields(said: PublicView) -> None:
    for name, fields in DOCUMENTS.items():
        assert set(api(said, name)) == fields
    page = api(said, "status")["page"]
    assert set(page) == {"id", "name", "url", "time_zone", "updated_at"}


def test_it_has_every_field_of_every_object_and_only_known_values(said: PublicView) -> None:
    for c in api(said, "components")["components"]:
        assert set(c) == COMPONENT | ({"components"} if c["group"] else set())
        assert c["status"] in STATUSES
    for i in api(said, "incidents")["incidents"]:
        assert set(i) == INCIDENT
        assert i["status"] in {"investigating", "identified", "monitoring", "resolved"}
        assert i["impact"] in {"none", "minor", "major", "critical"}
        assert i["shortlink"].startswith("https://estado.example/incidente/")
    for m in api(said, "scheduled-maintenances")["scheduled_maintenances"]:
        assert set(m) == INCIDENT | {"scheduled_for", "scheduled_until"}
        assert m["impact"] == "maintenance"
        assert m["status"] in {"scheduled", "in_progress", "verifying", "completed"}


def test_it_never_leaves_an_update_empty_and_puts_the_newest_first(said: PublicView) -> None:
    for i in api(said, "incidents")["incidents"]:
        assert [u["id"] for u in i["incident_updates"]] == sorted(
            (u["id"] for u in i["incident_updates"]), reverse=True
        )
        for u in i["incident_updates"]:
            assert set(u) == UPDATE
            assert u["body"]
            assert u["incident_id"] == i["id"]


def test_it_gives_ids_as_strings_and_times_with_an_offset(said: PublicView) -> None:
    for found in _objects(api(said, "summary")):
        for key, value in found.items():
            if key == "id" or key.endswith("_id"):
                assert value is None or isinstance(value, str)
            if key.endswith(("_at", "_for", "_until")) and value is not None:
                assert datetime.fromisoformat(value).utcoffset() is not None


def test_it_agrees_with_the_page(said: PublicView) -> None:
    """Every row of the page and the answer, against the API's components and status."""
    rendered = render(said)
    home, published = rendered["/es/"], rendered["/api/v2/summary.json"]
    for is_stale in (False, True):
        document = Document.parse(old_form(home) if is_stale else home.fresh.content)
        summary = json.loads(old_form(published) if is_stale else published.fresh.content)
        assert summary["status"]["description"] == document.texts("h1")[0]
        colour = document.with_class("answer")[0].attrib["class"].split()[1]
        assert (summary["status"]["indicator"] == "none") == (colour == "is-ok")
        by_name = {c["name"]: c["status"] for c in summary["components"] if not c["group"]}
        rows = document.with_class("row")
        assert len(rows) == len(by_name)
        for row in rows:
            name = text_of(next(row.iter("a")))
            shown = next(e for e in row.iter("span") if "state" in e.attrib["class"].split())
            assert by_name[name] in AGREE[shown.attrib["class"].split()[1]]


@pytest.mark.parametrize(
    ("shown", "indicator"),
    [
        ([Shown.OPERATIONAL], "none"),
        ([Shown.SLOW, Shown.OPERATIONAL], "minor"),
        ([Shown.NO_DATA, Shown.OPERATIONAL], "minor"),
        ([Shown.MAINTENANCE, Shown.OPERATIONAL], "minor"),
        ([Shown.DOWN, Shown.OPERATIONAL], "major"),
        ([Shown.REPAIR, Shown.OPERATIONAL], "major"),
        ([Shown.DOWN, Shown.REPAIR, Shown.OPERATIONAL], "critical"),
        ([Shown.NO_DATA], "minor"),
    ],
)
def test_it_grades_the_whole(shown: list[Shown], indicator: str) -> None:
    said = showing(*shown)
    assert api(said, "status")["status"]["indicator"] == indicator
    assert api(said, "status")["status"]["description"] == answer(said, Lang.ES).title


def test_it_is_at_least_minor_when_stale() -> None:
    status = api(showing(Shown.OPERATIONAL), "status", is_stale=True)["status"]
    assert status == {"indicator": "minor", "description": "Estos datos son de las 14:35."}


def test_it_keeps_the_last_confirmed_status_without_data() -> None:
    slow = component("a", "A", Shown.NO_DATA, beneath=Outcome.DEGRADED, no_data_since=at("14:20"))
    found = api(view(service("s", "S", slow)), "components")["components"][1]
    assert found["status"] == "degraded_performance"
    assert found["description"] == "Sin datos desde las 14:20 del jueves 16 de abril de 2026."


def test_it_says_the_state_beneath_what_is_being_repaired() -> None:
    slow = component("a", "A", Shown.REPAIR, beneath=Outcome.DEGRADED)
    assert component_status(slow) == "degraded_performance"
    assert component_status(component("a", "A", Shown.REPAIR)) == "major_outage"


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ([Shown.DOWN, Shown.OPERATIONAL], "partial_outage"),
        ([Shown.DOWN, Shown.DOWN], "major_outage"),
        ([Shown.SLOW, Shown.OPERATIONAL], "degraded_performance"),
        ([Shown.MAINTENANCE, Shown.OPERATIONAL], "under_maintenance"),
        ([Shown.OPERATIONAL], "operational"),
    ],
)
def test_it_says_a_groups_status(shown: list[Shown], status: str) -> None:
    assert group_status(showing(*shown).components) == status


def test_it_lists_children_with_their_group() -> None:
    group, a, b = api(showing(Shown.OPERATIONAL, Shown.DOWN), "components")["components"]
    assert group["components"] == [a["id"], b["id"]]
    assert a["group_id"] == b["group_id"] == group["id"]
    assert [c["position"] for c in (group, a, b)] == [1, 2, 3]


def test_it_gives_the_fifty_newest_incidents_and_never_cuts_the_unresolved() -> None:
    a = component("a", "A")
    past = [
        resolved(f"i{n:03d}", "A: sin respuesta", part(a, at("00:00"), at("00:01")))
        for n in range(60)
    ]
    said = view(service("s", "S", a), incidents=past)
    assert len(api(said, "incidents")["incidents"]) == 50
    assert api(said, "incidents/unresolved")["incidents"] == []


def test_it_tells_the_times_of_an_incident_to_the_second() -> None:
    found = api(SCENES["resolved"](), "incidents")["incidents"][0]
    assert found["started_at"] == "2026-04-16T14:08:30.000-03:00"
    assert found["monitoring_at"] == "2026-04-16T14:41:00.000-03:00"
    assert found["resolved_at"] == "2026-04-16T14:56:00.000-03:00"


def test_it_sorts_maintenance_by_what_it_is_now() -> None:
    said = SCENES["maintenance"]()

    def ids(name: str) -> list[str]:
        return [m["id"] for m in api(said, name)["scheduled_maintenances"]]

    assert ids("scheduled-maintenances/active") == ["web2-memory"]
    assert ids("scheduled-maintenances/upcoming") == ["web2-update"]
    assert ids("summary") == ["web2-memory", "web2-update"]
    assert ids("scheduled-maintenances") == ["web2-update", "web2-memory", "radio1-move"]


def _objects(found: Any) -> list[dict[str, Any]]:
    if isinstance(found, list):
        return [o for item in found for o in _objects(item)]
    if isinstance(found, dict):
        return [found, *(o for value in found.values() for o in _objects(value))]
    return []


def test_a_correction_moves_the_update_and_not_when_it_was_written() -> None:
    a = component("a", "A", Shown.DOWN)
    edited = replace(
        update(1, at("14:10"), Phase.INVESTIGATING, "Uno.", former=["Cero."]),
        corrected_at=at("14:21"),
    )
    told = incident("abc234", "A: caído", part(a, at("14:08")), updates=[edited])
    (shown,) = api(view(service("s", "S", a), incidents=[told]), "incidents")["incidents"]
    (written,) = shown["incident_updates"]
    assert written["updated_at"] == "2026-04-16T14:21:00.000-03:00"
    assert written["created_at"] == written["display_at"] == "2026-04-16T14:10:00.000-03:00"


def test_what_was_decided_late_was_over_no_sooner_than_it_was_created() -> None:
    """After an absence of the monitor an outage is found with its end: clients subtract."""
    a = component("a", "A")
    late = replace(
        resolved("abc234", "A", part(a, at("02:00"), at("02:10"))), created_at=at("03:00")
    )
    (shown,) = api(view(service("s", "S", a), incidents=[late]), "incidents")["incidents"]
    order = [shown[f"{name}_at"] for name in ("started", "created", "monitoring", "resolved")]
    assert order == sorted(order)
    assert shown["started_at"] < shown["created_at"]
