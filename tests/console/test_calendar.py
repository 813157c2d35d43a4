"""The maintenance screen's calendar, as it is read."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import MACHINE
from monitor.domain.text import plain
from monitor.domain.time.calendar import midnight
from monitor.domain.time.interval import Second
from monitor.incidents.maintenance_commands import MaintenanceCommands
from tests.console.visitor import Seen, Visitor
from tests.support.worlds import ZONE

VIEWER, OPERATOR = AccountRole.VIEWER, AccountRole.OPERATOR
HOUR = 3_600


def commands(visitor: Visitor) -> MaintenanceCommands:
    world = visitor.service.world
    return MaintenanceCommands(
        journal=world.journal, catalogue=world.core.state.catalogue, clock=world.clock,
        actor=MACHINE,
    )  # fmt: skip


def plan(visitor: Visitor, day: str, hour: int, name: str, *, component: str = "web") -> str:
    start = Second(midnight(date.fromisoformat(day), ZONE) + hour * HOUR)
    return commands(visitor).add(
        title=plain(name), impact=plain("x"), start=start, end=Second(start + 2 * HOUR),
        components=(component,),
    ).id  # fmt: skip


def cell(seen: Seen, day: str) -> str:
    """What is read on one day."""
    found = re.search(
        rf'<td[^>]*>\s*<time class="date" datetime="{day}">(.*?)</td>', seen.text, re.DOTALL
    )
    assert found, day
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found[1])).split())


async def test_windows_stand_on_their_days_with_time_and_state(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    plan(visitor, "2026-10-05", 23, "Disco")
    gone = plan(visitor, "2026-10-07", 3, "Red")
    commands(visitor).cancel(gone)
    seen = await visitor.get("/maintenance?month=2026-10")
    assert "Previsto: 23:00 Disco" in cell(seen, "2026-10-05")
    assert "Previsto: → sigue Disco" in cell(seen, "2026-10-06")
    assert "Cancelado: 03:00 Red" in cell(seen, "2026-10-07")
    assert "Disco" not in cell(seen, "2026-10-04") + cell(seen, "2026-10-07")


async def test_what_runs_and_what_is_done_say_so(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    clock = visitor.service.world.clock
    today = "2026-09-21"
    plan(visitor, today, 12, "Uno")
    clock.advance(HOUR)
    assert "En curso: 12:00 Uno" in cell(await visitor.get("/maintenance"), today)
    clock.advance(2 * HOUR)
    seen = await visitor.get("/maintenance")
    assert "Terminado: 12:00 Uno" in cell(seen, today)
    assert f'aria-current="date">\n      <time class="date" datetime="{today}">' in seen.text


async def test_many_windows_of_a_day_are_shown_on_request(visitor: Visitor) -> None:
    await visitor.sign_in(VIEWER)
    for number in range(6):
        plan(visitor, "2026-10-05", number, f"Trabajo {number}")
    seen = cell(await visitor.get("/maintenance?month=2026-10"), "2026-10-05")
    assert seen.index("Trabajo 2") < seen.index("+3") < seen.index("Trabajo 3")
    assert "Trabajo 5" in seen


async def test_a_month_leads_to_its_neighbours(visitor: Visitor) -> None:
    await visitor.sign_in(VIEWER)
    seen = await visitor.get("/maintenance?month=2026-12")
    assert "diciembre de 2026" in seen.words
    assert 'rel="prev" href="/maintenance?month=2026-11"' in seen.text
    assert 'rel="next" href="/maintenance?month=2027-01"' in seen.text
    assert "Este mes" in seen.words
    assert "No hay mantenimientos en este mes." in seen.words
    assert "Este mes" not in (await visitor.get("/maintenance")).words


@pytest.mark.parametrize(
    "address",
    ["month=2026-13", "month=x", "month=2026%2012", "month=9999-12", "month=%D9%A1",
     "day=2026-02-30", "month=2026-12&day=<script>", "month=-1"],
)  # fmt: skip
async def test_an_address_that_is_no_month_is_told_what_is_wanted(
    visitor: Visitor, address: str
) -> None:
    await visitor.sign_in(OPERATOR)
    seen = await visitor.get(f"/maintenance?{address}")
    assert seen.status == 400, seen.words
    assert "2026-12" in seen.words
    assert seen.headers["Content-Type"].startswith("text/html")
    assert "<script>" not in seen.text


async def test_a_day_leads_to_announcing_on_it(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    seen = await visitor.get("/maintenance?month=2026-10")
    url = "/maintenance?month=2026-10&day=2026-10-07"
    assert f'href="{url}#plan"'.replace("&", "&amp;") in seen.text
    filled = await visitor.get(url)
    assert filled.field("month") == "2026-10"
    assert 'name="start" type="datetime-local" value="2026-10-07T02:00"' in filled.text
    assert 'name="end" type="datetime-local" value="2026-10-07T03:00"' in filled.text


async def test_no_day_that_has_passed_or_lies_too_far_ahead_offers_it(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    now = await visitor.get("/maintenance")
    assert "day=2026-09-20" not in now.text
    assert "day=2026-09-21" in now.text
    far = await visitor.get("/maintenance?month=2027-10")
    assert "day=2027-10-26" in far.text
    assert "day=2027-10-27" not in far.text


async def test_who_may_not_announce_is_offered_no_day(visitor: Visitor) -> None:
    await visitor.sign_in(VIEWER)
    assert "day=" not in (await visitor.get("/maintenance")).text.partition("<main")[2]


async def test_a_bounded_account_sees_its_own_windows(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR, services=("hosting",))
    plan(visitor, "2026-10-05", 2, "Nuestro")
    plan(visitor, "2026-10-05", 3, "Ajeno", component="mail")
    seen = cell(await visitor.get("/maintenance?month=2026-10"), "2026-10-05")
    assert "Nuestro" in seen
    assert "Ajeno" not in seen


async def test_a_form_that_was_refused_comes_back_in_the_month_it_was_typed_in(
    visitor: Visitor,
) -> None:
    await visitor.sign_in(OPERATOR)
    seen = await visitor.post("/maintenance", {"month": "2027-02", "title_es": "Disco"})
    assert seen.status == 422
    assert "febrero de 2027" in seen.words
