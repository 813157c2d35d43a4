"""`GET /budget`: this month's days of the public page, added up and set against the guarantee."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.api.present import budgets
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.availability import add_up
from monitor.domain.catalogue import Catalogue, ConfiguredTerms, Role
from monitor.domain.checks.observation import CheckId
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.calendar import local_days, local_month
from monitor.domain.time.interval import Second
from monitor.roles.console.journal import ReadingJournal
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.public_view import build_view
from tests.api.service import Service, service
from tests.support.worlds import DNS, INTERVAL, MAIL, T0, WEB, ZONE, World, catalogue, look

ALL = ("web", "dns", "mail")
SEPTEMBER = local_month(2026, 9, ZONE)
ALLOWED = Fraction("0.0011") * SEPTEMBER.seconds


def company() -> Catalogue:
    terms = ConfiguredTerms(fields={"guarantee": "0.9989"})
    return replace(catalogue(), terms=(terms,))


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path, catalogue=company()) as opened:
        yield opened


def live(world: World, minutes: int, **stories: str) -> None:
    """Everything else works meanwhile."""
    world.live(**{name: stories.get(name, "+" * minutes) for name in ALL})


def run_until(world: World, at: int, mark: str = "+") -> None:
    """Nothing changes until then, and all of it is read at once."""
    while world.clock.now() < at:
        now = world.clock.now()
        world.log.add(look(WEB, now, mark), look(DNS, now, "+"), look(MAIL, now, "+"))
        world.clock.advance(INTERVAL)
    while world.core.tick().backlog:
        pass


def skip_to(world: World, at: int) -> None:
    """Nobody looks until then: a week of results takes long to read."""
    world.clock.advance(at - world.clock.now())


async def budget(made: Service, key: str | None = None) -> Any:
    answer = await made.ask("GET", "/budget", key=key or made.key_of(AccountRole.VIEWER))
    assert answer.status == 200, answer.text
    return answer.json


async def counted(made: Service) -> None:
    counting = made.backend.budgets._counting
    assert counting is not None
    await asyncio.to_thread(counting.result, 30)


def of(document: Any, component: str = "web") -> Any:
    return next(one for one in document["components"] if one["component"] == component)


async def test_an_outage_takes_its_seconds_and_the_worst_comes_first(made: Service) -> None:
    live(made.world, 12, web="+----++++++", dns="+------+++++")
    document = await budget(made)
    assert [one["component"] for one in document["components"]] == ["dns", "web", "mail"]
    assert of(document)["used_s"] == 4 * INTERVAL
    assert of(document)["allowed_s"] == "2851.2"
    assert Fraction(of(document)["share"]) == Fraction(4 * INTERVAL) / ALLOWED
    assert (document["month"], document["guarantee"], document["total"]) == ("2026-09", "0.9989", 3)


async def test_it_is_what_the_days_of_the_page_add_up_to(made: Service) -> None:
    world = made.world
    live(world, 9, web="+----++++", mail="+???+~~~~")
    run_until(world, T0 + 86_400)
    live(world, 6, web="----++")
    document = await budget(made)
    with world.journal.transaction() as tx:
        view = build_view(
            tx, world.core.state, world.clock.now(), stale_after=120, days=DailyRollup()
        )
    for shown in view.components:
        month = add_up(d.seconds for d in shown.days if d.window.start >= SEPTEMBER.start)
        found = of(document, shown.id)
        assert (found["used_s"], found["excluded_s"]) == (month.down, month.excluded)


async def test_an_outage_under_way_says_when_it_uses_the_budget_up(made: Service) -> None:
    live(made.world, 6, web="+-----")
    now, found = made.world.clock.now(), of(await budget(made))
    left = int(ALLOWED) - found["used_s"]
    assert found["is_going_on"] is True
    used_up = made.world.clock.now() + left + 1
    assert Second(_second(found["used_up_at"])) == used_up
    assert found["used_s"] == now - (T0 + INTERVAL)


async def test_an_outage_is_dated_by_the_check_that_sees_it_and_not_by_one_that_is_silent(
    tmp_path: Path,
) -> None:
    found = company()
    silent = replace(found.checks[0], id=CheckId("silent-check"))
    async with service(tmp_path, catalogue=replace(found, checks=(*found.checks, silent))) as made:
        world = made.world
        for minute in range(3):
            now = Second(T0 + minute * INTERVAL)
            world.log.add(replace(look(WEB, now, "+"), check=silent.id))
        live(world, 30, web="+" * 10 + "-" * 20)
        web = of(await budget(made))
        assert web["used_s"] == 20 * INTERVAL
        left = int(ALLOWED) - web["used_s"]
        assert web["is_going_on"] is True
        assert _second(web["used_up_at"]) == world.clock.now() + left + 1


async def test_what_is_over_uses_up_nothing_any_more(made: Service) -> None:
    live(made.world, 9, web="+-----+++")
    found = of(await budget(made))
    assert (found["is_going_on"], found["used_up_at"]) == (False, None)


async def test_an_outage_over_midnight_is_one(made: Service) -> None:
    world = made.world
    midnight = next(d for d in _midnights() if d > T0)
    run_until(world, midnight - 10 * INTERVAL)
    run_until(world, midnight + 10 * INTERVAL, "-")
    live(world, 4)
    used = of(await budget(made))["used_s"]
    assert abs(used - 20 * INTERVAL) < INTERVAL


async def test_a_month_begins_in_its_first_second_with_nothing_used(made: Service) -> None:
    """An outage over it takes from each month its own seconds."""
    world = made.world
    skip_to(world, SEPTEMBER.end - 60 * INTERVAL)
    run_until(world, SEPTEMBER.end - 40 * INTERVAL)
    run_until(world, SEPTEMBER.end - INTERVAL, "-")
    key = made.key_of(AccountRole.VIEWER)
    before = await budget(made, key)
    assert (before["month"], of(before)["is_going_on"]) == ("2026-09", True)
    world.log.add(*(look(c, world.clock.now(), "-") for c in (WEB, DNS, MAIL)))
    world.core.tick()
    world.clock.advance(SEPTEMBER.end - world.clock.now())
    first = await budget(made, key)
    assert (first["month"], of(first)["used_s"]) == ("2026-10", 0)
    assert of(first)["is_going_on"] is True
    run_until(world, SEPTEMBER.end + 5 * INTERVAL, "-")
    assert of(await budget(made, key))["used_s"] == world.clock.now() - SEPTEMBER.end


async def test_maintenance_that_was_announced_takes_nothing(made: Service) -> None:
    world = made.world
    live(world, 3)
    now = world.clock.now()
    with world.journal.transaction() as tx:
        tx.maintenance.save(
            MaintenanceWindow(
                id=MaintenanceId("m1"), title=plain("Cambio"), impact=plain("Corte"),
                start=Second(now + INTERVAL), end=Second(now + 20 * INTERVAL),
                components=(WEB,),
            )
        )  # fmt: skip
        tx.maintenance.publish([MaintenanceId("m1")], now)
    live(world, 12, web="+" + "-" * 11)
    found = of(await budget(made))
    assert (found["used_s"], found["is_going_on"]) == (0, False)
    assert found["excluded_s"] > 9 * INTERVAL


async def test_silence_is_possible_downtime_and_no_certain_one(made: Service) -> None:
    live(made.world, 4)
    made.world.clock.advance(3 * 3_600)
    made.world.core.tick()
    found = of(await budget(made))
    assert found["used_s"] == 0
    assert 3 * 3_600 - 2 * INTERVAL <= found["unknown_s"] <= 3 * 3_600


async def test_the_time_before_there_was_a_component_is_neither(made: Service) -> None:
    live(made.world, 4)
    assert of(await budget(made))["unknown_s"] <= INTERVAL


async def test_a_correction_of_the_past_is_counted(made: Service) -> None:
    """Days that are over are kept between two answers."""
    world, key = made.world, made.key_of(AccountRole.VIEWER)
    live(world, 30, web="+" * 10 + " " * 10 + "+" * 10)
    gap = Second(T0 + 10 * INTERVAL)
    run_until(world, next(d for d in _midnights() if d > T0) + 3_600)
    assert of(await budget(made, key))["used_s"] == 0
    world.log.add(*(look(WEB, Second(gap + n * INTERVAL), "-") for n in range(10)))
    world.clock.advance(1)
    world.core.tick()
    assert world.correct()
    assert of(await budget(made, key))["used_s"] >= 9 * INTERVAL


async def test_an_account_of_one_service_has_its_budgets_alone(made: Service) -> None:
    live(made.world, 6, web="+-----")
    document = await budget(made, made.key_of(AccountRole.VIEWER, services=("mail",)))
    assert [one["component"] for one in document["components"]] == ["mail"]
    assert document["total"] == 1


async def test_a_courtesy_has_no_budget(tmp_path: Path) -> None:
    found = company()
    parts = [replace(c, role=Role.COURTESY) if c.id == MAIL else c for c in found.components]
    async with service(tmp_path, catalogue=replace(found, components=tuple(parts))) as made:
        live(made.world, 3)
        assert {one["component"] for one in (await budget(made))["components"]} == {"web", "dns"}


async def test_without_default_terms_there_is_none(tmp_path: Path) -> None:
    async with service(tmp_path) as made:
        live(made.world, 3)
        document = await budget(made)
        assert (document["guarantee"], document["components"]) == (None, [])


async def test_a_month_with_a_change_of_clocks_allows_for_its_real_length(tmp_path: Path) -> None:
    madrid = ZoneInfo("Europe/Madrid")
    async with service(tmp_path, catalogue=replace(company(), zone=madrid)) as made:
        live(made.world, 3)
        made.world.clock.advance(local_month(2026, 10, madrid).start + 60 - made.world.clock.now())
        document = await budget(made)
        assert document["month"] == "2026-10"
        real = 31 * 86_400 + 3_600
        assert Fraction(of(document)["allowed_s"]) == Fraction("0.0011") * real


async def test_with_thousands_of_checks_it_is_counted_once_a_minute_and_says_of_when(
    made: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "_FEW", 0)
    key = made.key_of(AccountRole.VIEWER)
    live(made.world, 1)
    first = await budget(made, key)
    made.world.clock.advance(59)
    assert (await budget(made, key))["at"] == first["at"]
    made.world.clock.advance(1)
    # Nobody waits for what is being counted anew.
    assert (await budget(made, key))["at"] == first["at"]
    await counted(made)
    assert _second((await budget(made, key))["at"]) == made.world.clock.now()


async def test_who_asks_once_a_day_is_not_told_yesterdays_figures(
    made: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "_FEW", 0)
    key = made.key_of(AccountRole.VIEWER)
    live(made.world, 3)
    assert of(await budget(made, key))["used_s"] == 0
    live(made.world, 9, web="+--------")
    document = await budget(made, key)
    assert _second(document["at"]) == made.world.clock.now()
    assert of(document)["used_s"] >= 7 * INTERVAL


async def test_what_is_old_is_told_where_nothing_newer_is_counted_in_time(
    made: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "_FEW", 0)
    live(made.world, 3)
    first = await budget(made)
    may_go_on, count = threading.Event(), budgets._Count.of

    def slowly(*given: Any) -> budgets.Budgets:
        assert may_go_on.wait(30)
        return count(*given)

    monkeypatch.setattr(budgets._Count, "of", slowly)
    made.world.clock.advance(600)
    core, at = made.world.core.state, made.world.clock.now()
    found = made.backend.budgets.read(made.backend, core, at, 0.01)
    may_go_on.set()
    assert found is not None
    assert found.at == _second(first["at"])


def test_days_of_another_journal_in_its_place_are_counted_anew(tmp_path: Path) -> None:
    """One that was put back from a copy has other days under the same numbers."""
    count, used = budgets._Count(), []
    for name, mark in (("one", "-"), ("other", "+")):
        (tmp_path / name).mkdir()
        world = World(tmp_path / name, company())
        midnight = next(d for d in _midnights() if d > T0)
        run_until(world, midnight - 10 * INTERVAL)
        run_until(world, midnight - 5 * INTERVAL, mark)
        run_until(world, midnight + 3_600)
        found = count.of(journal_of(world), world.core.state, world.clock.now())
        used.append(next(c.budget.used for c in found.components if c.component.id == WEB))
    assert used[0] > 0
    assert used[1] == 0


def journal_of(world: World) -> ReadingJournal:
    return ReadingJournal(lambda: f"sqlite:///{world.folder / 'journal.db'}")


async def test_last_months_figures_are_no_answer_in_this_one(
    made: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "_FEW", 0)
    key = made.key_of(AccountRole.VIEWER)
    skip_to(made.world, SEPTEMBER.end - 30 - 20 * INTERVAL)
    run_until(made.world, SEPTEMBER.end - 30)
    made.world.clock.step(SEPTEMBER.end - 30 - made.world.clock.now())
    assert (await budget(made, key))["month"] == "2026-09"
    made.world.clock.advance(31)
    assert (await budget(made, key))["month"] == "2026-10"


def _midnights() -> list[Second]:
    return [day.start for _, day in local_days(SEPTEMBER, ZONE)]


def _second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
