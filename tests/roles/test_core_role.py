"""The core's role where its journal goes away and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from credits.journal import BillingTransaction
from monitor.config.revisions.application import ApplyState, ConfigurationRequests, Outcome
from monitor.domain.change import Actor, ActorKind
from monitor.domain.checks.observation import LOCAL, CheckId, ComponentId
from monitor.domain.checks.symptoms import ServiceKind
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal, open_journal
from monitor.journal.ports import JournalError, LatencyKey
from monitor.results.rollups.sketch import Sketch
from monitor.roles.core.apply_requests import REST_S, ApplyRequests
from monitor.roles.core.configuration import Configuration
from monitor.roles.core.core_role import CoreRole
from monitor.roles.core.refolding import SETTLED_WITHIN
from monitor.runtime.system_clock import SystemClock
from tests.support.clock import FakeClock
from tests.support.journals import new_journal

DAY = 86_400
SHIPPED = Path(__file__).parents[2] / "config" / "services.yaml"


class AbsentJournal:
    """A journal whose database does not answer the next `absences` times."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal
        self.absences = 0

    def transaction(self) -> AbstractContextManager[BillingTransaction]:
        if self.absences:
            self.absences -= 1
            raise JournalError("no connection")
        return self._journal.transaction()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[AbsentJournal]:
    url = new_journal(tmp_path / "journal.db")
    with open_journal(url) as opened:
        yield AbsentJournal(opened)


async def at_once(_delay: float) -> None:
    """In place of a wait."""


async def test_a_core_whose_tick_failed_never_ticks_again(
    journal: AbsentJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = Configuration.read(SHIPPED, tmp_path)
    configuration.begin(journal, SystemClock().now())
    role = CoreRole(journal, configuration, tmp_path)
    failed = role.core
    monkeypatch.setattr(asyncio, "sleep", at_once)
    journal.absences = 3
    await role.begin_again()
    assert journal.absences == 0
    assert role.core is not failed


class Closer:
    """Counts how often months were looked at."""

    def __init__(self) -> None:
        self.asked = 0

    async def close_due(self, *_: object) -> None:
        self.asked += 1

    async def expire_due(self, *_: object) -> None: ...


async def a_minute(role: CoreRole) -> None:
    """What is to be done each minute, with what it leaves to a task of its own."""
    await role._each_minute()
    if role._close_now.is_set():
        role._close_now.clear()
        await role._close_due()


async def test_a_core_closes_no_month_before_it_has_read_the_log(
    journal: AbsentJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = Configuration.read(SHIPPED, tmp_path)
    configuration.begin(journal, SystemClock().now())
    role, closer = CoreRole(journal, configuration, tmp_path), Closer()
    monkeypatch.setattr(role, "_closer", closer)
    await a_minute(role)
    assert closer.asked == 0
    role._tick()
    await a_minute(role)
    assert closer.asked == 1


def mark_dirty(journal: AbsentJournal) -> None:
    with journal.transaction() as tx:
        tx.folds.mark_dirty([((CheckId("web"), LOCAL), Second(0))])


async def test_a_month_waits_for_what_is_to_be_folded_again(
    journal: AbsentJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But not for ever: what ever comes late again stops no report."""
    configuration = Configuration.read(SHIPPED, tmp_path)
    configuration.begin(journal, SystemClock().now())
    clock = FakeClock()
    monkeypatch.setattr("monitor.roles.core.core_role.SystemClock", lambda: clock)
    role, closer = CoreRole(journal, configuration, tmp_path), Closer()
    monkeypatch.setattr(role, "_closer", closer)
    role._loop = asyncio.get_running_loop()
    role._tick()
    mark_dirty(journal)
    await a_minute(role)
    assert closer.asked == 0
    while role._refolding.is_under_way:
        role._refold()
    await a_minute(role)
    assert closer.asked == 1
    mark_dirty(journal)
    await a_minute(role)
    clock.advance(SETTLED_WITHIN + 1)
    await a_minute(role)
    assert closer.asked == 2


async def test_what_was_folded_again_ends_with_the_core_that_it_was_made_for(
    journal: AbsentJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = Configuration.read(SHIPPED, tmp_path)
    configuration.begin(journal, SystemClock().now())
    role = CoreRole(journal, configuration, tmp_path)
    mark_dirty(journal)
    assert role._is_settled() is False
    monkeypatch.setattr(asyncio, "sleep", at_once)
    await role.begin_again()
    assert not role._refolding.is_under_way
    with journal.transaction() as tx:
        assert list(tx.folds.dirty()) == [(CheckId("web"), LOCAL)]


async def test_a_core_closes_no_month_for_a_day_after_the_clock_has_leapt(
    journal: AbsentJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = Configuration.read(SHIPPED, tmp_path)
    configuration.begin(journal, SystemClock().now())
    clock, closer = FakeClock(), Closer()
    monkeypatch.setattr("monitor.roles.core.core_role.SystemClock", lambda: clock)
    role = CoreRole(journal, configuration, tmp_path)
    monkeypatch.setattr(role, "_closer", closer)
    role._tick()
    clock.step(40 * DAY)
    await a_minute(role)
    clock.advance(DAY - 60)
    await a_minute(role)
    assert closer.asked == 0
    clock.advance(60)
    await a_minute(role)
    assert closer.asked == 1


async def test_old_days_are_packed_but_not_by_a_clock_that_has_leapt(
    journal: AbsentJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = Configuration.read(SHIPPED, tmp_path)
    configuration.begin(journal, SystemClock().now())
    clock = FakeClock()
    monkeypatch.setattr("monitor.roles.core.core_role.SystemClock", lambda: clock)
    role = CoreRole(journal, configuration, tmp_path)
    key = LatencyKey(ComponentId("web"), ServiceKind.WEB, clock.now())

    def oldest() -> Second | None:
        with journal.transaction() as tx:
            return tx.latencies.oldest()

    with journal.transaction() as tx:
        tx.latencies.add({key: Sketch.of([1_000])}, {})
    await role._each_minute()
    clock.step(140 * DAY)
    await role._each_minute()
    assert oldest() == key.day
    clock.advance(DAY)
    journal.absences = 2
    await role._each_minute()
    assert oldest() == key.day
    await role._each_minute()
    assert oldest() is None


def test_a_core_reads_its_file_again_when_the_journal_asks_for_it(
    journal: AbsentJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "services.yaml"
    text = SHIPPED.read_text("utf-8")
    file.write_text(text, "utf-8")
    configuration = Configuration.read(file, tmp_path)
    configuration.begin(journal, SystemClock().now())
    role = CoreRole(journal, configuration, tmp_path)
    monkeypatch.setattr(role, "_wake_renderer", lambda: None)
    clock = FakeClock(Second(1_790_000_040))
    requests = ConfigurationRequests(
        journal=journal, clock=clock, actor=Actor(id="ana", kind=ActorKind.PERSON)
    )
    follower = ApplyRequests(journal, clock, role._reload)

    asked = requests.ask().id
    file.write_text(f"{text}# second\n", "utf-8")
    follower.follow()
    assert requests.show(asked).outcome["revision"] == 2
    assert role.core.state.catalogues.revisions[-1].number == 2

    file.write_text("page: 7\n", "utf-8")
    asked = requests.ask().id
    follower.follow()
    assert requests.show(asked).state is ApplyState.PENDING
    clock.advance(REST_S)
    follower.follow()
    refused = requests.show(asked)
    assert refused.state is ApplyState.REFUSED
    assert str(file) in str(refused.outcome["errors"])
    assert role.core.state.catalogues.revisions[-1].number == 2


def test_a_request_waits_for_a_journal_that_takes_no_revision(journal: AbsentJournal) -> None:
    clock = FakeClock(Second(1_790_000_040))
    requests = ConfigurationRequests(
        journal=journal, clock=clock, actor=Actor(id="ana", kind=ActorKind.PERSON)
    )
    asked, outcomes = requests.ask().id, iter([None, Outcome(revision=1)])
    follower = ApplyRequests(journal, clock, lambda: next(outcomes))
    follower.follow()
    assert requests.show(asked).state is ApplyState.PENDING
    clock.advance(REST_S)
    follower.follow()
    assert requests.show(asked).state is ApplyState.APPLIED


async def test_the_page_asks_for_domains_once_there_is_one(
    journal: AbsentJournal, tmp_path: Path
) -> None:
    configuration = Configuration.read(SHIPPED, tmp_path)
    configuration.begin(journal, SystemClock().now())
    with open_journal(f"sqlite:///{tmp_path / 'journal.db'}") as customers:
        role = CoreRole(journal, configuration, tmp_path, customers=customers)
        role._loop = asyncio.get_running_loop()
        component = role.core.state.catalogue.components[0].id
        with customers.transaction() as tx:
            tx.customer_names.replace({"a.example": [component]})
        flags = [role._renderer.answers_names]
        role._follow_visitors()
        flags.append(role._renderer.answers_names)
        assert flags == [False, True]
        await asyncio.sleep(0)
        assert role._render_now.is_set()
