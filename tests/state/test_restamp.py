"""What was done while the clock was wrong: from when a configuration is in force, and since when
planned work is public, once the clock is right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.catalogues.in_force import Catalogues, next_minute
from monitor.domain.catalogue import Catalogue, CatalogueRevision
from monitor.domain.change import Actor, ActorKind, Change
from monitor.domain.exclusions.rules import ExclusionRules, planned_exclusions
from monitor.domain.maintenance import MaintenanceId, MaintenancePhase, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.eras import REMEMBERED, Origin
from monitor.domain.time.interval import Second
from monitor.incidents.maintenance_commands import MaintenanceCommands
from monitor.roles.core.configuration import store_revision
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.public_view import build_view, stamp_published
from tests.evaluation.test_reload import without_web
from tests.evaluation.test_rewind import DAY, HOUR, YEAR, Watched
from tests.support.worlds import WEB, catalogue

ANA = Actor(id="ana", kind=ActorKind.PERSON)


class Edited(Watched):
    """A company that edits its configuration and announces work while the clock is set."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        with self.journal.transaction() as tx:
            store_revision(tx, "1", self.catalogues.revisions[0].effective_from, self.clock.now())

    def hand_over(self, made: Catalogue) -> None:
        """As `config apply` does."""
        now, ran = self.clock.now(), self.core.catalogues.revisions
        number = len(ran) + 1
        start = max(next_minute(now), *(r.effective_from for r in ran), Second(0))
        with self.journal.transaction() as tx:
            store_revision(tx, str(number), start, now)
        revision = CatalogueRevision(
            number=number, hash=str(number), text="", effective_from=start, catalogue=made
        )
        self.core.adopt(Catalogues([*ran, revision]))

    def starts(self) -> dict[int, Second]:
        """As the journal has them and the core goes by them."""
        with self.journal.transaction() as tx:
            kept = dict(tx.revisions.starts())
        assert kept == {r.number: r.effective_from for r in self.core.catalogues.revisions}
        return kept

    @property
    def desk(self) -> MaintenanceCommands:
        return MaintenanceCommands(
            journal=self.journal, catalogue=catalogue(), clock=self.clock, actor=ANA
        )

    def announce(self, start: Second, end: Second) -> None:
        added = self.desk.add(
            title=plain("Trabajo"), impact=plain("Sin servicio."), start=start, end=end,
            components=(str(WEB),), reason="Urge.",
        )  # fmt: skip
        self.planned = MaintenanceId(added.id)
        self.publish()

    def publish(self) -> None:
        now = self.clock.now()
        with self.journal.transaction() as tx:
            seen = build_view(tx, self.core.state, now, stale_after=120, days=DailyRollup())
            stamp_published(tx, seen, now)

    def work(self) -> MaintenanceWindow:
        with self.journal.transaction() as tx:
            return tx.maintenance.get(self.planned)

    def excluded_s(self) -> int:
        rules = ExclusionRules()
        found = planned_exclusions(rules, self.work(), {WEB: self.timeline()})
        return sum(e.interval.seconds for e in found)

    def changes(self, kind: str) -> list[Change]:
        with self.journal.transaction() as tx:
            return list(tx.changes.of_kinds([kind], 0))


@pytest.fixture
def world(tmp_path: Path) -> Edited:
    return Edited(tmp_path)


WRONG = pytest.mark.parametrize("step", [HOUR, 2 * YEAR, -2 * HOUR, -4 * YEAR])


@WRONG
def test_a_configuration_of_a_wrong_clock_is_in_force_since_it_was_handed_over(
    world: Edited, step: int
) -> None:
    """It was so from two years on, or, with a clock that was behind, since the one before."""
    world.see("+++")
    world.set_clock(step)
    world.see("+")
    applied = Second(world.clock.now() - step)
    world.hand_over(without_web())
    world.see("++")
    world.set_clock(-step)
    world.see("++")
    first, second = world.starts().values()
    assert second == next_minute(applied)
    assert first == world.catalogues.revisions[0].effective_from
    told = [c.after for c in world.changes("catalogue.restamped") if c.subject == "2"]
    assert told == [{"effective_from": second}]
    world.hand_over(catalogue())
    assert world.starts()[3] == next_minute(world.clock.now())


def test_what_was_handed_over_after_one_of_a_wrong_clock_begins_after_it(world: Edited) -> None:
    world.see("++")
    world.set_clock(YEAR)
    world.see("+")
    world.hand_over(without_web())
    world.clock.advance(60)
    world.hand_over(catalogue())
    world.see("+")
    world.set_clock(-YEAR)
    world.see("++")
    starts = world.starts()
    assert starts[1] < starts[2] < starts[3] <= world.clock.now()


def test_a_configuration_is_in_force_as_it_was_once_a_step_was_a_mistake(world: Edited) -> None:
    world.see("++")
    world.hand_over(without_web())
    before = world.starts()
    world.see("++")
    world.set_clock(-HOUR)
    world.see("++")
    assert world.starts() != before
    world.set_clock(HOUR)
    world.see("++")
    assert world.starts() == before


def test_a_repair_is_announced_when_it_was_and_not_by_a_clock_that_was_behind(
    world: Edited,
) -> None:
    """An outage was excluded that had begun before anybody announced work on it."""
    world.see("+++" + "-" * 60)
    world.set_clock(-2 * HOUR)
    world.see("----------")
    done = Second(world.clock.now() + 2 * HOUR)
    world.announce(Second(done + 600), Second(done + 600 + HOUR))
    world.see("-")
    world.set_clock(2 * HOUR)
    world.see("-" * 60)
    assert world.work().published_at == done
    assert world.excluded_s() == 0


def test_work_that_was_announced_in_time_is_left_out_though_the_clock_was_ahead(
    world: Edited,
) -> None:
    world.see("+++")
    world.set_clock(2 * DAY)
    world.see("+++++")
    done = Second(world.clock.now() - 2 * DAY)
    start = Second(world.clock.now() + 600)
    world.announce(start, Second(start + HOUR))
    world.see("+")
    world.set_clock(-2 * DAY)
    world.see("+++")
    assert world.work().published_at == done
    assert world.excluded_s() == HOUR
    (told,) = world.changes("maintenance.restamped")
    assert told.before == {"published_at": done + 2 * DAY}


@pytest.mark.parametrize("step", [2 * DAY, -2 * HOUR])
def test_work_is_taken_back_when_it_was(world: Edited, step: int) -> None:
    """With a clock that was ahead it went on, and took time out, until that second came."""
    world.see("+++")
    now = world.clock.now()
    world.announce(now, Second(now + 3 * HOUR))
    world.see("+++")
    world.set_clock(step)
    world.see("+++")
    done = Second(world.clock.now() - step)
    with world.journal.transaction() as tx:
        found = tx.maintenance.get(world.planned)
    if found.phase(world.clock.now()) is MaintenancePhase.COMPLETED:
        with world.journal.transaction() as tx:
            tx.maintenance.save(replace(found, end=Second(now + 3 * DAY)))
    world.desk.cancel(world.planned)
    world.see("+")
    world.set_clock(-step)
    world.see("++")
    assert world.work().cancelled_at == done
    assert world.work().published_at == now


@pytest.mark.parametrize("step", [2 * DAY, -2 * HOUR])
def test_an_extension_of_a_wrong_clock_is_public_since_it_was(world: Edited, step: int) -> None:
    world.see("+++")
    now = world.clock.now()
    end = Second(now + 4 * DAY)
    world.announce(Second(now + HOUR), end)
    world.see("+")
    world.set_clock(step)
    world.see("+++")
    done = Second(world.clock.now() - step)
    world.desk.extend(world.planned, end=Second(end + HOUR), reason="Falta.")
    world.publish()
    world.see("+")
    world.set_clock(-step)
    world.see("+++")
    assert [e.published_at for e in world.work().extensions] == [done]
    assert world.work().published_at == now
    told = [change.after for change in world.changes("maintenance.restamped")]
    assert {"extension": 1, "published_at": done} in told


@WRONG
def test_what_was_announced_before_a_wrong_clock_keeps_its_second(world: Edited, step: int) -> None:
    world.see("+++")
    now = world.clock.now()
    world.announce(Second(now + HOUR), Second(now + 2 * HOUR))
    world.see("+")
    world.set_clock(step)
    world.see("+++")
    world.set_clock(-step)
    world.see("+++")
    assert world.work().published_at == now


def test_what_was_done_in_a_wrong_clock_is_put_right_over_boots_in_between(world: Edited) -> None:
    world.see("+++")
    world.set_clock(YEAR)
    world.see("+")
    done = Second(world.clock.now() - YEAR)
    world.announce(Second(done + YEAR + HOUR), Second(done + YEAR + 2 * HOUR))
    for _ in range(REMEMBERED - 2):
        world.see("+")
        world.set_clock(0, Origin.BOOT)
    world.see("+")
    world.set_clock(-YEAR)
    world.see("++")
    assert world.work().published_at == done


def test_what_was_done_while_another_log_was_read_is_left_as_it_is(world: Edited) -> None:
    world.see("+++")
    world.set_clock(YEAR)
    world.see("+")
    stamped = world.clock.now()
    world.announce(Second(stamped + HOUR), Second(stamped + 2 * HOUR))
    world.see("+")
    world.log.become_another()
    world.see("++")
    world.set_clock(-YEAR)
    world.see("++")
    assert world.work().published_at == stamped
