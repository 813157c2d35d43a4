"""Work announced for what is down already takes nothing of that outage out, wherever it is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from credits.period.month import Month
from credits.report.report import monthly_report, read_month
from monitor.domain.availability import Seconds
from monitor.domain.catalogue import ConfiguredTerms
from monitor.domain.change import Actor, ActorKind
from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.incident import Phase
from monitor.domain.maintenance import Extension, MaintenanceId, MaintenanceWindow
from monitor.domain.rollup import Shown
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, Second
from monitor.history.uptime import uptime_of
from monitor.i18n.formats import Lang
from monitor.incidents.maintenance_commands import MaintenanceCommands
from statuspage.parts.answer import answer
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.model import PublicView
from statuspage.view.public_view import build_view, stamp_published
from tests.support.worlds import DNS, INTERVAL, T0, WEB, World, catalogue

TERMS = ConfiguredTerms(fields={"guarantee": "0.9989"})


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, replace(catalogue(observe=INTERVAL), terms=(TERMS,)))


def live(world: World, web: str) -> None:
    world.live(web=web, dns="+" * len(web), mail="+" * len(web))


def announce(world: World, start: int, end: int) -> None:
    """For so many minutes from now."""
    now = world.clock.now()
    window = MaintenanceWindow(
        id=MaintenanceId("m1"), title=plain("Cambio"), impact=plain("Corte"),
        start=Second(now + 60 * start), end=Second(now + 60 * end), components=(WEB,),
    )  # fmt: skip
    with world.journal.transaction() as tx:
        tx.maintenance.save(window)


def published(world: World, book: DailyRollup | None = None) -> PublicView:
    with world.journal.transaction() as tx:
        view = build_view(
            tx,
            world.core.state,
            world.clock.now(),
            stale_after=120,
            days=book or DailyRollup(),
        )
        stamp_published(tx, view, view.at)
    return view


def told(world: World) -> list[Seconds]:
    """Page, report and history, each in its own way, of the time since the world began."""
    now = world.clock.now()
    span = Interval(T0, now)
    page = next(c.total for c in published(world).components if c.id == WEB)
    with world.journal.transaction() as tx:
        month = read_month(tx, world.catalogues, Month(2026, 9), now, is_provisional=True)
        web_check = world.catalogues.at(now).checks[0]
        uptime = uptime_of(tx, world.catalogues, web_check, None, span, [span], now)
    report = next(c.seconds for c in monthly_report(month).components if c.component.id == WEB)
    return [page, report, uptime.whole]


def test_every_second_of_it_counts_until_it_ends(world: World) -> None:
    live(world, "+----")
    announce(world, 1, 30)
    published(world)
    live(world, "-----+++---++")
    for seconds in told(world):
        assert (seconds.down, seconds.excluded) == (9 * INTERVAL, 3 * INTERVAL)


def extend(world: World, minutes: int) -> None:
    """For so many minutes more."""
    with world.journal.transaction() as tx:
        found = tx.maintenance.get(MaintenanceId("m1"))
        added = Extension(start=found.end, end=Second(found.end + 60 * minutes))
        longer = replace(found, end=added.end, extensions=(*found.extensions, added))
        tx.maintenance.save(longer)


def test_what_work_overran_counts_until_its_extension_is_public(world: World) -> None:
    """Six minutes were announced, it took ten, and the page said so after eight."""
    live(world, "++")
    announce(world, 1, 7)
    published(world)
    live(world, "+++" + "-" * 6)
    extend(world, 10)
    view = published(world)
    assert [w.new_extensions for w in view.maintenance] == [(1,)]
    live(world, "----++")
    for seconds in told(world):
        assert (seconds.down, seconds.excluded) == (6 * INTERVAL, 4 * INTERVAL)


def test_what_falls_in_time_that_was_added_before_is_left_out(world: World) -> None:
    live(world, "++")
    announce(world, 1, 7)
    published(world)
    live(world, "+++")
    extend(world, 10)
    published(world)
    live(world, "+++++----++")
    for seconds in told(world):
        assert (seconds.down, seconds.excluded) == (0, 4 * INTERVAL)


def test_the_page_says_that_it_is_repaired_and_not_that_it_was_planned(world: World) -> None:
    live(world, "+----")
    announce(world, 1, 30)
    published(world)
    live(world, "-----")
    web = next(c for c in published(world).components if c.id == WEB)
    assert (web.shown, web.maintenance_until) == (Shown.REPAIR, None)
    live(world, "+++")
    web = next(c for c in published(world).components if c.id == WEB)
    assert web.shown is Shown.MAINTENANCE


@pytest.mark.parametrize("lang", list(Lang))
def test_what_fell_before_work_that_was_announced_is_repaired_until_it_is_back(
    world: World, lang: Lang
) -> None:
    announce(world, 5, 30)
    published(world)
    live(world, "+-----")
    view = published(world)
    (incident,) = view.incidents
    web = next(c for c in view.components if c.id == WEB)
    assert incident.phase is Phase.INVESTIGATING
    assert (web.shown, web.maintenance_until) == (Shown.REPAIR, None)
    assert answer(view, lang).title in (
        "Estamos reparando Web.", "We are repairing Web.", "Estamos consertando Web.",
    )  # fmt: skip
    live(world, "++")
    web = next(c for c in published(world).components if c.id == WEB)
    assert web.shown is Shown.MAINTENANCE


def test_the_text_of_its_incident_does_not_say_that_it_was_planned(world: World) -> None:
    live(world, "+----")
    announce(world, 1, 30)
    published(world)
    live(world, "-----+++")
    with world.journal.transaction() as tx:
        (incident,) = tx.incidents.touching(Interval(T0, world.clock.now()))
    words = incident.updates[-1].machine
    assert words is not None
    assert "cuentan" in words.in_locale("es")
    assert "mantenimiento" not in words.in_locale("es")


def test_a_book_of_days_that_was_open_all_along_says_the_same(world: World) -> None:
    book = DailyRollup()
    live(world, "+----")
    announce(world, 1, 30)
    for _ in range(3):
        published(world, book)
        live(world, "--")
    live(world, "+")
    kept, fresh = published(world, book), published(world)
    assert [c.total for c in kept.components] == [c.total for c in fresh.components]


def test_what_was_saved_while_no_core_published_was_not_public(world: World) -> None:
    live(world, "++")
    announce(world, 1, 30)
    with world.journal.transaction() as tx:
        assert tx.maintenance.get(MaintenanceId("m1")).published_at is None
    world.clock.advance(60 * 10)
    live(world, "----++")
    view = published(world)
    assert [w.published_at for w in view.maintenance] == [view.at]
    for seconds in told(world):
        assert (seconds.down, seconds.excluded) == (4 * INTERVAL, 0)


def test_its_own_snapshot_is_the_first_that_shows_it(world: World) -> None:
    live(world, "++")
    announce(world, 10, 30)
    first = published(world)
    live(world, "++")
    second = published(world)
    assert [(w.is_new, w.published_at) for w in first.maintenance] == [(True, first.at)]
    assert [(w.is_new, w.published_at) for w in second.maintenance] == [(False, first.at)]


def test_whoever_announces_it_is_told_what_is_down_already(world: World) -> None:
    live(world, "+----")
    now = world.clock.now()
    desk = MaintenanceCommands(
        journal=world.journal,
        catalogue=world.catalogues.at(now),
        clock=world.clock,
        actor=Actor(id="ana", kind=ActorKind.PERSON),
    )
    saved = desk.add(
        title=plain("Cambio"), impact=plain("Corte"), start=Second(now + 60),
        end=Second(now + 600), components=(WEB, DNS), reason="Reparación.",
    )  # fmt: skip
    (component_status,) = desk.already_failing(saved)
    assert (component_status.component, component_status.status) == (WEB, Outcome.DOWN)
    assert component_status.since == T0 + INTERVAL
