"""What customers rent: read a page at a time, and imported from a file as the terminal does it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, BinaryIO, TextIO

from pydantic import Field, StringConstraints

from credits.contracts.file import BAD_BYTES, ENCODING
from credits.contracts.import_file import ContractsImport, ImportResult
from credits.contracts.importing import Planned
from credits.contracts.reading import ContractReading, contract_fields
from monitor.api.operation import Answer, Call, Operation
from monitor.api.schema import CSV_FILE, Document, Instant, Parameters
from monitor.domain.accounts.permissions import Scope

_LIMIT, _MOST = 100, 500


class ContractsQuery(Parameters):
    after: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """The cursor: what `next_after` of the answer before says."""
    limit: Annotated[int, Field(ge=1, le=_MOST)] = _LIMIT


class ImportQuery(Parameters):
    dry_run: bool = False
    """Check the file and say what would change; store nothing."""
    correct_credited: bool = False
    """Whether `already_credited` was mistyped before: the ledger takes the file's."""


class SpanDocument(Document):
    start: Instant
    end: Instant | None


class TermsPeriodDocument(Document):
    label: str
    start: Instant
    end: Instant | None


class LineDocument(Document):
    invoice_id: str
    invoice_line_id: str
    period_start: Instant
    period_end: Instant
    net: str
    currency: str
    weight: str
    already_credited: str


class ContractDocument(Document):
    """By the names of the columns of a contracts file. Amounts are text: they are exact."""

    contract_id: str
    client_id: str
    service_id: str
    product: str
    active: list[SpanDocument]
    suspended: list[SpanDocument]
    suspended_now: bool
    names: list[str]
    """Domains of the customer that it serves, in ASCII."""
    terms: list[TermsPeriodDocument]
    lines: list[LineDocument]


class ContractsDocument(Document):
    """By id. `next_after` is null where no more follow."""

    contracts: list[ContractDocument]
    next_after: str | None


class DifferenceDocument(Document):
    """`before` is empty where there was nothing."""

    what: str
    before: str
    after: str


class ImportedContractDocument(Document):
    contract_id: str
    is_new: bool
    differences: list[DifferenceDocument]


class ImportDocument(Document):
    """`contracts` are the first ones that are new or differ; all are counted."""

    dry_run: bool
    new: int
    changed: int
    unchanged: int
    contracts: list[ImportedContractDocument]


def every(call: Call) -> Answer:
    query = call.asked(ContractsQuery)
    found = _reading(call).page(query.after, query.limit + 1)
    shown = found[: query.limit]
    return Answer(
        document=ContractsDocument(
            contracts=[ContractDocument(**contract_fields(one, call.zone)) for one in shown],
            next_after=shown[-1].id if len(found) > query.limit else None,
        )
    )


def show(call: Call) -> Answer:
    found = _reading(call).show(call.path["id"])
    return Answer(document=ContractDocument(**contract_fields(found, call.zone)))


def import_file(call: Call) -> Answer:
    backend, asked = call.backend, call.asked(ImportQuery)
    command = ContractsImport(
        reading=backend.reading, writing=backend.writing, catalogues=backend.source.catalogues(),
        clock=backend.clock, actor=call.actor,
    )  # fmt: skip
    done = command.run(
        lambda: _text(call.uploaded),
        dry_run=asked.dry_run,
        corrects_credited=asked.correct_credited,
    )
    return Answer(document=_document(done, is_rehearsal=asked.dry_run))


@contextmanager
def _text(file: BinaryIO) -> Iterator[TextIO]:
    """The file from its start; it stays open afterwards, for it is read twice."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=ENCODING, errors=BAD_BYTES, newline="")
    try:
        yield text
    finally:
        text.detach()


def _reading(call: Call) -> ContractReading:
    return ContractReading(journal=call.backend.reading, actor=call.actor)


def _document(done: ImportResult, *, is_rehearsal: bool) -> ImportDocument:
    return ImportDocument(
        dry_run=is_rehearsal,
        new=done.new,
        changed=done.changed,
        unchanged=done.unchanged,
        contracts=[_imported(planned) for planned in done.shown],
    )


def _imported(planned: Planned) -> ImportedContractDocument:
    return ImportedContractDocument(
        contract_id=planned.contract.id,
        is_new=planned.former is None,
        differences=[
            DifferenceDocument(what=what, before=before, after=after)
            for what, before, after in planned.difference
        ],
    )


OPERATIONS = (
    Operation(
        method="GET", path="/contracts", name="list_contracts", scope=Scope.BILLING_READ,
        summary="Contracts by id, behind a cursor.",
        query=ContractsQuery, answer=ContractsDocument, handle=every,
    ),
    Operation(
        method="GET", path="/contracts/{id}", name="show_contract", scope=Scope.BILLING_READ,
        summary="One contract with its invoice lines.", answer=ContractDocument, handle=show,
    ),
    Operation(
        method="POST", path="/contracts/import", name="import_contracts",
        scope=Scope.BILLING_WRITE, summary="Import a contracts file, or see what it would change.",
        query=ImportQuery, upload=CSV_FILE, answer=ImportDocument, handle=import_file,
    ),
)  # fmt: skip
