"""The supervisor: what ends the product, and what ends one role for a while."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.roles import supervisor
from monitor.roles.settings import subscribers_wanted_file
from monitor.roles.supervisor import Supervisor

FATAL = 78
_ROLE = """
import pathlib, sys
starts = pathlib.Path(sys.argv[1])
count = len(starts.read_text()) if starts.exists() else 0
starts.write_text("x" * (count + 1))
sys.exit({codes}[min(count, {last})])
"""


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    signums = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {signum: signal.getsignal(signum) for signum in signums}
    yield
    for signum, handler in before.items():
        signal.signal(signum, handler)


def supervised(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *codes: int
) -> tuple[Supervisor, Path]:
    """A supervisor of one role that ends with these codes, start by start."""
    starts = folder / "starts"
    source = _ROLE.format(codes=codes, last=len(codes) - 1)
    argv = [sys.executable, "-c", source, str(starts)]
    monkeypatch.setattr(supervisor, "role_argv", lambda *_: argv)
    monkeypatch.setattr(supervisor, "_BACKOFF", (0.0,))
    return Supervisor(folder, folder, ("core",)), starts


def stop_after(starts: Path, wanted: int) -> threading.Thread:
    """Send SIGTERM to this process, as systemd does, once the role has started so often."""

    def watch() -> None:
        turn = threading.Event()
        for _ in range(600):
            if starts.exists() and len(starts.read_text()) >= wanted:
                break
            turn.wait(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=watch)
    watcher.start()
    return watcher


def test_a_role_that_cannot_run_at_its_first_start_ends_the_product(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    product, starts = supervised(monkeypatch, tmp_path, FATAL)
    assert product.run() == FATAL
    assert starts.read_text() == "x"


def test_a_file_gone_bad_while_the_product_runs_takes_no_other_role_down(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    product, starts = supervised(monkeypatch, tmp_path, 1, FATAL)
    watcher = stop_after(starts, 4)
    assert product.run() == 0
    watcher.join()
    assert len(starts.read_text()) >= 4


_KILLED = """
import sys
from pathlib import Path
from monitor.roles import supervisor
ROLE = "import os, pathlib, signal, sys; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); "
supervisor.role_argv = lambda role, *_: [
    sys.executable, "-c", ROLE + "signal.pause()", sys.argv[1] + "/" + role + ".pid"
]
supervisor.Supervisor(Path(sys.argv[1]), Path(sys.argv[1])).run()
"""


def test_its_roles_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    subscribers_wanted_file(tmp_path).touch()
    running = subprocess.Popen([sys.executable, "-c", _KILLED, str(tmp_path)])
    try:
        pids = until(
            lambda: [int(f.read_text() or 0) for f in tmp_path.glob("*.pid")],
            lambda p: len(p) == len(supervisor.ROLES),
        )
        assert all(map(is_alive, pids))
    finally:
        running.kill()
        running.wait()
    until(lambda: [pid for pid in pids if is_alive(pid)], lambda left: not left)


def is_alive(pid: int) -> bool:
    """A zombie that nobody has waited for yet has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def until(look: Callable[[], list[int]], is_enough: Callable[[list[int]], bool]) -> list[int]:
    """Real processes have no fake clock: look again for half a minute."""
    turn, found = threading.Event(), list[int]()
    for _ in range(600):
        found = look()
        if is_enough(found) and 0 not in found:
            return found
        turn.wait(0.05)
    raise AssertionError(f"still {found}")
