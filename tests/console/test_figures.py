"""Latency, the hours of the week and the month's budget, as the console shows them."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.api.present import budgets
from monitor.console.screens.checks import latency as latency_screen
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.checks.observation import ComponentId
from monitor.domain.text import plain
from monitor.history.http.concurrency_limit import ConcurrencyLimit
from monitor.history.queries import OpenStore
from monitor.results.stores.ports import ResultStore, StoreMisconfigured, StoreUnavailable
from tests.api.service import service
from tests.api.test_budget import counted
from tests.console.past import Past, company, live_a_week, past, results
from tests.console.visitor import Visitor
from tests.support.worlds import INTERVAL, check

VIEWER = AccountRole.VIEWER


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Past]:
    async with past(tmp_path) as opened:
        yield opened


async def visitor(there: Past, *services: str) -> Visitor:
    found = Visitor(there.made)
    await found.sign_in(VIEWER, services=services)
    return found


async def test_latency_is_what_the_api_says(there: Past) -> None:
    now = there.made.world.clock.now()
    await there.archive.log(*results(now))
    await there.archive.count()
    seen = await (await visitor(there)).get("/latency/checks/web-check")
    key = there.made.token("viewer", Scope.STATE_READ)
    asked = "/checks/web-check/latency?from=-24h&resolution=hour"
    whole = (await there.made.ask("GET", asked, key=key)).json["whole"]
    for name in ("p50", "p95", "p99"):
        assert f"{name} {whole[f'{name}_ms']:.0f} ms" in seen.words
    assert seen.text.count("<polyline") == 6


async def test_phases_are_told_day_by_day(there: Past) -> None:
    await there.archive.log(*results(there.made.world.clock.now(), days=2))
    await there.archive.count()
    seen = await (await visitor(there)).get("/latency/checks/web-check")
    table = seen.words.partition("Fases por día,")[2]
    assert "Cuándo dns connect tls reply Resultados" in table
    assert "2,0 ms" in table
    assert table.count("18 ms") == 3


async def test_an_hour_without_runs_breaks_the_line(there: Past) -> None:
    """A line over it would tell of runs that there were not."""
    now = there.made.world.clock.now()
    gap = range(now - 12 * 3_600, now - 9 * 3_600)
    await there.archive.log(*(r for r in results(now, days=1) if r.slot not in gap))
    await there.archive.count()
    seen = await (await visitor(there)).get("/latency/checks/web-check")
    of_a_day = seen.text.partition('</svg>\n  <p class="axis"><span>')[0]
    assert of_a_day.count('<polyline class="l-p50"') == 2


async def test_a_component_has_the_p95_of_its_checks(there: Past) -> None:
    await there.archive.log(*results(there.made.world.clock.now()))
    await there.archive.count()
    seen = await (await visitor(there)).get("/latency/components/web")
    assert re.search(r"web-check \d+ ms \d+ ms 1\.\d{3}", seen.words)


@pytest.mark.parametrize(
    "error",
    [StoreUnavailable("no answer from 127.0.0.1:8086"), StoreMisconfigured("no bucket estado")],
    ids=["away", "misconfigured"],
)
async def test_a_store_that_is_away_is_named_and_the_page_is_there(
    there: Past, error: Exception
) -> None:
    class Away:
        async def buckets(self, *_: object) -> object:
            raise error

    use(there, Away())  # type: ignore[arg-type]
    found = await visitor(there)
    assert (await found.get("/checks/web-check")).status == 200
    seen = await found.get("/latency/checks/web-check")
    assert seen.status == 200
    assert "no se puede mostrar la latencia" in seen.words
    assert str(error) in seen.words


async def test_a_store_that_hangs_holds_no_page(
    there: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor the part that waits for it for longer than it says."""
    monkeypatch.setattr(latency_screen, "PATIENCE_S", 0.2)
    asked = asyncio.Event()

    class Hanging:
        async def buckets(self, *_: object) -> object:
            asked.set()
            return await asyncio.Event().wait()

    use(there, Hanging())  # type: ignore[arg-type]
    found = await visitor(there)
    waiting = asyncio.create_task(found.get("/latency/checks/web-check"))
    await asked.wait()
    page = await found.get("/checks/web-check")
    assert "Ver la latencia" in page.words
    assert "el almacén de resultados no contestó en 0.2 s" in (await waiting).words


async def test_of_too_many_questions_the_last_is_told_so(tmp_path: Path) -> None:
    async with past(tmp_path, limit=ConcurrencyLimit(at_once=0, waiting=0)) as there:
        seen = await (await visitor(there)).get("/latency/checks/web-check")
        assert "hay demasiadas consultas" in seen.words


async def test_a_role_without_a_store_says_so(tmp_path: Path) -> None:
    async with past(tmp_path) as there:
        there.archive.server.close_on("the store role has not run in this data folder")
        seen = await (await visitor(there)).get("/latency/checks/web-check")
        assert "the store role has not run in this data folder" in seen.words


async def test_a_bounded_account_sees_nothing_of_other_services(there: Past) -> None:
    there.made.fall("web")
    found = await visitor(there, "mail")
    assert (await found.get("/latency/checks/web-check")).status == 404
    assert (await found.get("/latency/components/web")).status == 404
    assert (await found.get("/latency/checks/mail-check")).status == 200
    seen = (await found.get("/")).words
    assert "Caída permitida en septiembre" in seen
    assert "Nadie consumió nada este mes" in seen
    assert "Web" not in seen.partition("Caída permitida en septiembre")[2]


async def test_what_fails_each_night_stands_in_one_column_and_is_said(there: Past) -> None:
    live_a_week(there.made)
    found = await visitor(there)
    for path in ("/checks/web-check", "/components/web"):
        seen = await found.get(path)
        assert "A las 03 falló en 5 de 7 días." in seen.words
        rows = re.findall(r"<tr><th scope=\"row\"><span.*?</tr>", seen.text)
        assert len(rows) == 7
        cells = [re.findall(r"<td class=\"([^\"]*)\"", row) for row in rows]
        assert all(len(row) == 24 for row in cells)
        assert [row[3] for row in cells].count("is-down h-2") == 5


async def test_each_cell_says_what_its_colour_does(there: Past) -> None:
    live_a_week(there.made)
    words = (await (await visitor(there)).get("/checks/web-check")).text
    for said in ("caído 20\u00a0min", "lento 1\u00a0h", "sin datos 1\u00a0h", "funciona"):
        assert f'<span class="vh">{said}</span>' in words
    assert "todavía no se controlaba" in words
    assert "Se controla desde el lunes 21 de septiembre, 11 h." in words


async def test_an_outage_under_way_says_when_the_budget_is_used_up(there: Past) -> None:
    there.made.fall("web")
    seen = await (await visitor(there)).get("/")
    used = 4 * INTERVAL
    left = 2_851 - used + 1
    minutes, seconds = divmod(left, 60)
    card = seen.words.partition("Caída permitida en septiembre")[2]
    assert "Por componente: 47 min 31 s" in card
    assert "Web 8 %" in card
    assert f"se agota en {minutes} min {seconds} s, a las" in card
    assert "Los otros 2: sin consumo." in card


async def test_an_open_incident_says_what_of_the_budget_is_at_risk(there: Past) -> None:
    incident = there.made.fall("web")
    left = 2_851 - 4 * INTERVAL + 1
    minutes, seconds = divmod(left, 60)
    someone = await visitor(there)
    said = f"Web 4 min de 47 min 31 s (8 %), se agota en {minutes} min {seconds} s, a las"
    for path in ("/", f"/incidents/{incident}"):
        words = (await someone.get(path)).words
        assert said in words.partition("Caída permitida por agotarse")[2], path
    # Once it is over nothing is at risk.
    there.made.world.live(web="++++", dns="++++", mail="++++")
    there.made.world.clock.advance(3_600)
    there.made.world.live(web="++++", dns="++++", mail="++++")
    assert not there.made.incidents()
    assert "Caída permitida por agotarse" not in (await someone.get(f"/incidents/{incident}")).words


async def test_the_budget_at_risk_of_a_shared_incident_is_that_of_ones_own(there: Past) -> None:
    incident = there.made.fall("dns", "mail")
    seen = (await (await visitor(there, "mail")).get(f"/incidents/{incident}")).words
    risk = seen.partition("Caída permitida por agotarse")[2].partition("a las")[0]
    assert "Correo 4 min de" in risk
    assert "DNS" not in risk


async def test_what_is_not_known_is_told_apart_from_what_is_used(there: Past) -> None:
    there.made.world.live(web="+++", dns="+++", mail="+++")
    there.made.world.clock.advance(3_600)
    there.made.world.core.tick()
    card = (await (await visitor(there)).get("/")).words.partition("Caída permitida en")[2]
    assert "Web 0 % 0 s de 47 min 31 s · quizá 1 h" in card


async def test_counting_that_takes_long_holds_no_page(
    there: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "_FEW", 0)
    may_go_on = threading.Event()
    count = budgets._Count.of

    def slowly(*given: Any) -> budgets.Budgets:
        assert may_go_on.wait(30)
        return count(*given)

    monkeypatch.setattr(budgets._Count, "of", slowly)
    there.made.fall("web")
    found = await visitor(there)
    seen = await found.get("/")
    assert "Caída permitida en septiembre Se está contando" in seen.words
    assert "Web: sin respuesta" in seen.words
    may_go_on.set()
    await counted(there.made)
    assert "se agota en" in (await found.get("/")).words


async def test_without_default_terms_there_is_no_budget(tmp_path: Path) -> None:
    async with service(tmp_path, with_pages=True) as made:
        found = Visitor(made)
        await found.sign_in(VIEWER)
        assert "Caída permitida" not in (await found.get("/")).words


def use(there: Past, store: ResultStore) -> None:
    there.archive.server.open_on(
        OpenStore(
            kind="influx", store=store, results_until=lambda: None, buckets_until=lambda: None
        )
    )


async def test_of_many_components_the_ten_worst_are_listed_and_the_others_counted(
    tmp_path: Path,
) -> None:
    names = [f"c{number:02d}" for number in range(14)]
    made = company()
    parts = [replace(made.components[0], id=ComponentId(n), name=plain(n)) for n in names]
    checks = [check(part.id) for part in parts]
    wide = replace(made, components=tuple(parts), checks=tuple(checks))
    async with service(tmp_path, catalogue=wide, with_pages=True) as opened:
        # Each has been down for longer than the next; the last two never were.
        stories = {n: "+" + "-" * (15 - k) + "+" * (3 + k) for k, n in enumerate(names[:12])}
        opened.world.live(**stories, **dict.fromkeys(names[12:], "+" * 19))
        found = Visitor(opened)
        await found.sign_in(VIEWER)
        card = (await found.get("/")).words.partition("Caída permitida en septiembre")[2]
        assert re.findall(r"c\d\d", card) == names[:10]
        assert "Y otros 2 con consumo. Los otros 2: sin consumo." in card
