"""A PostgreSQL server of the tests' own, on a socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.support.require import require_server
from tests.support.standstill import stop_and_wait

UNTESTED = "the journal on PostgreSQL"
_ACCOUNT = "postgres"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """`folder` holds the cluster and the socket. `is_durable`: it survives being killed."""

    binaries: Path
    folder: Path
    is_durable: bool = False

    @classmethod
    def start(cls, *, is_durable: bool = False) -> PostgresServer:
        """Make a cluster and serve it; skips (or fails) where there is no PostgreSQL."""
        binaries = require_server("initdb", UNTESTED).parent
        # Not below pytest's own folder: no other account may look in there. In memory where that
        # is too: a database for each test is hundreds of files, and a disk takes long to lose them.
        memory = os.environ.get("PYTEST_DEBUG_TEMPROOT")
        folder = Path(tempfile.mkdtemp(prefix="estado-pg-", dir=memory))
        if os.geteuid() == 0:
            shutil.chown(folder, _ACCOUNT, _ACCOUNT)
        server = cls(binaries=binaries, folder=folder, is_durable=is_durable)
        data = str(folder / "data")
        server._run("initdb", "-D", data, "-U", _ACCOUNT, "-A", "trust", "--no-sync", "-E", "UTF8")
        server.serve()
        return server

    def serve(self) -> None:
        """Serve the cluster, after a fall as well."""
        fsync = "on" if self.is_durable else "off"
        options = f"-k {self.folder} -c listen_addresses='' -c fsync={fsync}"
        log = str(self.folder / "log")
        self._control("-l", log, "-o", options, "-w", "start")

    def fall(self) -> None:
        """Every process of it ends at once, as in a crash: nothing is written out, nobody told."""
        self._control("-m", "immediate", "-w", "stop")

    def stop(self) -> None:
        self.fall()
        shutil.rmtree(self.folder)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """It is there, takes connections and packets, and says nothing."""
        try:
            for process in self._processes():
                with suppress(ProcessLookupError):
                    stop_and_wait(process)
            yield
        finally:
            for process in self._processes():
                # One of its own processes may have ended since.
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    def url(self, database: str) -> str:
        return f"postgresql://{_ACCOUNT}@/{database}?host={self.folder}"

    def _processes(self) -> tuple[int, ...]:
        """The server and each of its sessions."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return (pid, *map(int, children))

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), *arguments)

    def _run(self, binary: str, *arguments: str) -> None:
        command = [*_as_account(), str(self.binaries / binary), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)


def cut_sessions(url: str, name: str) -> None:
    """End the sessions of one database whose application's name begins so, as a fault would."""
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND starts_with(application_name, %s)",
            (name,),
        )


def _as_account() -> list[str]:
    """The server refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={_ACCOUNT}", f"--regid={_ACCOUNT}", "--clear-groups"]
