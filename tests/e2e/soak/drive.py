"""The whole product is watched by a script that disturbs it; what it says then is gathered."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.domain.timeline import timeline_of
from monitor.journal.access import open_journal
from tests.e2e.flapping import wall
from tests.e2e.product import HOST, Product, free_port, helper, product, until
from tests.e2e.soak.findings import Bounds, Findings, Found, Segment, Told
from tests.e2e.soak.record import Disturbance, Kind, Outage, Record, Setting
from tests.e2e.soak.schedule import Trial
from tests.e2e.soak.world import CONTROLS, GREETING, World, world
from tests.support.faketime import set_wall

BOUNDS = Bounds()
BY_ADDRESS = ("a0", "a1", "a2")
BY_NAME = ("n0", "n1", "n2")
TARGETS = (*BY_ADDRESS, *BY_NAME)
_ROLES = {Kind.PROBER: "prober", Kind.CORE: "core"}
_UNJUDGED = 5.0
"""The last seconds: their looks may not be folded yet."""


def _operations(made: World) -> str:
    return (
        f'  resolver: {{servers: ["{made.resolver_address}"], '
        f"controls: [{', '.join(CONTROLS)}], timeout: 1s}}\n"
    )


def _alerts(port: int) -> str:
    return f"""alerts:
  group_wait: 1s
  group_interval: 1s
  observe: 2s
  flap_changes: 1000
  line_hold: 3s
  routes:
    - id: ops
      via:
        - id: hook
          kind: webhook
          settings: {{url: "http://{HOST}:{port}/"}}
"""


@dataclass(slots=True)
class Soak:
    """The product under trial. Moments are seconds of the machine's monotonic clock since
    `origin`; the product's wall clock is `first_offset` from the machine's at first."""

    made: Product
    around: World
    inbox: Path
    first_offset: int
    origin: float = 0.0
    wall_at_origin: float = 0.0
    offset: int = 0
    ready_at: float = 0.0
    disturbances: list[Disturbance] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)

    def now(self) -> float:
        return time.monotonic() - self.origin

    def begin(self, script: Sequence[Outage]) -> None:
        self.origin = time.monotonic()
        self.wall_at_origin = wall() + self.first_offset
        self.around.play(script, self.origin)

    def undergo(self, trials: Sequence[Trial]) -> None:
        for trial in trials:
            self._wait(trial.start)
            began = self.now()
            self._begin(trial)
            self._wait(began + trial.end - trial.start)
            self._end(trial)
            ended = self.now()
            self.disturbances += [
                Disturbance(kind=kind, start=began, end=ended) for kind in trial.kinds
            ]

    def record(self) -> Record:
        return Record(
            wall=self.wall_at_origin,
            ends=self.now() - _UNJUDGED,
            outages=tuple(sorted(self.around.outages, key=lambda o: o.fall)),
            disturbances=tuple(self.disturbances),
            settings=tuple(self.settings),
            named=frozenset(BY_NAME),
        )

    def _begin(self, trial: Trial) -> None:
        for kind in trial.kinds:
            if kind is Kind.RESOLVER:
                self.around.stop_resolving()
            else:
                self.made.signal(_ROLES[kind], signal.SIGSTOP)
        if trial.is_undone:
            self._set(self.offset + trial.step_s)

    def _end(self, trial: Trial) -> None:
        # Whoever was stopped wakes to the clock as it is then.
        if trial.step_s:
            self._set(self.offset + (-trial.step_s if trial.is_undone else trial.step_s))
        for kind in trial.kinds:
            if kind is Kind.RESOLVER:
                self.around.resolve_again()
            else:
                self.made.signal(_ROLES[kind], signal.SIGCONT)

    def _set(self, offset: int) -> None:
        before = self.now()
        set_wall(self.made.folder, self.first_offset + offset)
        at = self.now()
        self.offset = offset
        self.settings.append(Setting(at=at, offset=offset))
        self.disturbances.append(Disturbance(kind=Kind.CLOCK, start=before, end=at))

    def _wait(self, moment: float) -> None:
        time.sleep(max(0.0, moment - self.now()))

    def wait_for_all(self, outages: int) -> None:
        """Until every target of the script has fallen and risen."""
        until(lambda: len(self.around.outages) == outages, within=120, what="all risen")

    def settle(self) -> None:
        """Until all is told, or time is up: the comparison will tell."""

        def is_quiet() -> bool:
            return self.made.metric("estado_incidents_unresolved") == 0

        until(is_quiet, within=90, what=f"all resolved {self.made.tail()}")
        time.sleep(2 * _UNJUDGED)


def mid_month() -> int:
    """An offset to the middle of the next month, so that no script runs over a month's end."""
    now = datetime.now(UTC)  # noqa: TID251 - the machine's own
    then = (now.replace(day=1) + timedelta(days=32)).replace(day=10, hour=12, minute=0, second=0)
    return int((then - now).total_seconds())


@contextmanager
def soaking(folder: Path, faked: Mapping[str, str]) -> Iterator[Soak]:
    """All four roles, seeing every target well."""
    sink, offset = free_port(), mid_month()
    set_wall(folder, offset)
    inbox = folder / "inbox"
    with (
        world(folder, TARGETS) as around,
        helper(
            "monitor.demo.mailbox", "--folder", str(inbox), "--http-port", str(sink),
            "--smtp-port", str(free_port()),
        ),
        product(
            folder, _checks(around), extra=_operations(around) + _alerts(sink),
            interval=f"{BOUNDS.interval}s", timeout="1s", max_gap=f"{BOUNDS.max_gap}s",
        ) as made,
    ):  # fmt: skip
        text = made.config.read_text().replace(
            "probe: tcp", f"probe: tcp, settings: {{expect: {GREETING}}}"
        )
        made.config.write_text(text)
        made.env.update(faked)
        _start(made)
        yield Soak(made=made, around=around, inbox=inbox, first_offset=offset)


def _checks(around: World) -> dict[str, str]:
    hosts = {name: HOST if name in BY_ADDRESS else f"{name}.test" for name in TARGETS}
    return {name: f"{hosts[name]}:{around.targets[name].port}" for name in TARGETS}


def _start(made: Product) -> None:
    """The others sleep for a catalogue, which they cannot do under a faked clock."""
    made.start("core")
    until((made.data / "catalogue.json").exists, within=90, what=made.tail())
    for role in ("prober", "page", "store"):
        made.start(role)
    made.wait_ready(within=120)
    for name in TARGETS:
        line = f'estado_component_status{{component="{name}"}}'
        until(lambda line=line: made.metric(line) == 1, within=60, what=made.tail())  # type: ignore[misc]


def gather(soak: Soak) -> Findings:
    """What the product says."""
    return Findings(
        timelines=_timelines(soak.made), outages=_reported(soak.made), messages=_told(soak)
    )


def _timelines(made: Product) -> dict[str, tuple[Segment, ...]]:
    url = f"sqlite:///{made.data / 'journal.db'}"
    with open_journal(url) as journal, journal.transaction() as tx:
        drawn = tx.transitions.drawing(Interval(Second(0), FOREVER))
        states = tx.folds.states()
    return {
        str(key[0]).removesuffix("-check"): tuple(
            Segment(start=s.start, end=s.end, status=str(s.status), cause=s.cause)
            for s in timeline_of(transitions, states[key].covered_until)
        )
        for key, transitions in drawn.items()
        if key in states
    }


def _reported(made: Product) -> tuple[Found, ...]:
    said = made.command(
        "report", "--provisional", "--format", "json", "--config", str(made.config),
        "--data-dir", str(made.data),
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    return tuple(
        Found(
            target=component["id"],
            start=_second(outage["start"]),
            end=None if outage["end"] is None else _second(outage["end"]),
            cause=outage["cause"],
            billed_s=int(outage["counted_down_s"]),
        )
        for component in json.loads(said.stdout)["components"]
        for outage in component["outages"]
    )


def _second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _told(soak: Soak) -> tuple[Told, ...]:
    """When each message came, by the machine's clock, and of which components."""
    machine = wall() - soak.now()
    return tuple(
        Told(target=target, at=path.stat().st_mtime - machine, kind=str(body["kind"]))
        for path in sorted(soak.inbox.glob("*.json"))
        for body in [json.loads(path.read_text())["body"]]
        for target in _components(body)
    )


def _components(body: Mapping[str, Any]) -> set[str]:
    one = body.get("incident")
    incidents = body.get("incidents") or ([one] if one else [])
    return {str(part["id"]) for incident in incidents for part in incident["components"]}
