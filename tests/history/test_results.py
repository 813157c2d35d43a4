"""Raw results: complete, in order, however they are paged and whatever comes meanwhile."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc

import pytest

from monitor.domain.checks.observation import Outcome
from monitor.domain.time.interval import Second
from monitor.history.http import csv_answers as tables
from monitor.history.http.results import AT_ONCE
from monitor.i18n.formats import iso
from tests.history.archive import NOW, ZONE, Archive, every, result

WEB = "/web-https/results"


def at(back_s: int) -> str:
    return iso(Second(NOW - back_s), ZONE)


async def test_a_result_is_told_with_everything_that_was_seen(archive: Archive) -> None:
    await archive.log(
        result(40, ms=12.5, outcome=Outcome.DEGRADED, message="lento", evidence={"code": 200}),
        result(20, ms=None, message="conn refused"),
    )
    body = await archive.body(WEB)
    assert body == {
        "check": "web-https",
        "component": "hosting",
        "locations": ["local"],
        "from": "2026-11-24T09:00:00-03:00",
        "to": "2026-11-25T09:00:00-03:00",
        "zone": "America/Argentina/Buenos_Aires",
        "store": "influx" if archive.shipper else "sqlite",
        "complete_until": "2026-11-25T09:00:00-03:00",
        "next_cursor": None,
        "results": [
            {
                "at": "2026-11-25T08:59:40-03:00", "location": "local", "outcome": "down",
                "failure": "conn_refused", "message": "conn refused", "duration_ms": None,
                "phases_ms": {}, "evidence": {}, "revision": 1,
            },
            {
                "at": "2026-11-25T08:59:20-03:00", "location": "local", "outcome": "degraded",
                "failure": "conn_refused", "message": "lento", "duration_ms": 12.5,
                "phases_ms": {"connect": 6.25, "reply": 6.25}, "evidence": {"code": 200},
                "revision": 1,
            },
        ],
    }  # fmt: skip


async def test_its_first_page_has_a_hundred_of_the_newest(archive: Archive) -> None:
    await archive.log(*every(20, 250))
    body = await archive.body(WEB)
    assert [r["at"] for r in body["results"]] == [at(20 * n) for n in range(1, 101)]
    assert body["next_cursor"]


async def test_a_span_includes_its_start_and_not_its_end(archive: Archive) -> None:
    await archive.log(*every(20, 10))
    found = await archive.pages(WEB, from_=str(NOW - 100), to=str(NOW - 40))
    assert [r["at"] for r in found] == [at(back) for back in (60, 80, 100)]


@pytest.mark.parametrize("counted", [True, False])
async def test_pages_have_no_gap_and_no_repeat_while_results_arrive(
    archive: Archive, counted: bool
) -> None:
    """One a second, two of them every third second from two places; late ones come as well."""
    await archive.log(*every(20, 400, check="dns-a", location="north"))
    await archive.log(*every(60, 100, check="dns-a", location="south"))
    wanted = sorted(((iso(r.slot, ZONE), r.location) for r in archive.logged), key=lambda r: r[1])
    wanted.sort(key=lambda r: r[0], reverse=True)
    if counted:
        await archive.count()
    found: list[tuple[str, str]] = []
    cursor: dict[str, str] = {}
    number = 0
    while True:
        body = await archive.body("/dns-a/results", limit="37", from_="-24h", **cursor)
        found += [(r["at"], r["location"]) for r in body["results"]]
        if body["next_cursor"] is None:
            break
        cursor = {"cursor": body["next_cursor"]}
        archive.clock.advance(20)
        number += 1
        await archive.log(result(-20 * number, check="dns-a", location="south"))
        await archive.log(result(-20 * number, check="dns-a", location="north"))
        if number % 3 == 0:
            await archive.count()
    assert found == wanted


async def test_of_two_results_of_one_slot_one_is_told(archive: Archive) -> None:
    """The embedded store has the first; a store that was written to twice, either."""
    await archive.log(result(40, ms=1), result(40, ms=2))
    await archive.count()
    await archive.log(result(40, ms=3), result(20, ms=4))
    body = await archive.body(WEB)
    newest, older = [r["duration_ms"] for r in body["results"]]
    assert newest == 4.0
    assert older == 1.0 or (archive.shipper and older in (2.0, 3.0))


async def test_one_location_is_told_alone(archive: Archive) -> None:
    await archive.log(result(40, check="dns-a", location="north"))
    await archive.log(result(40, check="dns-a", location="south"))
    body = await archive.body("/dns-a/results", location="south")
    assert (body["locations"], [r["location"] for r in body["results"]]) == (["south"], ["south"])


async def test_csv_is_the_whole_span_with_the_same_fields(archive: Archive) -> None:
    await archive.log(*every(5, 2_500))
    answer = await archive.ask(WEB, format="csv", from_="-24h")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    told = await archive.pages(WEB, limit="2000")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert [row["at"] for row in rows] == [r["at"] for r in told]
    assert json.loads(rows[0]["phases_ms"]) == told[0]["phases_ms"]
    assert rows[0].keys() == told[0].keys()


async def test_csv_is_what_accept_asks_for(archive: Archive) -> None:
    await archive.log(result(20))
    answer = await archive.ask(WEB, accept="text/csv, application/json;q=0.5")
    assert answer.text.splitlines()[0].startswith("at,location,outcome")


@pytest.mark.parametrize("first", list("=+-@\t"))
async def test_no_cell_is_a_formula(archive: Archive, first: str) -> None:
    await archive.log(result(20, message=f"{first}cmd|' /C calc'!A0"))
    answer = await archive.ask(WEB, format="csv")
    (row,) = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert row["message"] == f"'{first}cmd|' /C calc'!A0"


def test_no_cell_of_any_table_is_a_formula() -> None:
    made = tables.lines(["a", "b"], [{"a": "\r=1", "b": -1}, {"a": {"=": 1}, "b": ["@x"]}])
    assert list(csv.reader(io.StringIO(made.decode(), newline=""))) == [
        ["'\r=1", "-1"],
        ['{"=": 1}', "'@x"],
    ]


async def test_a_long_table_takes_no_more_memory_than_a_short_one(embedded: Archive) -> None:
    await embedded.log(*every(1, 12_000))
    await embedded.count()
    await peak_of(embedded, AT_ONCE)
    short = await peak_of(embedded, 2 * AT_ONCE)
    assert await peak_of(embedded, 12_000) < 1.5 * short


async def peak_of(archive: Archive, count: int) -> int:
    """The most memory that a table of so many rows held, here and there."""
    tracemalloc.start()
    lines = 0
    address = f"{archive.url}/api/v1/checks{WEB}?format=csv&from=-{count}s"
    async with archive.session.get(address) as said:
        async for part in said.content.iter_any():
            lines += part.count(b"\n")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert lines == count + 1
    return peak
