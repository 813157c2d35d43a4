"""`kill -9`, again and again, while targets flap: nothing acknowledged is lost, nothing invented.

20 kills by default with the journal in SQLite, 6 with PostgreSQL, half of them against the server
itself; `ESTADO_KILLS=200` each under `make soak`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import pytest

from monitor.domain.checks.observation import Outcome
from monitor.domain.time.interval import Interval, Second
from monitor.journal.access import migrate, open_journal
from tests.e2e.flapping import Fallen, falls_file, seeded_outages, told_file, wall, write_script
from tests.e2e.looked import Row, looked_at, wrong_looks
from tests.e2e.product import HOST, Product, free_port, helper, product, until
from tests.e2e.siege import (
    POINTS,
    Blow,
    Ledger,
    ServerFaults,
    Siege,
    alternately,
    with_faults,
)
from tests.journal.postgres import PostgresServer

KILLS = int(os.environ.get("ESTADO_KILLS", "20"))
SEED = int(os.environ.get("ESTADO_SEED", "1"))
_ROUND = 30.0
"""More script than a blow needs on the busiest machine: it ends when the last blow was struck."""
_FEW = 20
pytestmark = [
    pytest.mark.kills,
    pytest.mark.timeout(120 + KILLS * 12),
]


def alerts(port: int) -> str:
    return f"""alerts:
  group_wait: 1s
  observe: 2s
  flap_changes: 1000
  routes:
    - id: ops
      via:
        - id: hook
          kind: webhook
          settings: {{url: "http://{HOST}:{port}/"}}
"""


@dataclass(frozen=True, slots=True)
class Aftermath:
    blows: int
    acknowledged: list[str]
    logged: Counter[str]
    scripted: dict[str, int]
    looked_at: dict[str, int]
    """How many of them the log holds looks enough of: a prober that is dead sees nothing."""
    wrong: list[str]
    """Looks that say up of a target that was down."""
    found: dict[str, int]
    incidents: dict[str, int]
    messages: Counter[str]
    kills: Counter[str]


@dataclass(frozen=True, slots=True)
class Field:
    """Where it is fought: how many blows, how many seconds of script, the journal's address."""

    blows: int
    length: float
    url: str
    server: PostgresServer | None = None

    @property
    def operations(self) -> str:
        return f"  journal: {self.url}\n" if self.server else ""

    def plan(self, siege: Siege) -> Sequence[Blow]:
        if self.server is None:
            return alternately(siege, list(POINTS))
        longest = 20.0 if KILLS > _FEW else 2.0
        faults = ServerFaults(siege, self.server, self.url, longest)
        points = list(POINTS) if KILLS > _FEW else ["journal.commit.after", "journal.commit.before"]
        return with_faults(siege, faults, points)


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Field]:
    yield Field(KILLS, KILLS * _ROUND + 25, f"sqlite:///{folder / 'data' / 'journal.db'}")


@contextmanager
def on_postgresql(folder: Path) -> Iterator[Field]:
    server = PostgresServer.start(is_durable=True)
    try:
        url = server.url("postgres")
        migrate(url)
        blows = KILLS if KILLS > _FEW else 6
        yield Field(blows, blows * _ROUND + 10, url, server)
    finally:
        server.stop()


@pytest.fixture(scope="module", params=[on_sqlite, on_postgresql], ids=["sqlite", "postgresql"])
def aftermath(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Aftermath]:
    folder = tmp_path_factory.mktemp("kills")
    with request.param(folder) as field:
        yield fight(folder, field)


def fight(folder: Path, field: Field) -> Aftermath:
    rng = random.Random(SEED)  # noqa: S311 - a script to repeat, no secret
    ports = {f"t{i}": free_port() for i in range(4)}
    sink = free_port()
    script = {
        name: seeded_outages(rng, until=field.length, shortest=9, longest=15, rest=14)
        for name in ports
    }
    checks = {name: f"{HOST}:{port}" for name, port in ports.items()}
    extra = field.operations + alerts(sink)
    with product(folder, checks, extra=extra, max_gap="10s") as made:
        path = folder / "script.json"
        falling = {ports[name]: outages for name, outages in script.items()}
        write_script(path, None, falling)
        with (
            helper("tests.e2e.flapping", str(path)) as targets,
            helper(
                "monitor.demo.mailbox", "--folder", str(folder / "inbox"),
                "--http-port", str(sink), "--smtp-port", str(free_port()),
            ),
        ):  # fmt: skip
            siege = Siege(made, Ledger(), rng)
            start_all(siege)
            write_script(path, wall() + 2, falling)
            besiege(siege, field)
            wait_for_falls(path, field.blows // 2)
            targets.send_signal(signal.SIGUSR1)
            until(told_file(path).exists, within=60, what="every target up")
            told = json.loads(told_file(path).read_text())
            fallen = {name: told[str(port)] for name, port in ports.items()}
            settle(made, fallen)
            made.stop_all()
            return judge(folder, field, siege, fallen)


def start_all(siege: Siege) -> None:
    """Nothing falls before somebody looks."""
    siege.start("core")
    siege.start("prober")
    siege.made.start("page")
    siege.made.wait_ready(within=90)
    siege.ready("prober")


def besiege(siege: Siege, field: Field) -> None:
    """Each blow after readiness."""
    for strike in islice(cycle(field.plan(siege)), field.blows):
        strike()


def wait_for_falls(script: Path, wanted: int) -> None:
    """On a fast machine the blows are soon struck, and a siege without falls proves little."""
    counted = falls_file(script)
    until(
        lambda: sum(map(len, json.loads(counted.read_text()).values())) >= wanted,
        within=_ROUND * wanted,
        what=f"{wanted} falls",
    )


def settle(made: Product, fallen: Fallen) -> None:
    """Until every scripted outage is a resolved incident, or time is up: the tests will tell."""
    wanted = sum(map(len, fallen.values()))

    def is_over() -> bool:
        found = made.api("incidents")["incidents"]
        return len(found) >= wanted and all(i["resolved_at"] for i in found)

    try:
        until(is_over, within=60, what="all resolved")
    except AssertionError:
        return
    time.sleep(2)


def judge(folder: Path, field: Field, siege: Siege, fallen: Fallen) -> Aftermath:
    with closing(sqlite3.connect(siege.made.data / "results.db")) as log:
        logged = log.execute("SELECT location, check_id, slot, outcome FROM result").fetchall()
    rows = [Row(check.removesuffix("-check"), slot, said) for _, check, slot, said in logged]
    found: Counter[str] = Counter()
    told: Counter[str] = Counter()
    everything = Interval(Second(0), Second(int(wall()) + 10))
    with open_journal(field.url) as journal, journal.transaction() as tx:
        for (check, _), transitions in tx.transitions.drawing(everything).items():
            found[check.removesuffix("-check")] = sum(t.to is Outcome.DOWN and
                                                      t.source is not Outcome.DOWN
                                                      for t in transitions)  # fmt: skip
        for incident in tx.incidents.touching(everything):
            told.update(str(c) for c in incident.components)
    hooks = [json.loads(p.read_text()) for p in (folder / "inbox").glob("*.json")]
    return Aftermath(
        blows=field.blows,
        acknowledged=list(siege.ledger.lines),
        logged=Counter(f"{place} {check} {slot}" for place, check, slot, _ in logged),
        scripted={target: len(outages) for target, outages in fallen.items()},
        looked_at=looked_at(fallen, rows),
        wrong=wrong_looks(fallen, rows),
        found=dict(found),
        incidents=dict(told),
        messages=Counter(hook["headers"]["idempotency-key"] for hook in hooks),
        kills=siege.kills,
    )


def test_no_acknowledged_result_is_lost(aftermath: Aftermath) -> None:
    assert aftermath.kills.total() == aftermath.blows
    assert len(aftermath.acknowledged) > aftermath.blows * 4
    assert set(aftermath.acknowledged) - set(aftermath.logged) == set()


def test_no_slot_is_logged_twice(aftermath: Aftermath) -> None:
    assert [row for row, times in aftermath.logged.items() if times > 1] == []


def test_each_scripted_outage_that_was_looked_at_is_found_and_none_is_invented(
    aftermath: Aftermath,
) -> None:
    assert aftermath.found == aftermath.looked_at


def test_hardly_an_outage_is_slept_through_and_none_is_called_up(aftermath: Aftermath) -> None:
    """A prober that is killed twice running may come back too late on a busy machine."""
    assert aftermath.wrong == []
    scripted = sum(aftermath.scripted.values())
    assert scripted - sum(aftermath.looked_at.values()) <= scripted // 10


def test_each_outage_is_one_incident(aftermath: Aftermath) -> None:
    assert aftermath.incidents == aftermath.looked_at


def test_each_message_was_sent_with_at_most_one_duplicate(aftermath: Aftermath) -> None:
    assert max(aftermath.messages.values()) <= 2
    # A digest may stand for several at once, so the keys are at most two an outage.
    assert sum(aftermath.scripted.values()) >= aftermath.blows // 2
    assert 0 < len(aftermath.messages) <= 2 * sum(aftermath.scripted.values())
