"""A role that was forked behind its imports has what one that was executed has."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import warm_start
from tests.support.patience import PATIENCE_S
from tests.support.warm_start import ForkedProcess, Process, start_role

TOLD = "tests.support.told_process"
ROOT = Path(__file__).resolve().parents[2]


def started(tmp_path: Path, *pass_fds: int, module: str = TOLD, **variables: str) -> Process:
    with (tmp_path / "told").open("wb") as output:
        return start_role(
            module, ["--config", "x y"], folder=tmp_path,
            environment={**os.environ, "PYTHONPATH": str(ROOT), **variables}, output=output,
            pass_fds=pass_fds,
        )  # fmt: skip


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module that tells lies in no distribution."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def told(tmp_path: Path, *pass_fds: int, **variables: str) -> dict[str, Any]:
    running = started(tmp_path, *pass_fds, **variables)
    assert running.wait(60) == 7
    line, also = (tmp_path / "told").read_text("utf-8").splitlines()
    assert also == "and this"
    found: dict[str, Any] = json.loads(line)
    return found | {"forked": isinstance(running, ForkedProcess)}


def test_a_forked_role_is_given_what_an_executed_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = os.open(tmp_path, os.O_RDONLY)
    try:
        forked = told(tmp_path, number, ESTADO_TOLD="one")
        monkeypatch.setattr(warm_start, "_AT_WILL", ("PYTEST_",))
        executed = told(tmp_path, number, ESTADO_TOLD="one")
    finally:
        os.close(number)
    assert (forked.pop("forked"), executed.pop("forked")) == (True, False)
    assert forked == executed
    assert forked["parent"] == os.getpid()
    assert forked["descriptors"] == [0, 1, 2, number]
    assert forked["variable"] == "one"


def test_each_has_its_own_environment_and_none_of_another_one(tmp_path: Path) -> None:
    assert told(tmp_path, ESTADO_TOLD="one")["variable"] == "one"
    assert told(tmp_path, ESTADO_TOLD="two")["variable"] == "two"
    assert told(tmp_path)["variable"] is None


@pytest.mark.parametrize("name", ["LD_PRELOAD", "TZ", "PYTHONHASHSEED"])
def test_what_is_read_before_it_imports_has_it_executed(tmp_path: Path, name: str) -> None:
    assert told(tmp_path)["forked"]
    assert not told(tmp_path, **{name: "0" if name == "PYTHONHASHSEED" else ""})["forked"]


def test_a_point_at_which_it_is_killed_is_its_own(tmp_path: Path) -> None:
    running = started(tmp_path, ESTADO_KILL_AT="told:1")
    assert isinstance(running, ForkedProcess)
    assert running.wait(60) == -signal.SIGKILL
    assert told(tmp_path, ESTADO_KILL_AT="told:2")["forked"]


def test_it_can_be_killed_and_waited_for(tmp_path: Path) -> None:
    running = started(tmp_path, module="monitor.roles.supervisor")
    assert isinstance(running, ForkedProcess)
    running.send_signal(signal.SIGSTOP)
    with pytest.raises(subprocess.TimeoutExpired):
        running.wait(0)
    assert running.poll() is None
    running.kill()
    assert running.wait(PATIENCE_S) == running.returncode == -signal.SIGKILL
    running.terminate()  # there is nothing any more, and nothing happens
