"""The product under a wall clock that somebody sets; the machine's own is never touched."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.flapping import wall
from tests.e2e.product import HOST, Product, free_port, helper, product, until
from tests.e2e.test_outage import listening
from tests.support.faketime import faked_environment, set_wall


@pytest.fixture
def faked(tmp_path: Path) -> dict[str, str]:
    """The environment of roles whose wall clock is as a file says."""
    return faked_environment(tmp_path, "a wall clock that is set under the whole product")


pytestmark = pytest.mark.timeout(240)
HALF_HOUR, HOUR = 1_800, 3_600
INTERVAL_S = 1
SOON_S = 20.0
"""Some intervals, on a machine that is busy with other tests."""
PATIENCE_S = 60.0
Json = Mapping[str, Any]


def route(port: int) -> str:
    return f"""alerts:
  group_wait: 1s
  observe: 1s
  routes:
    - id: ops
      via:
        - id: hook
          kind: webhook
          settings: {{url: "http://{HOST}:{port}/"}}
"""


class Scene:
    """One product with one target, all of whose roles see the same wall clock."""

    def __init__(self, made: Product, target: int, folder: Path) -> None:
        self.made = made
        self.target = target
        self._folder = folder

    def set_clock(self, offset_s: int) -> None:
        """0 is right."""
        set_wall(self._folder, offset_s)

    def start(self) -> None:
        """Nobody has to wait for the catalogue: a sleep fails under a faked clock."""
        self.made.start("core")
        until((self.made.data / "catalogue.json").exists, within=60, what="a catalogue")
        for role in ("prober", "page", "store"):
            self.made.start(role)
        self.made.wait_ready(60)

    def step(self, offset_s: int) -> None:
        """Set the clock under the running product; it has noticed when this returns."""
        before = self.made.metric("estado_wall_steps_total") or 0.0
        self.set_clock(offset_s)
        self.wait(
            lambda: (self.made.metric("estado_wall_steps_total") or 0.0) > before, "a step noticed"
        )

    def wait(self, look: Any, what: str) -> Any:
        return until(look, within=PATIENCE_S, what=what)

    def incidents(self) -> list[Json]:
        return list(self.made.api("incidents")["incidents"])

    def messages(self, kind: str) -> list[Json]:
        found = (json.loads(p.read_text()) for p in sorted((self._folder / "inbox").glob("*.json")))
        return [one["body"] for one in found if one["body"]["kind"] == kind]

    def notices(self) -> list[str]:
        return [str(one["notice"]) for one in self.messages("notice")]

    def seconds(self, month: str) -> Json:
        """What the bill would say of the target now."""
        done = self.made.command(
            "report", month, "--provisional", "--format", "json",
            "--config", str(self.made.config), "--data-dir", str(self.made.data),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        (found,) = json.loads(done.stdout)["components"]
        return dict(found)


@contextmanager
def reconciler(folder: Path, env: Mapping[str, str]) -> Iterator[Scene]:
    target, sink = free_port(), free_port()
    arguments = ("--http-port", str(sink), "--smtp-port", str(free_port()))
    with (
        product(folder, {"flaky": f"{HOST}:{target}"}, extra=route(sink)) as made,
        helper("monitor.demo.mailbox", "--folder", str(folder / "inbox"), *arguments),
    ):
        made.env.update(env)
        yield Scene(made, target, folder)


def seconds(stamp: object) -> float:
    return datetime.fromisoformat(str(stamp)).timestamp()


def month_of(at: float) -> str:
    return time.strftime("%Y-%m", time.gmtime(at - 3 * HOUR))


def test_an_outage_is_told_at_once_after_a_clock_that_was_ahead_was_set_right(
    tmp_path: Path, faked: dict[str, str]
) -> None:
    with reconciler(tmp_path, faked) as story:
        with listening(story.target):
            story.set_clock(HALF_HOUR)
            story.start()
            story.wait(lambda: story.made.metric(UP), "the target seen up")
            story.step(0)
            story.wait(story.notices, "a notice of the clock")
        fell = wall()
        (incident,) = story.wait(story.incidents, f"an incident {story.made.tail()}")
        told = wall()
        story.wait(lambda: story.messages("opening"), "a message")
        assert fell - INTERVAL_S <= seconds(incident["started_at"]) <= fell + 2 * INTERVAL_S
        assert told - fell < SOON_S
        assert story.made.ops("/readyz")[0] == 200
        assert len(story.incidents()) == len(story.messages("opening")) == 1
        assert story.notices() == ["monitor.clock_set"]


def test_an_hour_that_a_clock_skipped_and_gave_back_is_no_downtime(
    tmp_path: Path, faked: dict[str, str]
) -> None:
    with reconciler(tmp_path, faked) as story:
        with listening(story.target):
            story.start()
            story.wait(lambda: story.made.metric(UP), "the target seen up")
        fell = wall()
        (opened,) = story.wait(story.incidents, f"an incident {story.made.tail()}")
        set_ahead = wall()
        story.step(HOUR)
        time.sleep(5)
        set_right = wall()
        story.step(0)
        time.sleep(3)
        (still,) = story.incidents()
        assert (still["id"], still["resolved_at"]) == (opened["id"], None)
        with listening(story.target):
            rose = wall()
            (closed,) = story.wait(
                lambda: [i for i in story.incidents() if i["resolved_at"]], "the end"
            )
            assert closed["id"] == opened["id"]
            found = story.seconds(month_of(rose))
        seen_down = (rose - fell) - (set_right - set_ahead)
        # Each edge of what was seen is off by an interval at the most, and steps are seen late.
        assert found["down_s"] == pytest.approx(seen_down, abs=4 * INTERVAL_S)
        assert found["down_s"] + found["unknown_s"] >= rose - fell - 2 * INTERVAL_S
        assert len(story.messages("opening")) == 1


UP = 'estado_component_90d_seconds{bucket="up",component="flaky"}'
