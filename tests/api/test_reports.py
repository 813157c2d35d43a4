"""Issued reports over HTTP: as they were stored, for billing, and for a spreadsheet."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.time.interval import Second
from tests.api.service import Service

WEIRD = {"product": "=1+1", "client_id": "＝cmd|' /c calc'!A1", "amount": "-2.29"}  # noqa: RUF001


@pytest.fixture
def billing(made: Service) -> str:
    return made.key_of(AccountRole.BILLING)


def issue(made: Service, month: str, **values: Any) -> None:
    body = {"credits": [], "period": month, "zone": "UTC", **values}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    with made.world.journal.transaction() as tx:
        tx.reports.keep(month, hash=f"h{len(text)}", body=text, at=Second(1_790_000_000))


async def test_the_newest_revision_is_shown_and_each_older_one_by_its_number(
    made: Service, billing: str
) -> None:
    issue(made, "2026-08")
    issue(made, "2026-08", note="ñ")
    newest = await made.ask("GET", "/reports/2026-08", key=billing)
    assert (newest.json["revision"], newest.json["note"]) == (2, "ñ")
    assert newest.headers["ETag"] == '"2"'
    older = (await made.ask("GET", "/reports/2026-08/revisions/1", key=billing)).json
    assert (older["report_id"], "note" in older) == ("2026-08 r1", False)


async def test_they_are_listed_behind_a_cursor_without_their_bodies(
    made: Service, billing: str
) -> None:
    for month in ("2026-06", "2026-07", "2026-08"):
        issue(made, month)
    first = (await made.ask("GET", "/reports?limit=2", key=billing)).json
    assert [one["month"] for one in first["reports"]] == ["2026-08", "2026-07"]
    assert first["reports"][0]["generated_at"] == "2026-09-21T11:13:20-03:00"
    rest = (await made.ask("GET", f"/reports?before={first['next_before']}", key=billing)).json
    assert [one["month"] for one in rest["reports"]] == ["2026-06"]
    assert rest["next_before"] is None


@pytest.mark.parametrize(
    ("delimiter", "cut", "amount"), [("comma", ",", "-2.29"), ("semicolon", ";", "-2,29")]
)
async def test_no_cell_of_its_table_is_a_formula_and_amounts_stay_numbers(
    made: Service, billing: str, delimiter: str, cut: str, amount: str
) -> None:
    issue(made, "2026-08", credits=[WEIRD])
    path = f"/reports/2026-08?delimiter={delimiter}"
    found = await made.ask("GET", path, key=billing, Accept="text/csv")
    assert found.headers["Content-Type"] == "text/csv; charset=utf-8"
    head, row = found.text.removeprefix("\ufeff").splitlines()
    cells = dict(zip(head.split(cut), row.split(cut), strict=True))
    assert cells["product"] == "'=1+1"
    assert cells["client_id"] == "'＝cmd|' /c calc'!A1"  # noqa: RUF001
    assert (cells["amount"], cells["report_id"]) == (amount, "2026-08 r1")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/reports/2026-07", "report.not_issued"),
        ("/reports/nonsense", "report.no_month"),
        ("/reports/2026-08/revisions/2", "report.no_revision"),
        ("/reports/2026-08/revisions/x", "revision.unknown"),
        ("/reports/2026-08/revisions/9999999999", "revision.unknown"),
    ],
)
async def test_what_was_not_issued_is_not_found(
    made: Service, billing: str, path: str, code: str
) -> None:
    issue(made, "2026-08")
    answer = await made.ask("GET", path, key=billing)
    assert (answer.status, answer.code) == (404, code)


async def test_a_bounded_account_reads_no_report(made: Service) -> None:
    issue(made, "2026-08")
    key = made.key_of(AccountRole.BILLING, services=("hosting",))
    for path in ("/reports", "/reports/2026-08", "/reports/2026-08/revisions/1"):
        answer = await made.ask("GET", path, key=key)
        assert (answer.status, answer.code) == (403, "scope.every_service")


async def test_reading_writes_nothing_and_waits_for_no_writer(made: Service, billing: str) -> None:
    issue(made, "2026-08")
    with made.world.journal.transaction():
        assert (await made.ask("GET", "/reports/2026-08", key=billing)).status == 200
