"""A prober that stands still again and again is told of once, and taken back once."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.results.log.ports import MOST_STALLS, RECENT_STALLS, STALLED_BY, ProberMetrics
from monitor.self_monitoring.stalls import FRESH, StallWatch
from tests.support.worlds import T0, World, catalogue


class Watching:
    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.watch = self.restarted()

    def restarted(self) -> StallWatch:
        with self.world.journal.transaction() as tx:
            self.watch = StallWatch.restored(tx)
        return self.watch

    def see(self, stalls: int, after: int, age: int = 0, by: str = "") -> None:
        now = Second(T0 + after)
        extra = {RECENT_STALLS: float(stalls), **({STALLED_BY + by: 1.0} if by else {})}
        figures = ProberMetrics(at=Second(now - age), started_at=T0, extra=extra)
        if self.watch.is_turning(figures, now):
            with self.world.journal.transaction() as tx:
                self.watch.report(tx, catalogue(), now, figures.stalled_by)

    @property
    def told(self) -> list[str]:
        with self.world.journal.transaction() as tx:
            kinds = [c.kind for c in tx.changes.since(0, 100)]
        return [kind for kind in kinds if kind in (SystemAlert.STALLING, SystemAlert.STEADY)]


@pytest.fixture
def watching(tmp_path: Path) -> Watching:
    return Watching(tmp_path)


def test_a_few_pauses_wake_nobody(watching: Watching) -> None:
    watching.see(MOST_STALLS, 0)
    assert watching.told == []


def test_many_are_one_notice_and_one_taking_back(watching: Watching) -> None:
    for after, stalls in enumerate((2, 4, 5, 3, 4, 1, 0, 0)):
        watching.see(stalls, after)
        watching.restarted()
    assert watching.told == [SystemAlert.STALLING, SystemAlert.STEADY]


def test_the_notice_names_the_check_whose_looks_take_the_time(watching: Watching) -> None:
    watching.see(4, 0, by="live-hls")
    with watching.world.journal.transaction() as tx:
        (about,) = [
            c.after.get("about") for c in tx.changes.since(0, 100) if c.kind == SystemAlert.STALLING
        ]
    assert about == "live-hls"


def test_a_prober_that_is_gone_takes_nothing_back(watching: Watching) -> None:
    watching.see(4, 0)
    watching.see(0, 60, age=FRESH + 1)
    assert watching.told == [SystemAlert.STALLING]
