"""Reports that were issued, as billing has them: never computed here, and never changed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from credits.paper.files import report_file
from credits.ports import ReportHead, StoredReport
from credits.report.csv import csv_text
from credits.report.issue import issued_document, issued_part, issued_text
from credits.report.issued import IssuedReports
from monitor.api.operation import Answer, AnsweredFile, Call, Operation
from monitor.api.schema import Document, Instant, Parameters, instant
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import NotFound
from monitor.i18n.languages import Lang
from monitor.i18n.words import operators_lang
from monitor.runtime.version import version_line

PDF = "application/pdf"
_LIMIT, _LONGEST = 100, 1_000
_DELIMITERS = {"comma": ",", "semicolon": ";"}
_MOST_DIGITS = 6


class ReportsQuery(Parameters):
    before: Annotated[str, StringConstraints(pattern=r"^(|\d{4}-\d{2}\.\d{1,6})$")] = ""
    """The cursor: what `next_before` of the answer before says."""
    limit: Annotated[int, Field(ge=1, le=_LONGEST)] = _LIMIT


class ReportQuery(Parameters):
    delimiter: Literal["comma", "semicolon"] = "comma"
    """Of CSV; a spreadsheet in Spanish wants a semicolon."""


class PaperQuery(Parameters):
    client: str | None = None
    """One client's statement, with nothing of another; without it the summary of the month."""
    lang: Literal["es", "en"] | None = None
    """The company's where it is left out."""

    def spoken(self, call: Call) -> Lang:
        return operators_lang(call.catalogue.page) if self.lang is None else Lang(self.lang)


class ReportHeadDocument(Document):
    month: str
    revision: int
    content_hash: str
    generated_at: Instant


class ReportsDocument(Document):
    """Newest first. `next_before` is null where nothing older follows."""

    reports: list[ReportHeadDocument]
    next_before: str | None


class ReportDocument(Document):
    """As `estado report --format json` prints it. `content_hash` is SHA-256 of the body."""

    report_id: str
    revision: int
    content_hash: str
    generated_at: Instant
    is_provisional: bool
    payable: bool
    """The first revision of a month alone is."""
    program: str
    period: str
    zone: str
    window: dict[str, Any]
    default_terms: dict[str, Any] | None
    components: list[dict[str, Any]]
    assessed: dict[str, int]
    credits: list[dict[str, Any]]
    totals: list[dict[str, Any]]
    adjustments: list[dict[str, Any]] = Field(default_factory=list)
    """By currency; where the close of the month made any."""
    evidence: dict[str, dict[str, Any]]


def every(call: Call) -> Answer:
    query = call.asked(ReportsQuery)
    found = _reports(call).page(_place(query.before), query.limit + 1)
    shown = found[: query.limit]
    last = shown[-1] if len(found) > query.limit else None
    return Answer(
        document=ReportsDocument(
            reports=[_head(call, one) for one in shown],
            next_before=f"{last.period}.{last.revision}" if last else None,
        )
    )


def show(call: Call) -> Answer:
    return _answer(call, _reports(call).show(call.path["month"]))


def show_revision(call: Call) -> Answer:
    return _answer(call, _revision(call))


def paper(call: Call) -> Answer:
    query, stored = call.asked(PaperQuery), _revision(call)
    company = call.catalogue.page.company
    document = (
        issued_document(stored, "")
        if query.client is None
        else issued_part(stored, "client_id", query.client)
    )
    content = report_file(document, query.client, company, query.spoken(call))
    return Answer(file=AnsweredFile(content=content, name=paper_name(stored, query.client)))


def paper_name(stored: StoredReport, client: str | None) -> str:
    """A client's id is whatever billing calls it, and stands in no name of a file."""
    kind = "" if client is None else "-cliente"
    return f"estado-{stored.period}-r{stored.revision}{kind}.pdf"


def _revision(call: Call) -> StoredReport:
    month, wanted = call.path["month"], call.path["revision"]
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= _MOST_DIGITS):
        raise NotFound("revision.unknown", number=wanted)
    return _reports(call).show(month, int(wanted))


def _reports(call: Call) -> IssuedReports:
    return IssuedReports(journal=call.backend.reading, actor=call.actor)


def _place(cursor: str) -> tuple[str, int] | None:
    month, _, revision = cursor.partition(".")
    return (month, int(revision)) if cursor else None


def _head(call: Call, found: ReportHead) -> ReportHeadDocument:
    return ReportHeadDocument(
        month=found.period, revision=found.revision, content_hash=found.hash,
        generated_at=instant(found.generated_at, call.zone),
    )  # fmt: skip


def _answer(call: Call, stored: StoredReport) -> Answer:
    delimiter = _DELIMITERS[call.asked(ReportQuery).delimiter]
    return Answer(
        content=issued_text(stored, version_line()).encode("utf-8", "replace"),
        revision=stored.revision,
        csv=lambda: csv_text(issued_document(stored, ""), delimiter).encode("utf-8-sig"),
    )


OPERATIONS = (
    Operation(
        method="GET", path="/reports", name="list_reports", scope=Scope.BILLING_READ,
        summary="Reports that were issued, newest first, behind a cursor.",
        query=ReportsQuery, answer=ReportsDocument, handle=every,
    ),
    Operation(
        method="GET", path="/reports/{month}", name="show_report", scope=Scope.BILLING_READ,
        summary="The newest report of a month.", has_csv=True, has_revision=True,
        query=ReportQuery, answer=ReportDocument, handle=show,
    ),
    Operation(
        method="GET", path="/reports/{month}/revisions/{revision}", name="show_report_revision",
        scope=Scope.BILLING_READ, summary="A report as it was issued.", has_csv=True,
        has_revision=True, query=ReportQuery, answer=ReportDocument, handle=show_revision,
    ),
    Operation(
        method="GET", path="/reports/{month}/revisions/{revision}/pdf", name="show_report_paper",
        scope=Scope.BILLING_READ, summary="The same on paper, or one client's statement.",
        query=PaperQuery, file_type=PDF, handle=paper,
    ),
)  # fmt: skip
