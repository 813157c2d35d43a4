"""The page about the monitor itself: what is wrong with it, and the way out of each fault."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import typer
from aiohttp.test_utils import TestClient, TestServer

from credits.billing.brake import BrakeCommands
from monitor.api.app import make_api_app
from monitor.api.machine import ClockStep, JournalHolder, Machine
from monitor.api.present.own_faults import OwnFaultKind, own_faults
from monitor.cli.app import build_app
from monitor.console.app import add_console
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import Via
from monitor.domain.closing_progress import ClosingProgress
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.role_fault import (
    CoreFault,
    CoreFaultCode,
    RoleFault,
    RoleFaultCode,
    core_faults,
)
from monitor.domain.time.interval import Second
from monitor.i18n.formats import Lang, clock_time
from monitor.i18n.languages import OPERATORS_LANGUAGES
from monitor.i18n.words import MONITOR
from monitor.results.log.ports import ProberMetrics
from monitor.results.stores.ports import StoreMetrics
from monitor.self_monitoring.system_alert import raise_alert
from monitor.state.own_report import OwnReport, RouteReport
from tests.api.service import SHELL, service
from tests.architecture.tree import ROOT
from tests.console.visitor import Visitor
from tests.docs.test_documented import anchors
from tests.support.worlds import T0, ZONE

VIEWER, OPERATOR = AccountRole.VIEWER, AccountRole.OPERATOR
OLD = RoleFault(role="store", code=RoleFaultCode.OLD_FIGURES, age_s=70)
WELL = Machine(
    at=T0, faults=dict.fromkeys(("prober", "core", "page", "store")), core_faults=(),
    prober=ProberMetrics(at=T0, started_at=T0, missed=3, rss_bytes=91_500_000),
    newest_row=0, store=StoreMetrics(at=T0, started_at=T0, kind="influxdb"),
    disk_free=50_000_000_000, disk_size=100_000_000_000, journal_bytes=4_096,
)  # fmt: skip
ILL = replace(
    WELL,
    faults={**WELL.faults, "store": OLD},
    core_faults=(CoreFault(code=CoreFaultCode.NOT_RENDERED),),
    newest_row=4_009,
    store=StoreMetrics(
        at=T0, started_at=T0, kind="influxdb", lag_rows=7, oldest_unstored=Second(T0 - 60),
        dead_letters=2, paused="the token is wrong",
    ),
    disk_free=1_000_000_000,
    holder=JournalHolder(pid=4321, command="estado incident update", is_stopped=True, lasted_s=40),
    clock_steps=(ClockStep(at=Second(T0 - 600), by_s=-3_600),),
    closing=ClosingProgress(month="2026-10", contracts=40_000, of=100_000),
)  # fmt: skip
NOTHING = OwnReport(
    log_cursor=0, last_change=0, offline_since=None, without_resolver_since=None,
    stalling_since=None, store_stuck_since=None, clock_doubted_since=None, last_alert=None,
    is_undelivered=False, pending=0, sent=0, given_up=0, routes=(), stale=(),
)  # fmt: skip


@asynccontextmanager
async def at(folder: Path, machine: Machine | None, looked_ago: int = 0) -> AsyncIterator[Visitor]:
    """Somebody before a console that has looked at its machine, so many seconds ago."""
    async with service(folder) as opened:
        opened.world.live(web="+++", dns="+++", mail="+++")

        def looked() -> Machine | None:
            at = Second(opened.world.clock.now() - looked_ago)
            return None if machine is None else replace(machine, at=at)

        backend = replace(opened.backend, machine=looked)
        app = make_api_app(backend)
        add_console(app, backend)
        async with TestClient(TestServer(app)) as client:
            yield Visitor(replace(opened, client=client))


async def test_each_fault_says_the_way_out_in_both_languages(tmp_path: Path) -> None:
    async with at(tmp_path, ILL) as visitor:
        await visitor.sign_in(VIEWER)
        for lang in ("es", "en"):
            words = (await visitor.get("/monitor", Accept_Language=lang)).words
            known = MONITOR[Lang(lang)].faults
            for kind in ("journal_held", "role", "core", "store_trouble", "dead_letters"):
                assert known[kind].way_out in words, (lang, kind)
                assert known[kind].read in words, (lang, kind)
            assert "kill -CONT 4321" in words
            assert "estado health --role store" in words
            assert "the token is wrong" in words
            assert "4.000" in words or "4,000" in words


async def test_it_says_how_far_the_month_is_that_is_being_closed(tmp_path: Path) -> None:
    async with at(tmp_path, ILL) as visitor:
        await visitor.sign_in(VIEWER)
        assert "Cierre de un mes 2026-10: 40.000 de 100.000 contratos" in (
            await visitor.get("/monitor")
        ).words.replace("\u00a0", " ").replace("\u202f", ".")


async def test_a_brake_that_was_forgotten_is_a_warning_without_its_reason(tmp_path: Path) -> None:
    async with at(tmp_path, WELL) as visitor:
        await visitor.sign_in(VIEWER)
        assert (
            MONITOR[Lang.ES].faults["applying_paused"].says
            not in (await visitor.get("/monitor")).words
        )
        pull_the_brake(visitor, "Los importes no cierran")
        words = (await visitor.get("/monitor")).words
        assert MONITOR[Lang.ES].faults["applying_paused"].says in words
        assert "1 advertencia" in words
        assert "Los importes no cierran" not in words
        billing = Visitor(visitor.service)
        await billing.sign_in(AccountRole.BILLING)
        seen = (await billing.get("/credits")).words
        assert "El freno está puesto desde" in seen
        assert "Lo puso root: Los importes no cierran" in seen
        pull_the_brake(visitor, "Eran correctos", is_on=False)
        assert "El freno" not in (await billing.get("/credits")).words
        assert "Todo en orden" in (await visitor.get("/monitor")).words


def pull_the_brake(visitor: Visitor, reason: str, *, is_on: bool = True) -> None:
    """On the host; an account lets go of it."""
    world = visitor.service.world
    actor = SHELL if is_on else replace(SHELL, via=Via.API)
    commands = BrakeCommands(journal=world.journal, clock=world.clock, actor=actor)
    (commands.pause if is_on else commands.resume)(reason)


async def test_the_first_page_names_the_faults_and_leads_there(tmp_path: Path) -> None:
    async with at(tmp_path, ILL) as visitor:
        await visitor.sign_in(VIEWER)
        seen = await visitor.get("/")
        assert "Otro proceso retiene el diario: 4321 estado incident update" in seen.words
        assert "El rol store no trabaja: anotó sus últimos números hace 1 min" in seen.words
        assert "it wrote" not in seen.words
        # A warning wakes nobody.
        assert "El disco está casi lleno" not in seen.words
        assert 'href="/monitor"' in seen.text.partition("<main")[2]


async def test_the_first_page_says_how_old_its_facts_are_and_trusts_no_old_ones(
    tmp_path: Path,
) -> None:
    """Nobody looks any more: a core that has died since looks well in what was seen."""
    for seconds, is_well in ((10, True), (300, False)):
        folder = tmp_path / str(seconds)
        folder.mkdir()
        async with at(folder, WELL, looked_ago=seconds) as visitor:
            looked = Second(visitor.service.world.clock.now() - seconds)
            await visitor.sign_in(VIEWER)
            words = (await visitor.get("/")).words
            assert f"Visto a las {clock_time(looked, ZONE, with_seconds=True)}" in words
            assert ("lo que se dice de ellos es viejo" not in words) is is_well
            assert ("1 falla del monitor" not in words) is is_well


async def test_where_nothing_is_wrong_it_says_so_and_since_when(tmp_path: Path) -> None:
    async with at(tmp_path, replace(WELL, ill_at=Second(T0 + 60))) as visitor:
        await visitor.sign_in(VIEWER)
        words = (await visitor.get("/monitor")).words
        assert "Todo en orden" in words
        assert "Qué hacer" not in words
        # Its first change is what the feed knows of: nothing was told since.
        known_since = Second(T0 + 180)
        assert f"desde {clock_time(known_since, ZONE, with_seconds=True)}" in words
        raise_now(visitor)
        since = clock_time(Second(T0 + 480), ZONE, with_seconds=True)
        assert f"desde {since}" in (await visitor.get("/monitor")).words


def raise_now(visitor: Visitor) -> None:
    """Five minutes later the monitor tells of its store, and that this is over."""
    world = visitor.service.world
    world.clock.advance(240)
    world.live(web="+", dns="+", mail="+")
    with world.journal.transaction() as tx:
        state = world.core.state.catalogue
        raise_alert(tx, SystemAlert.STORE_BACK, T0, state, world.clock.now())


async def test_what_the_machine_says_is_no_page_of_its_own(tmp_path: Path) -> None:
    script = "<script>alert(1)</script>"
    machine = replace(
        ILL, faults={"store": replace(OLD, code=RoleFaultCode.UNREADABLE, detail=script)},
        core_faults=(CoreFault(code=CoreFaultCode.STORE_PAUSED, detail=script),),
        holder=JournalHolder(pid=1, command=script, is_stopped=False, lasted_s=9),
        store=StoreMetrics(at=T0, started_at=T0, kind=script, paused=script),
    )  # fmt: skip
    async with at(tmp_path, machine) as visitor:
        await visitor.sign_in(VIEWER)
        for path in ("/monitor", "/"):
            seen = await visitor.get(path)
            assert seen.status == 200
            assert "<script>alert" not in seen.text


async def test_what_is_on_another_machine_is_said_to_be_unknown(tmp_path: Path) -> None:
    async with at(tmp_path, None) as visitor:
        await visitor.sign_in(VIEWER)
        seen = await visitor.get("/monitor")
        assert (seen.status, seen.words.count(MONITOR[Lang.ES].elsewhere)) == (200, 3)


async def test_it_is_in_the_bar_of_all_but_bounded_accounts(tmp_path: Path) -> None:
    async with at(tmp_path, WELL) as visitor:
        await visitor.sign_in(VIEWER)
        assert '<a href="/monitor" aria-current="page">' in (await visitor.get("/monitor")).text
        visitor.key = ""
        await visitor.sign_in(OPERATOR, services=("hosting",))
        assert 'href="/monitor"' not in (await visitor.get("/")).text
        assert (await visitor.get("/monitor")).status == 403


def test_every_fault_has_words_a_heading_and_a_command_that_there_are() -> None:
    tree: Any = typer.main.get_command(build_app())
    for lang, words in MONITOR.items():
        assert set(words.faults) == set(OwnFaultKind), lang
        for kind, said in words.faults.items():
            file, _, anchor = said.read.partition("#")
            assert anchor in anchors((ROOT / file).read_text("utf-8")), (lang, kind)
            typed = shlex.split(said.command)
            if typed[:1] == ["estado"]:
                assert_typed(tree, typed[1:])
            named = {name for _, name, _, _ in Formatter().parse(said.says + said.command) if name}
            assert named <= {"x", "w", "n"}


def assert_typed(command: Any, words: list[str]) -> None:
    """There is such a command, and it has these options."""
    while words and not words[0].startswith("-"):
        command, words = command.commands[words[0]], words[1:]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= options


@pytest.mark.parametrize(
    ("report", "machine", "wanted"),
    [
        (NOTHING, None, []),
        (NOTHING, WELL, []),
        (replace(NOTHING, offline_since=T0), WELL, ["offline"]),
        (replace(NOTHING, without_resolver_since=T0), None, ["no_resolver"]),
        (replace(NOTHING, clock_doubted_since=T0, stalling_since=T0), None,
         ["clock_doubted", "stalling"]),
        (NOTHING, replace(WELL, core_faults=core_faults({"troubles": ["a", "b"]})), ["core"]),
        (NOTHING, replace(WELL, at=Second(T0 - 59)), []),
        (NOTHING, replace(WELL, at=Second(T0 - 120)), ["facts_old"]),
        (NOTHING, replace(WELL, disk_free=4, disk_size=100), ["disk_low"]),
        (NOTHING, replace(WELL, disk_free=5, disk_size=100), []),
        (replace(NOTHING, store_stuck_since=T0), ILL,
         ["journal_held", "role", "core", "store_stuck", "dead_letters", "disk_low"]),
        (replace(NOTHING, routes=(RouteReport(route="ops", is_tried=True, is_failing=True),)), None,
         ["route_fails"]),
        (replace(NOTHING, is_undelivered=True,
                 routes=(RouteReport(route="ops", is_tried=True, is_failing=True),)), None,
         ["alerts_undelivered"]),
    ],
)  # fmt: skip
def test_a_fault_is_named_once_the_worst_first(
    report: OwnReport, machine: Machine | None, wanted: list[str]
) -> None:
    assert [fault.kind for fault in own_faults(report, machine, T0)] == wanted


def test_each_fault_of_a_role_has_its_words_in_both_languages() -> None:
    for lang, words in MONITOR.items():
        assert set(words.role_faults) == set(RoleFaultCode), lang
        for code, said in words.role_faults.items():
            named = {name for _, name, _, _ in Formatter().parse(said) if name}
            assert named <= {"d", "u", "s"}, (lang, code)


async def test_what_a_role_suffers_is_said_in_the_language_of_the_page(tmp_path: Path) -> None:
    for code in RoleFaultCode:
        folder = tmp_path / code
        folder.mkdir()
        machine = replace(WELL, faults={"store": replace(OLD, code=code, detail="x", url="y")})
        async with at(folder, machine) as visitor:
            await visitor.sign_in(VIEWER)
            for lang in OPERATORS_LANGUAGES:
                said = MONITOR[lang].role_faults[code].format(d="x", u="y", s="1 min")
                words = (await visitor.get("/monitor", Accept_Language=lang)).words
                assert words.replace("\u00a0", " ").count(said) >= 2, (code, lang)


def test_each_fault_of_the_core_has_its_words_in_both_languages() -> None:
    for lang, words in MONITOR.items():
        assert set(words.core_faults) == set(CoreFaultCode), lang
        for code, said in words.core_faults.items():
            named = {name for _, name, _, _ in Formatter().parse(said) if name}
            assert named <= {"d", "s", "n", "by"}, (lang, code)


async def test_what_the_core_suffers_is_said_in_the_language_of_the_page(tmp_path: Path) -> None:
    """As its first fault and beside the role, which answers with the same."""
    for code in CoreFaultCode:
        folder = tmp_path / code
        folder.mkdir()
        suffered = CoreFault(code=code, detail="x", age_s=70, count=4)
        not_well = RoleFault(
            role="core", code=RoleFaultCode.NOT_WELL, url="y", detail="503", reasons=(suffered,)
        )
        machine = replace(WELL, faults={**WELL.faults, "core": not_well}, core_faults=(suffered,))
        async with at(folder, machine) as visitor:
            await visitor.sign_in(VIEWER)
            for lang in OPERATORS_LANGUAGES:
                by = MONITOR[lang].stalls_by.format(d="x")
                said = MONITOR[lang].core_faults[code].format(d="x", s="1 min", n=4, by=by)
                seen = (await visitor.get("/monitor", Accept_Language=lang)).words
                assert seen.replace("\u00a0", " ").count(said) >= 3, (code, lang)
