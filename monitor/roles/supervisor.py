"""`estado run`: the roles as processes of their own, kept alive until a signal.

The supervisor holds no data and imports little. A role that dies is started again, after a longer
wait each time it dies quickly; the others go on. Where the supervisor itself is killed, its roles
end too: what starts it again (systemd, a person) finds the folder and the ports free.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from monitor.roles.exit_codes import EXIT_CANNOT_RUN, EXIT_DAMAGED
from monitor.roles.settings import (
    journal_held_file,
    stopped_roles_file,
    subscribers_wanted_file,
)
from monitor.roles.stopped_roles import StoppedRoles
from monitor.runtime.logs import configure_logs
from monitor.runtime.processes.process import (
    accept_interrupts,
    block_interrupts,
    ends_with_parent,
    interrupts_blocked,
)

ROLES = ("core", "prober", "page", "store", "console", "subscribers")
_BACKOFF = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_STEADY = 60.0
_GRACE = 15.0
_POLL_EVERY = 0.25


@dataclass(slots=True)
class _Child:
    role: str
    argv: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    starts: int = 0
    quick_deaths: int = 0
    due_at: float = 0.0
    is_halted: bool = False

    def start(self, extra: Sequence[str] = ()) -> None:
        with interrupts_blocked():
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [*self.argv, *extra], preexec_fn=ends_with_parent()
            )
        self.started_at = time.monotonic()
        self.starts += 1


class Supervisor:
    def __init__(
        self, config: Path, data_dir: Path, roles: tuple[str, ...] = ROLES, *, is_new: bool = False
    ) -> None:
        """With `is_new` the core's first start may begin a journal beside older data."""
        self._children = [_Child(r, role_argv(r, config, data_dir)) for r in roles]
        self._extra = {"core": ["--new"]} if is_new else {}
        self._stopping = False
        self._subscribers_wanted = subscribers_wanted_file(data_dir)
        self._stopped_roles = StoppedRoles(
            held_file=journal_held_file(data_dir), told_file=stopped_roles_file(data_dir)
        )

    def run(self) -> int:
        """Until SIGTERM or SIGINT, or until a role says that it cannot run; the exit code."""
        import structlog

        self._log = structlog.get_logger()
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._stop)
        signal.signal(signal.SIGHUP, self._reload)
        accept_interrupts()
        code = 0
        while not self._stopping:
            code = self._round()
            if code:
                break
            self._look_for_stopped()
            time.sleep(_POLL_EVERY)
        self._end()
        self._stopped_roles.forget()
        return code

    def _round(self) -> int:
        now = time.monotonic()
        for child in self._children:
            if child.role == "subscribers" and not self._subscribers_wanted.exists():
                self._rest(child)
                continue
            if child.process is None:
                if now >= child.due_at and not child.is_halted:
                    self._start(child, now)
                continue
            status = child.process.poll()
            if status is None:
                continue
            if status == EXIT_CANNOT_RUN and child.starts == 1:
                return EXIT_CANNOT_RUN
            if status == EXIT_DAMAGED:
                self._halt(child)
                continue
            self._schedule(child, status, now)
        return 0

    def _rest(self, child: _Child) -> None:
        """Nobody may subscribe: a role that would only wait takes no memory."""
        if child.process is not None:
            _finish(child.process)
            child.process, child.quick_deaths, child.due_at = None, 0, 0.0
            self._log.info("role.rests", rests=child.role)

    def _look_for_stopped(self) -> None:
        """Say which role is stopped. One that keeps the journal from the core is killed, and
        started anew as any that died."""
        pids = {c.role: c.process.pid for c in self._children if c.process is not None}
        for found in self._stopped_roles.look(pids):
            log = self._log.info if found.event == "role.goes_on" else self._log.error
            log(found.event, about=found.role, pid=found.pid, state=found.state)
            if found.ends:
                os.kill(found.pid, signal.SIGKILL)

    def _start(self, child: _Child, now: float) -> None:
        """A lack of processes (EAGAIN, ENOMEM) passes; the roles that run must not be left."""
        try:
            child.start(self._extra.pop(child.role, []))
        except OSError as error:
            child.due_at = now + _BACKOFF[-2]
            self._log.error("role.not_started", wanted=child.role, error=str(error))

    def _schedule(self, child: _Child, status: int, now: float) -> None:
        child.quick_deaths = 0 if now - child.started_at > _STEADY else child.quick_deaths + 1
        wait = _BACKOFF[min(child.quick_deaths, len(_BACKOFF) - 1)]
        child.process, child.due_at = None, now + wait
        self._log.error("role.died", died=child.role, status=status, again_in_s=wait)

    def _halt(self, child: _Child) -> None:
        child.process, child.is_halted = None, True
        self._log.error("role.halted", halted=child.role, hint="recover its data, then SIGHUP")

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _reload(self, signum: int, frame: FrameType | None) -> None:
        for child in self._children:
            child.is_halted = False
            if child.role == "core" and child.process is not None:
                child.process.send_signal(signal.SIGHUP)

    def _end(self) -> None:
        """The prober first, so that the core still reads what it commits on its way out."""
        for role in ("prober", "core", "page", "store", "console", "subscribers"):
            for child in self._children:
                if child.role == role and child.process is not None:
                    _finish(child.process)


def role_module(role: str) -> str:
    """The module that runs as that role (or the supervisor), for `python -m`."""
    alone = role in ("page", "supervisor")
    return f"monitor.roles.{role}" if alone else f"monitor.roles.{role}.role"


def role_argv(role: str, config: Path, data_dir: Path) -> list[str]:
    """How one role is started alone."""
    return [
        sys.executable, "-m", role_module(role),
        "--config", str(config), "--data-dir", str(data_dir),
    ]  # fmt: skip


def exec_role(role: str, config: Path, data_dir: Path, *extra: str) -> None:
    """Become that role (or the supervisor): nothing that the command line imported stays."""
    argv = [*role_argv(role, config, data_dir), *extra]
    block_interrupts()
    os.execv(argv[0], argv)  # noqa: S606 - our own interpreter and module


def _finish(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="estado run")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--new", action="store_true")
    given = parser.parse_args(argv)
    configure_logs("supervisor")
    return Supervisor(given.config, given.data_dir, is_new=given.new).run()


if __name__ == "__main__":
    raise SystemExit(main())
