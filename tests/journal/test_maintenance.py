"""Maintenance windows, and the stamp that decides money."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.domain.checks.observation import ComponentId
from monitor.domain.maintenance import Extension, MaintenanceId, MaintenanceWindow
from monitor.domain.refusals import NotFound, Stale
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal
from tests.journal.builders import maintenance, window
from tests.support.refusals import refuses


def save(journal: SqlJournal, value: MaintenanceWindow) -> MaintenanceWindow:
    with journal.transaction() as tx:
        return tx.maintenance.save(value)


def publish(journal: SqlJournal, value: MaintenanceWindow, at: int) -> MaintenanceWindow:
    with journal.transaction() as tx:
        tx.maintenance.publish([value.id], Second(at))
        return tx.maintenance.get(value.id)


def test_it_gives_a_window_back_whole_and_not_public_yet(journal: SqlJournal) -> None:
    saved = save(journal, maintenance())
    assert saved == replace(maintenance(), revision=1, published_at=None)
    with journal.transaction() as tx:
        assert tx.maintenance.get(saved.id) == saved


@pytest.mark.parametrize("claimed", [1, None, 9999])
def test_the_first_snapshot_that_shows_it_makes_it_public_and_nobody_says_so_by_hand(
    journal: SqlJournal, claimed: Second | None
) -> None:
    saved = save(journal, replace(maintenance(), published_at=claimed))
    first = publish(journal, saved, 4000)
    again = save(journal, replace(saved, published_at=claimed, reason="urgent"))
    later = publish(journal, saved, 4700)
    stamps = (saved.published_at, first.published_at, again.published_at, later.published_at)
    assert stamps == (None, 4000, 4000, 4000)
    assert later == again


def test_it_makes_only_those_public_that_were_shown(journal: SqlJournal) -> None:
    shown, other = save(journal, maintenance("a")), save(journal, maintenance("b"))
    publish(journal, shown, 4000)
    with journal.transaction() as tx:
        assert tx.maintenance.get(other.id).published_at is None


def test_it_refuses_what_was_decided_on_an_old_revision(journal: SqlJournal) -> None:
    first = save(journal, maintenance())
    save(journal, replace(first, cancelled_at=Second(4500)))
    with refuses(Stale, match="m1"):
        save(journal, replace(first, end=Second(9000)))
    with refuses(Stale, match="exists"):
        save(journal, maintenance())


def test_it_finds_those_that_overlap_a_window_cancelled_ones_too(journal: SqlJournal) -> None:
    for name, start, end in (("c", 300, 400), ("a", 0, 100), ("b", 50, 101), ("d", 200, 900)):
        save(journal, maintenance(name, start, end))
    with journal.transaction() as tx:
        cancelled = replace(tx.maintenance.get(MaintenanceId("d")), cancelled_at=Second(10))
        tx.maintenance.save(cancelled)
    with journal.transaction() as tx:
        assert [m.id for m in tx.maintenance.touching(window(100, 300))] == ["b", "d"]


def test_it_changes_the_components(journal: SqlJournal) -> None:
    saved = save(journal, maintenance())
    fewer = save(journal, replace(saved, components=(ComponentId("dns"),)))
    with journal.transaction() as tx:
        assert tx.maintenance.get(saved.id) == fewer


def test_the_seconds_of_a_wrong_clock_are_put_right(journal: SqlJournal) -> None:
    saved = save(journal, maintenance())
    public = publish(journal, saved, 4000)
    cancelled = save(journal, replace(public, cancelled_at=Second(4500)))
    with journal.transaction() as tx:
        tx.maintenance.restamp(saved.id, Second(3000), Second(3500))
    with journal.transaction() as tx:
        right = replace(cancelled, published_at=Second(3000), cancelled_at=Second(3500))
        assert tx.maintenance.get(saved.id) == right
        tx.maintenance.restamp(saved.id, None, None)
        hidden = replace(right, published_at=None, cancelled_at=None)
        assert tx.maintenance.get(saved.id) == hidden
    with refuses(NotFound, match="nothing"), journal.transaction() as tx:
        tx.maintenance.restamp(MaintenanceId("nothing"), None, None)


def extended(journal: SqlJournal) -> MaintenanceWindow:
    first = save(journal, maintenance())
    added = Extension(start=first.end, end=Second(first.end + 60), published_at=Second(7))
    longer = save(journal, replace(first, end=added.end, extensions=(added,)))
    again = Extension(start=longer.end, end=Second(longer.end + 60))
    return save(journal, replace(longer, end=again.end, extensions=(*longer.extensions, again)))


def stamps(journal: SqlJournal) -> list[Second | None]:
    with journal.transaction() as tx:
        return [e.published_at for e in tx.maintenance.get(MaintenanceId("m1")).extensions]


def test_it_keeps_extensions_and_nobody_says_by_hand_that_they_are_public(
    journal: SqlJournal,
) -> None:
    saved = extended(journal)
    assert [e.published_at for e in saved.extensions] == [None, None]
    with journal.transaction() as tx:
        assert tx.maintenance.get(saved.id) == saved


def test_an_extension_is_public_since_the_first_snapshot_that_shows_it(
    journal: SqlJournal,
) -> None:
    saved = extended(journal)
    for number, at in ((1, 4000), (1, 4700), (2, 5000)):
        with journal.transaction() as tx:
            tx.maintenance.publish_extensions([(saved.id, number)], Second(at))
    assert stamps(journal) == [4000, 5000]
    fewer = replace(saved, extensions=saved.extensions[:1], reason="urgent")
    assert [e.published_at for e in save(journal, fewer).extensions] == [4000, 5000]
    with journal.transaction() as tx:
        tx.maintenance.restamp_extension(saved.id, 2, Second(4900))
    assert stamps(journal) == [4000, 4900]
    with refuses(NotFound, match="m1"), journal.transaction() as tx:
        tx.maintenance.restamp_extension(saved.id, 3, Second(4900))


def test_it_names_the_id_that_is_not_there(journal: SqlJournal) -> None:
    with refuses(NotFound, match="nothing"), journal.transaction() as tx:
        tx.maintenance.get(MaintenanceId("nothing"))
