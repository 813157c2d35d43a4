"""The real registries, the shipped configuration, the exported schema and the reference."""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from typing import Any

import pytest
import yaml

from monitor.config import compile_catalogue, json_schema, reference
from monitor.config.json_schema import settings_schema
from monitor.roles.registries import registries
from tests.architecture.tree import ROOT

REGISTRIES = registries()
KINDS = (
    *REGISTRIES.probes.values(),
    *REGISTRIES.notifiers.values(),
    *REGISTRIES.stores.values(),
)
SPECS = [kind.spec for kind in KINDS]
SHIPPED = ROOT / "config" / "services.yaml"
SCHEMA = ROOT / "config" / "services.schema.json"
MANUAL = ROOT / "docs" / "configuration.md"
PRINTED = {
    "paneldecliente.com", "serviciostreaming.com", "altomarketing.com", "mejoramosuweb.net",
    "radionube.online",
}  # fmt: skip


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_it_refuses_unknown_settings_by_the_specification_itself(spec: type[Any]) -> None:
    assert is_dataclass(spec)
    extra = vars(spec).get("__pydantic_config__", {}).get("extra")
    assert extra == "forbid"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_it_says_what_each_setting_is(spec: type[Any]) -> None:
    (kind,) = [k for k in KINDS if k.spec is spec]
    properties = settings_schema(kind)["properties"]
    assert [name for name, setting in properties.items() if not setting.get("description")] == []


def test_it_ships_a_configuration_that_is_good() -> None:
    text = SHIPPED.read_text("utf-8")
    catalogue = compile_catalogue(text, filename=SHIPPED.name, registries=REGISTRIES)
    assert str(catalogue.zone) == "America/Argentina/Buenos_Aires"
    assert catalogue.terms[0].fields["guarantee"] == "0.9989"
    assert [level.id for level in catalogue.support] == ["sla-1", "sla-2", "sla-3", "sla-4"]
    assert {check.gate for check in catalogue.checks} == {"default"}
    courtesy = {c.id for c in catalogue.components if c.role == "courtesy"}
    assert {"mail-sending", "mail-receiving", "mail-webmail"} <= courtesy


def test_it_ships_no_host_that_the_company_does_not_print() -> None:
    raw = yaml.safe_load(SHIPPED.read_text("utf-8"))
    targets = [
        check["target"]
        for service in raw["services"]
        for component in service["components"]
        for check in component.get("checks", [])
    ]
    assert targets
    assert [t for t in targets if not any(host in t for host in PRINTED)] == []


def test_it_ships_commented_checks_that_work_once_the_signs_are_gone() -> None:
    lines = SHIPPED.read_text("utf-8").splitlines()
    start = lines.index("services:")
    uncommented = [
        line.replace("# ", "", 1) if line.lstrip().startswith("# ") and _is_yaml(line) else line
        for line in lines[start:]
    ]
    text = "\n".join([*lines[:start], *uncommented])
    catalogue = compile_catalogue(text, filename="uncommented", registries=REGISTRIES)
    assert {check.kind for check in catalogue.checks} >= {
        "http", "tcp", "dns", "smtp", "imap", "pop3", "icecast", "hls", "rtmp"
    }  # fmt: skip
    looked_at = {check.component for check in catalogue.checks}
    assert [c.id for c in catalogue.components if c.id not in looked_at] == []


def _is_yaml(line: str) -> bool:
    said = line.lstrip()[2:].lstrip()
    return said.startswith(("- ", "checks:", "probe:", "target:", "host:", "settings:",
                            "affects:", "quorum:"))  # fmt: skip


def test_it_tells_editors_where_the_schema_is() -> None:
    first = SHIPPED.read_text("utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema=./{SCHEMA.name}"


def test_it_exports_the_schema_that_is_committed() -> None:
    """Mend it with: make docs."""
    assert json.loads(SCHEMA.read_text("utf-8")) == json_schema(REGISTRIES)


def test_it_documents_every_setting() -> None:
    """Mend it with: make docs."""
    written = MANUAL.read_text("utf-8")
    assert written.endswith(reference(REGISTRIES))


def test_it_says_in_the_schema_what_each_setting_of_the_file_is() -> None:
    schema = json_schema(REGISTRIES)
    shapes = {name: part for name, part in schema["$defs"].items() if name.endswith("Schema")}
    silent = [
        f"{name}.{key}"
        for name, part in {"ConfigSchema": schema, **shapes}.items()
        for key, setting in part["properties"].items()
        if not setting.get("description") and "$ref" not in setting
    ]
    assert silent == []
