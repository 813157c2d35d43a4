"""The prober role as a process of its own, with the ledger of what it acknowledged."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from monitor.catalogues.file import write_catalogues
from monitor.domain.checks.observation import Result
from monitor.results.log.result_log import open_reader
from probes.tcp import TcpSpec
from tests.support.catalogues import a_check, a_revision
from tests.support.patience import PATIENCE_S

Ident = tuple[str, str, int]
"""(location, check, slot)."""


class Ledger:
    """Whole lines that came through a pipe; what a kill cut in the middle was never said."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._changed = threading.Condition()
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_for(self, count: int) -> None:
        with self._changed:
            done = self._changed.wait_for(lambda: len(self._lines) >= count, PATIENCE_S)
        assert done, f"{len(self._lines)} of {count} acknowledged within {PATIENCE_S} s"

    def __len__(self) -> int:
        return len(self._lines)

    def idents(self) -> list[Ident]:
        """Everything that was acknowledged before the pipe closed."""
        self._thread.join(PATIENCE_S)
        return self.so_far()

    def so_far(self) -> list[Ident]:
        words = [line.split(" ") for line in self._lines]
        return [(place, check, int(slot)) for place, check, slot in words]

    def _read(self) -> None:
        with os.fdopen(self._descriptor, "rb") as pipe:
            for line in pipe:
                if line.endswith(b"\n"):
                    with self._changed:
                        self._lines.append(line.decode().rstrip("\n"))
                        self._changed.notify_all()


class Prober:
    """One running prober; `stderr` is what it has logged so far."""

    def __init__(self, process: subprocess.Popen[bytes], ledger: Ledger, said: Path) -> None:
        self.process = process
        self.ledger = ledger
        self.said = said

    @property
    def stderr(self) -> str:
        return self.said.read_text("utf-8")

    def wait_until(self, is_so: Callable[[], bool], what: str) -> None:
        """Look again and again: it is another process, and its clock is the real one."""
        patience = threading.Event()
        end = monotonic() + PATIENCE_S
        while not is_so():
            assert self.process.poll() is None, f"it ended: {self.stderr}"
            assert monotonic() < end, f"not within {PATIENCE_S} s: {what}; {self.stderr}"
            patience.wait(0.02)


@contextmanager
def running_prober(
    data_dir: Path, *, prefix: Sequence[str] = (), environment: dict[str, str] | None = None
) -> Iterator[Prober]:
    """The role, started as the supervisor does; killed at the end if it still runs."""
    outcome, income = os.pipe()
    said = data_dir.with_name(f"{data_dir.name}.stderr")
    command = [
        *prefix, sys.executable, "-m", "monitor.roles.prober.role", "--data-dir", str(data_dir),
    ]  # fmt: skip
    with said.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            stderr=stderr,
            pass_fds=[income],
            env={**os.environ, "ESTADO_ACK_FD": str(income), **(environment or {})},
        )
    os.close(income)
    try:
        yield Prober(process, Ledger(outcome), said)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


class OpenPort:
    """A port on loopback that takes connections, counts them and closes them."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.number: int = listener.getsockname()[1]
        self.taken = 0

    def take_all(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.taken += 1
            connection.close()


@contextmanager
def open_port() -> Iterator[OpenPort]:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        port = OpenPort(listener)
        threading.Thread(target=port.take_all, daemon=True).start()
        yield port
        listener.shutdown(socket.SHUT_RDWR)


def give_catalogue(data_dir: Path, port: OpenPort, *, checks: int = 60, interval: int = 1) -> None:
    """What the core would have compiled: TCP checks of one port."""
    data_dir.mkdir(exist_ok=True)
    spec = TcpSpec(host="127.0.0.1", port=port.number)
    looks = [a_check(f"c{n}", interval=interval, kind="tcp", spec=spec) for n in range(checks)]
    write_catalogues(data_dir / "catalogue.json", [a_revision(looks)])


def logged(data_dir: Path) -> list[Result]:
    reader = open_reader(data_dir / "results.db")
    try:
        return [row.result for row in reader.read(0, 1_000_000)]
    finally:
        reader.close()


def ident_of(result: Result) -> Ident:
    return (result.location, result.check, result.slot)
