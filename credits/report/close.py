"""Closing periods: a month's report is issued by itself, once, a time of grace after its end.

What is due is found in the journal, so a core that was down at that moment catches up. A month that
nobody watched is passed over with a note; a person who has issued one before is not repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from credits.journal import BillingTransaction
from credits.report.issue import issue, why_not
from credits.report.report import Month, MonthRead
from credits.report.rows import Body
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
    """Months whose time of grace has passed and which are not closed, oldest first."""
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
    tx: BillingTransaction, read: MonthRead, body: Body, now: Second
) -> tuple[Closed, str]:
    """Issue the report, or note why not; what became of it, with its revision or the reason.

    The month is closed in the same transaction: whatever dies, it is issued once.
    """
    period = str(read.month)
    told = _issued(tx, read, body, now) if not tx.reports.of(period) else (Closed.BEFORE, "")
    tx.cursors.set(_CLOSED, max(read.month.ordinal, tx.cursors.get(_CLOSED)))
    return told


def _issued(tx: BillingTransaction, read: MonthRead, body: Body, now: Second) -> tuple[Closed, str]:
    period = str(read.month)
    reason = why_not(read, body)
    if reason is None:
        kept = issue(tx, period, body, MACHINE, now)
        return Closed.ISSUED, f"r{kept.revision}"
    tx.changes.append(
        [
            Change(
                at=now, actor=MACHINE.id, kind="report.withheld", subject=period,
                before={}, after={"reason": reason},
            )
        ]
    )  # fmt: skip
    return Closed.WITHHELD, reason
