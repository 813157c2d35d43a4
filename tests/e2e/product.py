"""The product as users start it, in a folder of its own, with everything to watch it by."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from monitor.roles.settings import catalogue_file
from monitor.roles.supervisor import role_module
from tests.support.journals import new_journal
from tests.support.patience import PATIENCE_S
from tests.support.warm_start import Process, start_role

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
STRETCH = 3


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def until(look: Callable[[], T | None], *, within: float, what: str, every: float = 0.05) -> T:
    """What `look` gives once it gives something: `within` seconds on a machine of our own, and
    `STRETCH` times as many on a busy one. Real processes have no fake clock."""
    ends = time.monotonic() + within * STRETCH
    while time.monotonic() < ends:
        found = look()
        if found:
            return found
        time.sleep(every)
    raise AssertionError(f"not within {STRETCH} times {within:g} s: {what}")


@dataclass(slots=True)
class Product:
    """Roles as processes of the test's own, so that each can be killed, stopped and armed."""

    folder: Path
    config: Path
    page_port: int
    ops_port: int
    console_port: int = 0
    env: dict[str, str] = field(default_factory=dict)
    roles: dict[str, Process] = field(default_factory=dict)
    has_forks: bool = True
    """Else each role is executed, and makes its journal itself: where it matters what lies in its
    memory, or the journal is another."""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.page_port}"

    def start(self, role: str, pass_fds: tuple[int, ...] = (), **env: str) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        if role == "core" and self.has_forks and "ESTADO_JOURNAL" not in self.env | env:
            self._give_journal()
        with (self.folder / f"{role}.log").open("ab") as log:
            self.roles[role] = start_role(
                role_module(role),
                ["--config", str(self.config), "--data-dir", str(self.data)],
                folder=ROOT, environment={**os.environ, **self.env, **env}, output=log,
                pass_fds=pass_fds, may_fork=self.has_forks,
            )  # fmt: skip

    def _give_journal(self) -> None:
        """A core without a journal makes one and executes itself anew, for two seconds of CPU.
        `estado run` begins from nothing in `tests/packaging/test_run_elsewhere.py`."""
        if not catalogue_file(self.data).exists():
            new_journal(self.data / "journal.db")

    def start_all(self) -> None:
        for role in ("core", "prober", "page", "store", "console"):
            self.start(role)

    def kill(self, role: str) -> None:
        """SIGKILL, and wait until it is gone."""
        running = self.roles.pop(role)
        running.kill()
        running.wait(PATIENCE_S)

    def signal(self, role: str, number: signal.Signals) -> None:
        self.roles[role].send_signal(number)

    def stop_all(self) -> None:
        # The prober first: what it looks at may go with the core.
        for role in sorted(self.roles, key=lambda name: name != "prober"):
            running = self.roles.pop(role)
            running.send_signal(signal.SIGCONT)
            running.terminate()
            try:
                running.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait(PATIENCE_S)

    def page(self, path: str = "/", **headers: str) -> tuple[int, str]:
        return fetch(f"http://{HOST}:{self.page_port}{path}", headers)

    def api(self, name: str) -> Mapping[str, Any]:
        status, body = self.page(f"/api/v2/{name}.json")
        assert status == 200, (status, body[:200])
        found: Mapping[str, Any] = json.loads(body)
        return found

    def ops(self, path: str) -> tuple[int, str]:
        return fetch(f"http://{HOST}:{self.ops_port}{path}", {})

    def metric(self, line: str) -> float | None:
        """The value of one sample, named as `/metrics` writes it."""
        _, text = self.ops("/metrics")
        for found in text.splitlines():
            if found.startswith(f"{line} "):
                return float(found.rsplit(" ", 1)[1])
        return None

    def wait_ready(self, within: float = 30) -> None:
        until(
            lambda: self.ops("/readyz")[0] == 200 and self.page("/api/v2/status.json")[0] == 200,
            within=within,
            what=f"ready: {self.ops('/readyz')} {self.page('/healthz')} {self.tail()}",
        )

    def tail(self) -> str:
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"{p.name}: {p.read_text()[-1500:]}" for p in logs)

    def command(self, *args: str) -> subprocess.CompletedProcess[str]:
        """One `estado` command on this product's folder."""
        return subprocess.run(
            [sys.executable, "-m", "monitor.cli", *args],
            cwd=ROOT, env={**os.environ, **self.env}, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip


def fetch(url: str, headers: Mapping[str, str]) -> tuple[int, str]:
    """(status, body); 0 where nobody answers."""
    asked = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - our own loopback
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except (OSError, TimeoutError):
        return 0, ""


def config_text(
    checks: Mapping[str, str],
    *,
    page_port: int,
    ops_port: int,
    console_port: int = 0,
    extra: str = "",
    **defaults: str,
) -> str:
    """A configuration: one component per `name: target` (TCP), each of a service of its own."""
    settings = {"interval": "1s", "timeout": "500ms", "confirm_down": "2", **defaults}
    lines = [f"  {key}: {value}" for key, value in settings.items()]
    services = [
        f"""  - id: s-{name}
    name: {name}
    components:
      - id: {name}
        name: {name}
        checks:
          - {{id: {name}-check, probe: tcp, target: "{target}"}}
"""
        for name, target in checks.items()
    ]
    return (
        f"""page:
  name: {{es: Estado del Servicio, en: Service status}}
  company: Prueba
  url: http://{HOST}:{page_port}
  listen: {HOST}:{page_port}
timezone: America/Argentina/Buenos_Aires
terms:
  - id: default
    guarantee: "0.9989"
operations:
  listen: {HOST}:{ops_port}
  history: {HOST}:{free_port()}
  console: {{listen: "{HOST}:{console_port or free_port()}"}}
{extra}defaults:
"""
        + "\n".join(lines)
        + "\nservices:\n"
        + "".join(services)
    )


@contextmanager
def product(
    folder: Path, checks: Mapping[str, str], *, extra: str = "", **defaults: str
) -> Iterator[Product]:
    """A product over TCP targets; stopped at the end, whatever came."""
    page_port, ops_port, console_port = free_port(), free_port(), free_port()
    config = folder / "services.yaml"
    config.write_text(
        config_text(
            checks, page_port=page_port, ops_port=ops_port, console_port=console_port,
            extra=extra, **defaults,
        )
    )  # fmt: skip
    made = Product(
        folder=folder, config=config, page_port=page_port, ops_port=ops_port,
        console_port=console_port,
    )  # fmt: skip
    try:
        yield made
    finally:
        made.stop_all()


@contextmanager
def helper(module: str, *args: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process beside the product: targets, a sink."""
    running = subprocess.Popen([sys.executable, "-m", module, *args], cwd=ROOT)
    try:
        yield running
    finally:
        running.kill()
        running.wait(PATIENCE_S)
