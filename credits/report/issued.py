"""Reports that were issued: listed, and handed over as they were stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from credits.journal import BillingJournal
from credits.period.month import Month
from credits.ports import ReportHead, StoredReport
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor
from monitor.domain.refusals import NotFound, require_every_service, require_scope


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedReports:
    """Accounts that are bounded to services read none: a report is about all customers."""

    journal: BillingJournal
    actor: Actor

    def page(self, before: tuple[str, int] | None, limit: int) -> Sequence[ReportHead]:
        """Up to `limit` reports, the newest month and revision first; those behind a place in that
        order where one is given. Raises Refused."""
        self._require_rights()
        with self.journal.transaction() as tx:
            return tx.reports.heads(before, limit)

    def show(self, month: str, revision: int | None = None) -> StoredReport:
        """A month's newest revision, or the one of that number. Raises Refused, NotFound."""
        self._require_rights()
        period = _period(month)
        with self.journal.transaction() as tx:
            found = tx.reports.get(period, revision)
            last = found or tx.reports.get(period, None)
        if found is not None:
            return found
        if last is None:
            raise NotFound("report.not_issued", month=period)
        raise NotFound("report.no_revision", month=period, revision=revision, last=last.revision)

    def _require_rights(self) -> None:
        require_scope(self.actor, Scope.BILLING_READ)
        require_every_service(self.actor)


def _period(month: str) -> str:
    try:
        return str(Month.read(month))
    except ValueError:
        raise NotFound("report.no_month", got=month) from None
