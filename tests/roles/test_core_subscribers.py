"""The core's share of subscribers: a key of its own, a mark for the role, a cursor for the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.catalogue import Catalogue, Subscribers
from monitor.domain.subscriptions.contact import read_contact
from monitor.domain.subscriptions.delivery_figures import DeliveryFigures
from monitor.domain.subscriptions.subscription import SubscriptionState, Wanted
from monitor.domain.subscriptions.wishes import REQUESTED, Request, body_of
from monitor.domain.time.clock import read_clock
from monitor.inbox.file import Inbox
from monitor.inbox.read_so_far import read_so_far
from monitor.journal.access import SqlJournal, open_journal
from monitor.roles.core.visitors.subscribers import CoreSubscribers
from monitor.roles.settings import (
    deliveries_file,
    inboxes_read_file,
    page_inbox_file,
    subscribers_key_file,
    subscribers_wanted_file,
)
from monitor.subscribers.deliveries import Deliveries
from tests.support.clock import FakeClock
from tests.support.journals import new_journal
from tests.support.worlds import catalogue

ON = replace(catalogue(), subscribers=Subscribers(sender="a@example.com", host="127.0.0.1"))
ANA = Request(contact=read_contact("email", "ana@example.com"), wanted=Wanted(), locale="es")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqlJournal]:
    with open_journal(new_journal(tmp_path / "journal.db")) as opened:
        yield opened


@pytest.fixture
def core(journal: SqlJournal, tmp_path: Path) -> CoreSubscribers:
    return CoreSubscribers(journal, tmp_path, FakeClock())


def requested(journal: SqlJournal) -> int:
    with journal.transaction() as tx:
        return len(tx.subscriptions.listed("", 10))


def test_it_makes_a_key_for_its_owner_alone(core: CoreSubscribers, tmp_path: Path) -> None:
    core.follow(ON)
    key = subscribers_key_file(tmp_path)
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(key.read_bytes()) == 32


def test_it_marks_whether_the_role_has_anything_to_do(
    core: CoreSubscribers, tmp_path: Path
) -> None:
    off: Catalogue = catalogue()
    for given, is_wanted in ((off, False), (ON, True), (off, False)):
        core.follow(given)
        assert subscribers_wanted_file(tmp_path).exists() is is_wanted


def test_it_reads_what_each_dispatcher_has_noted(core: CoreSubscribers, tmp_path: Path) -> None:
    assert core.metrics() is None
    Inbox(page_inbox_file(tmp_path)).append(REQUESTED, body_of(ANA))
    settings = Subscribers(sender="a@example.com", host="127.0.0.1", channels=("slack",))
    core.follow(replace(catalogue(), subscribers=settings))
    mails, now = Deliveries(deliveries_file(tmp_path)), read_clock(FakeClock())
    mails.note_alive(now)
    mails.close()
    found = core.metrics()
    assert found is not None
    assert found.counts == {("email", SubscriptionState.PENDING): 1}
    assert found.signs == {"email": now, "slack": None}
    assert found.figures == {"email": DeliveryFigures()}


def test_it_says_how_far_it_has_read_once_that_is_in_the_journal(
    core: CoreSubscribers, journal: SqlJournal, tmp_path: Path
) -> None:
    inbox = Inbox(page_inbox_file(tmp_path))
    inbox.append(REQUESTED, body_of(ANA))
    core.follow(ON)
    assert requested(journal) == 1
    assert read_so_far(inboxes_read_file(tmp_path), inbox.lineage()) == 1


def test_without_subscribers_nothing_is_made_and_nothing_read(
    core: CoreSubscribers, journal: SqlJournal, tmp_path: Path
) -> None:
    Inbox(page_inbox_file(tmp_path)).append(REQUESTED, body_of(ANA))
    core.follow(catalogue())
    assert requested(journal) == 0
    assert not subscribers_key_file(tmp_path).exists()


def test_a_key_that_others_may_read_is_refused(
    core: CoreSubscribers, journal: SqlJournal, tmp_path: Path
) -> None:
    key = subscribers_key_file(tmp_path)
    key.write_bytes(bytes(32))
    key.chmod(0o644)
    Inbox(page_inbox_file(tmp_path)).append(REQUESTED, body_of(ANA))
    core.follow(ON)
    assert requested(journal) == 0
    key.chmod(0o600)
    core.follow(ON)
    assert requested(journal) == 1


def test_another_core_reads_nothing_twice(journal: SqlJournal, tmp_path: Path) -> None:
    Inbox(page_inbox_file(tmp_path)).append(REQUESTED, body_of(ANA))
    for _ in range(2):
        CoreSubscribers(journal, tmp_path, FakeClock()).follow(ON)
    with journal.transaction() as tx:
        assert len(tx.changes.since(0, 10)) == 1
    assert json.loads(inboxes_read_file(tmp_path).read_text()).values()
