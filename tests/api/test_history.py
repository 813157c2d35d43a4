"""The history through the door: as its former address answers, within an account's bounds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from monitor.api.app import make_api_app
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.catalogue import Component, Service
from monitor.domain.checks.observation import ComponentId, ServiceId
from monitor.domain.text import plain
from monitor.history.http.concurrency_limit import ConcurrencyLimit
from monitor.history.http.handler import QueryHandler
from monitor.results.stores.ports import StoreMisconfigured
from monitor.roles.store.history_journal import HistoryJournal
from tests.api.service import Answered, service
from tests.api.service import Service as Api
from tests.history.archive import NOW, Archive, every, open_archive, result, revision
from tests.support.clock import FakeClock


@dataclass(frozen=True, slots=True)
class Both:
    """The door, and the former address over the same results."""

    api: Api
    archive: Archive

    async def ask(self, path: str, key: str, accept: str = "*/*") -> Answered:
        return await self.api.ask("GET", f"/checks{path}", key=key, Accept=accept)


def catalogue() -> Any:
    """web-https and dns-a of one service, mail-smtp of another."""
    made = revision().catalogue
    services = {"web-https": "hosting", "dns-a": "hosting", "mail-smtp": "mail"}
    checks = [replace(c, component=ComponentId(f"{c.id}-part")) for c in made.checks]
    return replace(
        made,
        services=tuple(Service(id=ServiceId(s), name=plain(s)) for s in ("hosting", "mail")),
        components=tuple(
            Component(id=c.component, service=ServiceId(services[c.id]), name=plain(c.id))
            for c in checks
        ),
        checks=tuple(checks),
    )


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Both]:
    (tmp_path / "api").mkdir()
    (tmp_path / "past").mkdir()
    async with (
        service(tmp_path / "api", catalogue=catalogue()) as api,
        open_archive(
            tmp_path / "past",
            clock=FakeClock(NOW),
            catalogues=api.world.catalogues,
            journal=HistoryJournal(tmp_path / "api", lambda: None),
        ) as archive,
    ):
        api.world.clock.advance(NOW - api.world.clock.now())
        handler = QueryHandler(source=archive.server, clock=archive.clock, limit=ConcurrencyLimit())
        app = make_api_app(replace(api.backend, history=handler))
        async with TestClient(TestServer(app)) as client:
            yield Both(replace(api, client=client), archive)


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("", "*/*"),
        ("", "text/csv"),
        ("/web-https/results", "*/*"),
        ("/web-https/results?limit=3&from=-10m", "*/*"),
        ("/web-https/results?from=-2h", "text/csv"),
        ("/web-https/latency?from=-1h", "*/*"),
        ("/web-https/latency?from=-7d&resolution=day", "text/csv"),
        ("/dns-a/latency?location=north", "*/*"),
    ],
)
async def test_it_answers_as_the_former_address_does(both: Both, path: str, accept: str) -> None:
    await both.archive.log(*every(60, 40), result(90, ms=None, message="=1+1"))
    key = both.api.key_of(AccountRole.VIEWER)
    here = await both.ask(path, key, accept)
    bare, _, query = path.partition("?")
    asked = dict(part.split("=") for part in query.split("&") if part)
    there = await both.archive.ask(bare, accept=accept, **asked)
    assert (here.status, there.status) == (200, 200), here.text
    assert here.text == there.text
    assert here.headers["Content-Type"].split(";")[0] == there.headers["Content-Type"].split(";")[0]


async def test_the_pages_of_a_check_go_on_where_they_stopped(both: Both) -> None:
    await both.archive.log(*every(60, 25))
    key, more, seen = both.api.key_of(AccountRole.VIEWER), "", list[str]()
    for is_last in (False, False, True):
        page = (await both.ask(f"/web-https/results?limit=10{more}", key)).json
        seen += [one["at"] for one in page["results"]]
        more = f"&cursor={page['next_cursor']}"
        assert (page["next_cursor"] is None) is is_last
    assert len(seen) == len(set(seen)) == 25


async def test_a_bounded_account_asks_about_its_own_checks_alone(both: Both) -> None:
    await both.archive.log(*every(60, 3))
    key = both.api.key_of(AccountRole.VIEWER, services=("mail",))
    assert [one["id"] for one in (await both.ask("", key)).json["checks"]] == ["mail-smtp"]
    assert (await both.ask("/mail-smtp/results", key)).status == 200
    for name in ("results", "latency", "uptime"):
        for wanted in ("web-https", "absent"):
            answer = await both.ask(f"/{wanted}/{name}", key)
            assert (answer.status, answer.code) == (404, "name.unknown")
            assert answer.json["fields"]["known"] == ["mail-smtp"]


@pytest.mark.parametrize(
    ("path", "status", "code", "parameter"),
    [
        ("/web-https/results?from=yesterday", 400, "history.bad_time", "from"),
        ("/web-https/results?limit=0", 400, "history.bad_parameter", "limit"),
        ("/web-https/results?cursor=x", 400, "history.bad_parameter", "cursor"),
        ("/web-https/latency?resolution=week", 400, "history.bad_parameter", "resolution"),
        ("/web-https/results?from=-400w", 400, "history.span_too_long", None),
        ("/web-https/results?location=mars", 404, "history.unknown_location", None),
    ],
)
async def test_what_is_not_understood_is_a_problem_with_a_code(
    both: Both, path: str, status: int, code: str, parameter: str | None
) -> None:
    answer = await both.ask(path, both.api.key_of(AccountRole.VIEWER))
    assert (answer.status, answer.code) == (status, code)
    assert answer.json["fields"].get("parameter") == parameter


async def test_an_unknown_parameter_is_told_by_its_name(both: Both) -> None:
    answer = await both.ask("/web-https/results?fro=-1h", both.api.key_of(AccountRole.VIEWER))
    assert (answer.status, answer.code) == (422, "request.invalid")
    assert answer.json["errors"] == [
        {"parameter": "fro", "detail": "unknown parameter; did you mean from?"}
    ]


async def test_a_store_that_is_away_says_why_and_takes_nothing_else_with_it(both: Both) -> None:
    key = both.api.key_of(AccountRole.VIEWER)
    both.archive.server.close_on("the environment has no TOKEN")
    answer = await both.ask("/web-https/results", key)
    assert (answer.status, answer.code) == (503, "history.store_away")
    assert "the environment has no TOKEN" in answer.json["detail"]
    assert answer.headers["Retry-After"]
    assert (await both.api.ask("GET", "/state", key=key)).status == 200


async def test_a_store_that_refuses_the_token_is_no_fault_of_the_door(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise StoreMisconfigured("the token is wrong")

    monkeypatch.setattr(both.archive.store.__class__, "results", refuse)
    answer = await both.ask("/web-https/results", both.api.key_of(AccountRole.VIEWER))
    assert (answer.status, answer.code) == (503, "history.store_away")


async def test_a_journal_that_knows_no_configuration_answers_no_uptime(both: Both) -> None:
    answer = await both.ask("/web-https/uptime", both.api.key_of(AccountRole.VIEWER))
    assert (answer.status, answer.code) == (503, "journal.away")


async def test_reading_results_waits_for_no_writer_of_the_journal(both: Both) -> None:
    await both.archive.log(*every(60, 3))
    key = both.api.key_of(AccountRole.VIEWER)
    with both.api.world.journal.transaction():
        assert (await both.ask("/web-https/results", key)).status == 200


async def test_the_former_address_says_that_it_is_deprecated_and_warns_once(both: Both) -> None:
    with capture_logs() as logs:
        answers = [await both.archive.ask("") for _ in range(2)]
    assert [a.headers["Deprecation"] for a in answers] == ["@1795996800"] * 2
    assert [e["log_level"] for e in logs if e["event"] == "history.deprecated_address"] == [
        "warning"
    ]
