"""A console or a terminal that is stopped within a write holds the journal's one lock. The core
goes on in memory, tells who it is, and loses nothing."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.incidents.incident import Incident
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.journal.access import check_integrity, open_journal_to_read
from monitor.runtime.processes.other_process import process_state
from tests.e2e.flapping import wall
from tests.e2e.product import HOST, Product, free_port, helper, product, until
from tests.e2e.stopping import HOLDING, POINTS, Stopping
from tests.roles.test_console_role import ask, command

pytestmark = pytest.mark.timeout(400)
HELD_S = 20
SETTINGS = """alerts:
  group_wait: 1s
  observe: 2s
  flap_changes: 1000
  routes:
    - id: ops
      via: [{{id: hook, kind: webhook, settings: {{url: "http://{host}:{port}/"}}}}]
"""


@dataclass(slots=True)
class Target:
    """A listener that can be shut and opened again, and when it was."""

    port: int
    listener: socket.socket | None = None
    moves: list[float] = field(default_factory=list)

    @classmethod
    def opened(cls) -> Target:
        made = cls(free_port())
        made.move()
        return made

    def move(self) -> float:
        """Shut it where it is open, open it where it is shut; when."""
        if self.listener is not None:
            self.listener.close()
            self.listener = None
        else:
            self.listener = socket.create_server((HOST, self.port), backlog=2000)
        self.moves.append(wall())
        return self.moves[-1]


@dataclass(slots=True)
class Scene:
    made: Product
    inbox: Path
    targets: Mapping[str, Target]
    key: str = ""
    password: str = ""

    def hooks(self) -> list[dict[str, Any]]:
        found = [json.loads(p.read_text()) for p in sorted(self.inbox.glob("*.json"))]
        return [h["body"] if isinstance(h["body"], dict) else json.loads(h["body"]) for h in found]

    def notices(self, kind: str) -> list[dict[str, Any]]:
        return [hook for hook in self.hooks() if hook.get("notice") == kind]

    def parts(self, component: str) -> list[tuple[Second, Second | None]]:
        """When each outage of a component began and ended, as it is recorded, oldest first."""
        found = [
            (part.start, part.end)
            for i in self.incidents()
            for part in i.affected
            if part.component == component
        ]
        return sorted(found, key=lambda part: part[0])

    def incidents(self) -> Sequence[Incident]:
        """Read without the lock that a writer needs."""
        url = f"sqlite:///{self.made.data / 'journal.db'}"
        with open_journal_to_read(url) as journal, journal.transaction() as tx:
            return tx.incidents.touching(Interval(Second(0), FOREVER))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Core, prober and page over three targets; no console yet."""
    targets = {name: Target.opened() for name in ("early", "late", "blip")}
    sink = free_port()
    checks = {name: f"{HOST}:{t.port}" for name, t in targets.items()}
    extra = SETTINGS.format(host=HOST, port=sink)
    with (
        product(tmp_path, checks, extra=extra) as made,
        helper(
            "monitor.demo.mailbox", "--folder", str(tmp_path / "inbox"),
            "--http-port", str(sink), "--smtp-port", str(free_port()),
        ),
    ):  # fmt: skip
        for role in ("core", "prober", "page"):
            made.start(role)
        made.wait_ready(120)
        yield Scene(made, tmp_path / "inbox", targets)
    for target in targets.values():
        if target.listener is not None:
            target.listener.close()


def role_words(made: Product) -> tuple[str, ...]:
    return ("--config", str(made.config), "--data-dir", str(made.data))


def start_console(scene: Scene, stopping: Stopping) -> subprocess.Popen[bytes]:
    made = scene.made
    running = stopping.start("monitor.roles.console.role", *role_words(made))
    made.roles["console"] = running
    sign_in(scene)
    return running


def sign_in(scene: Scene) -> None:
    made = scene.made
    if not scene.password:
        said = command(made, "user", "add", "ana", "--role", "operator", "--generate")
        scene.password = said.splitlines()[-1]
    login = {"name": "ana", "password": scene.password}

    def key() -> str:
        try:
            status, session = ask(made, "POST", "/session", body=login)
        except OSError:
            return ""
        return str(session["key"]) if status == 201 else ""

    scene.key = until(key, within=60, what=made.tail(), every=0.5)


def write_a_token(scene: Scene, found: list[int]) -> threading.Thread:
    """Ask the console for a write that will not be answered soon."""
    asked = urllib.request.Request(
        f"http://{HOST}:{scene.made.console_port}/api/v1/tokens",
        data=json.dumps({"label": "x", "scopes": ["state:read"]}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {scene.key}"},
    )

    def post() -> None:
        with suppress(OSError), urllib.request.urlopen(asked, timeout=120) as answer:  # noqa: S310
            found.append(answer.status)

    thread = threading.Thread(target=post)
    thread.start()
    return thread


def until_stopped(pid: int, made: Product) -> float:
    until(lambda: process_state(pid) == "T", within=30, what=f"a stop {made.tail()}")
    return wall()


def tokens(scene: Scene) -> list[str]:
    status, listed = ask(scene.made, "GET", "/tokens", scene.key)
    assert status == 200
    return [token["label"] for token in listed["tokens"]]


@pytest.mark.parametrize("point", HOLDING)
def test_a_console_stopped_within_a_write_harms_nobody(scene: Scene, point: str) -> None:
    made, answered, turn = scene.made, list[int](), threading.Event()
    stopping = Stopping(made, point)
    console = start_console(scene, stopping)
    fell = {"early": scene.targets["early"].move()}
    until(lambda: scene.parts("early"), within=30, what=made.tail(), every=0.5)
    stopping.arm()
    request = write_a_token(scene, answered)
    stopped_at = until_stopped(console.pid, made)
    try:
        fell["late"] = scene.targets["late"].move()
        blip = [scene.targets["blip"].move()]
        (told,) = until(
            lambda: scene.notices("monitor.journal_held"), within=15, what=f"who {made.tail()}"
        )
        assert wall() - stopped_at < 15
        assert told["about"].startswith(f"{console.pid}=")
        assert "stopped" in told["about"]
        until(
            lambda: {"late", "blip"} <= named(scene, "caído"), within=20, what=f"late {made.tail()}"
        )
        blip.append(scene.targets["blip"].move())
        status, words = made.ops("/readyz")
        assert (status, f"by process {console.pid}" in words) == (503, True), words
        assert made.ops("/livez")[0] == 200
        assert (made.metric("estado_journal_held_seconds") or 0) > 2
        assert made.page("/")[0] == 200
        while wall() - stopped_at < HELD_S:
            turn.wait(0.2)
        early_back = scene.targets["early"].move()
        until(lambda: "blip" in named(scene, "bien"), within=45, what=f"blip {made.tail()}")
    finally:
        console.send_signal(signal.SIGCONT)
    request.join(30)
    assert answered == [201]
    until(lambda: scene.notices("monitor.writes"), within=45, what=f"the end {made.tail()}")
    until(
        lambda: scene.parts("early")[0][1] and scene.parts("late") and scene.parts("blip"),
        within=30, what=made.tail(), every=0.5,
    )  # fmt: skip
    assert tokens(scene) == ["x"]
    ((start, end),) = scene.parts("early")
    assert abs(start - fell["early"]) <= 2
    assert abs((end or 0) - early_back) <= 2
    ((start, end),) = scene.parts("blip")
    assert abs(start - blip[0]) <= 2
    assert abs((end or 0) - blip[1]) <= 2
    ((start, end),) = scene.parts("late")
    assert abs(start - fell["late"]) <= 2
    assert end is None
    assert len(scene.notices("monitor.journal_held")) == 1
    until(lambda: openings(scene) >= {"early", "late", "blip"}, within=30, what=made.tail())
    assert made.roles["core"].poll() is None
    assert "Traceback" not in (made.folder / "core.log").read_text()


def named(scene: Scene, state: str) -> set[str]:
    """Which components were told to be so from memory."""
    lines = [
        line
        for hook in scene.notices("monitor.unrecorded")
        for line in hook["about"].partition("=")[2].splitlines()
    ]
    return {line.split()[0] for line in lines if line.split()[1] == state}


def openings(scene: Scene) -> set[str]:
    text = json.dumps([hook for hook in scene.hooks() if "notice" not in hook])
    return {name for name in scene.targets if f'"{name}"' in text}


def test_a_console_killed_at_any_point_frees_the_journal_at_once(scene: Scene) -> None:
    made, late = scene.made, scene.targets["late"]
    for number, point in enumerate(POINTS, start=1):
        stopping = Stopping(made, point)
        console = start_console(scene, stopping)
        stopping.arm()
        request = write_a_token(scene, [])
        until_stopped(console.pid, made)
        fell = late.move()
        made.kill("console")
        request.join(30)
        until_recorded(scene, number, f"{point} {made.tail()}")
        start, _ = scene.parts("late")[-1]
        assert abs(start - fell) <= 2, point
        late.move()
        until(lambda: scene.parts("late")[-1][1], within=15, what=made.tail(), every=0.5)
    assert scene.notices("monitor.journal_held") == []
    check_integrity(f"sqlite:///{made.data / 'journal.db'}")


def until_recorded(scene: Scene, outages: int, what: str) -> None:
    until(lambda: len(scene.parts("late")) == outages, within=15, what=what, every=0.5)


def stopped_terminal(scene: Scene) -> subprocess.Popen[bytes]:
    """An update that is stopped (Ctrl-Z) with its first transaction open."""
    made = scene.made
    scene.targets["early"].move()
    until(lambda: scene.parts("early"), within=30, what=made.tail(), every=0.5)
    (incident,) = scene.incidents()
    stopping = Stopping(made, "after_writes")
    stopping.arm()
    terminal = stopping.start(
        "monitor.cli", "incident", "update", str(incident.id), "--phase", "identified",
        "--es", "Lo vimos.", "-c", str(made.config), "-d", str(made.data),
    )  # fmt: skip
    until_stopped(terminal.pid, made)
    return terminal


def test_a_terminal_stopped_within_an_update_is_named_and_loses_nothing(scene: Scene) -> None:
    terminal = stopped_terminal(scene)
    (told,) = until(
        lambda: scene.notices("monitor.journal_held"), within=15, what=f"who {scene.made.tail()}"
    )
    assert told["about"].startswith(f"{terminal.pid}=")
    terminal.send_signal(signal.SIGCONT)
    assert terminal.wait(30) == 0
    (incident,) = scene.incidents()
    assert any(u.person is not None for u in incident.updates)


def test_a_core_that_starts_meanwhile_says_who_it_waits_for_and_begins_then(scene: Scene) -> None:
    made = scene.made
    terminal = stopped_terminal(scene)
    fell = scene.targets["late"].move()
    made.kill("core")
    made.start("core")
    core = made.roles["core"]
    (told,) = until(
        lambda: scene.notices("monitor.journal_held"), within=120, what=f"who {made.tail()}"
    )
    assert told["about"].startswith(f"{terminal.pid}=")
    terminal.send_signal(signal.SIGCONT)
    assert terminal.wait(30) == 0
    until(lambda: scene.parts("late"), within=60, what=made.tail(), every=0.5)
    ((start, _),) = scene.parts("late")
    assert abs(start - fell) <= 2
    assert core.poll() is None
    assert len(scene.notices("monitor.writes")) == 1


_SUPERVISED = """
import json, sys
from pathlib import Path
from monitor.roles import stopped_roles, supervisor
from monitor.runtime.logs import configure_logs
configure_logs("supervisor")
config, data, console = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
stopped_roles.END_STOPPED_AFTER_S = 30.0
argv_of = supervisor.role_argv
supervisor.role_argv = lambda r, c, d: console if r == "console" else argv_of(r, c, d)
sys.exit(supervisor.Supervisor(config, data, ("core", "prober", "page", "console")).run())
"""


def test_a_console_that_keeps_the_journal_is_ended_and_started_anew(scene: Scene) -> None:
    made = scene.made
    for role in ("core", "prober", "page"):
        made.kill(role)
    stopping = Stopping(made, "after_writes")
    console = stopping.argv("monitor.roles.console.role", *role_words(made))
    paths = (str(made.config), str(made.data))
    product = stopping.run([sys.executable, "-c", _SUPERVISED, *paths, json.dumps(console)])
    made.roles["run"] = product
    try:
        made.wait_ready(120)
        sign_in(scene)
        stopping.arm()
        request = write_a_token(scene, [])
        until(lambda: scene.notices("monitor.journal_held"), within=60, what=f"who {made.tail()}")
        fell = scene.targets["late"].move()
        until(lambda: scene.parts("late"), within=90, what=made.tail(), every=0.5)
        ((start, _),) = scene.parts("late")
        assert abs(start - fell) <= 2
        request.join(30)
        until(lambda: asks(scene) == 200, within=60, what=made.tail(), every=0.5)
        assert tokens(scene) == []
        log = (made.folder / "after_writes.log").read_text()
        for event in ("role.ended", "role.died", "core.journal_free"):
            assert f'"{event}"' in log
    finally:
        product.terminate()
        product.wait(60)
        del made.roles["run"]


def asks(scene: Scene) -> int:
    with suppress(OSError):
        return ask(scene.made, "GET", "/tokens", scene.key)[0]
    return 0
