"""A store that wants a person is told once, and taken back; one that mends itself wakes nobody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.age import ClockReading
from monitor.domain.time.interval import Second
from monitor.results.stores.ports import StoreMetrics
from monitor.self_monitoring.store import PATIENCE, StoreWatch
from tests.support.worlds import T0, World, catalogue


def figures(*, paused: str = "", oldest: int | None = None) -> StoreMetrics:
    return StoreMetrics(
        at=T0,
        started_at=T0,
        kind="influx",
        paused=paused,
        oldest_unstored=None if oldest is None else Second(oldest),
    )


class Watching:
    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.catalogue = catalogue()
        self.watch = self.restarted()

    def restarted(self) -> StoreWatch:
        with self.world.journal.transaction() as tx:
            self.watch = StoreWatch.restored(tx)
        return self.watch

    def see(self, seen: StoreMetrics, at: int) -> None:
        now = Second(T0 + at)
        if self.watch.is_turning(seen, self.catalogue, ClockReading(at=now)):
            with self.world.journal.transaction() as tx:
                self.watch.report(tx, self.catalogue, now)

    @property
    def told(self) -> list[str]:
        with self.world.journal.transaction() as tx:
            kinds = [c.kind for c in tx.changes.since(0, 100)]
        return [kind for kind in kinds if kind in (SystemAlert.STORE_STUCK, SystemAlert.STORE_BACK)]


@pytest.fixture
def watching(tmp_path: Path) -> Watching:
    return Watching(tmp_path)


def test_a_short_pause_wakes_nobody(watching: Watching) -> None:
    for at in range(0, PATIENCE, 5):
        watching.see(figures(paused="token"), at)
    watching.see(figures(), PATIENCE)
    watching.see(figures(paused="token"), PATIENCE + 5)
    assert watching.told == []


def test_a_lasting_pause_is_told_once_to_each_route_and_taken_back_once(
    watching: Watching,
) -> None:
    for at in range(0, 4 * PATIENCE, 5):
        watching.see(figures(paused="token"), at)
    watching.see(figures(), 4 * PATIENCE)
    watching.see(figures(), 4 * PATIENCE + 5)
    assert watching.told == [SystemAlert.STORE_STUCK, SystemAlert.STORE_BACK]
    with watching.world.journal.transaction() as tx:
        owed = [(n.event, n.target) for n in tx.outbox.due(Second(T0 + 10**6), 100)]
    targets = [route.targets[0].id for route in watching.catalogue.alerting.routes]
    assert targets
    assert owed == [
        (f"{kind}:{T0}", target)
        for kind in (SystemAlert.STORE_STUCK, SystemAlert.STORE_BACK)
        for target in targets
    ]


def test_a_pause_lasts_though_the_clock_is_set_back(watching: Watching) -> None:
    began = ClockReading(at=T0, boottime=0.0, boot_id="boot-1")
    later = ClockReading(at=Second(T0 - 3_600), boottime=float(PATIENCE), boot_id="boot-1")
    assert not watching.watch.is_turning(figures(paused="token"), watching.catalogue, began)
    assert watching.watch.is_turning(figures(paused="token"), watching.catalogue, later)


def test_a_silence_of_no_known_age_alarms_nobody(watching: Watching) -> None:
    rebooted = ClockReading(at=Second(T0 - 3_600), boottime=1.0, boot_id="boot-2")
    of_before = replace(figures(), boottime=9_000.0, boot_id="boot-1")
    assert not watching.watch.is_turning(of_before, watching.catalogue, rebooted)


def test_a_restart_in_between_tells_nothing_twice(watching: Watching) -> None:
    for at in range(0, 2 * PATIENCE, 5):
        watching.see(figures(paused="token"), at)
    watching.restarted()
    watching.see(figures(paused="token"), 2 * PATIENCE)
    watching.see(figures(), 3 * PATIENCE)
    assert watching.told == [SystemAlert.STORE_STUCK, SystemAlert.STORE_BACK]


def test_a_store_that_is_merely_away_wakes_nobody_before_half_the_log_is_at_stake(
    watching: Watching,
) -> None:
    half = watching.catalogue.operations.result_days * 86_400 // 2
    watching.see(figures(oldest=T0), half)
    assert watching.told == []
    watching.see(figures(oldest=T0), half + 1)
    assert watching.told == [SystemAlert.STORE_STUCK]


def test_a_role_that_is_dead_is_told_of_when_half_the_log_is_at_stake(watching: Watching) -> None:
    """It had stored everything: no result of its last figures waits."""
    half = watching.catalogue.operations.result_days * 86_400 // 2
    watching.see(figures(), half)
    assert watching.told == []
    watching.see(figures(), half + 1)
    assert watching.told == [SystemAlert.STORE_STUCK]
