"""The running product under siege: its roles killed, the database below it as well.

Each blow waits until what it hit works again, and counts itself.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle

import psycopg

from tests.e2e.product import Product, until
from tests.journal.postgres import PostgresServer, cut_sessions

POINTS = {
    "log.commit.before": "prober",
    "log.commit.after": "prober",
    "journal.commit.before": "core",
    "journal.commit.after": "core",
    "send.before": "core",
    "send.after": "core",
}
Blow = Callable[[], None]


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
            status = self.made.roles[role].wait(45)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"{point} was never reached") from error
        assert status == -signal.SIGKILL, f"{point}: {status} {self.made.tail()}"
        self.kills[point] += 1
        self.start(role)
        self.ready(role)


@dataclass(slots=True)
class ServerFaults:
    """PostgreSQL falls, cuts every session, or goes silent; the core has to come back by itself."""

    siege: Siege
    server: PostgresServer
    url: str
    longest_silence: float

    def fall(self) -> None:
        def strike() -> None:
            self.server.fall()
            time.sleep(self.siege.rng.uniform(0, 2))
            self.server.serve()

        self._outlive("server fall", strike)

    def cut(self) -> None:
        self._outlive("sessions cut", lambda: cut_sessions(self.url, ""))

    def silence(self) -> None:
        def strike() -> None:
            with self.server.silent():
                ends = time.monotonic() + self.siege.rng.uniform(0.5, self.longest_silence)
                while time.monotonic() < ends:
                    assert self.siege.made.page("/api/v2/status.json")[0] == 200
                    time.sleep(0.1)

        self._outlive("server silent", strike)

    def _outlive(self, name: str, strike: Blow) -> None:
        """The same process of the core goes on committing what it reads."""
        core = self.siege.made.roles["core"]
        strike()
        before = self._cursor()
        until(
            lambda: self._cursor() > before,
            within=60,
            what=f"a commit after {name}: {self.siege.made.tail()}",
        )
        assert core.poll() is None, f"{name}: {self.siege.made.tail()}"
        self.siege.kills[name] += 1

    def _cursor(self) -> int:
        with psycopg.connect(self.url) as session:
            found = session.execute("SELECT seq FROM cursor WHERE name = 'results.fold'").fetchone()
        return int(found[0]) if found else 0


def alternately(siege: Siege, points: Sequence[str]) -> Sequence[Blow]:
    """Half at random, half at named points."""
    return [blow for point in points for blow in (siege.at_random, partial(siege.at_point, point))]


def with_faults(siege: Siege, faults: ServerFaults, points: Sequence[str]) -> Sequence[Blow]:
    """Half against the roles (at points and at random), half against the server."""
    below = cycle((faults.fall, faults.cut, faults.silence))
    blows: list[Blow] = []
    for point in points:
        blows += [partial(siege.at_point, point), next(below)]
        blows += [siege.at_random, next(below)]
    return blows
