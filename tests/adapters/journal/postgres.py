"""A PostgreSQL server of the tests' own, on a socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.support.require import require_server

UNTESTED = "the journal on PostgreSQL"
_ACCOUNT = "postgres"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """`folder` holds the cluster and the socket."""

    binaries: Path
    folder: Path

    @classmethod
    def start(cls) -> PostgresServer:
        """Make a cluster and serve it; skips (or fails) where there is no PostgreSQL."""
        binaries = require_server("initdb", UNTESTED).parent
        # Not below pytest's own folder: no other account may look in there.
        folder = Path(tempfile.mkdtemp(prefix="estado-pg-"))
        if os.geteuid() == 0:
            shutil.chown(folder, _ACCOUNT, _ACCOUNT)
        server = cls(binaries=binaries, folder=folder)
        data = str(folder / "data")
        server._run("initdb", "-D", data, "-U", _ACCOUNT, "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        log = str(folder / "log")
        server._run("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
        return server

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)

    def url(self, database: str) -> str:
        return f"postgresql://{_ACCOUNT}@/{database}?host={self.folder}"

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
