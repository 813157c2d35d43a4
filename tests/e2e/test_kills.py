"""`kill -9`, again and again, while targets flap: nothing acknowledged is lost, nothing invented.

20 kills by default, `ESTADO_KILLS=200` under `make soak`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from monitor.adapters.journal import open_journal
from monitor.domain.interval import Interval, Second
from monitor.domain.observation import Outcome
from tests.e2e.flapping import Outage, seeded_outages, wall, write_script
from tests.e2e.product import HOST, Product, free_port, helper, product, until

KILLS = int(os.environ.get("ESTADO_KILLS", "20"))
SEED = int(os.environ.get("ESTADO_SEED", "1"))
_ROUND = 5.0
POINTS = {
    "log.commit.before": "prober",
    "log.commit.after": "prober",
    "journal.commit.before": "core",
    "journal.commit.after": "core",
    "send.before": "core",
    "send.after": "core",
}
pytestmark = [
    pytest.mark.kills,
    pytest.mark.timeout(120 + KILLS * 12),
    pytest.mark.xdist_group("e2e"),
]


class Ledger:
    """The parent's own record of what the prober said was on disk."""

    def __init__(self) -> None:
        self.read_end, self.write_end = os.pipe()
        os.set_inheritable(self.write_end, True)
        self.lines: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with os.fdopen(self.read_end) as pipe:
            for line in pipe:
                self.lines.append(line.strip())


@dataclass(slots=True)
class Siege:
    """The product under kills, and what was done to it."""

    made: Product
    ledger: Ledger
    rng: random.Random
    kills: Counter[str] = field(default_factory=Counter)

    def start(self, role: str, **env: str) -> None:
        if role == "prober":
            fd = self.ledger.write_end
            self.made.start(role, (fd,), ESTADO_ACK_FD=str(fd), **env)
        else:
            self.made.start(role, (), **env)

    def ready(self, role: str) -> None:
        """Working, not merely there."""
        if role == "prober":
            before = len(self.ledger.lines)
            until(
                lambda: len(self.ledger.lines) > before, within=60, what=f"acks {self.made.tail()}"
            )
        else:
            until(
                lambda: self.made.ops("/readyz")[0] == 200,
                within=60,
                what=f"{self.made.ops('/readyz')} {self.made.tail()}",
            )

    def at_random(self) -> None:
        role = self.rng.choice(("prober", "core"))
        time.sleep(self.rng.uniform(0, 0.5))
        self.made.kill(role)
        self.kills["random"] += 1
        self.start(role)
        self.ready(role)

    def at_point(self, point: str) -> None:
        """Arm the role with the point and wait until it has died there."""
        role = POINTS[point]
        self.made.kill(role)
        self.start(role, ESTADO_KILL_AT=f"{point}:{self.rng.randint(1, 3)}")
        try:
            status = self.made.roles[role].wait(25)
        except TimeoutError as error:
            raise AssertionError(f"{point} was never reached") from error
        assert status == -signal.SIGKILL, f"{point}: {status} {self.made.tail()}"
        self.kills[point] += 1
        self.start(role)
        self.ready(role)


def alerts(port: int) -> str:
    return f"""alerts:
  group_wait: 1s
  observe: 2s
  routes:
    - id: ops
      via:
        - id: hook
          kind: webhook
          settings: {{url: "http://{HOST}:{port}/"}}
"""


@dataclass(frozen=True, slots=True)
class Aftermath:
    acknowledged: list[str]
    logged: Counter[str]
    scripted: dict[str, int]
    found: dict[str, int]
    incidents: dict[str, int]
    messages: Counter[str]
    kills: Counter[str]


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    folder = tmp_path_factory.mktemp("kills")
    rng = random.Random(SEED)  # noqa: S311 - a script to repeat, no secret
    ports = {f"t{i}": free_port() for i in range(4)}
    sink = free_port()
    length = KILLS * _ROUND + 25
    script = {
        name: seeded_outages(rng, until=length, shortest=8, longest=14, rest=14) for name in ports
    }
    checks = {name: f"{HOST}:{port}" for name, port in ports.items()}
    with product(folder, checks, extra=alerts(sink), max_gap="10s") as made:
        t0 = wall() + 8
        path = folder / "script.json"
        write_script(path, t0, {ports[name]: outages for name, outages in script.items()})
        with (
            helper("tests.e2e.flapping", str(path)),
            helper(
                "monitor.demo.sink", "--folder", str(folder / "inbox"),
                "--http-port", str(sink), "--smtp-port", str(free_port()),
            ),
        ):  # fmt: skip
            siege = Siege(made, Ledger(), rng)
            besiege(siege, t0, length)
            settle(made, script)
            made.stop_all()
            yield judge(folder, made, siege, script)


def besiege(siege: Siege, t0: float, length: float) -> None:
    """Half at random, half at named points, each after readiness."""
    siege.start("core")
    siege.start("prober")
    siege.made.start("page")
    siege.made.wait_ready()
    points = list(POINTS)
    for number in range(KILLS):
        if number % 2:
            siege.at_point(points[number // 2 % len(points)])
        else:
            siege.at_random()
    until(lambda: wall() > t0 + length, within=length + 60, what="the script's end")


def settle(made: Product, script: dict[str, list[Outage]]) -> None:
    """Until every scripted outage is a resolved incident, or time is up: the tests will tell."""
    wanted = sum(map(len, script.values()))

    def is_over() -> bool:
        found = made.api("incidents")["incidents"]
        return len(found) >= wanted and all(i["resolved_at"] for i in found)

    try:
        until(is_over, within=25, what="all resolved")
    except AssertionError:
        return
    time.sleep(2)


def judge(folder: Path, made: Product, siege: Siege, script: dict[str, list[Outage]]) -> Aftermath:
    rows = sqlite3.connect(made.data / "results.db").execute(
        "SELECT location || ' ' || check_id || ' ' || slot FROM result"
    )
    found: Counter[str] = Counter()
    told: Counter[str] = Counter()
    everything = Interval(Second(0), Second(int(wall()) + 10))
    with (
        open_journal(f"sqlite:///{made.data / 'journal.db'}") as journal,
        journal.transaction() as tx,
    ):
        for (check, _), transitions in tx.transitions.drawing(everything).items():
            found[check.removesuffix("-check")] = sum(t.to is Outcome.DOWN and
                                                      t.source is not Outcome.DOWN
                                                      for t in transitions)  # fmt: skip
        for incident in tx.incidents.touching(everything):
            told.update(str(c) for c in incident.components)
    hooks = [json.loads(p.read_text()) for p in (folder / "inbox").glob("*.json")]
    return Aftermath(
        acknowledged=list(siege.ledger.lines),
        logged=Counter(row[0] for row in rows),
        scripted={name: len(outages) for name, outages in script.items()},
        found=dict(found),
        incidents=dict(told),
        messages=Counter(hook["headers"]["idempotency-key"] for hook in hooks),
        kills=siege.kills,
    )


def test_no_acknowledged_result_is_lost(aftermath: Aftermath) -> None:
    assert aftermath.kills.total() == KILLS
    assert len(aftermath.acknowledged) > KILLS * 4
    assert set(aftermath.acknowledged) - set(aftermath.logged) == set()


def test_no_slot_is_logged_twice(aftermath: Aftermath) -> None:
    assert [row for row, times in aftermath.logged.items() if times > 1] == []


def test_each_scripted_outage_is_found_and_none_is_invented(aftermath: Aftermath) -> None:
    assert aftermath.found == aftermath.scripted


def test_each_outage_is_one_incident(aftermath: Aftermath) -> None:
    assert aftermath.incidents == aftermath.scripted


def test_each_message_was_sent_with_at_most_one_duplicate(aftermath: Aftermath) -> None:
    assert max(aftermath.messages.values()) <= 2
    # A digest may stand for several at once, so the keys are at most two an outage.
    assert 0 < len(aftermath.messages) <= 2 * sum(aftermath.scripted.values())
