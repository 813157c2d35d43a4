"""One client's part of a report: by a link that anybody may open who holds it, for some days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from credits.paper.files import statement_file
from credits.statements.links import MOST_DAYS, StatementLink, StatementLinks, opened
from monitor.api.operation import ROOT, Answer, AnsweredFile, Call, Operation
from monitor.api.resources.billing.reports import PDF
from monitor.api.schema import WHOLE, Body, Document, Instant, Line, Parameters, instant
from monitor.domain.accounts.permissions import Scope
from monitor.i18n.languages import Lang
from monitor.i18n.words import operators_lang

_LARGEST = 2**31


class StatementLinkBody(Body):
    month: Line
    revision: Annotated[int, Field(ge=1, le=_LARGEST), WHOLE]
    client: Line
    days: Annotated[int, Field(ge=1, le=MOST_DAYS), WHOLE] = 14


class StatementPaperQuery(Parameters):
    lang: Literal["es", "en"] | None = None
    """The company's where it is left out."""


class StatementLinkDocument(Document):
    id: str
    month: str
    revision: int
    client_id: str
    expires_at: Instant
    created_by: str


class NewStatementLinkDocument(StatementLinkDocument):
    """`path` is told this once: whoever has it reads the statement."""

    path: str
    url: str | None
    """Whole, where the door knows its address from outside."""


class StatementLinksDocument(Document):
    """Those that open something now."""

    links: list[StatementLinkDocument]


class ClientStatementDocument(Document):
    """Nothing of another client, nobody's name, no evidence."""

    report_id: str
    content_hash: str
    generated_at: str
    is_provisional: bool
    payable: bool
    period: str
    zone: str
    window: dict[str, Any]
    client_id: str
    credits: list[dict[str, Any]]
    totals: list[dict[str, str]]


def create(call: Call) -> Answer:
    sent = call.sent(StatementLinkBody)
    link, held = _links(call, is_writing=True).create(
        call.backend.randomness.token_id(), sent.month, sent.revision, sent.client, sent.days
    )
    path = f"{ROOT}/statement/{held}"
    base = call.backend.public_url
    return Answer(
        document=NewStatementLinkDocument(
            **_fields(call, link), path=path, url=f"{base.rstrip('/')}{path}" if base else None
        )
    )


def every(call: Call) -> Answer:
    found = _links(call, is_writing=False).live()
    return Answer(
        document=StatementLinksDocument(
            links=[StatementLinkDocument(**_fields(call, one)) for one in found]
        )
    )


def revoke(call: Call) -> Answer:
    _links(call, is_writing=True).revoke(call.path["id"])
    return Answer()


def read(call: Call) -> Answer:
    return Answer(document=ClientStatementDocument(**_opened(call)))


def paper(call: Call) -> Answer:
    wanted, page = call.asked(StatementPaperQuery).lang, call.catalogue.page
    lang = operators_lang(page) if wanted is None else Lang(wanted)
    found = _opened(call)
    return Answer(
        file=AnsweredFile(
            content=statement_file(found, page.company, lang),
            name=f"estado-{found['period']}-cliente.pdf",
        )
    )


def _opened(call: Call) -> Mapping[str, Any]:
    backend = call.backend
    return opened(backend.reading, backend.sealer, backend.clock.now(), call.path["held"])


def _fields(call: Call, link: StatementLink) -> dict[str, Any]:
    return {
        "id": link.id,
        "month": link.period,
        "revision": link.revision,
        "client_id": link.client,
        "expires_at": instant(link.until, call.zone),
        "created_by": link.by,
    }


def _links(call: Call, *, is_writing: bool) -> StatementLinks:
    backend = call.backend
    return StatementLinks(
        journal=backend.writing if is_writing else backend.reading,
        sealer=backend.sealer,
        clock=backend.clock,
        actor=call.actor,
    )


OPERATIONS = (
    Operation(
        method="POST", path="/statements", name="create_statement_link",
        scope=Scope.BILLING_READ, status=201, creates=True,
        summary="A link to one client's part of an issued report, for some days.",
        body=StatementLinkBody, answer=NewStatementLinkDocument, handle=create,
    ),
    Operation(
        method="GET", path="/statements", name="list_statement_links",
        scope=Scope.BILLING_READ, summary="Links that open something now.",
        answer=StatementLinksDocument, handle=every,
    ),
    Operation(
        method="DELETE", path="/statements/{id}", name="revoke_statement_link",
        scope=Scope.BILLING_READ, status=204, summary="The link opens nothing any more.",
        handle=revoke,
    ),
    Operation(
        method="GET", path="/statement/{held}", name="read_statement", needs_sign_in=False,
        summary="The statement, for whoever holds its link.", answer=ClientStatementDocument,
        handle=read,
    ),
    Operation(
        method="GET", path="/statement/{held}/pdf", name="read_statement_paper",
        needs_sign_in=False, summary="The same on paper.", query=StatementPaperQuery,
        file_type=PDF, handle=paper,
    ),
)  # fmt: skip
