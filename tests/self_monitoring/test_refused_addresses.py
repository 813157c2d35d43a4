"""A check that a name leads inside is told of once, with what would allow it."""

from __future__ import annotations

from pathlib import Path

from monitor.domain.checks.observation import (
    LOCAL,
    CheckId,
    FailureId,
    LoggedResult,
    Outcome,
    Result,
)
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import FOREVER, Second
from monitor.self_monitoring.refused_addresses import ADDRESS_REFUSED, QUIET_S, RefusedWatch
from tests.support.worlds import T0, World, catalogue


def row(
    check: str, failure: str | None = ADDRESS_REFUSED, address: str = "10.0.0.5"
) -> LoggedResult:
    return LoggedResult(
        seq=1,
        result=Result(
            check=CheckId(check),
            location=LOCAL,
            slot=T0,
            revision=1,
            outcome=Outcome.UNKNOWN if failure else Outcome.UP,
            failure=FailureId(failure) if failure else None,
            evidence={"address": address},
        ),
    )


def tell(world: World, watch: RefusedWatch, *rows: LoggedResult, after: int = 1) -> bool:
    watch.take(rows)
    with world.journal.transaction() as tx:
        return watch.report(tx, catalogue(), Second(T0 + after))


def told(world: World) -> list[tuple[str, object]]:
    with world.journal.transaction() as tx:
        changes = [c for c in tx.changes.since(0, 100) if c.kind == SystemAlert.ADDRESS_REFUSED]
        owed = [n.event for n in tx.outbox.due(FOREVER, 100)]
    assert owed == [
        f"{SystemAlert.ADDRESS_REFUSED}:{c.subject}={c.after['address']}" for c in changes
    ]
    return [(c.subject, c.after["address"]) for c in changes]


def test_it_is_told_once_for_each_check(tmp_path: Path) -> None:
    world, watch = World(tmp_path), RefusedWatch()
    assert tell(world, watch, row("shop"), row("blog"), row("web", "no_network"))
    assert not tell(world, watch, row("shop"), row("blog", address="10.0.0.6"))
    assert told(world) == [("shop", "10.0.0.5"), ("blog", "10.0.0.5")]


def test_a_restart_does_not_tell_it_again(tmp_path: Path) -> None:
    world = World(tmp_path)
    tell(world, RefusedWatch(), row("shop"))
    assert not tell(world, RefusedWatch(), row("shop"))
    assert told(world) == [("shop", "10.0.0.5")]


def test_a_name_that_leads_inside_now_and_then_is_told_once_whatever_the_address(
    tmp_path: Path,
) -> None:
    world, watch = World(tmp_path), RefusedWatch()
    for turn in range(100):
        tell(world, watch, row("shop", address=f"10.0.0.{turn}"), after=turn * 3_000)
        tell(world, watch, row("shop", None), after=turn * 3_000 + 60)
        if turn % 10 == 0:
            watch = RefusedWatch()
    assert told(world) == [("shop", "10.0.0.0")]


def test_another_address_is_told_after_a_day_without(tmp_path: Path) -> None:
    world, watch = World(tmp_path), RefusedWatch()
    tell(world, watch, row("shop"))
    assert not tell(world, watch, row("shop", address="10.9.9.9"), after=QUIET_S - 1)
    assert tell(world, watch, row("shop", address="10.9.9.8"), after=2 * QUIET_S)
    assert told(world) == [("shop", "10.0.0.5"), ("shop", "10.9.9.8")]


def test_a_clock_that_is_set_back_tells_it_no_second_time(tmp_path: Path) -> None:
    world, watch = World(tmp_path), RefusedWatch()
    tell(world, watch, row("shop"), after=3 * QUIET_S)
    assert not tell(world, watch, row("shop", address="10.9.9.9"))
    assert not tell(world, RefusedWatch(), row("shop", address="10.9.9.8"), after=60)
