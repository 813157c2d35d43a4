"""What is owed is owed once, tried until it is settled, and never settled twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.domain.incidents.delivery import Delivery, EventKind
from monitor.domain.refusals import NotFound, Stale
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal
from tests.journal.builders import owed
from tests.support.refusals import refuses


def test_it_keeps_each_event_and_target_once(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        assert tx.outbox.enqueue([owed(), owed(target="hook"), owed()]) == 2
    with journal.transaction() as tx:
        assert tx.outbox.enqueue([owed(due=999), owed(target="sms")]) == 1
        assert tx.outbox.of("k3f9a2") == [owed(), owed(target="hook"), owed(target="sms")]


def test_it_keeps_more_than_one_statement_takes(journal: SqlJournal) -> None:
    many = [owed(f"incident:x:update:{n}") for n in range(1203)]
    with journal.transaction() as tx:
        assert tx.outbox.enqueue(many) == 1203
        assert tx.outbox.enqueue(many) == 0


def test_it_tells_of_several_subjects_each_in_order(journal: SqlJournal) -> None:
    many = [replace(owed(f"incident:{n}:opening"), subject=str(n)) for n in range(1_203)]
    later = replace(owed("incident:7:update:2"), subject="7")
    with journal.transaction() as tx:
        tx.outbox.enqueue([*many, later])
        assert tx.outbox.of_subjects({"7", "8"}) == [many[7], many[8], later]
        assert len(tx.outbox.of_subjects({str(n) for n in range(1_203)})) == 1_204
        assert tx.outbox.of_subjects(set()) == []


def test_it_gives_what_is_due_oldest_first(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.outbox.enqueue([owed(target=t, due=d) for t, d in (("a", 300), ("b", 100), ("c", 301))])
        assert [n.target for n in tx.outbox.due(Second(300), 10)] == ["b", "a"]
        assert [n.target for n in tx.outbox.due(Second(300), 1)] == ["b", "a"]


def test_it_tries_again_when_told(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.outbox.enqueue([owed()])
        tx.outbox.mark_delivered(
            owed(), delivery=Delivery.PENDING, at=Second(101), error="451\0", retry_at=Second(160)
        )
    with journal.transaction() as tx:
        assert tx.outbox.due(Second(159), 10) == []
        expected = replace(owed(due=160), attempts=1, error="451")
        assert tx.outbox.due(Second(160), 10) == [expected]


def test_it_hastens_what_would_wait_beyond_a_time_and_nothing_else(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.outbox.enqueue(
            [owed(due=160), owed(target="hook", due=161), owed(target="sms", due=999)]
        )
        tx.outbox.mark_delivered(owed(target="sms"), delivery=Delivery.SENT, at=Second(105))
        assert tx.outbox.make_due(Second(100), beyond=Second(160)) == 1
        assert [n.target for n in tx.outbox.due(Second(100), 10)] == ["hook"]


def test_it_settles_for_good(journal: SqlJournal) -> None:
    other = owed(target="hook")
    with journal.transaction() as tx:
        tx.outbox.enqueue([owed(), other, owed(target="sms")])
        tx.outbox.mark_delivered(owed(), delivery=Delivery.SENT, at=Second(105))
        tx.outbox.mark_delivered(other, delivery=Delivery.FAILED, at=Second(106), error="550 no")
    with journal.transaction() as tx:
        assert [n.target for n in tx.outbox.due(Second(10**9), 10)] == ["sms"]
        assert tx.outbox.of("k3f9a2")[:2] == [
            replace(owed(), delivery=Delivery.SENT, attempts=1, sent_at=Second(105)),
            replace(other, delivery=Delivery.FAILED, attempts=1, error="550 no"),
        ]
        assert tx.outbox.counts() == {
            Delivery.PENDING: 1, Delivery.SENT: 1, Delivery.FAILED: 1,
        }  # fmt: skip


def test_it_settles_nothing_twice(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.outbox.enqueue([owed()])
        tx.outbox.mark_delivered(owed(), delivery=Delivery.SENT, at=Second(105))
    with refuses(Stale, match="delivered or given up"), journal.transaction() as tx:
        tx.outbox.mark_delivered(owed(), delivery=Delivery.FAILED, at=Second(106))
    with pytest.raises(NotFound), journal.transaction() as tx:
        tx.outbox.mark_delivered(owed("incident:no:opening"), delivery=Delivery.SENT, at=Second(1))


@pytest.mark.parametrize(
    ("delivery", "retry_at"), [(Delivery.PENDING, None), (Delivery.SENT, Second(5))]
)
def test_it_wants_a_time_to_retry_exactly_while_pending(
    journal: SqlJournal, delivery: Delivery, retry_at: Second | None
) -> None:
    with pytest.raises(ValueError, match="retry"), journal.transaction() as tx:
        tx.outbox.mark_delivered(owed(), delivery=delivery, at=Second(1), retry_at=retry_at)


def test_it_counts_nothing_of_every_kind_at_first(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        assert tx.outbox.counts() == dict.fromkeys(Delivery, 0)


def test_it_gives_a_notice_back_as_it_was(journal: SqlJournal) -> None:
    notice = replace(owed("a:blind:7"), kind=EventKind.SYSTEM_ALERT, number=3, position=2)
    with journal.transaction() as tx:
        tx.outbox.enqueue([notice])
        assert tx.outbox.of("blind") == [notice]


def test_it_tells_what_was_tried_newest_first(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.outbox.enqueue([owed(), owed(target="hook"), owed(target="sms")])
        for target, delivery in (("hook", Delivery.SENT), ("sms", Delivery.FAILED)):
            tx.outbox.mark_delivered(owed(target=target), delivery=delivery, at=Second(105))
    with journal.transaction() as tx:
        assert [n.target for n in tx.outbox.tried(10)] == ["sms", "hook"]
        assert [n.target for n in tx.outbox.tried(1)] == ["sms"]
