"""Reports on the core's host, where a month is computed and issued."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import typer

from credits.journal import BillingTransaction
from credits.period.month import Month
from credits.ports import StoredReport
from credits.report.body import report_body
from credits.report.chunk import CannotSetAside
from credits.report.close import drafted
from credits.report.closing import ClosingDraft, issue_month
from credits.report.draft import Drafting, MonthDraft
from credits.report.issue import issued_document, loose_document
from credits.report.issued import IssuedReports
from credits.report.report import MonthData, MonthOpen, monthly_report, read_month
from credits.stamps import local_text
from monitor.billing.set_aside import SetAsideFiles
from monitor.catalogues.in_force import Catalogues
from monitor.client.ports import Document
from monitor.domain.time.interval import Second
from monitor.results.log.bounding import BoundingResults
from monitor.roles.catalogues.past import catalogues_of
from monitor.roles.settings import closing_dir, log_file
from monitor.roles.tools import Tools
from monitor.runtime.version import version_line

_REFUSED, _FAILED = 2, 1
_MOST = 100_000


class LocalReports:
    """Implements `monitor.client.ports.Reports`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def company(self) -> str:
        return self._tools.catalogue.page.company

    def issued(self) -> Sequence[Document]:
        zone = self._tools.catalogue.zone
        return [
            {
                "month": head.period,
                "revision": head.revision,
                "content_hash": head.hash,
                "generated_at": local_text(head.generated_at, zone),
            }
            for head in self._reports.page(None, _MOST)
        ]

    def month(
        self,
        wanted: str | None,
        *,
        revision: int | None = None,
        is_provisional: bool = False,
        is_complete: bool = False,
    ) -> Document:
        catalogues, now = catalogues_of(self._tools), self._tools.clock.now()
        current = Month.of(now, catalogues.present(now).catalogue.zone)
        default = current if is_provisional else current.previous
        month = default if wanted is None else Month.read(wanted)
        if revision is not None:
            return issued_document(self._reports.show(str(month), revision), version_line())
        if is_provisional or is_complete:
            read = _read(self._tools, catalogues, month, now, is_provisional=is_provisional)
            body = report_body(monthly_report(read, is_complete=is_complete))
            label = "provisional" if read.is_provisional else "complete"
            return loose_document(body, now, version_line(), label)
        return issued_document(self._issue(catalogues, month, now), version_line())

    def _issue(self, catalogues: Catalogues, month: Month, now: Second) -> StoredReport:
        tools = self._tools
        how = Drafting(
            catalogues=catalogues, results=BoundingResults(log_file(tools.data_dir)),
            aside=SetAsideFiles(closing_dir(tools.data_dir, str(month))), program=version_line(),
        )  # fmt: skip
        try:
            with _refusing_open_months(catalogues, now):
                publish = partial(self._publish, now)
                return drafted(tools.journal, month, now, how, tools.actor, publish)
        except CannotSetAside as error:
            typer.secho(str(error), err=True, fg="red")
            raise typer.Exit(_FAILED) from error

    def _publish(self, now: Second, tx: BillingTransaction, read: ClosingDraft) -> StoredReport:
        _refuse_unfit(read.month)
        return issue_month(tx, read, self._tools.actor, now)

    @property
    def _reports(self) -> IssuedReports:
        return IssuedReports(journal=self._tools.journal, actor=self._tools.actor)


def _refuse_unfit(read: MonthDraft) -> None:
    """Refuse a month in which nothing was checked, or of a journal that is not the product's."""
    if read.refused is None:
        return
    typer.secho(
        f"{read.month}: {read.refused}, so nothing is issued. Is --data-dir the product's own? "
        "See it all the same with --provisional.",
        err=True,
        fg="red",
    )
    raise typer.Exit(_REFUSED)


def _read(
    tools: Tools, catalogues: Catalogues, month: Month, now: Second, *, is_provisional: bool
) -> MonthData:
    with _refusing_open_months(catalogues, now), tools.journal.snapshot() as tx:
        return read_month(tx, catalogues, month, now, is_provisional=is_provisional)


@contextmanager
def _refusing_open_months(catalogues: Catalogues, now: Second) -> Iterator[None]:
    """Say when the month ends, or begins, and end the command."""
    try:
        yield
    except MonthOpen as error:
        zone = catalogues.present(now).catalogue.zone
        if error.has_begun:
            end = local_text(error.window.end, zone)
            hint = f"it ends at {end}; add --provisional for the figures so far"
        else:
            hint = f"it begins at {local_text(error.window.start, zone)}"
        typer.secho(f"{error}: {hint}", err=True, fg="red")
        raise typer.Exit(_REFUSED) from error
