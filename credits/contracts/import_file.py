"""Importing a contracts file as a whole: read and checked first, stored only then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TextIO

from credits.contracts.file import NoTable, read_rows
from credits.contracts.importing import ImportAuthor, Planned, import_contracts
from credits.contracts.rows import BadRow, ContractRow
from credits.journal import BillingJournal
from monitor.catalogues.in_force import Catalogues
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor
from monitor.domain.refusals import Refused, require_every_service, require_scope
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second

MOST_SHOWN = 200
"""How many contracts that change are shown; all are counted."""

OpenFile = Callable[[], AbstractContextManager[TextIO]]
"""Opens the file from its start, as `read_rows` wants it. It is read twice."""


@dataclass(slots=True)
class ImportResult:
    """How many contracts are new, changed and the same; `shown` are the first that differ."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    shown: list[Planned] = field(default_factory=list)
    says_addresses: bool = False
    """Whether the file says where customers are told: those are compared where they are stored."""

    @property
    def changes(self) -> int:
        return self.new + self.changed

    def add(self, planned: Planned) -> None:
        if not planned.is_change:
            self.unchanged += 1
            return
        self.new += planned.former is None
        self.changed += planned.former is not None
        if len(self.shown) < MOST_SHOWN:
            self.shown.append(planned)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractsImport:
    """`reading` may be a journal that waits for nobody; only what is stored needs `writing`."""

    reading: BillingJournal
    writing: BillingJournal
    catalogues: Catalogues
    clock: Clock
    actor: Actor

    def run(
        self, open_file: OpenFile, *, dry_run: bool, corrects_credited: bool = False
    ) -> ImportResult:
        """Check every row, then store what changed, a few hundred contracts in a transaction; with
        `dry_run` store nothing. The same file again changes nothing. With `corrects_credited` what
        the file says was credited before is what the ledger should have been opened with.

        Raises Refused: `contracts.invalid` with every mistake, by line; where the actor may not;
        and where contracts changed between check and storing: what was stored until then stays, and
        the file may be imported again.
        """
        require_scope(self.actor, Scope.BILLING_WRITE)
        require_every_service(self.actor)
        now = self.clock.now()
        result = self._check(open_file, now)
        is_more = result.says_addresses or corrects_credited
        if (result.changes or is_more) and not dry_run:
            author = ImportAuthor(actor=self.actor, now=now, corrects_credited=corrects_credited)
            self._store(open_file, author)
        return result

    def _check(self, open_file: OpenFile, now: Second) -> ImportResult:
        result, problems = ImportResult(), list[BadRow]()
        rows = _noting(self._rows(open_file, now, problems), result)
        try:
            for planned in import_contracts(rows, self.reading, self.catalogues, problems):
                result.add(planned)
        except NoTable as error:
            raise _invalid([_reason(text) for text in error.args]) from error
        if problems:
            raise _invalid([_error(bad) for bad in sorted(problems, key=lambda bad: bad.line)])
        return result

    def _store(self, open_file: OpenFile, author: ImportAuthor) -> None:
        problems = list[BadRow]()
        rows = self._rows(open_file, author.now, problems)
        try:
            for _ in import_contracts(rows, self.writing, self.catalogues, problems, author):
                if problems:
                    break
        except NoTable as error:
            raise Refused("contracts.changed") from error
        if problems:
            raise Refused("contracts.changed")

    def _rows(
        self, open_file: OpenFile, now: Second, problems: list[BadRow]
    ) -> Iterator[ContractRow]:
        zone = self.catalogues.revisions[-1].catalogue.zone
        with open_file() as text:
            yield from read_rows(text, zone, now, problems)


def _noting(rows: Iterable[ContractRow], result: ImportResult) -> Iterator[ContractRow]:
    for row in rows:
        result.says_addresses = result.says_addresses or row.has_email
        yield row


def _invalid(errors: Sequence[Mapping[str, object]]) -> Refused:
    return Refused("contracts.invalid", count=len(errors), errors=errors)


def _error(bad: BadRow) -> dict[str, object]:
    problem = bad.problem
    detail = f"wanted {problem.wanted}, got {problem.got}"
    return {"line": bad.line, "column": problem.path, "detail": detail}


def _reason(text: str) -> dict[str, object]:
    return {"line": 1, "detail": text.removeprefix("line 1: ")}
