"""A check whose look fails by itself time after time is told to operators, and no storm of them."""

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
from monitor.domain.time.interval import Second
from monitor.self_monitoring.broken_checks import RUNS, BrokenWatch
from tests.support.worlds import T0, World, catalogue

HOUR = 3600


def row(check: str, failure: str | None = "probe_error", at: int = T0) -> LoggedResult:
    unknown = failure in ("probe_error", "stalled_monitor")
    return LoggedResult(
        seq=1,
        result=Result(
            check=CheckId(check),
            location=LOCAL,
            slot=Second(at),
            revision=1,
            outcome=Outcome.UNKNOWN if unknown else Outcome.DOWN if failure else Outcome.UP,
            failure=FailureId(failure) if failure else None,
            message="SecretMissing: ${PANEL}\\nis not set" if unknown else "",
        ),
    )


def tell(world: World, watch: BrokenWatch, *rows: LoggedResult, at: int = T0) -> bool:
    watch.take(rows)
    with world.journal.transaction() as tx:
        return watch.report(tx, catalogue(), Second(at))


def told(world: World) -> list[str]:
    with world.journal.transaction() as tx:
        owed = tx.outbox.due(Second(T0 + 9 * HOUR), 100)
        return [n.subject.removeprefix(f"{SystemAlert.CHECK_BROKEN}:{T0}:") for n in owed]


def test_a_check_that_breaks_five_times_on_end_is_told_once(tmp_path: Path) -> None:
    world, watch = World(tmp_path), BrokenWatch()
    assert not tell(world, watch, *[row("shop")] * (RUNS - 1))
    assert tell(world, watch, row("shop"))
    assert not tell(world, watch, *[row("shop")] * 50, at=T0 + 2 * HOUR)
    (subject,) = told(world)
    assert subject.startswith("shop=SecretMissing: ${PANEL}")
    assert "\n" not in subject
    with world.journal.transaction() as tx:
        (change,) = [c for c in tx.changes.since(0, 100) if c.kind == SystemAlert.CHECK_BROKEN]
    assert change.subject == "shop"


def test_a_look_between_that_saw_something_begins_the_count_anew(tmp_path: Path) -> None:
    world, watch = World(tmp_path), BrokenWatch()
    four = [row("shop")] * (RUNS - 1)
    assert not tell(world, watch, *four, row("shop", None), *four)
    assert not tell(world, watch, row("shop", "conn_refused"), *four)
    assert tell(world, watch, row("shop", "stalled_monitor"), row("shop"))


def test_it_is_told_again_after_it_was_seen_again(tmp_path: Path) -> None:
    world, watch = World(tmp_path), BrokenWatch()
    five = [row("shop")] * RUNS
    assert tell(world, watch, *five)
    assert tell(world, watch, row("shop", None), *five, at=T0 + HOUR)
    assert len(told(world)) == 2


def test_many_that_break_are_one_message_an_hour(tmp_path: Path) -> None:
    world, watch = World(tmp_path), BrokenWatch()
    all_rows = [row(f"check-{n}") for n in range(40)] * RUNS
    assert tell(world, watch, *all_rows)
    late = [row("late")] * RUNS
    assert not tell(world, watch, *late, at=T0 + 60)
    assert tell(world, watch, at=T0 + HOUR)
    first, second = told(world)
    assert first.startswith("check-0, check-1, check-10 +37=")
    assert second.startswith("late=")


def test_a_restart_does_not_tell_it_again_within_the_hour(tmp_path: Path) -> None:
    world = World(tmp_path)
    five = [row("shop")] * RUNS
    assert tell(world, BrokenWatch(), *five)
    assert not tell(world, BrokenWatch(), *five)
    assert len(told(world)) == 1


def test_the_core_tells_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(RUNS):
        world.log.add(row("web-check", at=T0 + 60 * number).result)
    world.clock.advance(60 * RUNS)
    world.core.tick()
    assert [subject.partition("=")[0] for subject in told(world)] == ["web-check"]
