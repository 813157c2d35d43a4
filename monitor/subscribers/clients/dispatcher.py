"""Tells clients of their credits: what is new in the journal is planned once, and sent until it is
taken. Where a client is told is read when a message leaves, and kept nowhere here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import structlog

from credits.client import ClientAddress
from credits.journal import BillingTransaction
from credits.life.credit import CreditId, CreditRecord, CreditStep
from credits.life.states import CreditState
from monitor.alerting.ports import Permanent, ReceiverGone, ServerAway, Transient
from monitor.domain.change import Change
from monitor.domain.refusals import NotFound
from monitor.domain.subscriptions.subscription import SubscriptionId
from monitor.domain.time.clock import Clock
from monitor.journal.ports import JournalError
from monitor.runtime.tasks import OnThread
from monitor.subscribers.clients.mails import ClientMailWriter, is_told
from monitor.subscribers.deliveries import Deliveries, Due, Planned, Recorded
from monitor.subscribers.progress import Progress

POLL_S = 5.0
CHANGES_AT_ONCE = 500
BATCH = 50
GIVE_UP_AFTER_S = 3 * 86_400
_AWAY_S = 60.0
_FAMILY = "credit."


class ReadingBilling(Protocol):
    def transaction(self) -> AbstractContextManager[BillingTransaction]: ...


class ClientConnection(Protocol):
    async def send(self, recipient: str, mail: bytes, /) -> None: ...
    def close(self) -> None: ...


@dataclass(slots=True)
class ClientDispatcher:
    """What had happened before it first looked is told to nobody. A kill repeats one message at
    most, with the same Message-ID. Raises DeliveriesUnavailable where its file fails."""

    journal: ReadingBilling
    deliveries: Deliveries
    writer: ClientMailWriter
    connection: ClientConnection
    clock: Clock
    on_thread: OnThread
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    progress: Progress = field(init=False)
    _is_away: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.progress = Progress(self.clock)

    async def run(self) -> None:
        """For ever."""
        try:
            while True:
                self.progress.note()
                is_behind = await self.round()
                await self.sleep(_AWAY_S if self._is_away else 0.0 if is_behind else POLL_S)
        finally:
            self.connection.close()

    async def round(self) -> bool:
        """Plan what is new, and send what is due; returns whether there is more."""
        try:
            is_behind = await self.on_thread(self.look)
            sent = await self._send_due()
        except JournalError as error:
            structlog.get_logger().error("clients.journal_failed", error=str(error))
            return False
        return is_behind or sent == BATCH

    def look(self) -> bool:
        """Plan what has happened since; returns whether there is more."""
        cursor = self.deliveries.cursor()
        with self.journal.transaction() as tx:
            last = tx.changes.last()
            if cursor == last:
                return False
            changes = [] if cursor is None else tx.changes.since(cursor, CHANGES_AT_ONCE)
            planned = [one for change in changes if (one := _planned(tx, change)) is not None]
        read = changes[-1].seq if changes else last
        self.deliveries.plan(planned, read, self.clock.now())
        return read < last

    async def _send_due(self) -> int:
        due = await self.on_thread(lambda: self.deliveries.due(self.clock.now(), BATCH))
        self._is_away = False
        for one in due:
            try:
                outcome = await self._attempt(one)
            except ServerAway as error:
                structlog.get_logger().error("clients.server_away", error=str(error))
                self._is_away = True
                return 0
            await self.on_thread(partial(self.deliveries.record, [outcome]))
            self.progress.note()
        return len(due)

    async def _attempt(self, due: Due) -> Recorded:
        found = await self.on_thread(lambda: self._read(due))
        if found is None:
            return due.became(is_skipped=True)
        record, step, to, was_paid = found
        mail = self.writer.written(record, step, to, due.at, was_paid=was_paid)
        if mail is None:
            return due.became(is_skipped=True)
        try:
            await self.connection.send(str(to.address), mail)
        except ServerAway:
            raise
        except ReceiverGone as error:
            structlog.get_logger().warning("clients.mailbox_gone", about=due.key, error=str(error))
            return due.became()
        except (Transient, Permanent) as error:
            structlog.get_logger().warning("clients.not_sent", about=due.key, error=str(error))
            return due.tried_again(self.clock.now(), GIVE_UP_AFTER_S)
        return due.became(is_sent=True)

    def _read(self, due: Due) -> tuple[CreditRecord, CreditStep, ClientAddress, bool] | None:
        """As the credit was at that step, and whether another one had been paid; None where nobody
        says where its client is told."""
        seq = int(due.key.rpartition(":")[2])
        with self.journal.transaction() as tx:
            record = tx.credits.get(CreditId(due.subject))
            client = record.credit.client_id
            to = tx.clients.of([client]).get(client)
            then = CreditRecord(record.credit, record.steps[:seq])
            was_paid = _was_paid(tx, then)
        if to is None:
            return None
        return then, then.steps[-1], to, was_paid


def _planned(tx: BillingTransaction, change: Change) -> Planned | None:
    """The message about a step, under a key of its own; None where there is nothing to tell."""
    seq = change.after.get("revision")
    if not change.kind.startswith(_FAMILY) or not isinstance(seq, int):
        return None
    try:
        record = tx.credits.get(CreditId(change.subject))
    except NotFound:
        return None
    if not 0 < seq <= len(record.steps):
        return None
    then = CreditRecord(record.credit, record.steps[:seq])
    if not is_told(then, then.steps[-1], was_paid=_was_paid(tx, then)):
        return None
    return Planned(
        key=f"credit:{record.id}:{seq}", subject=record.id, at=change.at, said={},
        subscriptions=(SubscriptionId(record.id),),
    )  # fmt: skip


def _was_paid(tx: BillingTransaction, then: CreditRecord) -> bool:
    """Whether another credit of the same time had been applied: what gave way was not."""
    if not then.credit.ordinal or then.state is not CreditState.APPLIED:
        return False
    return any(
        other.state is CreditState.APPLIED and other.steps[-1].at <= then.steps[-1].at
        for other in tx.credits.beside(then.credit)
        if other.credit.key == then.credit.key
    )
