"""A real InfluxDB 2: one that is told by the environment, one on the path, or `make influxd`'s.

    ESTADO_TEST_INFLUXDB_URL, ESTADO_TEST_INFLUXDB_TOKEN (all-access), ESTADO_TEST_INFLUXDB_ORG

name a server that runs already; it has to listen on loopback, and what tests make there is deleted.
Else a server is started in a folder of its own, and ended by its process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.ports import free_ports
from tests.support.require import find_server, require
from tests.support.standstill import stop_and_wait

UNTESTED = "the InfluxDB store"
_ATTEMPTS = 5
_ADMIN = "admin-token-of-the-tests"
_numbers = count()


@dataclass(slots=True, kw_only=True)
class InfluxServer:
    """`token` may do everything. `process` is None where the server is somebody else's."""

    url: str
    token: str = ""
    org: str = "tests"
    folder: Path | None = None
    process: subprocess.Popen[bytes] | None = None

    def ask(
        self, method: str, path: str, body: object = None, token: str = "", **query: str
    ) -> Any:
        """The JSON of an answer; None of an empty one. Raises HTTPError."""
        url = f"{self.url}{path}" + (f"?{urlencode(query)}" if query else "")
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Token {token or self.token}"}
        with urlopen(Request(url, data, headers, method=method), timeout=10) as answer:  # noqa: S310
            said = answer.read()
        return json.loads(said) if said else None

    def stop_answering(self) -> None:
        """It stands still: connections are taken by the kernel, and nothing is said on them."""
        assert self.process is not None
        stop_and_wait(self.process.pid)

    def answer_again(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def start_again(self) -> None:
        """On the same port and data; ready when it returns."""
        assert self.folder is not None
        self.process = _start(_binary(), self.folder, self.url.rpartition(":")[2])
        assert _is_up(self.process, self.url), "influxd did not start again"

    def _signal(self, number: signal.Signals) -> None:
        require(
            self.process is not None, "an influxd of the tests' own", f"{UNTESTED} under faults"
        )
        assert self.process is not None
        self.process.send_signal(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class InfluxLab:
    """An organisation of one test's own, with empty buckets that keep for ever."""

    server: InfluxServer
    org: str
    org_id: str
    token: str
    """It may read and write all of the organisation's buckets, and nothing else."""
    buckets: dict[str, str] = field(default_factory=dict)
    """The id of each, by name."""

    def new_bucket(self, name: str, days: int = 0) -> None:
        rules = [{"type": "expire", "everySeconds": days * 86_400}] if days else []
        asked = {"orgID": self.org_id, "name": name, "retentionRules": rules}
        self.buckets[name] = self.server.ask("POST", "/api/v2/buckets", asked)["id"]

    def new_token(self, *actions: str) -> str:
        """A token that may do this with the buckets there are now: `read`, `write`."""
        places = [{"type": "buckets", "id": i, "orgID": self.org_id} for i in self.buckets.values()]
        return _new_token(self.server, self.org_id, actions, places)

    def write(self, bucket: str, lines: str) -> None:
        """Line protocol in seconds."""
        self.server.ask(
            "POST", "/api/v2/write", lines.encode(), org=self.org, bucket=bucket, precision="s"
        )

    def query(self, bucket: str, words: str) -> list[dict[str, Any]]:
        """The rows of an InfluxQL statement."""
        # A token of another organisation would look for the bucket there.
        said = self.server.ask("GET", "/query", token=self.token, db=bucket, q=words, epoch="s")
        assert [r["error"] for r in said["results"] if "error" in r] == []
        return [
            dict(zip(series["columns"], row, strict=True))
            for result in said["results"]
            for series in result.get("series", ())
            for row in series["values"]
        ]


@pytest.fixture(scope="session")
def influx_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    """One a worker."""
    if url := os.environ.get("ESTADO_TEST_INFLUXDB_URL"):
        yield InfluxServer(
            url=url.rstrip("/"),
            token=os.environ["ESTADO_TEST_INFLUXDB_TOKEN"],
            org=os.environ["ESTADO_TEST_INFLUXDB_ORG"],
        )
        return
    with running_influx(tmp_path_factory.mktemp("influx")) as server:
        set_up(server)
        yield server


@pytest.fixture
def influx(influx_server: InfluxServer) -> Iterator[InfluxLab]:
    """A laboratory with the three buckets of the default specification."""
    with laboratory(influx_server) as made:
        for name in ("estado_raw", "estado_hourly", "estado_daily"):
            made.new_bucket(name)
        yield made


@contextmanager
def laboratory(server: InfluxServer) -> Iterator[InfluxLab]:
    """One without buckets; all of it is deleted on leaving."""
    name = f"estado-{os.getpid()}-{next(_numbers)}"
    org_id = server.ask("POST", "/api/v2/orgs", {"name": name})["id"]
    token = _new_token(server, org_id, ("read", "write"), [{"type": "buckets", "orgID": org_id}])
    try:
        yield InfluxLab(server=server, org=name, org_id=org_id, token=token)
    finally:
        server.ask("DELETE", f"/api/v2/orgs/{org_id}")


@contextmanager
def running_influx(folder: Path) -> Iterator[InfluxServer]:
    """A server that nobody has set up, in an empty folder; ended on leaving."""
    binary = _binary()
    for _ in range(_ATTEMPTS):
        port = free_ports(1)[0]
        url = f"http://127.0.0.1:{port}"
        server = InfluxServer(url=url, folder=folder, process=_start(binary, folder, str(port)))
        assert server.process is not None
        if _is_up(server.process, url):
            break
        _end(server.process)
    else:
        raise RuntimeError(f"influxd did not start: {(folder / 'log').read_text('utf-8')}")
    try:
        yield server
    finally:
        _end(server.process)


def set_up(server: InfluxServer) -> None:
    """As a person does it first: an owner, an organisation, a token that may do everything."""
    owner = {"username": "admin", "password": "password-of-the-tests", "bucket": "first"}
    asked = {**owner, "org": server.org, "token": _ADMIN}
    server.ask("POST", "/api/v2/setup", asked)
    server.token = _ADMIN


def _new_token(
    server: InfluxServer, org_id: str, actions: Sequence[str], places: Sequence[dict[str, str]]
) -> str:
    permissions = [{"action": a, "resource": place} for a in actions for place in places]
    asked = {"orgID": org_id, "permissions": permissions}
    token: str = server.ask("POST", "/api/v2/authorizations", asked)["token"]
    return token


def _binary() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    built = cache / "estado" / "influxd" / "influxd"
    found = find_server("influxd") or (built if built.is_file() else None)
    require(found is not None, "influxd (make influxd builds one)", UNTESTED)
    assert found is not None
    return found


def _start(binary: Path, folder: Path, port: str) -> subprocess.Popen[bytes]:
    places = {"bolt-path": "i.bolt", "sqlite-path": "i.sqlite", "engine-path": "engine"}
    command = [str(binary), f"--http-bind-address=127.0.0.1:{port}", "--reporting-disabled"]
    command += [f"--{option}={folder / name}" for option, name in places.items()]
    with (folder / "log").open("ab") as log:
        # Its settings may come from the environment as well: it gets none.
        return subprocess.Popen(command, stdout=log, stderr=log, env={"HOME": str(folder)})


def _is_up(process: subprocess.Popen[bytes], url: str) -> bool:
    """Whether it is ready before it ends or twenty seconds have gone."""
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        with suppress(HTTPError, URLError, OSError), urlopen(f"{url}/health", timeout=1) as answer:  # noqa: S310
            if answer.status == 200:
                return True
        time.sleep(0.02)
    return False


def _end(process: subprocess.Popen[bytes] | None) -> None:
    """At once: what it holds is nobody's, and it takes its time to write it out."""
    if process is None:
        return
    process.kill()
    process.wait()
