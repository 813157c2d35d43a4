"""A customer's word has a check look: seldom, one component after the other, and never more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from monitor.domain.catalogue import Catalogue, Check
from monitor.domain.checks.observation import ComponentId, FailureId, Observation, Outcome
from monitor.domain.customers.problems import (
    KEPT_S,
    SAID,
    Problem,
    ProblemKind,
    ProblemRef,
    Said,
    body_of,
)
from monitor.domain.refusals import Refused
from monitor.inbox.file import Inbox
from monitor.journal.access import SqlJournal, open_journal
from monitor.roles.core.visitors.problems import (
    FORGET_EVERY_S,
    LOOK_EVERY_S,
    MOST_CHECKS,
    CoreProblems,
)
from monitor.roles.core.visitors.subscribers import CoreSubscribers
from monitor.roles.settings import problems_inbox_file
from tests.support.clock import FakeClock
from tests.support.journals import new_journal
from tests.support.worlds import catalogue

T = TypeVar("T")


class Probes:
    """Stands for processes that run a check."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.error: Refused | None = None

    async def run(self, check: Check, _: Catalogue, timeout_s: float) -> Observation:
        assert timeout_s <= 30
        self.ran.append(check.id)
        if self.error is not None:
            raise self.error
        return Observation(outcome=Outcome.DOWN, failure=FailureId("conn_refused"))


async def at_once(work: Callable[[], T]) -> T:
    return work()


class World:
    def __init__(self, journal: SqlJournal, folder: Path) -> None:
        self.journal, self.clock, self.probes = journal, FakeClock(), Probes()
        made = catalogue()
        page = replace(made.page, problem_form=True)
        self.catalogue = replace(made, page=page)
        self.web = self.catalogue.components[0].id
        self.problems = CoreProblems(journal, self.probes, self.clock)
        self.core = CoreSubscribers(journal, folder, self.clock, self.problems)
        self.inbox = Inbox(problems_inbox_file(folder))
        self._number = 0

    def say(
        self, kind: ProblemKind = ProblemKind.FAILS, component: ComponentId | None = None
    ) -> None:
        self._number += 1
        said = Said(
            ref=ProblemRef("PRBLEM2" + "ABCDEFGHJK"[self._number]), kind=kind,
            component=component or self.web, text="No abre", locale="es", sender="s",
            at=self.clock.now(),
        )  # fmt: skip
        self.inbox.append(SAID, body_of(said))
        self.core.follow(self.catalogue)

    def listed(self) -> list[Problem]:
        with self.journal.transaction() as tx:
            return list(tx.problems.listed(100, with_closed=True))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_journal(new_journal(tmp_path / "journal.db")) as journal:
        yield World(journal, tmp_path)


async def test_what_customers_say_is_looked_at_by_the_checks_of_that_component(
    world: World,
) -> None:
    world.say()
    await world.problems.look(at_once)
    own = [c.id for c in world.catalogue.checks if c.component == world.web][:MOST_CHECKS]
    assert world.probes.ran == own
    (found,) = world.listed()
    assert found.seen == ", ".join(f"{id_}: down (conn_refused)" for id_ in own)
    assert found.looked_at == world.clock.now()


async def test_a_hundred_customers_have_it_look_once_a_minute(world: World) -> None:
    world.say()
    await world.problems.look(at_once)
    once = len(world.probes.ran)
    for _ in range(5):
        world.say()
        await world.problems.look(at_once)
    assert len(world.probes.ran) == once
    world.clock.advance(LOOK_EVERY_S)
    await world.problems.look(at_once)
    assert len(world.probes.ran) == 2 * once
    await world.problems.look(at_once)
    assert len(world.probes.ran) == 2 * once
    assert all(problem.seen for problem in world.listed())


async def test_a_component_that_nobody_configured_has_nothing_look(world: World) -> None:
    world.say(component=ComponentId("other.example"))
    await world.problems.look(at_once)
    assert world.probes.ran == []
    (found,) = world.listed()
    assert found.said.component is None


async def test_a_question_on_design_has_nothing_look(world: World) -> None:
    world.say(ProblemKind.DESIGN)
    await world.problems.look(at_once)
    assert world.probes.ran == []


async def test_a_look_that_fails_says_so(world: World) -> None:
    world.probes.error = Refused("probe.failed", why="x")
    world.say()
    await world.problems.look(at_once)
    (found,) = world.listed()
    assert "not looked at" in found.seen


def test_rows_go_after_ninety_days(world: World) -> None:
    world.say()
    world.clock.advance(KEPT_S + FORGET_EVERY_S)
    world.core.follow(world.catalogue)
    assert world.listed() == []


def test_a_row_that_means_nothing_stops_nothing(world: World) -> None:
    world.inbox.append(SAID, {"ref": "../../x"})
    world.say()
    assert len(world.listed()) == 1
