"""A month is closed by itself, once, whatever was down when it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from structlog.testing import capture_logs

from credits.period.month import Month
from credits.report.body import report_body
from credits.report.issue import issue
from credits.report.report import monthly_report, read_month
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Operations
from monitor.domain.change import Actor, ActorKind, Change
from monitor.domain.time.interval import Second
from tests.support.closing import closer
from tests.support.worlds import T0, ZONE, World, catalogue

GRACE = 86_400
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
ENDED = SEPTEMBER.window(ZONE).end
T = TypeVar("T")
PERSON = Actor(id="ana", kind=ActorKind.PERSON)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """It looked for twenty minutes of September, five of them down, and nothing after that."""
    made = replace(catalogue(), operations=Operations(report_after=GRACE))
    world = World(tmp_path, made)
    world.live(web="+" * 10 + "-" * 5 + "+" * 5, dns="+" * 20, mail="+" * 20)
    return world


async def on_thread(work: Callable[[], T]) -> T:
    return work()


async def closed_at(world: World, now: int) -> list[str]:
    """What was said of each month by a core that looks then."""
    world.clock.advance(now - world.clock.now())
    with capture_logs() as logs:
        await closer(world.journal, world.clock, catalogues=world.catalogues).close_due(
            world.catalogues, on_thread
        )
    return [f"{line['month']} {line['outcome']}" for line in logs if "month" in line]


def reports(world: World, month: Month) -> list[int]:
    with world.journal.transaction() as tx:
        return [kept.revision for kept in tx.reports.of(str(month))]


def changes(world: World) -> list[Change]:
    with world.journal.transaction() as tx:
        found = tx.changes.since(0, 1_000)
    return [change for change in found if change.kind.startswith("report.")]


async def test_it_is_issued_when_its_time_of_grace_has_passed_and_not_before(world: World) -> None:
    assert await closed_at(world, ENDED) == []
    assert await closed_at(world, ENDED + GRACE - 1) == []
    assert await closed_at(world, ENDED + GRACE) == ["2026-09 issued"]
    assert reports(world, SEPTEMBER) == [1]


async def test_it_is_issued_once_and_noted_as_the_machine_s_doing(world: World) -> None:
    for minute in range(3):
        await closed_at(world, ENDED + GRACE + 60 * minute)
    (noted,) = changes(world)
    assert (noted.kind, noted.subject, noted.actor) == ("report.issued", "2026-09", "estado")
    assert noted.after["revision"] == 1


async def test_a_core_that_was_down_then_catches_up(world: World) -> None:
    assert await closed_at(world, ENDED + 20 * 86_400) == ["2026-09 issued"]


async def test_a_month_that_nobody_watched_is_passed_over_once_with_a_note(world: World) -> None:
    later = OCTOBER.window(ZONE).end + GRACE
    assert await closed_at(world, later) == ["2026-09 issued", "2026-10 withheld"]
    assert await closed_at(world, later + 60) == []
    assert reports(world, OCTOBER) == []
    assert changes(world)[-1].kind == "report.withheld"
    assert "no second of it was watched" in str(changes(world)[-1].after["reason"])


async def test_what_a_person_has_issued_is_not_issued_again(world: World) -> None:
    now = Second(ENDED + 60)
    with world.journal.transaction() as tx:
        read = read_month(tx, world.catalogues, SEPTEMBER, now)
        issue(tx, "2026-09", report_body(monthly_report(read)), PERSON, now)
    assert await closed_at(world, ENDED + GRACE) == ["2026-09 issued before"]
    assert reports(world, SEPTEMBER) == [1]


async def test_a_person_who_asks_later_gets_what_was_issued(world: World) -> None:
    await closed_at(world, ENDED + GRACE)
    now = world.clock.now()
    with world.journal.transaction() as tx:
        read = read_month(tx, world.catalogues, SEPTEMBER, now)
        kept = issue(tx, "2026-09", report_body(monthly_report(read)), PERSON, now)
        (first,) = tx.reports.of("2026-09")
    assert kept == first


async def test_a_month_whose_configuration_cannot_be_read_is_withheld(world: World) -> None:
    (only,) = world.catalogues.revisions
    world.catalogues = Catalogues([replace(only, refused="a.yaml:1: …", is_stand_in=True)])
    assert await closed_at(world, ENDED + GRACE) == ["2026-09 withheld"]
    assert "(revision 1)" in str(changes(world)[-1].after["reason"])


def test_months_follow_one_another() -> None:
    assert (Month(2026, 12).next, Month(2026, 12).ordinal + 1) == (
        Month(2027, 1),
        Month(2027, 1).ordinal,
    )
    assert Month(2026, 9).window(ZONE).start < T0 < ENDED
