"""A role that is stopped is told. It is ended only where it keeps the journal, and never for a time
in which the supervisor stood still itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.roles.stopped_roles import (
    END_HUNG_AFTER_S,
    END_STOPPED_AFTER_S,
    TELL_AFTER_S,
    Finding,
    StoppedRoles,
    read_stopped_roles,
)
from monitor.roles.supervisor import ROLES
from tests.support.clock import FakeClock

PIDS = {role: 100 + number for number, role in enumerate(ROLES)}
CONSOLE = PIDS["console"]


class World:
    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.states = dict.fromkeys(PIDS.values(), "S")
        self.holder = 0
        self.held_file, self.told_file = folder / "held", folder / "told"
        self.pids = dict(PIDS)
        self.roles = StoppedRoles(
            held_file=self.held_file,
            told_file=self.told_file,
            boottime=self.clock.boottime,
            state_of=lambda pid: self.states.get(pid, ""),
        )

    def live(self, seconds: float) -> list[Finding]:
        """The core goes on naming the holder all the time."""
        found: list[Finding] = []
        for _ in range(int(seconds)):
            self._write_held()
            found += self.roles.look(self.pids)
            self.clock.advance(1)
        return found

    def _write_held(self) -> None:
        self.held_file.unlink(missing_ok=True)
        if self.holder:
            named = {"pid": self.holder, "lasted_s": 1.0, "at": time.monotonic()}
            self.held_file.write_text(json.dumps(named))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def events(found: list[Finding]) -> list[tuple[str, str]]:
    return [(f.event, f.role) for f in found]


@pytest.mark.parametrize("role", ROLES)
def test_a_stopped_role_is_told_once_and_so_is_that_it_goes_on(world: World, role: str) -> None:
    world.states[PIDS[role]] = "T"
    assert events(world.live(TELL_AFTER_S)) == []
    assert events(world.live(600)) == [("role.stopped", role)]
    assert read_stopped_roles(world.told_file) == {role: PIDS[role]}
    world.states[PIDS[role]] = "S"
    assert events(world.live(60)) == [("role.goes_on", role)]
    assert read_stopped_roles(world.told_file) == {}


def test_a_role_that_is_stopped_for_a_moment_is_not_told(world: World) -> None:
    for _ in range(20):
        world.states[CONSOLE] = "T"
        assert world.live(TELL_AFTER_S - 2) == []
        world.states[CONSOLE] = "S"
        assert world.live(2) == []


def test_a_stopped_role_that_keeps_the_journal_is_ended_after_a_minute(world: World) -> None:
    world.states[CONSOLE], world.holder = "T", CONSOLE
    assert events(world.live(END_STOPPED_AFTER_S)) == [("role.stopped", "console")]
    ended = world.live(2)
    assert [(f.event, f.pid, f.ends) for f in ended][:1] == [("role.ended", CONSOLE, True)]


def test_what_is_started_in_its_place_has_a_minute_of_its_own(world: World) -> None:
    world.states[CONSOLE], world.holder = "T", CONSOLE
    world.live(END_STOPPED_AFTER_S + 2)
    world.pids["console"] = 999
    world.states[999], world.holder = "S", 0
    assert events(world.live(600)) == [("role.goes_on", "console")]


@pytest.mark.parametrize("role", ["core", "prober"])
def test_core_and_prober_are_never_ended(world: World, role: str) -> None:
    for state in ("T", "S"):
        world.states[PIDS[role]], world.holder = state, PIDS[role]
        assert not any(f.ends for f in world.live(2 * END_HUNG_AFTER_S))


def test_a_role_in_a_debugger_is_told_and_not_ended(world: World) -> None:
    world.states[CONSOLE], world.holder = "t", CONSOLE
    assert events(world.live(2 * END_HUNG_AFTER_S)) == [("role.stopped", "console")]


def test_a_role_that_waits_for_a_disk_is_neither_told_nor_ended(world: World) -> None:
    world.states[CONSOLE], world.holder = "D", CONSOLE
    assert world.live(2 * END_HUNG_AFTER_S) == []


def test_a_role_that_runs_and_keeps_the_journal_has_five_minutes(world: World) -> None:
    world.holder = CONSOLE
    assert world.live(END_HUNG_AFTER_S) == []
    assert events(world.live(2))[:1] == [("role.ended", "console")]


def test_one_that_is_stopped_and_keeps_nothing_is_left_alone(world: World) -> None:
    world.states[CONSOLE] = "T"
    assert not any(f.ends for f in world.live(2 * END_HUNG_AFTER_S))


def test_a_holder_that_is_no_role_is_nobody_to_end(world: World) -> None:
    world.states[CONSOLE], world.holder = "T", 4711
    assert not any(f.ends for f in world.live(2 * END_HUNG_AFTER_S))


def test_nobody_is_judged_for_a_time_in_which_the_supervisor_stood_still(world: World) -> None:
    """A suspended machine, a paused container, the whole product stopped by one signal."""
    world.states[CONSOLE], world.holder = "T", CONSOLE
    world.live(END_STOPPED_AFTER_S - 5)
    world.clock.advance(3_600)
    assert world.live(END_STOPPED_AFTER_S) == []
    assert events(world.live(3))[:1] == [("role.ended", "console")]


def test_a_name_that_the_core_wrote_long_ago_ends_nobody(world: World) -> None:
    world.states[CONSOLE] = "T"
    old = {"pid": CONSOLE, "lasted_s": 1.0, "at": time.monotonic() - 60}
    for written in (json.dumps(old), "{", "[]", '{"pid": null, "at": 0}'):
        world.held_file.write_text(written)
        for _ in range(200):
            assert not any(f.ends for f in world.roles.look(PIDS))
            world.clock.advance(1)


def test_one_round_after_another_asks_the_kernel_once_a_second(world: World) -> None:
    asked: list[int] = []

    def state_of(pid: int) -> str:
        asked.append(pid)
        return "S"

    world.roles.state_of = state_of
    for _ in range(40):
        world.roles.look(PIDS)
        world.clock.advance(0.25)
    assert len(asked) == 10 * len(PIDS)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    running = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    yield running
    running.kill()
    running.wait()


def test_the_kernel_says_that_a_process_is_stopped(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    clock = FakeClock()
    roles = StoppedRoles(
        held_file=tmp_path / "held", told_file=tmp_path / "told", boottime=clock.boottime
    )
    os.kill(sleeper.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, sleeper.pid, os.WSTOPPED | os.WNOWAIT)
    found: list[Finding] = []
    for _ in range(15):
        found += roles.look({"page": sleeper.pid})
        clock.advance(1)
    assert events(found) == [("role.stopped", "page")]
