"""Closing periods: a month's report is issued automatically, once, a grace period after its end.

The journal says which months are due, so a core that was down at that moment catches up. A month
without any watched second is not issued, and the change feed says so. A report that a person has
issued already is not issued again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import count
from typing import TypeVar

from credits.journal import BillingTransaction, ClosingJournal
from credits.period.month import Month
from credits.report.closing import ClosingDraft, draft_closing, is_touched, issue_month
from credits.report.draft import ChunkLost, Drafting
from monitor.catalogues.in_force import Catalogues
from monitor.domain.change import Actor
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction

T = TypeVar("T")
_ATTEMPTS = 5
_CLOSED = "closed_month"
"""The cursor: the last month that was closed."""


class Closed(StrEnum):
    ISSUED = "issued"
    BEFORE = "issued before"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What came of it: `detail` is the revision, or why the month is withheld; then how many
    credits and how many adjustments of earlier months begin."""

    outcome: Closed
    detail: str = ""
    hash: str = ""
    credits: int = 0
    adjustments: int = 0


def close(
    journal: ClosingJournal, month: Month, now: Second, how: Drafting, actor: Actor
) -> Closing:
    """Compute a month and close it, unless it was closed before. Raises MonthOpen,
    CannotSetAside."""
    with journal.transaction() as tx:
        before = _closed_before(tx, month) if tx.reports.count(str(month)) else None
    if before is not None:
        how.aside.clear()
        return before
    return drafted(
        journal, month, now, how, actor, lambda tx, read: close_month(tx, read, actor, now)
    )


def drafted(
    journal: ClosingJournal,
    month: Month,
    now: Second,
    how: Drafting,
    actor: Actor,
    publish: Callable[[BillingTransaction, ClosingDraft], T],
) -> T:
    """Compute a month over one moment of the journal, and publish it in one short transaction.

    Where something came meanwhile that the month may rest on, what it touches is computed again; if
    that never ends, what comes still is settled when the next month is closed. Raises MonthOpen,
    CannotSetAside, and whatever `publish` raises.
    """
    for attempt in count(1):
        try:
            read = how.beside(partial(_drafted, journal, month, now, how, actor))
        except ChunkLost:
            if attempt >= _ATTEMPTS:
                raise
            continue
        with journal.transaction() as tx:
            if attempt < _ATTEMPTS and is_touched(tx, read):
                continue
            done = publish(tx, read)
        how.aside.clear()
        return done
    raise AssertionError


def due_months(tx: JournalTransaction, catalogues: Catalogues, now: Second) -> list[Month]:
    """Months whose grace period has passed and which are not closed, oldest first."""
    return list(_due(tx.cursors.get(_CLOSED), catalogues, now))


def _due(closed: int, catalogues: Catalogues, now: Second) -> Iterator[Month]:
    present = catalogues.present(now).catalogue
    began = min(revision.effective_from for revision in catalogues.revisions)
    month = Month.of(began, present.zone)
    while month.window(present.zone).end + present.operations.report_after <= now:
        if month.ordinal > closed:
            yield month
        month = month.next


def _drafted(
    journal: ClosingJournal, month: Month, now: Second, how: Drafting, actor: Actor
) -> ClosingDraft:
    with journal.snapshot() as tx:
        return draft_closing(tx, month, now, how, actor)


def close_month(tx: BillingTransaction, read: ClosingDraft, actor: Actor, now: Second) -> Closing:
    """Issue the report and open the month's credits, or record why not.

    The month is closed in the same transaction, so that a crash cannot make it be issued twice.
    """
    month = read.month.month
    if tx.reports.count(str(month)):
        return _closed_before(tx, month)
    done = _issued(tx, read, actor, now)
    _note_closed(tx, month)
    return done


def _closed_before(tx: BillingTransaction, month: Month) -> Closing:
    _note_closed(tx, month)
    return Closing(outcome=Closed.BEFORE)


def _note_closed(tx: BillingTransaction, month: Month) -> None:
    tx.cursors.set(_CLOSED, max(month.ordinal, tx.cursors.get(_CLOSED)))


def _issued(tx: BillingTransaction, read: ClosingDraft, actor: Actor, now: Second) -> Closing:
    period, reason = str(read.month.month), read.month.refused
    if reason is None:
        stored = issue_month(tx, read, actor, now)
        return Closing(
            outcome=Closed.ISSUED, detail=f"r{stored.revision}", hash=stored.hash,
            credits=len(read.begins.begun), adjustments=len(tx.credits.adjustments(period)),
        )  # fmt: skip
    tx.changes.append([actor.change(now, "report.withheld", period, after={"reason": reason})])
    return Closing(outcome=Closed.WITHHELD, detail=reason)
