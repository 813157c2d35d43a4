"""Changes, cursors and configurations."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from monitor.domain.change import Change
from monitor.domain.checks.observation import Json
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.refusals import NotFound
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal
from monitor.journal.ports import JournalError, StoredRevision, WantedChanges
from monitor.journal.transaction import SqlTransaction
from tests.journal.builders import change


def test_it_numbers_changes_in_order(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.changes.append([change("a"), change("b")])
        tx.changes.append([])
        tx.changes.append([change("c")])
        assert tx.changes.last() == 3
    with journal.transaction() as tx:
        expected = [replace(change(s), seq=n) for n, s in enumerate("abc", 1)]
        assert tx.changes.since(0, 10) == expected
        assert tx.changes.since(1, 1) == expected[1:2]
        assert tx.changes.since(3, 10) == []


def lose(tx: SqlTransaction, noted: Change) -> None:
    tx.changes.append([noted])
    tx.incidents.get(IncidentId("nobody"))


def test_it_leaves_no_hole_where_a_transaction_failed(journal: SqlJournal) -> None:
    with pytest.raises(NotFound), journal.transaction() as tx:
        lose(tx, change("lost"))
    with journal.transaction() as tx:
        tx.changes.append([change("kept")])
        assert [(c.seq, c.subject) for c in tx.changes.since(0, 9)] == [(1, "kept")]


def test_it_writes_over_no_change_that_is_there(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.changes.append([change("first")])
    with journal.transaction() as tx:
        tx.changes._connection.execute(sa.text("UPDATE change_counter SET seq = 0"))
    with pytest.raises(JournalError, match=r"(?i)unique"), journal.transaction() as tx:
        tx.changes.append([change("second")])


def test_it_reads_hundreds_back_equal_that_were_added_together(journal: SqlJournal) -> None:
    odd: dict[str, Json] = {
        "ñ": '"\\ \u2028',
        "n": 1,
        "x": 0.1,
        "none": None,
        "list": ["%s", {"a": True}],
    }
    many = [replace(change(f"s{n}"), before=odd, after={"n": n}) for n in range(300)]
    with journal.transaction() as tx:
        tx.changes.append(many)
    with journal.transaction() as tx:
        assert tx.changes.since(0, 999) == [replace(one, seq=n) for n, one in enumerate(many, 1)]


@pytest.mark.parametrize("added", [1, 300])
def test_it_adds_none_of_many_changes_where_one_is_there(journal: SqlJournal, added: int) -> None:
    with journal.transaction() as tx:
        tx.changes.append([change("first")] * 300)
    with journal.transaction() as tx:
        tx.changes._connection.execute(sa.text("UPDATE change_counter SET seq = 299"))
    with pytest.raises(JournalError, match=r"(?i)unique"), journal.transaction() as tx:
        tx.changes.append([change("second")] * added)
    with journal.transaction() as tx:
        assert {one.subject for one in tx.changes.since(0, 999)} == {"first"}


def test_it_keeps_a_cursor_for_each_follower_apart_from_the_folds(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        assert tx.cursors.get("fold") == 0
        tx.cursors.set("fold", 4)
        tx.cursors.set("render", 9)
        tx.cursors.set("fold", 5)
    with journal.transaction() as tx:
        assert (tx.cursors.get("fold"), tx.cursors.get("render"), tx.folds.cursor()) == (5, 9, 0)


def test_it_keeps_every_configuration(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        assert tx.revisions.headers() == []
        tx.revisions.add(hash="h1", text="a: ñ\n", effective_from=Second(60))
    with journal.transaction() as tx:
        second = tx.revisions.add(hash="h2", text="b", effective_from=Second(120))
        first = StoredRevision(number=1, hash="h1", text="a: ñ\n", effective_from=Second(60))
        assert second.number == 2
        assert [tx.revisions.get(h.number) for h in tx.revisions.headers()] == [first, second]


def test_it_has_a_configuration_in_force_from_another_second_and_keeps_its_row(
    journal: SqlJournal,
) -> None:
    with journal.transaction() as tx:
        tx.revisions.add(hash="h1", text="a", effective_from=Second(60))
        tx.revisions.add(hash="h2", text="b", effective_from=Second(9_000))
        assert tx.revisions.starts() == {1: 60, 2: 9_000}
    for start in (120, 180):
        with journal.transaction() as tx:
            tx.revisions.restamp(2, Second(start))
        with journal.transaction() as tx:
            assert tx.revisions.starts() == {1: 60, 2: start}
            assert [kept.effective_from for kept in tx.revisions.headers()] == [60, start]
            assert tx.revisions.get(2).effective_from == start


def test_it_finds_changes_by_their_kind(journal: SqlJournal) -> None:
    made = [replace(change(s), kind=kind) for s, kind in zip("abcd", "xyzx", strict=True)]
    with journal.transaction() as tx:
        tx.changes.append(made)
    with journal.transaction() as tx:
        assert [c.subject for c in tx.changes.of_kinds(("x", "z"), 0)] == ["a", "c", "d"]
        assert [c.seq for c in tx.changes.of_kinds(("x", "z"), 1)] == [3, 4]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (WantedChanges(), "abcd"),
        (WantedChanges(after=2), "cd"),
        (WantedChanges(kind="x"), "ac"),
        (WantedChanges(kind="x.y"), "c"),
        (WantedChanges(kind="%"), ""),
        (WantedChanges(kind="x_y"), ""),
        (WantedChanges(kind="x", subject="c"), "c"),
        (WantedChanges(actor="nobody"), ""),
    ],
)
def test_it_finds_changes_by_actor_subject_and_family_of_kinds(
    journal: SqlJournal, wanted: WantedChanges, found: str
) -> None:
    kinds = ("x", "xy", "x.y", "y.x")
    made = [replace(change(s), kind=kind) for s, kind in zip("abcd", kinds, strict=True)]
    with journal.transaction() as tx:
        tx.changes.append(made)
        assert "".join(c.subject for c in tx.changes.matching(wanted, 10)) == found
        assert "".join(c.subject for c in tx.changes.matching(wanted, 1)) == found[:1]


def test_it_lets_nobody_change_the_audit(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.changes.append([change("a")])
    with pytest.raises(JournalError, match="append-only"), journal.transaction() as tx:
        tx.changes._connection.execute(sa.text("UPDATE change SET actor = 'nobody'"))


@pytest.mark.parametrize("is_newest_first", [False, True])
def test_a_table_has_what_is_matching_with_its_json_as_it_is_stored(
    journal: SqlJournal, is_newest_first: bool
) -> None:
    after: dict[str, Any] = {"title": {"es": "Ñandú \u2028 “=1”"}, "n": [1, None, True]}
    with journal.transaction() as tx:
        tx.changes.append(
            [replace(change("a"), after=after, token="t1"), replace(change("b"), address="::1")]
        )
    with journal.transaction() as tx:
        wanted = WantedChanges(is_newest_first=is_newest_first)
        rows = list(tx.changes.table(wanted, 10))
        found = tx.changes.matching(wanted, 10)
        assert [json.loads(r.after) for r in rows] == [dict(c.after) for c in found]
        assert [json.loads(r.before) for r in rows] == [dict(c.before) for c in found]
        assert [r[:8] for r in rows] == [
            (c.seq, c.at, c.actor, c.kind, c.subject, str(c.via), c.token, c.address) for c in found
        ]
        assert [r.subject for r in tx.changes.table(WantedChanges(subject="b"), 10)] == ["b"]
        assert len(list(tx.changes.table(wanted, 1))) == 1
