"""Subscriptions are stored whole; their addresses stand in one table, and leave no trace there."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.subscriptions.contact import read_contact
from monitor.domain.subscriptions.subscription import (
    Ending,
    Severity,
    Subscription,
    SubscriptionId,
    SubscriptionState,
    Wanted,
)
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal, open_journal

WANTED = Wanted(
    components=(ComponentId("web"), ComponentId("mail")),
    incident=IncidentId("k3f9a2"),
    severity=Severity.SERIOUS,
)
ANA = Subscription(
    id=SubscriptionId("ana23456"), wanted=WANTED, locale="en",
    state=SubscriptionState.PENDING, created_at=Second(100),
)  # fmt: skip
ADDRESS = read_contact("email", "Ana+estado@example.com")


def confirmed(id_: str) -> Subscription:
    return replace(
        ANA, id=SubscriptionId(id_), state=SubscriptionState.CONFIRMED, confirmed_at=Second(200)
    )


def test_a_subscription_is_read_as_it_was_saved(journal: SqlJournal) -> None:
    ended = replace(
        confirmed(ANA.id), state=SubscriptionState.ENDED, ended_at=Second(300),
        ending=Ending.BOUNCED,
    )  # fmt: skip
    for one in (ANA, replace(ANA, page="radio"), confirmed(ANA.id), ended):
        with journal.transaction() as tx:
            tx.subscriptions.save(one)
        with journal.transaction() as tx:
            assert tx.subscriptions.get(ANA.id) == one
            assert tx.subscriptions.some([ANA.id, SubscriptionId("nobody12")]) == [one]
    with journal.transaction() as tx:
        assert tx.subscriptions.get(SubscriptionId("nobody12")) is None


def test_an_address_is_found_by_its_subscription_and_by_its_mailbox(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.subscriptions.add(ANA, ADDRESS)
    with journal.transaction() as tx:
        assert tx.subscriptions.contact(ANA.id) == ADDRESS
        assert tx.subscriptions.of_mailbox("ana@example.com") == [ANA]
        assert tx.subscriptions.of_mailbox("eva@example.com") == []


def test_another_address_takes_the_place_of_the_first(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.subscriptions.add(ANA, ADDRESS)
        tx.subscriptions.move(ANA.id, read_contact("email", "eva@example.com"))
        assert tx.subscriptions.of_mailbox("ana@example.com") == []
        assert tx.subscriptions.contact(ANA.id) == read_contact("email", "eva@example.com")


def test_who_ended_has_no_address_and_is_counted(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.subscriptions.add(ANA, ADDRESS)
        tx.subscriptions.erase(ANA.id)
        tx.subscriptions.save(replace(ANA, state=SubscriptionState.ENDED))
        tx.subscriptions.add(confirmed("eva23456"), read_contact("email", "eva@example.com"))
    with journal.transaction() as tx:
        assert tx.subscriptions.contact(ANA.id) is None
        assert tx.subscriptions.of_mailbox("ana@example.com") == []
        assert [one.id for one in tx.subscriptions.confirmed("email")] == ["eva23456"]
        assert [one.id for one in tx.subscriptions.listed("", 10)] == ["eva23456"]
        assert tx.subscriptions.counts() == {
            ("email", SubscriptionState.CONFIRMED): 1,
            ("email", SubscriptionState.ENDED): 1,
        }


def test_pending_ones_of_before_a_second_are_found(journal: SqlJournal) -> None:
    later = replace(ANA, id=SubscriptionId("eva23456"), created_at=Second(101))
    with journal.transaction() as tx:
        for one in (ANA, later, confirmed("bob23456")):
            tx.subscriptions.add(one, ADDRESS)
    with journal.transaction() as tx:
        assert tx.subscriptions.unconfirmed(Second(100), 10) == [ANA]
        assert tx.subscriptions.unconfirmed(Second(200), 1) == [ANA]


def test_a_blocked_mailbox_stays_blocked(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.subscriptions.block("hash", Second(100))
        tx.subscriptions.block("hash", Second(200))
    with journal.transaction() as tx:
        assert tx.subscriptions.is_blocked("hash")
        assert not tx.subscriptions.is_blocked("other")


@pytest.fixture
def folder(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///")).parent


def bytes_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("journal.db*"))


def test_of_thousands_of_erased_addresses_no_byte_stays(sqlite_url: str, folder: Path) -> None:
    """Pages split, are merged and freed: what is moved must not stay where it was."""
    order = random.Random(7)  # noqa: S311 - a seed, no secret
    ids = [SubscriptionId(f"s{order.randrange(10**12):012d}") for _ in range(3_000)]
    with open_journal(sqlite_url) as journal:
        for start in range(0, len(ids), 100):
            with journal.transaction() as tx:
                for id_ in ids[start : start + 100]:
                    address = read_contact("email", f"canary-{id_}@secret.example")
                    tx.subscriptions.add(replace(ANA, id=id_), address)
        assert b"secret.example" in bytes_in(folder)
        order.shuffle(ids)
        for start in range(0, len(ids), 100):
            with journal.transaction() as tx:
                for id_ in ids[start : start + 100]:
                    tx.subscriptions.erase(id_)
        assert journal.is_erased()
        assert b"secret.example" not in bytes_in(folder)


def test_a_reader_in_the_way_is_waited_for(sqlite_url: str, folder: Path) -> None:
    with open_journal(sqlite_url) as journal, open_journal(sqlite_url) as reading:
        with journal.transaction() as tx:
            tx.subscriptions.add(ANA, ADDRESS)
        with reading._engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA busy_timeout = 0")
            driver.execute("BEGIN")
            driver.execute("SELECT count(*) FROM subscription").fetchone()
            with journal.transaction() as tx:
                tx.subscriptions.erase(ANA.id)
            with journal._engine.connect() as own:
                own_driver = own.connection.driver_connection
                assert own_driver is not None
                own_driver.execute("PRAGMA busy_timeout = 0")
            assert not journal.is_erased()
            driver.execute("COMMIT")
        assert journal.is_erased()
        assert b"example.com" not in bytes_in(folder)
