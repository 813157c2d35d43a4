"""What a screen costs does not grow with the company: counted, not timed."""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from monitor.api.present import budgets, core_states
from monitor.api.present.moment import Present
from monitor.console.preparation import prepare
from monitor.console.rendering import environment
from monitor.console.screens.accounts import audit
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.catalogue import Catalogue, Check, Component, ConfiguredTerms, Service
from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import LOCAL, CheckId, ComponentId, Outcome, ServiceId
from monitor.domain.incidents.incident import Affected, Impact, Incident, IncidentId, Phase
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from tests.api.service import PASSWORD, service
from tests.console.visitor import Visitor
from tests.support.worlds import INTERVAL, T0, World, catalogue, check

EACH = 5
PATHS = (
    "/", "/incidents", "/incidents?q=disco", "/checks", "/checks?q=c1", "/checks/k1",
    "/components/c1", "/maintenance", "/new-incident", "/audit", "/audit.csv", "/accounts",
    "/api/v1/state", "/api/v1/incidents", "/api/v1/incidents?record=true", "/api/v1/checks",
    "/api/v1/components", "/api/v1/accounts", "/api/v1/audit",
)  # fmt: skip


def company(checks: int) -> Catalogue:
    """Components of five checks each, ten of them a service."""
    parts = range(checks // EACH)
    one = check(ComponentId("c0"))
    return replace(
        catalogue(),
        services=tuple(
            Service(id=ServiceId(f"s{n}"), name=plain(f"S{n}")) for n in range(-(-len(parts) // 10))
        ),
        components=tuple(
            Component(
                id=ComponentId(f"c{n}"), service=ServiceId(f"s{n // 10}"), name=plain(f"C{n}")
            )
            for n in parts
        ),
        checks=tuple(
            replace(one, id=CheckId(f"k{n}"), component=ComponentId(f"c{n // EACH}"))
            for n in range(checks)
        ),
    )


def state(at: Second, outcome: Outcome = Outcome.UP) -> FoldState:
    return FoldState(
        status=outcome, cause="conn_refused" if outcome is Outcome.DOWN else "first_look",
        since=T0, last_slot=at, covered_until=Second(at + INTERVAL), is_confirmed=True, revision=1,
    )  # fmt: skip


def over(number: int) -> Incident:
    start = Second(T0 - 3_600 * number)
    part = Affected(
        component=ComponentId(f"c{number % 20}"), status=Outcome.DOWN, start=start,
        end=Second(start + 60), cause="conn_refused",
    )  # fmt: skip
    return Incident(
        id=IncidentId(f"i{number:05}"), phase=Phase.RESOLVED, impact=Impact.MAJOR,
        started_at=start, created_at=start, resolved_at=Second(start + 60), affected=(part,),
        machine_title=plain(f"Un disco {number}"),
    )  # fmt: skip


def fill(world: World, incidents: int) -> None:
    checks: tuple[Check, ...] = world.core.state.catalogue.checks
    with world.journal.transaction() as tx:
        tx.folds.save({(c.id, LOCAL): state(T0) for c in checks}, len(checks))
        for number in range(incidents):
            tx.incidents.save(over(number))


@asynccontextmanager
async def visited(folder: Path, *, checks: int, incidents: int) -> AsyncIterator[Visitor]:
    """An administrator at the console of a company of that size."""
    async with service(folder, catalogue=company(checks), with_pages=True) as made:
        fill(made.world, incidents)
        made.add("boss", AccountRole.ADMIN, AccountRole.BILLING)
        for number in range(incidents // 10):
            made.add(f"person{number}", AccountRole.OPERATOR)
        visitor = Visitor(made, headers={"Accept-Language": "es"})
        seen = await visitor.post("/sign-in", {"name": "boss", "password": PASSWORD})
        visitor.key = seen.cookies["estado-session"]
        yield visitor


@contextmanager
def statements() -> Iterator[list[str]]:
    """What any journal is asked meanwhile."""
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(sa.Engine, "before_cursor_execute", note)


async def get(visitor: Visitor, path: str) -> str:
    bearer = {"Authorization": f"Bearer {visitor.key}"} if path.startswith("/api/") else {}
    seen = await visitor.get(path, **bearer)
    assert seen.status == 200, (path, seen.text[:500])
    return seen.text


async def asked_by_path(folder: Path, *, checks: int, incidents: int) -> dict[str, int]:
    """How many statements each screen takes that was looked at before."""
    counts = {}
    async with visited(folder, checks=checks, incidents=incidents) as visitor:
        for path in PATHS:
            await get(visitor, path)
            with statements() as asked:
                await get(visitor, path)
            counts[path] = len(asked)
    return counts


@pytest.mark.timeout(120)
async def test_no_screen_asks_the_journal_more_often_in_a_large_company(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both keep the core's state: what follows it in the background is counted by another test.
    monkeypatch.setattr(core_states, "_FEW", 0)
    for name in ("small", "large"):
        (tmp_path / name).mkdir()
    small = await asked_by_path(tmp_path / "small", checks=100, incidents=10)
    large = await asked_by_path(tmp_path / "large", checks=10_000, incidents=300)
    # A list of a thousand needs a statement for each 500 ids.
    more = {path: (small[path], n) for path, n in large.items() if n > small[path] + 2}
    assert not more
    assert max(large.values()) < 60, large


async def test_what_every_page_needs_is_at_hand_before_the_first_visitor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kept in (core_states, budgets):
        monkeypatch.setattr(kept, "_FEW", 0)
    environment.cache_clear()
    terms = ConfiguredTerms(fields={"guarantee": "0.9989"})
    billed = replace(company(200), terms=(terms,))
    async with service(tmp_path, catalogue=billed, with_pages=True) as made:
        fill(made.world, 3)
        prepare(made.backend)
        templates, states = environment(), made.backend.core_states
        names = templates.list_templates(filter_func=lambda name: name.startswith("console/"))
        assert {name for _, name in templates.cache or {}} >= set(names)
        assert states.kept_wholes == 1
        present = Present.read(made.backend)
        assert states.kept_wholes == 1
        with statements() as asked:
            counted = made.backend.budgets.read(made.backend, present.core, present.now, 0)
        assert (counted is not None, asked) == (True, [])


async def test_the_state_writes_again_only_what_has_changed(tmp_path: Path) -> None:
    async with visited(tmp_path, checks=200, incidents=0) as visitor:
        made = visitor.service
        first = await get(visitor, "/api/v1/state")
        written = made.backend.parts.written
        assert written == 200 + 40
        assert await get(visitor, "/api/v1/state") == first
        assert made.backend.parts.written == written
        with made.world.journal.transaction() as tx:
            tx.folds.save({(CheckId("k7"), LOCAL): state(Second(T0 + 60))}, 201)
        assert await get(visitor, "/api/v1/state") != first
        assert made.backend.parts.written == written + 1


async def test_incidents_that_have_not_changed_are_not_read_again(tmp_path: Path) -> None:
    async with visited(tmp_path, checks=100, incidents=30) as visitor:
        for path in ("/api/v1/incidents", "/api/v1/incidents?record=true", "/incidents?q=nada"):
            first = without_keys(await get(visitor, path))
            with statements() as asked:
                assert without_keys(await get(visitor, path)) == first
            assert not [s for s in asked if "incident_update" in s], path


def without_keys(text: str) -> str:
    """Each form has a key of its own, which is good once."""
    return re.sub(r'type="hidden" name="\w+" value="[^"]*"', "", text)


async def test_an_incident_that_has_changed_is_found_by_its_new_words(tmp_path: Path) -> None:
    async with visited(tmp_path, checks=100, incidents=5) as visitor:
        assert "i00003" in await get(visitor, "/incidents?q=disco 3")
        assert "i00003" not in await get(visitor, "/incidents?q=fuente")
        with visitor.service.world.journal.transaction() as tx:
            found = tx.incidents.get(IncidentId("i00003"))
            tx.incidents.save(replace(found, person_title=plain("Una fuente")))
        assert "i00003" in await get(visitor, "/incidents?q=FUENTE c3")
        assert "Una fuente" in await get(visitor, "/api/v1/incidents")


@pytest.mark.parametrize(("path", "total"), [("/checks", 250), ("/incidents", 120)])
async def test_a_long_list_goes_on_page_by_page(tmp_path: Path, path: str, total: int) -> None:
    async with visited(tmp_path, checks=250, incidents=120) as visitor:
        rows, url, pages = 0, path, 0
        while url:
            text = await get(visitor, url)
            rows += text.count("<tr data-row>")
            pages += 1
            url = next_of(text)
        assert (rows, pages) == (total, -(-total // 100))


def next_of(text: str) -> str:
    """Where the link to the next page leads; empty where there is none."""
    before, found, _ = text.partition('">Siguientes</a>')
    return before.rpartition('href="')[2].replace("&amp;", "&") if found else ""


async def test_of_many_accounts_and_services_one_form_is_shown_at_a_time(tmp_path: Path) -> None:
    async with visited(tmp_path, checks=1_500, incidents=800) as visitor:
        text = await get(visitor, "/accounts")
        assert 'action="/accounts/person3"' not in text
        assert 'href="/accounts?account=person3"' in text
        opened = await get(visitor, "/accounts?account=person3")
        assert 'action="/accounts/person3"' in opened
        assert 'action="/accounts/person4"' not in opened


async def test_every_row_of_the_audit_log_can_be_had_as_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_CSV", 30)
    monkeypatch.setattr(audit, "_PAGE", 30)
    async with visited(tmp_path, checks=5, incidents=0) as visitor:
        visitor.service.note(*(("test.done", f"={n}ñ") for n in range(70)))
        url = "/audit?kind=test"
        subjects: list[str] = []
        while url:
            page = await get(visitor, url)
            table = csv.DictReader((await get(visitor, csv_of(page))).splitlines())
            subjects = [*(row["subject"] for row in table), *subjects]
            before, found, _ = page.partition('">Más antiguos</a>')
            url = before.rpartition('href="')[2].replace("&amp;", "&") if found else ""
        assert subjects == [f"'={n}ñ" for n in range(70)]


def csv_of(page: str) -> str:
    return page.partition('">CSV</a>')[0].rpartition('href="')[2].replace("&amp;", "&")
