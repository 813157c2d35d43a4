"""What the page's days remember between readings never shows: a book that has read through every
change answers as one that has just been opened."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from monitor.catalogues.in_force import Catalogues
from monitor.domain.availability import Member, Seconds, add_up, availability
from monitor.domain.catalogue import Affects, Catalogue, CatalogueRevision
from monitor.domain.checks.observation import CheckId, ComponentId
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.rollup import component_timeline
from monitor.domain.text import plain
from monitor.domain.time.calendar import at_zone, local_day
from monitor.domain.time.interval import IntervalSet, Second
from monitor.timelines.excluded import default_exclusions
from monitor.timelines.reading import check_timelines
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.model import PublicView
from statuspage.view.public_view import build_view, ninety_days, stamp_published
from tests.support.worlds import DNS, MAIL, T0, WEB, ZONE, World, catalogue, check, look

HOUR = 3_600
DAY = 24 * HOUR
STRETCHES = ("+", "+++", "---", "--", "~~~~~", "   ", "+-", "?")
MARKS = st.lists(st.sampled_from(STRETCHES), min_size=1, max_size=4).map("".join)
SECOND_LOOK = replace(check(WEB), id=CheckId("web-again"))

# A book, a journal and every day between them: half a minute where nothing else runs.
pytestmark = pytest.mark.timeout(400)


class Step(Protocol):
    def __call__(self, reader: Reader) -> None: ...


class Reader:
    """A world, and a book of days that goes through everything that happens in it."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.book = DailyRollup()
        self.planned = 0

    def shown(self, book: DailyRollup) -> PublicView:
        world = self.world
        with world.journal.transaction() as tx:
            now = world.clock.now()
            return build_view(tx, world.core.state, now, stale_after=120, days=book)

    def counted(self, view: PublicView) -> dict[ComponentId, list[Seconds]]:
        """What the view's days come to, counted from the whole timelines, one by one."""
        held = self.world.core.state
        span = ninety_days(held.catalogue, view.at)
        with self.world.journal.transaction() as tx:
            folds = check_timelines(tx.transitions, held.states, span)
            windows = [
                w if w.published_at is not None else replace(w, published_at=view.at)
                for w in tx.maintenance.touching(span)
            ]
            revisions = held.catalogues.revisions
            exclusions = default_exclusions(tx, windows, span, held.catalogue, revisions)
        found = {}
        for shown in view.components:
            drawn = component_timeline(shown.id, folds, held.catalogues.revisions, span)
            member = Member(component=shown.id, timeline=drawn)
            parts = [IntervalSet((day.window.clip(span),)) for day in shown.days]
            found[shown.id] = [availability([member], exclusions, part) for part in parts]
        return found


def lived(web: str, dns: str) -> Step:
    return lambda reader: reader.world.live(web=web, dns=dns, mail="+" * len(web))


def silent(seconds: int) -> Step:
    """Nobody looks for a while; the core goes on."""

    def happen(reader: Reader) -> None:
        reader.world.clock.advance(seconds)
        reader.world.core.tick()

    return happen


def at_midnight(offset: int) -> Step:
    """A reading just before, at, or just after a local midnight, with everything seen till then."""

    def happen(reader: Reader) -> None:
        clock, zone = reader.world.clock, reader.world.core.state.catalogue.zone
        today = local_day(at_zone(clock.now(), zone).date(), zone)
        reader.world.log.add(*(look(c, clock.now(), "+") for c in (WEB, DNS, MAIL)))
        clock.advance(max(0, today.end + offset - clock.now()))
        reader.world.core.tick()

    return happen


def came_late(hours: int, mark: str) -> Step:
    """A result of the past arrives, and the core does with it what its role does."""

    def happen(reader: Reader) -> None:
        world = reader.world
        world.log.add(look(WEB, Second(world.clock.now() - hours * HOUR), mark))
        world.clock.advance(1)
        world.core.tick()
        world.correct()
        reader.book.forget()

    return happen


def configured(change: Callable[[Catalogue], Catalogue], delay: int) -> Step:
    """A configuration is taken in, and holds from then on or from a while later."""

    def happen(reader: Reader) -> None:
        world = reader.world
        before = world.catalogues.revisions
        start = Second(max(world.clock.now() + delay, before[-1].effective_from))
        revision = CatalogueRevision(
            number=len(before) + 1, hash="", text="", effective_from=start,
            catalogue=change(catalogue()),
        )  # fmt: skip
        world.catalogues = Catalogues([*before, revision])
        world.core.adopt(world.catalogues)

    return happen


def maintained(begin: int, hours: int) -> Step:
    """Work is announced for soon, and is left out of what counts."""

    def happen(reader: Reader) -> None:
        now = reader.world.clock.now()
        reader.planned += 1
        start = Second(now + begin * 60)
        planned = MaintenanceWindow(
            id=MaintenanceId(f"m{reader.planned}"), title=plain("Cambio"), impact=plain("Corte"),
            start=start, end=Second(start + hours * HOUR), components=(WEB,),
        )  # fmt: skip
        with reader.world.journal.transaction() as tx:
            tx.maintenance.save(planned)

    return happen


def set_back(hours: int) -> Step:
    return lambda reader: reader.world.clock.step(-hours * HOUR)


def killed(reader: Reader) -> None:
    reader.world.restarted()


def _without_web(whole: Catalogue) -> Catalogue:
    checks = tuple(c for c in whole.checks if c.component != WEB)
    return replace(whole, components=whole.components[1:], checks=checks)


def _softer(whole: Catalogue) -> Catalogue:
    web, *others = whole.checks
    return replace(whole, checks=(replace(web, affects=Affects.DEGRADED), *others))


def _looked_at_twice(whole: Catalogue) -> Catalogue:
    return replace(whole, checks=(*whole.checks, SECOND_LOOK))


def _in_zone(name: str) -> Callable[[Catalogue], Catalogue]:
    return lambda whole: replace(whole, zone=ZoneInfo(name))


# Two of them share their midnights, and call the day by another date.
ZONES = ("America/Santiago", "Pacific/Auckland", "Etc/GMT+12", "Etc/GMT-12", "Asia/Kathmandu")
CHANGES = (lambda c: c, _without_web, _softer, _looked_at_twice, *map(_in_zone, ZONES))
LIVED = st.builds(lived, MARKS, MARKS)
STEPS = st.one_of(
    LIVED,
    LIVED,
    LIVED,
    st.builds(silent, st.integers(1, 3 * DAY)),
    st.builds(at_midnight, st.integers(-2, 2)),
    st.builds(came_late, st.integers(1, 60), st.sampled_from("+-~")),
    st.builds(configured, st.sampled_from(CHANGES), st.sampled_from((0, 60, DAY))),
    st.builds(maintained, st.integers(0, 60), st.integers(1, 40)),
    st.builds(set_back, st.integers(1, 60)),
    st.just(killed),
)
FALL = lived("+---", "++++")
MIDNIGHT = local_day(at_zone(T0, ZONE).date(), ZONE).end - T0
"""Seconds from the world's beginning."""


@given(steps=st.lists(STEPS, min_size=3, max_size=12))
@example(steps=[lived("+", "+"), FALL, at_midnight(-1), at_midnight(0), silent(1), lived("-", "+")])
@example(steps=[lived("+", "+"), FALL, silent(2 * DAY), lived("--", "++")])
@example(steps=[silent(3 * DAY), lived("++", "++"), configured(_softer, 0), silent(1), FALL])
@example(steps=[configured(_in_zone("Etc/GMT+12"), 0), lived("+", "+"), silent(3 * DAY),
                lived("++", "++"), configured(_in_zone("Etc/GMT-12"), 60), lived("++", "++"),
                lived("+", "+")])  # fmt: skip
@example(steps=[silent(MIDNIGHT - 60), lived("+" * 12, "+" * 12), silent(1), came_late(1, "-")])
@example(steps=[lived("+", "+"), maintained(2, 1), FALL, lived("-++", "+++")])
@example(steps=[silent(2 * DAY), FALL, came_late(5, "+"), set_back(30), lived("+", "+")])
@example(steps=[lived("~~~~~--", "+----~~"), configured(lambda whole: whole, 60), set_back(4)])
@example(steps=[lived("+", "+"), lived("---++", "+-?--+"), configured(_without_web, 0),
                lived("+", "+"), set_back(1)])  # fmt: skip
@example(
    steps=[maintained(18, 14), silent(1), set_back(1), lived("~~~~~", "~~~~~"), at_midnight(0)]
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_book_that_has_read_all_along_answers_as_the_whole_journal_does(
    steps: list[Step],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(Path(folder))
        for step in steps:
            step(reader)
            shown = reader.shown(reader.book)
            assert shown == reader.shown(DailyRollup())
            days = {c.id: [day.seconds for day in c.days] for c in shown.components}
            assert days == reader.counted(shown)
            assert all(c.total == add_up(days[c.id]) for c in shown.components)
            with reader.world.journal.transaction() as tx:
                stamp_published(tx, shown, shown.at)
