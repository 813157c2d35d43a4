"""Every panel of every dashboard gets data, from a real Prometheus and a real InfluxDB. Grafana
itself is not had here: what a panel looks like nobody has seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.dashboards import DASHBOARDS, GRAFANA, SOURCES, Query, panels, queries
from tests.deploy.tree import DEPLOY, alert_rules, read_yaml
from tests.docs.test_metrics_page import DOCUMENTED
from tests.support.prometheus import Prometheus, running_prometheus

ASKED = list(queries("prometheus"))
VARIABLES = {"check": "dns-check", "location": "local", "__rate_interval": "1m"}


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    folder = tmp_path_factory.mktemp("prometheus")
    with running_prometheus(DEPLOY / "prometheus" / "prometheus.yml", folder) as running:
        yield running


@pytest.mark.parametrize("query", ASKED, ids=str)
def test_it_gets_data_from_prometheus(query: Query, prometheus: Prometheus) -> None:
    asked = query.filled(**VARIABLES)
    assert "$" not in asked
    assert prometheus.instant(asked) if query.is_instant else prometheus.range(asked)


@pytest.mark.parametrize("name", DASHBOARDS)
def test_it_fills_its_variables(name: str, prometheus: Prometheus) -> None:
    found = [
        v for v in DASHBOARDS[name]["templating"]["list"] if v["datasource"]["type"] == "prometheus"
    ]
    for variable in found:
        asked = variable["query"]["query"].replace("$check", "dns-check")
        matched = re.fullmatch(r"label_values\((.+), (\w+)\)", asked)
        assert matched, asked
        series, label = matched.groups()
        assert {s["metric"][label] for s in prometheus.instant(series)}


def test_it_has_every_rule_evaluated_without_an_error(prometheus: Prometheus) -> None:
    rules = [r for group in prometheus.ask("rules")["groups"] for r in group["rules"]]
    assert {r["name"] for r in rules} == {r["alert"] for r in alert_rules()}
    assert [r["lastError"] for r in rules if r.get("lastError")] == []


def test_it_has_no_alert_for_what_is_well(prometheus: Prometheus) -> None:
    pending = {a["labels"]["alertname"] for a in prometheus.ask("alerts")["alerts"]}
    assert pending == {
        "EstadoWatchdog", "EstadoStorePaused", "EstadoCreditUnanswered", "EstadoCreditsPaused",
    }, "the figures say so of their store, of the panel and of the brake"  # fmt: skip


@pytest.mark.parametrize("name", DASHBOARDS)
def test_it_asks_for_every_metric_by_a_name_that_there_is(name: str) -> None:
    asked = {n for q in ASKED if q.dashboard == name for n in re.findall(r"estado_\w+", q.text)}
    assert asked <= DOCUMENTED.keys()


def test_it_lets_no_metric_go_unused_by_panels_and_alerts() -> None:
    texts = [query.text for query in ASKED] + [str(rule["expr"]) for rule in alert_rules()]
    used = {name for text in texts for name in re.findall(r"estado_\w+", text)}
    # For tools and for people: each says of one thing what a panel says of all.
    elsewhere = {
        "estado_component_since_timestamp_seconds",
        "estado_incident_started_timestamp_seconds",
        "estado_incident_monitoring_timestamp_seconds",
        "estado_catalogue_revision",
        "estado_store_last_write_timestamp_seconds",
        "estado_looks_unresolved_total",
        "estado_prober_stalled_seconds_total",
    }
    assert DOCUMENTED.keys() - used - elsewhere == set()


@pytest.mark.parametrize("name", DASHBOARDS)
def test_it_lays_its_panels_side_by_side_and_none_over_another(name: str) -> None:
    taken: dict[tuple[int, int], int] = {}
    for panel in DASHBOARDS[name]["panels"]:
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert x < 24
                assert taken.setdefault((x, y), panel["id"]) == panel["id"]
    ids = [panel["id"] for panel in DASHBOARDS[name]["panels"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", DASHBOARDS)
def test_it_explains_every_panel_and_takes_it_from_a_source_that_is_provisioned(name: str) -> None:
    assert DASHBOARDS[name]["uid"].startswith("estado-")
    for panel in panels(name):
        assert panel["title"]
        assert panel["description"]
        for part in (panel, *panel["targets"]):
            source = part["datasource"]
            assert SOURCES[source["uid"]]["type"] == source["type"]


def test_it_is_provisioned_from_the_folder_that_the_compose_file_mounts() -> None:
    provider: dict[str, Any] = read_yaml(GRAFANA / "provisioning/dashboards/estado.yml")
    (only,) = provider["providers"]
    assert Path(only["options"]["path"]) == Path("/etc/grafana/dashboards")
