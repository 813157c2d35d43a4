"""docker-compose.yml: that the engine's own tool takes it, and what it promises of each container.
No container was started here."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from monitor.cli import build_app
from monitor.domain.secret import Secret
from monitor.results.stores.influx.spec import InfluxSpec
from monitor.roles.supervisor import ROLES
from tests.architecture.tree import ROOT, pyproject
from tests.deploy.cli import parse
from tests.deploy.dashboards import SOURCES
from tests.deploy.tree import DEPLOY, read_yaml
from tests.support.require import require_server

COMPOSE: dict[str, Any] = read_yaml(ROOT / "docker-compose.yml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: s for name, s in SERVICES.items() if s["image"].startswith("estado:")}
EVERY = pytest.mark.parametrize("name", SERVICES)


def test_it_is_taken_by_docker_compose() -> None:
    binary = require_server("docker-compose", "the compose file against docker-compose")
    command = [str(binary), "--file", str(ROOT / "docker-compose.yml"), "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@EVERY
def test_it_gives_each_container_no_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert int(service["user"].split(":")[0]) > 0
    assert {"mem_limit", "cpus", "pids_limit", "logging", "networks"} <= service.keys()


@EVERY
def test_it_pins_each_image(name: str) -> None:
    assert re.fullmatch(r"[\w/]+:v?\d+\.\d+(\.\d+)?(-\w+)?", SERVICES[name]["image"])


def test_it_names_its_own_image_by_the_products_version() -> None:
    assert {s["image"] for s in OURS.values()} == {f"estado:{pyproject()['project']['version']}"}


@EVERY
def test_it_asks_each_container_for_its_health_and_waits_for_it(name: str) -> None:
    service = SERVICES[name]
    is_short = service["restart"] == "no"
    assert ("test" in service["healthcheck"]) is not is_short
    for needed, how in service.get("depends_on", {}).items():
        ends = SERVICES[needed]["restart"] == "no"
        assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy")


def test_it_runs_every_role_in_a_container_of_its_own() -> None:
    commands = {name: parse(service["command"]) for name, service in OURS.items()}
    roles = {
        n: str(given["role"].value) for n, (which, given) in commands.items() if which == "run"
    }
    assert roles == {role: role for role in ROLES}
    assert commands.keys() - roles.keys() == {"migrate"}


@pytest.mark.parametrize("role", ROLES)
def test_it_asks_a_role_for_the_health_of_that_role(role: str) -> None:
    test = OURS[role]["healthcheck"]["test"]
    assert test[:4] == ["CMD", "python", "-m", "monitor.roles.health"]
    assert test[test.index("--role") + 1] == role


def test_it_keeps_each_secret_to_whom_it_is_for() -> None:
    seen = {
        name: {s if isinstance(s, str) else s["source"] for s in service.get("secrets", ())}
        for name, service in SERVICES.items()
    }
    assert {n for n, secrets in seen.items() if "journal_url" in secrets} == {
        "migrate", "core", "console", "subscribers",
    }  # fmt: skip
    assert seen["page"] == seen["prober"] == set()
    assert set().union(*seen.values()) == COMPOSE["secrets"].keys()
    settings = str([service.get("environment", {}) for service in SERVICES.values()])
    assert re.findall(r"'\w*(?:PASSWORD|TOKEN)': ", settings) == []


def test_it_keeps_the_databases_off_the_world() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "influxdb", "prometheus", "store"):
        assert SERVICES[name]["networks"] == ["inside"]
    published = [port for s in SERVICES.values() for port in s.get("ports", ())]
    assert published
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_it_lets_the_page_write_its_inbox_alone() -> None:
    written = [v for v in OURS["page"]["volumes"] if not v.endswith(":ro")]
    assert written == ["page:/var/lib/estado/page"]
    assert "page:/var/lib/estado/page" in OURS["core"]["volumes"]


@EVERY
def test_it_mounts_what_is_there(name: str) -> None:
    for volume in SERVICES[name].get("volumes", ()):
        source = volume.split(":")[0]
        if source.startswith("./"):
            assert (ROOT / source).exists()
            assert volume.endswith(":ro")
        else:
            assert source in COMPOSE["volumes"]


def test_it_mounts_exactly_the_secrets_that_are_made(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    made = secrets_in(folder)
    wanted = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert made.keys() == wanted
    assert folder.stat().st_mode & 0o777 == 0o700
    assert made["journal_url"] == f"postgresql://estado:{made['postgres_password']}@postgres/estado"
    assert len(set(made.values())) == len(made) - 2, "the two tokens begin as the administrator's"


def test_it_makes_a_secret_once(tmp_path: Path) -> None:
    first = secrets_in(tmp_path / "secrets")
    assert secrets_in(tmp_path / "secrets") == first
    assert secrets_in(tmp_path / "other")["postgres_password"] != first["postgres_password"]


def secrets_in(folder: Path) -> dict[str, str]:
    subprocess.run([str(DEPLOY / "make-secrets"), str(folder)], check=True)
    return {path.name: path.read_text("utf-8").strip() for path in folder.iterdir()}


def test_it_mounts_a_configuration_without_a_mistake() -> None:
    done = CliRunner().invoke(build_app(), ["config", "check", str(DEPLOY / "services.yaml")])
    assert done.exit_code == 0, done.output


def test_it_has_every_host_that_its_files_name() -> None:
    sources = (DEPLOY / "grafana/provisioning/datasources/estado.yml").read_text("utf-8")
    named = set(
        re.findall(r"http://(\w+):", sources + (DEPLOY / "services.yaml").read_text("utf-8"))
    )
    named |= set(
        re.findall(r'"(\w+):9090"', (DEPLOY / "prometheus/prometheus.yml").read_text("utf-8"))
    )
    assert {"core", "page", "influxdb", "prometheus"} <= named
    assert named <= SERVICES.keys()


def test_it_makes_the_buckets_that_the_product_fills_and_for_as_long() -> None:
    script = (DEPLOY / "influxdb/buckets.sh").read_text("utf-8")
    made = dict(re.findall(r"--name (\w+) --retention (\d+)d", script))
    first = SERVICES["influxdb"]["environment"]
    made[first["DOCKER_INFLUXDB_INIT_BUCKET"]] = first["DOCKER_INFLUXDB_INIT_RETENTION"][:-1]
    settings = read_yaml(DEPLOY / "services.yaml")["store"]["settings"]
    spec = InfluxSpec(**{**settings, "token": Secret("${TOKEN}")})
    assert made == {bucket: str(days) for bucket, days in spec.buckets.items()}
    assert first["DOCKER_INFLUXDB_INIT_ORG"] == spec.org
    read = {source["jsonData"].get("dbName") for source in SOURCES.values()}
    assert made.keys() == read - {None}
