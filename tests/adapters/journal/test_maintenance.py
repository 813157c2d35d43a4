"""Maintenance windows, and the stamp that decides money."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.adapters.journal import SqlJournal
from monitor.domain.interval import Second
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.observation import ComponentId
from monitor.ports.journal import NotFound, Stale
from tests.adapters.journal.builders import maintenance, window


def save(journal: SqlJournal, value: MaintenanceWindow, now: int = 4000) -> MaintenanceWindow:
    with journal.transaction() as tx:
        return tx.maintenance.save(value, Second(now))


def test_it_gives_a_window_back_whole_and_published(journal: SqlJournal) -> None:
    saved = save(journal, maintenance())
    assert saved == replace(maintenance(), revision=1, published_at=Second(4000))
    with journal.transaction() as tx:
        assert tx.maintenance.get(saved.id) == saved


@pytest.mark.parametrize("claimed", [1, None, 9999])
def test_it_stamps_publication_itself_and_only_once(
    journal: SqlJournal, claimed: Second | None
) -> None:
    saved = save(journal, replace(maintenance(), published_at=claimed), now=4000)
    again = save(journal, replace(saved, published_at=claimed, reason="urgent"), now=4700)
    with journal.transaction() as tx:
        kept = tx.maintenance.get(saved.id)
    assert (saved.published_at, again.published_at, kept.published_at) == (4000, 4000, 4000)
    assert kept == again


def test_it_refuses_what_was_decided_on_an_old_revision(journal: SqlJournal) -> None:
    first = save(journal, maintenance())
    save(journal, replace(first, cancelled_at=Second(4500)))
    with pytest.raises(Stale, match="m1"):
        save(journal, replace(first, end=Second(9000)))
    with pytest.raises(Stale, match="exists"):
        save(journal, maintenance())


def test_it_finds_those_that_overlap_a_window_cancelled_ones_too(journal: SqlJournal) -> None:
    for name, start, end in (("c", 300, 400), ("a", 0, 100), ("b", 50, 101), ("d", 200, 900)):
        save(journal, maintenance(name, start, end))
    with journal.transaction() as tx:
        cancelled = replace(tx.maintenance.get(MaintenanceId("d")), cancelled_at=Second(10))
        tx.maintenance.save(cancelled, Second(10))
    with journal.transaction() as tx:
        assert [m.id for m in tx.maintenance.touching(window(100, 300))] == ["b", "d"]


def test_it_changes_the_components(journal: SqlJournal) -> None:
    saved = save(journal, maintenance())
    fewer = save(journal, replace(saved, components=(ComponentId("dns"),)))
    with journal.transaction() as tx:
        assert tx.maintenance.get(saved.id) == fewer


def test_it_names_the_id_that_is_not_there(journal: SqlJournal) -> None:
    with pytest.raises(NotFound, match="nothing"), journal.transaction() as tx:
        tx.maintenance.get(MaintenanceId("nothing"))
