"""Issued reports as PDF files, for whoever asks for one over a connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from credits.paper.contents import Document, Sheet, client_statement, statement, summary
from credits.statements.document import NoClient
from monitor.domain.refusals import NotFound, Refused
from monitor.i18n.languages import Lang

MOST_ROWS = 2_000
"""Credits on one paper that is made while somebody waits: some seconds of CPU."""


def report_file(document: Document, client: str | None, company: str, lang: Lang) -> bytes:
    """The summary of a month, or one client's statement. Raises Refused, NotFound."""
    if client is None:
        _require_short(document["credits"])
        return _pdf(summary(document, company, lang), lang)
    try:
        _require_short([row for row in document["credits"] if row["client_id"] == client])
        return _pdf(statement(document, client, company, lang), lang)
    except NoClient as error:
        raise NotFound("statement.no_client", client=client, month=document["period"]) from error


def statement_file(document: Document, company: str, lang: Lang) -> bytes:
    """What a link to a client's statement shows, on paper. Raises Refused."""
    _require_short(document["credits"])
    return _pdf(client_statement(document, company, lang), lang)


def _require_short(rows: Sequence[Document]) -> None:
    if len(rows) > MOST_ROWS:
        raise Refused("paper.too_long", rows=len(rows), most=MOST_ROWS)


def _pdf(sheet: Sheet, lang: Lang) -> bytes:
    return renderer()([sheet], lang)


def renderer() -> Callable[[Sequence[Sheet], Lang], bytes]:
    """What writes sheets. Raises Refused where the library is not installed: it is an extra, which
    whoever wants no paper does without, and takes a second to read."""
    try:
        from credits.paper.render import pdf_of
    except ImportError as error:
        raise Refused("paper.no_library") from error
    return pdf_of
