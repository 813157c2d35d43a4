"""What the console role sees of the machine and of the other roles."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from monitor.domain.catalogue import Operations
from monitor.domain.checks.observation import LOCAL, CheckId, Outcome, Result
from monitor.domain.time.interval import Second
from monitor.journal.access import journal_bytes
from monitor.journal.ports import JournalError
from monitor.results.log.result_log import open_log
from monitor.roles.console.machine_watch import MachineWatch
from monitor.roles.settings import journal_held_file, log_file
from tests.support.clock import FakeClock
from tests.support.journals import new_journal

NOW = Second(1_790_000_040)


def watch(folder: Path, url: str = "sqlite:////absent/journal.db") -> MachineWatch:
    closed = Operations(ops_port=9)
    return MachineWatch(folder, lambda: closed, lambda: url, FakeClock(NOW))


def test_a_folder_in_which_nothing_has_run_says_so(tmp_path: Path) -> None:
    watched = watch(tmp_path)
    assert watched.seen() is None
    watched.look()
    seen = watched.seen()
    assert seen is not None
    assert {role for role, fault in seen.faults.items() if fault} == {
        "prober", "core", "page", "store",
    }  # fmt: skip
    assert seen.faults["subscribers"] is None, "nobody may subscribe"
    assert str(seen.faults["core"]) == "core: no configuration has been compiled yet"
    assert (seen.core_faults, seen.prober, seen.store, seen.newest_row) == (None, None, None, None)
    assert seen.journal_bytes is None
    assert seen.disk_size
    assert not log_file(tmp_path).exists()


def test_it_sees_the_log_and_the_journal_and_makes_neither(tmp_path: Path) -> None:
    url = new_journal(tmp_path / "journal.db")
    log = open_log(log_file(tmp_path))
    log.append(
        [
            Result(
                check=CheckId("a"), location=LOCAL, slot=Second(NOW + n), revision=1,
                outcome=Outcome.UP, failure=None,
            )
            for n in range(3)
        ],
        {},
    )  # fmt: skip
    log.close()
    watched = watch(tmp_path, url)
    watched.look()
    seen = watched.seen()
    assert seen is not None
    assert seen.newest_row == 3
    assert seen.journal_bytes == journal_bytes(url) > 10_000


def test_the_size_of_a_journal_that_is_not_there_is_not_zero(tmp_path: Path) -> None:
    with pytest.raises((OSError, JournalError)):
        journal_bytes(f"sqlite:///{tmp_path / 'absent.db'}")


def test_it_names_who_holds_the_journal_as_the_core_has_found_out(tmp_path: Path) -> None:
    written = {"pid": os.getpid(), "lasted_s": 40.5, "at": time.monotonic()}
    journal_held_file(tmp_path).write_text(json.dumps(written))
    watched = watch(tmp_path)
    watched.look()
    seen = watched.seen()
    assert seen is not None
    assert seen.holder is not None
    assert (seen.holder.pid, seen.holder.lasted_s) == (os.getpid(), 40)
    assert seen.holder.command
    assert not seen.holder.is_stopped
    assert seen.ill_at == NOW


@pytest.mark.parametrize("age", [60.0, -60.0])
def test_what_the_core_said_of_a_holder_a_minute_ago_is_forgotten(
    tmp_path: Path, age: float
) -> None:
    written = {"pid": os.getpid(), "lasted_s": 40.5, "at": time.monotonic() - age}
    journal_held_file(tmp_path).write_text(json.dumps(written))
    watched = watch(tmp_path)
    watched.look()
    seen = watched.seen()
    assert seen is not None
    assert seen.holder is None
