"""What a log lost is told once, whatever the clock said when it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.results.log.ports import LogLoss
from monitor.self_monitoring.log_losses import report_losses
from tests.support.worlds import T0, World

YEARS = 4 * 365 * 86_400


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def a_loss(at: int, behind: int) -> LogLoss:
    return LogLoss(at=Second(at), why="damaged", behind=behind)


def tell(world: World, *losses: LogLoss) -> bool:
    with world.journal.transaction() as tx:
        return report_losses(tx, losses, world.core.state.catalogue, world.clock.now())


def told(world: World) -> list[object]:
    with world.journal.transaction() as tx:
        changes = [c for c in tx.changes.since(0, 100) if c.kind == SystemAlert.RESULTS_LOST]
        owed = [
            n
            for n in tx.outbox.due(world.clock.now(), 100)
            if n.subject.startswith(SystemAlert.RESULTS_LOST)
        ]
    assert len(owed) == len(changes)
    return [change.after["since"] for change in changes]


def test_a_loss_is_told_once(world: World) -> None:
    loss = a_loss(T0, T0 * 1_000)
    assert [tell(world, loss), tell(world, loss)] == [True, False]
    assert told(world) == [T0]


def test_a_loss_is_told_though_the_clock_was_behind_that_of_the_one_before(world: World) -> None:
    first, second = a_loss(T0, T0 * 1_000), a_loss(T0 - YEARS, T0 * 1_000 + 5_000)
    tell(world, first)
    assert tell(world, first, second)
    assert told(world) == [T0, T0 - YEARS]


def test_two_losses_of_one_second_are_two(world: World) -> None:
    tell(world, a_loss(T0, T0 * 1_000), a_loss(T0, T0 * 1_000 + 1))
    assert told(world) == [T0, T0]


def test_a_loss_that_the_version_before_told_is_not_told_again(world: World) -> None:
    with world.journal.transaction() as tx:
        tx.cursors.set("log_loss_told", T0)
    assert not tell(world, LogLoss(at=T0, why="moved"))
    assert tell(world, LogLoss(at=T0, why="moved"), a_loss(T0 + 60, T0 * 1_000 + 60_000))
    assert told(world) == [T0 + 60]
