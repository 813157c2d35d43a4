"""Reports that were issued, to read and to take along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from credits.paper.files import report_file
from credits.ports import StoredReport
from credits.report.csv import csv_text
from credits.report.issue import issued_document, issued_text
from credits.report.issued import IssuedReports
from monitor.console.visit import Download, Page, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import NotFound
from monitor.runtime.version import version_line
from statuspage.parts.html import Html

_MOST = 120
_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    month: str
    revision: int
    issued: Html
    hash: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsPage:
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentRow:
    name: str
    seconds: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    row: ReportRow
    totals: tuple[tuple[str, str], ...]
    assessed: tuple[tuple[str, int], ...]
    credits: int


def every(visit: Visit) -> Shown:
    found = _reports(visit).page(None, _MOST)
    rows = tuple(
        ReportRow(
            month=one.period, revision=one.revision, hash=one.hash,
            issued=visit.speech.dated(one.generated_at),
            url=f"/reports/{one.period}/{one.revision}",
        )
        for one in found
    )  # fmt: skip
    return Page(
        template="reports.html", title=visit.words.nav["reports"], page=ReportsPage(rows=rows)
    )


def show(visit: Visit) -> Shown:
    stored = _stored(visit)
    document: Any = issued_document(stored, version_line())
    return Page(
        template="report.html",
        title=f"{visit.words.nav['reports']} {stored.period}",
        page=ReportPage(
            row=ReportRow(
                month=stored.period, revision=stored.revision, hash=stored.hash,
                issued=visit.speech.dated(stored.generated_at),
                url=f"/reports/{stored.period}/{stored.revision}",
            ),
            totals=tuple(
                (str(total.get("currency", "")), str(total.get("total", "")))
                for total in document["totals"]
            ),
            assessed=tuple((str(k), int(v)) for k, v in document["assessed"].items()),
            credits=len(document["credits"]),
        ),
    )  # fmt: skip


def table(visit: Visit) -> Shown:
    """For a spreadsheet in Spanish: a semicolon between cells, and a mark of UTF-8."""
    stored = _stored(visit)
    content = csv_text(issued_document(stored, ""), ";").encode("utf-8-sig")
    return Download(content=content, media_type="text/csv", name=f"{_name(stored)}.csv")


def document(visit: Visit) -> Shown:
    stored = _stored(visit)
    content = issued_text(stored, version_line()).encode("utf-8", "replace")
    return Download(content=content, media_type="application/json", name=f"{_name(stored)}.json")


def paper(visit: Visit) -> Shown:
    """In the language of the console."""
    stored = _stored(visit)
    document: Any = issued_document(stored, version_line())
    company = visit.call.catalogue.page.company
    content = report_file(document, None, company, visit.speech.lang)
    name = f"{_name(stored)}.pdf"
    return Download(content=content, media_type="application/pdf", name=name, is_text=False)


def _stored(visit: Visit) -> StoredReport:
    month, wanted = visit.call.path["month"], visit.call.path["revision"]
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= _MOST_DIGITS):
        raise NotFound("revision.unknown", number=wanted)
    return _reports(visit).show(month, int(wanted))


def _name(stored: StoredReport) -> str:
    return f"estado-{stored.period}-r{stored.revision}"


def _reports(visit: Visit) -> IssuedReports:
    return IssuedReports(journal=visit.backend.reading, actor=visit.actor)


_READ = Scope.BILLING_READ
SCREENS = (
    Screen(method="GET", path="/reports", handle=every, scope=_READ),
    Screen(method="GET", path="/reports/{month}/{revision}", handle=show, scope=_READ),
    Screen(method="GET", path="/reports/{month}/{revision}/csv", handle=table, scope=_READ),
    Screen(method="GET", path="/reports/{month}/{revision}/json", handle=document, scope=_READ),
    Screen(method="GET", path="/reports/{month}/{revision}/pdf", handle=paper, scope=_READ),
)
