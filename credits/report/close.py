"""Closing periods: a month's report is issued automatically, once, a grace period after its end.

The journal says which months are due, so a core that was down at that moment catches up. A month
without any watched second is not issued, and the change feed says so. A report that a person has
issued already is not issued again.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from credits.journal import BillingTransaction
from credits.period.month import Month
from credits.report.closing import ClosingBodies, ClosingData, issue_month
from credits.report.issue import why_not
from monitor.catalogues.in_force import Catalogues
from monitor.domain.change import MACHINE, Change
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction

_CLOSED = "closed_month"
"""The cursor: the last month that was closed."""


class Closed(StrEnum):
    ISSUED = "issued"
    BEFORE = "issued before"
    WITHHELD = "withheld"


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


def close_month(
    tx: BillingTransaction, read: ClosingData, bodies: ClosingBodies, now: Second
) -> tuple[Closed, str]:
    """Issue the report and open the month's credits, or record why not. Returns the outcome with
    the revision or the reason.

    The month is closed in the same transaction, so that a crash cannot make it be issued twice.
    """
    month = read.month.month
    is_first = not tx.reports.of(str(month))
    outcome = _issued(tx, read, bodies, now) if is_first else (Closed.BEFORE, "")
    tx.cursors.set(_CLOSED, max(month.ordinal, tx.cursors.get(_CLOSED)))
    return outcome


def _issued(
    tx: BillingTransaction, read: ClosingData, bodies: ClosingBodies, now: Second
) -> tuple[Closed, str]:
    period = str(read.month.month)
    reason = why_not(read.month, bodies.month)
    if reason is None:
        stored = issue_month(tx, read, bodies, MACHINE, now)
        return Closed.ISSUED, f"r{stored.revision}"
    tx.changes.append(
        [
            Change(
                at=now, actor=MACHINE.id, kind="report.withheld", subject=period,
                before={}, after={"reason": reason},
            )
        ]
    )  # fmt: skip
    return Closed.WITHHELD, reason
