"""A check that a name leads inside is told of once, with what would allow it."""

from __future__ import annotations

from pathlib import Path

from monitor.domain.interval import Second
from monitor.domain.observation import (
    LOCAL,
    CheckId,
    FailureId,
    LoggedResult,
    Outcome,
    Result,
)
from monitor.engine.refused_watch import ADDRESS_REFUSED, REFUSED, RefusedWatch
from tests.engine.worlds import T0, World, catalogue


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


def tell(world: World, watch: RefusedWatch, *rows: LoggedResult) -> bool:
    watch.take(rows)
    with world.journal.transaction() as tx:
        return watch.tell(tx, catalogue(), Second(T0 + 1))


def told(world: World) -> list[tuple[str, object]]:
    with world.journal.transaction() as tx:
        changes = [c for c in tx.changes.since(0, 100) if c.kind == REFUSED]
        owed = [n.event for n in tx.outbox.due(Second(T0 + 60), 100)]
    assert owed == [f"{REFUSED}:{c.subject}={c.after['address']}" for c in changes]
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


def test_another_address_is_told_after_the_check_was_seen_again(tmp_path: Path) -> None:
    world, watch = World(tmp_path), RefusedWatch()
    tell(world, watch, row("shop"), row("shop", None))
    tell(world, watch, row("shop", None))
    assert tell(world, watch, row("shop", address="10.9.9.9"))
    assert told(world) == [("shop", "10.0.0.5"), ("shop", "10.9.9.9")]
