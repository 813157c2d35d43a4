"""Grafana's dashboards as files: their panels and what these ask."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.deploy.tree import DEPLOY, read_yaml

GRAFANA = DEPLOY / "grafana"
_SOURCES = read_yaml(GRAFANA / "provisioning" / "datasources" / "estado.yml")["datasources"]
SOURCES: dict[str, dict[str, Any]] = {source["uid"]: source for source in _SOURCES}
DASHBOARDS: dict[str, Any] = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((GRAFANA / "dashboards").glob("*.json"))
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question of one panel; `source` is the provisioned data source that it goes to."""

    dashboard: str
    panel: str
    source: str
    text: str
    is_instant: bool

    def __str__(self) -> str:
        return f"{self.dashboard}: {self.panel}: {self.text}"

    def filled(self, **values: str) -> str:
        """The text with Grafana's variables replaced."""
        text = self.text
        for name, value in values.items():
            text = text.replace(f"${name}", value)
        return text


def panels(dashboard: str) -> list[dict[str, Any]]:
    """Those that show something; rows are none."""
    return [p for p in DASHBOARDS[dashboard]["panels"] if p["type"] != "row"]


def queries(kind: str) -> Iterator[Query]:
    """Every question to sources of a kind (`prometheus`, `influxdb`)."""
    for name in DASHBOARDS:
        for panel in panels(name):
            for target in panel["targets"]:
                if target["datasource"]["type"] == kind:
                    yield Query(
                        dashboard=name,
                        panel=panel["title"],
                        source=target["datasource"]["uid"],
                        text=target["expr"] if kind == "prometheus" else target["query"],
                        is_instant=bool(target.get("instant")),
                    )
