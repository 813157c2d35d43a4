"""The audit log: who did what, behind a cursor, as JSON and for spreadsheets."""

from __future__ import annotations

import csv

import pytest

from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import Change
from monitor.domain.time.interval import Second
from tests.api.service import Service


@pytest.fixture
def admin(made: Service) -> str:
    return made.key_of(AccountRole.ADMIN)


def note(made: Service, *changes: tuple[str, str, str]) -> None:
    with made.world.journal.transaction() as tx:
        tx.changes.append(
            [
                Change(
                    at=Second(1_790_000_000), actor=actor, kind=kind, subject=subject, before={},
                    after={"title": "=1+1"},
                )
                for actor, kind, subject in changes
            ]
        )  # fmt: skip


async def test_it_says_who_did_what_by_which_door_and_from_where(made: Service, admin: str) -> None:
    made.add("ana", AccountRole.VIEWER)
    await made.ask("POST", "/accounts/ana/disable", key=admin)
    found = (await made.ask("GET", "/audit?kind=account.disabled&subject=ana", key=admin)).json
    (change,) = found["changes"]
    assert (change["actor"], change["via"], change["address"]) == ("admin", "api", "127.0.0.1")
    assert admin.startswith(f"estado_{change['token']}_")
    assert change["after"]["roles"] == ["viewer"]
    assert (found["next_after"], found["has_more"]) == (change["seq"], False)


async def test_a_reader_goes_on_where_it_stopped(made: Service, admin: str) -> None:
    note(made, *(("estado", "incident.opened", str(n)) for n in range(25)))
    seen: list[int] = []
    after, has_more = 0, True
    while has_more:
        page = (await made.ask("GET", f"/audit?after={after}&limit=10", key=admin)).json
        seen += [change["seq"] for change in page["changes"]]
        after, has_more = page["next_after"], page["has_more"]
    assert seen == [change.seq for change in made.changes()]
    note(made, ("estado", "incident.opened", "new"))
    page = (await made.ask("GET", f"/audit?after={after}", key=admin)).json
    assert [change["subject"] for change in page["changes"]] == ["new"]


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("kind=incident", ["a", "b"]),
        ("kind=incident.opened", ["a"]),
        ("kind=inc", []),
        ("kind=%25", []),
        ("actor=ana", ["b", "c"]),
        ("actor=ana&kind=incident", ["b"]),
        ("subject=c", ["c"]),
    ],
)
async def test_it_finds_what_is_looked_for(
    made: Service, admin: str, query: str, subjects: list[str]
) -> None:
    start = made.changes()[-1].seq
    note(
        made, ("estado", "incident.opened", "a"), ("ana", "incident.updated", "b"),
        ("ana", "incidental", "c"),
    )  # fmt: skip
    found = (await made.ask("GET", f"/audit?after={start}&{query}", key=admin)).json
    assert [change["subject"] for change in found["changes"]] == subjects


async def test_no_cell_is_a_formula(made: Service, admin: str) -> None:
    start = made.changes()[-1].seq
    note(made, ("=cmd|'/c calc'!A1", "incident.opened", "+1"), ("@a", "-k", 'a,"b"\n'))
    found = await made.ask("GET", f"/audit?after={start}", key=admin, Accept="text/csv")
    assert found.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(found.text.splitlines(keepends=True)))
    assert [row["actor"] for row in rows] == ["'=cmd|'/c calc'!A1", "'@a"]
    assert (rows[0]["subject"], rows[1]["kind"], rows[1]["subject"]) == ("'+1", "'-k", 'a,"b"\n')
    assert rows[0]["after"] == '{"title": "=1+1"}'
    assert (rows[0]["before"], rows[0]["seq"]) == ("", str(start + 1))
