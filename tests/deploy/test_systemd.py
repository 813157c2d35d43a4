"""The units: that systemd's own tools take them, how little they leave open, and that the command
line has what they start. They were not started by a systemd here."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from monitor.roles.exit_codes import EXIT_CANNOT_RUN, EXIT_DAMAGED
from monitor.roles.supervisor import ROLES
from tests.deploy.cli import parse
from tests.deploy.tree import DEPLOY
from tests.support.require import require_server

UNITS = DEPLOY / "systemd"
SERVICES = ("estado.service", "estado@.service")
INSTALLED = "/opt/estado/bin/estado"
EXPOSURE = 1.5
"""The most that systemd may find left open, of 10."""


def settings(unit: str) -> list[tuple[str, str]]:
    text = (UNITS / unit).read_text("utf-8")
    return re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE)


def started(unit: str, role: str) -> list[str]:
    (command,) = [value for name, value in settings(unit) if name == "ExecStart"]
    words = shlex.split(command.replace("%i", role))
    assert words[0] == INSTALLED
    return words[1:]


def analyzed(folder: Path, *words: str) -> str:
    """What `systemd-analyze` says of the units, with a program that is there in place of ours."""
    binary = require_server("systemd-analyze", "the systemd units against systemd")
    for unit in UNITS.iterdir():
        shutil.copy(unit, folder)
    for name in SERVICES:
        text = (folder / name).read_text("utf-8")
        (folder / name).write_text(text.replace(INSTALLED, "/bin/true"), "utf-8")
    done = subprocess.run(
        [str(binary), *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_it_is_taken_by_systemd_without_a_word(tmp_path: Path) -> None:
    units = ["./estado.service", "./estado@core.service", "./estado.target"]
    assert analyzed(tmp_path, "verify", *units) == ""


@pytest.mark.parametrize("unit", ["estado.service", "estado@core.service"])
def test_it_leaves_little_open(unit: str, tmp_path: Path) -> None:
    said = analyzed(tmp_path, "security", "--offline=true", "--no-pager", f"./{unit}")
    found = re.search(r"Overall exposure level for \S+: (\d+\.\d+)", said)
    assert found
    assert float(found[1]) <= EXPOSURE


def test_it_closes_both_units_alike() -> None:
    whole, one = (set(settings(unit)) for unit in SERVICES)
    apart = {name for name, _ in whole ^ one}
    assert apart == {
        "Description", "ExecStart", "ExecReload", "EnvironmentFile", "KillMode", "MemoryMax",
        "OOMPolicy", "PartOf", "RestartSec", "TasksMax", "TimeoutStopSec", "WantedBy",
    }  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_it_starts_one_role_by_its_name(role: str) -> None:
    name, given = parse(started("estado@.service", role))
    assert (name, given["role"].value) == ("run", role)


def test_it_starts_all_roles_at_once() -> None:
    name, given = parse(started("estado.service", ""))
    assert (name, given["role"].value) == ("run", "all")


def test_it_wants_every_role_in_the_target() -> None:
    ((_, wanted),) = [s for s in settings("estado.target") if s[0] == "Wants"]
    assert set(wanted.split()) == {f"estado@{role}.service" for role in ROLES}


@pytest.mark.parametrize("unit", SERVICES)
def test_it_starts_no_role_anew_that_cannot_run(unit: str) -> None:
    assert ("RestartPreventExitStatus", f"{EXIT_DAMAGED} {EXIT_CANNOT_RUN}") in settings(unit)
    assert ("Restart", "always") in settings(unit)


@pytest.mark.parametrize("unit", SERVICES)
def test_it_keeps_its_data_where_systemd_makes_room_for_it(unit: str) -> None:
    command = started(unit, "core")
    data = command[command.index("--data-dir") + 1]
    assert ("StateDirectory", Path(data).name) in settings(unit)
    assert Path(data).parent == Path("/var/lib")


def test_it_ships_no_secret() -> None:
    lines = (UNITS / "estado.env").read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == []
