"""What the core makes of the store role's book, whatever stands in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.time.age import ClockReading
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal, open_journal
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.stores.ports import StoreMetrics
from monitor.roles.core.collector import StoreStatus
from tests.support.journals import new_journal
from tests.support.worlds import T0, catalogue

FIGURES = StoreMetrics(at=T0, started_at=T0, kind="influx")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqlJournal]:
    url = new_journal(tmp_path / "journal.db")
    with open_journal(url) as opened:
        yield opened


def after(seconds: int) -> ClockReading:
    return ClockReading(at=Second(T0 + seconds), boottime=float(seconds), boot_id="boot-1")


def written(path: Path, figures: object) -> None:
    FollowerState(path).note(FIGURES)
    with closing(sqlite3.connect(path)) as book, book:
        book.execute("UPDATE figures SET figures = ?", (figures,))


@pytest.mark.parametrize(
    "figures", ["no JSON", "[]", "{}", '{"at": 1, "of_another_version": 2}', b"\xff", "[" * 9_999]
)
def test_figures_that_cannot_be_read_stop_no_core_and_grow_old(
    journal: SqlJournal, tmp_path: Path, figures: object
) -> None:
    component_status = StoreStatus(journal, tmp_path)
    FollowerState(tmp_path / "store.db").note(FIGURES)
    component_status.follow(catalogue(), after(0))
    written(tmp_path / "store.db", figures)
    component_status.follow(catalogue(), after(300))
    assert component_status.metrics == FIGURES


def test_a_book_that_is_no_book_is_seen_to_grow_old_by_a_core_that_has_just_begun(
    journal: SqlJournal, tmp_path: Path
) -> None:
    (tmp_path / "store.db").write_bytes(b"no database, however long it is " * 100)
    component_status = StoreStatus(journal, tmp_path)
    for seconds in (0, 300):
        component_status.follow(catalogue(), after(seconds))
    assert component_status.metrics is not None
    assert component_status.metrics.at == T0
    assert "not a database" in component_status.metrics.fault


def test_the_book_is_read_on_though_the_clock_was_set_back(
    journal: SqlJournal, tmp_path: Path
) -> None:
    component_status = StoreStatus(journal, tmp_path)
    component_status.follow(catalogue(), after(0))
    FollowerState(tmp_path / "store.db").note(FIGURES)
    component_status.follow(catalogue(), replace(after(6), at=Second(T0 - 3_600)))
    assert component_status.metrics == FIGURES
