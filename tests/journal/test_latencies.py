"""Days of latencies: they add up, and a month of before is a row."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from monitor.domain.checks.observation import ComponentId
from monitor.domain.checks.symptoms import ServiceKind
from monitor.domain.time.calendar import local_days, local_month
from monitor.domain.time.interval import Interval, Second
from monitor.evaluation.latency_days import PACKED_AT_ONCE, pack_old_days
from monitor.journal.access import SqlJournal
from monitor.journal.database import open_engine, parse_url
from monitor.journal.ports import LATENCY_PARTS, DailyLatency, LatencyKey
from monitor.journal.repositories.cursors import SqlCursors
from monitor.journal.tables import daily_latency, monthly_latency
from monitor.results.rollups.sketch import Sketch

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
WEB, MAIL = ComponentId("web"), ComponentId("mail")
JUNE, JULY = local_month(2026, 6, ZONE), local_month(2026, 7, ZONE)
JUNE_DAYS = [day.start for _, day in local_days(JUNE, ZONE)]
ALWAYS = Interval(Second(0), Second(JULY.end * 2))
TEN_MS = Sketch.of([10_000])


def add(journal: SqlJournal, *keys: LatencyKey, sketch: Sketch = TEN_MS) -> None:
    with journal.transaction() as tx:
        tx.latencies.add(dict.fromkeys(keys, sketch), {})


def days(journal: SqlJournal, window: Interval = ALWAYS) -> list[DailyLatency]:
    with journal.transaction() as tx:
        return list(tx.latencies.of_days(window))


def pack(journal: SqlJournal, keep_from: Second = JULY.start) -> None:
    with journal.transaction() as tx:
        pack_old_days(tx, keep_from, ZONE)


def rows(url: str, table: sa.Table) -> int:
    engine = open_engine(parse_url(url))
    with engine.connect() as connection:
        found = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    engine.dispose()
    return int(found)


def web(*starts: Second) -> list[LatencyKey]:
    return [LatencyKey(WEB, ServiceKind.WEB, start) for start in starts]


def test_runs_add_up_by_component_kind_and_day(journal: SqlJournal) -> None:
    first, second = JUNE_DAYS[:2]
    add(journal, *web(first, second), LatencyKey(MAIL, ServiceKind.WEB, first))
    add(journal, *web(second), sketch=Sketch.of([10_000, 30_000]))
    found = {(day.component, day.day): (day.runs, day.p95_us) for day in days(journal)}
    assert found.keys() == {(MAIL, first), (WEB, first), (WEB, second)}
    assert found[WEB, second] == (3, 30_000)


def test_each_part_has_its_cursor_and_one_that_was_all_parts_is_that_of_each(
    journal: SqlJournal, url: str
) -> None:
    with journal.transaction() as tx:
        assert tx.latencies.cursors() == [0] * LATENCY_PARTS
    engine = open_engine(parse_url(url))
    with engine.begin() as connection:
        SqlCursors(connection, "results").set("latency", 7)
    engine.dispose()
    with journal.transaction() as tx:
        tx.latencies.add({}, {3: 9})
    with journal.transaction() as tx:
        assert tx.latencies.cursors() == [9 if part == 3 else 7 for part in range(LATENCY_PARTS)]


def test_a_month_that_is_packed_reads_as_before_in_fewer_rows(
    journal: SqlJournal, url: str
) -> None:
    add(journal, *web(*JUNE_DAYS, JULY.start), LatencyKey(MAIL, ServiceKind.WEB, JUNE_DAYS[4]))
    before, part = days(journal), Interval(JUNE_DAYS[3], JUNE_DAYS[6])
    of_part = days(journal, part)
    pack(journal)
    assert (days(journal), days(journal, part)) == (before, of_part)
    assert (rows(url, daily_latency), rows(url, monthly_latency)) == (1, 2)


def test_days_of_some_components_are_read_without_the_others(journal: SqlJournal) -> None:
    add(journal, *web(JUNE_DAYS[0], JULY.start), LatencyKey(MAIL, ServiceKind.WEB, JUNE_DAYS[4]))
    pack(journal)
    with journal.transaction() as tx:
        found = tx.latencies.of_days(ALWAYS, [WEB])
        assert tx.latencies.of_days(ALWAYS, []) == []
    assert [(day.component, day.day) for day in found] == [(WEB, JUNE_DAYS[0]), (WEB, JULY.start)]


def test_a_month_is_packed_once_it_was_over_long_enough(journal: SqlJournal, url: str) -> None:
    add(journal, *web(*JUNE_DAYS))
    pack(journal, Second(JUNE.end - 1))
    assert rows(url, monthly_latency) == 0
    pack(journal, JUNE.end)
    assert rows(url, monthly_latency) == 1


def test_so_many_components_are_packed_at_once_and_in_the_end_all(
    journal: SqlJournal, url: str
) -> None:
    names = [ComponentId(f"c{number:03}") for number in range(PACKED_AT_ONCE + 1)]
    add(journal, *(LatencyKey(n, ServiceKind.WEB, JUNE_DAYS[n == names[0]]) for n in names))
    before = days(journal)
    pack(journal)
    assert (rows(url, daily_latency), rows(url, monthly_latency)) == (1, PACKED_AT_ONCE)
    pack(journal)
    assert (rows(url, daily_latency), rows(url, monthly_latency)) == (0, len(names))
    pack(journal)
    assert days(journal) == before


def test_what_comes_after_its_day_was_packed_changes_no_figure(journal: SqlJournal) -> None:
    first, second = JUNE_DAYS[:2]
    add(journal, *web(first))
    pack(journal)
    before = days(journal)
    add(journal, *web(first), sketch=Sketch.of([900_000]))
    assert days(journal) == before
    add(journal, *web(second))
    late = days(journal)
    pack(journal)
    assert days(journal) == late == [*before, late[1]]


@pytest.mark.parametrize("damage", [b"", b"\xff", b"\x02\x01", b"\x01\x05"])
def test_a_row_that_is_damaged_or_of_a_later_form_is_no_day(
    journal: SqlJournal, url: str, damage: bytes
) -> None:
    add(journal, *web(*JUNE_DAYS))
    pack(journal)
    engine = open_engine(parse_url(url))
    with engine.begin() as connection:
        connection.execute(sa.update(monthly_latency).values(days=damage))
    engine.dispose()
    assert days(journal) == []
    add(journal, *web(JUNE_DAYS[0]))
    pack(journal)
    assert [day.day for day in days(journal)] == JUNE_DAYS[:1]
