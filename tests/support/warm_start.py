"""Roles that start without importing: half of the CPU of a product's start is spent on imports.

`start_role` gives a process that does what `python -m <role's module>` would: a child of this one,
with its environment, folder, output and descriptors. It was forked from a process that had the
role's modules in memory (`tests.support.warm_role`). Where a fork cannot be given what it needs (a
variable that the loader or the interpreter reads) the module is executed. Tests whose claim is the
start itself start their processes themselves.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import IO, Protocol

from tests.support.patience import PATIENCE_S

_ROOT = Path(__file__).resolve().parents[2]
_AT_WILL = ("COMP_", "ESTADO_", "PYTEST_", "XDG_CONFIG_HOME", "_ESTADO_", "_TYPER_")
"""Variables of these prefixes are read by the role alone, once it has begun."""
_PR_SET_CHILD_SUBREAPER = 36


class Process(Protocol):
    """What tests use of `subprocess.Popen`."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


@dataclass(slots=True)
class ForkedProcess:
    """A child of this process that it did not fork itself."""

    pid: int
    args: Sequence[str]
    returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; `subprocess.TimeoutExpired` after that many seconds."""
        if self.poll() is None:
            self._until_gone(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(list(self.args), timeout or 0.0)
        return code

    def _until_gone(self, timeout: float | None) -> None:
        handle = os.pidfd_open(self.pid)
        try:
            waiting = select.poll()
            waiting.register(handle, select.POLLIN)
            waiting.poll(None if timeout is None else timeout * 1000)
        finally:
            os.close(handle)

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def terminate(self) -> None:
        self.send_signal(SIGTERM)

    def kill(self) -> None:
        self.send_signal(SIGKILL)


@dataclass(slots=True)
class _WarmRole:
    """A process that forks one role."""

    module: str
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    asked: socket.socket = field(init=False)
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.asked, served = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program = "import os, sys; os.dup2(int(sys.argv[1]), 3, inheritable=True); "
        program += "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
        with served:
            os.set_inheritable(served.fileno(), True)
            self.process = subprocess.Popen(
                [
                    sys.executable, "-S", "-c", program, str(served.fileno()),
                    "-m", "tests.support.warm_role", self.module,
                ],
                cwd=_ROOT, env=self.environment, pass_fds=(served.fileno(),),
                stdout=subprocess.DEVNULL,
            )  # fmt: skip

    def fits(self, environment: Mapping[str, str]) -> bool:
        """Whether a fork can be given that environment, and would be as if it began with it."""
        names = self.environment.keys() | environment.keys()
        changed = {n for n in names if self.environment.get(n) != environment.get(n)}
        return all(name.startswith(_AT_WILL) for name in changed)

    def fork(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        descriptors: Mapping[int, int],
    ) -> ForkedProcess:
        """`descriptors`: which of ours lies where in the role."""
        request = {
            "arguments": list(arguments), "folder": str(folder), "environment": dict(environment),
            "descriptors": list(descriptors),
        }  # fmt: skip
        with _adopting():
            socket.send_fds(self.asked, [json.dumps(request).encode()], [*descriptors.values()])
            answer = self.asked.recv(16)
        assert answer, f"{self.module} cannot be imported"
        return ForkedProcess(pid=int(answer), args=[self.module, *arguments])

    def end(self) -> None:
        self.asked.close()
        self.process.wait(PATIENCE_S)


_warm: dict[str, _WarmRole] = {}


@atexit.register
def _end_all() -> None:
    while _warm:
        _warm.popitem()[1].end()


def start_role(
    module: str,
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    output: IO[bytes],
    errors: IO[bytes] | None = None,
    pass_fds: Sequence[int] = (),
    may_fork: bool = True,
) -> Process:
    """That module as a process of its own, writing both its outputs to `output`, or what it says of
    errors to `errors`."""
    also = output if errors is None else errors
    if may_fork and (warm := _warm_role(module)).fits(environment):
        places = {1: output.fileno(), 2: also.fileno()} | {fd: fd for fd in pass_fds}
        return warm.fork(arguments, folder=folder, environment=environment, descriptors=places)
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=folder, env=dict(environment), pass_fds=tuple(pass_fds), stdout=output, stderr=also,
    )  # fmt: skip


def _warm_role(module: str) -> _WarmRole:
    if module not in _warm:
        _warm[module] = _WarmRole(module)
    return _warm[module]


@contextmanager
def _adopting() -> Iterator[None]:
    """A descendant whose parent ends meanwhile becomes a child of this process."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
