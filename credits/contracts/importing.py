"""Importing contracts: rows become contracts, contracts are compared, and only then stored.

Importing equal rows again changes nothing. What the file does not mention stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from zoneinfo import ZoneInfo

from credits import figures_move
from credits.contract import Contract, ContractId, PriceSegment, TermsPeriod
from credits.contracts.invoice_lines import LineShares, check_periods
from credits.contracts.rows import BadRow, ContractRow, Head, complain
from credits.contracts.terms_in_force import TermsInForce, terms_periods
from credits.journal import BillingJournal, BillingTransaction
from credits.life.credit import LineKey
from credits.life.ledger import Posting, correction, money_of, opening
from credits.money import Money, exact_text
from credits.stamps import local_spans_text, local_text
from monitor.catalogues.in_force import Catalogues
from monitor.domain.change import Actor, Change
from monitor.domain.time.interval import Interval, IntervalSet, Second

_BATCH_SIZE = 200
CORRECTED = "contract.corrected"
"""The change that says what was credited for lines before, where that was mistyped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A contract as the file has it, and as the journal has it (`former`; None: not there)."""

    contract: Contract
    former: Contract | None
    zone: ZoneInfo
    """The zone in which people read its times."""

    @property
    def is_change(self) -> bool:
        return self.contract != self.former

    @property
    def difference(self) -> list[tuple[str, str, str]]:
        """(what, before, after) of everything that differs; an absent value is empty text."""
        old = described(self.former, self.zone) if self.former else {}
        new = described(self.contract, self.zone)
        keys = dict.fromkeys([*old, *new])
        return [
            (key, old.get(key, ""), new.get(key, ""))
            for key in keys
            if old.get(key) != new.get(key)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAuthor:
    """Who imports, and when; without it an import stores nothing and only reports."""

    actor: Actor
    now: Second
    corrects_credited: bool = False
    """Whether `already_credited` of a line that was opened before is what it should have been."""


def import_contracts(
    rows: Iterable[ContractRow],
    journal: BillingJournal,
    catalogues: Catalogues,
    problems: list[BadRow],
    author: ImportAuthor | None = None,
) -> Iterator[Planned]:
    """Each contract of the file, in its order, with what the journal has; streamed.

    Rows of one contract stand together. A contract with a problem is added to `problems` and left
    out. At most `_BATCH_SIZE` contracts share a transaction, so that the core does not wait long.
    """
    shares, in_force = LineShares() if author is None else None, TermsInForce(catalogues)
    groups = _grouped(rows, problems)
    while batch := list(islice(groups, _BATCH_SIZE)):
        with journal.transaction() as tx:
            valid = _planned(batch, tx, in_force, problems, shares)
            if author is not None:
                _store(tx, valid, author)
                _store_addresses(tx, batch)
                if author.corrects_credited:
                    _store_corrections(tx, batch, valid, author)
        yield from valid
    if shares is not None:
        with journal.transaction() as tx:
            shares.check(tx.contracts.lines(), problems)


def _grouped(rows: Iterable[ContractRow], problems: list[BadRow]) -> Iterator[list[ContractRow]]:
    seen: set[str] = set()
    for contract_id, own_rows in groupby(rows, key=lambda row: row.head.contract):
        group = list(own_rows)
        if contract_id in seen:
            wanted = "the rows of one contract together"
            complain(problems, group[0].line, "contract_id", wanted, contract_id)
        else:
            seen.add(contract_id)
            yield group


def _planned(
    batch: Sequence[Sequence[ContractRow]],
    tx: BillingTransaction,
    in_force: TermsInForce,
    problems: list[BadRow],
    shares: LineShares | None,
) -> list[Planned]:
    """The contracts of the batch that are right; what the journal has of them is read together."""
    stored = tx.contracts.some([ContractId(group[0].head.contract) for group in batch])
    planned = (_plan(group, stored, in_force, problems, shares) for group in batch)
    return [one for one in planned if one is not None]


def _plan(
    group: Sequence[ContractRow],
    stored: Mapping[ContractId, Contract],
    in_force: TermsInForce,
    problems: list[BadRow],
    shares: LineShares | None,
) -> Planned | None:
    former = stored.get(ContractId(group[0].head.contract))
    before = len(problems)
    contract = _contract(group, former, in_force, problems)
    if shares is not None:
        shares.take(contract, group)
    if len(problems) > before:
        return None
    return Planned(contract=contract, former=former, zone=in_force.newest.zone)


def _store(tx: BillingTransaction, all_planned: Sequence[Planned], author: ImportAuthor) -> None:
    """Store what changed and record it in the change feed; an equal contract is not written."""
    changed = [planned for planned in all_planned if planned.is_change]
    if not changed:
        return
    tx.contracts.save_all([planned.contract for planned in changed])
    tx.credits.open_lines([o for planned in changed for o in _openings(planned, author.now)])
    tx.changes.append([_change(planned, author) for planned in changed])


def _store_addresses(tx: BillingTransaction, batch: Iterable[Sequence[ContractRow]]) -> None:
    """Where the customers of these rows are told, as far as the file says it and it is another one
    now. Of a customer with several contracts the last row counts. No change tells it: an address
    that was erased must be nowhere."""
    said = {row.head.client: row.email for group in batch for row in group if row.has_email}
    known = tx.clients.of(list(said)) if said else {}
    tx.clients.save({c: told for c, told in said.items() if known.get(c) != told})


def _store_corrections(
    tx: BillingTransaction,
    batch: Iterable[Sequence[ContractRow]],
    all_planned: Iterable[Planned],
    author: ImportAuthor,
) -> None:
    """The lines of the file, and none that it leaves out: what the ledger was opened with becomes
    what the file says, by a posting of the difference. It moves nobody's money, but the room that
    is left below a cap, so that the change names it."""
    contracts = {planned.contract.id: planned.contract for planned in all_planned}
    opened = tx.credits.opened(list(contracts))
    for group in batch:
        contract = contracts.get(ContractId(group[0].head.contract))
        if contract is not None:
            _correct(tx, contract, group, opened, author)


def _correct(
    tx: BillingTransaction,
    contract: Contract,
    group: Sequence[ContractRow],
    opened: Mapping[LineKey, int],
    author: ImportAuthor,
) -> None:
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    postings: list[Posting] = []
    for segment in (row.segment for row in group if row.segment is not None):
        line = LineKey(contract.id, *segment.key)
        was = money_of(opened.get(line, 0), segment.net.currency)
        should = Money(segment.already_credited, segment.net.currency)
        if was.amount != should.amount:
            name = f"invoice {segment.invoice_id}/{segment.line_id}"
            before[name], after[name] = str(was), str(should)
            postings.append(correction(line, contract.client_id, was, should, author.now))
    if postings:
        tx.credits.open_lines(postings)
        change = author.actor.change(author.now, CORRECTED, contract.id, before, after)
        tx.changes.append([change])


def _openings(planned: Planned, now: Second) -> Iterator[Posting]:
    """What was credited for each line until now; the ledger takes it once."""
    contract = planned.contract
    for segment in contract.segments:
        before = Money(segment.already_credited, segment.net.currency)
        line = LineKey(contract.id, segment.invoice_id, segment.line_id)
        yield opening(line, contract.client_id, before, now)


def _change(planned: Planned, author: ImportAuthor) -> Change:
    difference = planned.difference
    return author.actor.change(
        author.now,
        "contract.revised" if planned.former else "contract.imported",
        planned.contract.id,
        before={what: old for what, old, _ in difference if old},
        after={
            **{what: new for what, _, new in difference if new},
            **figures_move.said(figures_move.figures_move(planned.former, planned.contract)),
        },
    )


def described(contract: Contract, zone: ZoneInfo) -> dict[str, str]:
    """A contract as flat texts, for a difference and for the change feed. Times are local, with
    their offset."""
    out = {
        "client_id": contract.client_id,
        "service_id": contract.service_id,
        "product": contract.product,
        "active": local_spans_text(contract.active, zone),
        "suspended": local_spans_text(contract.suspended, zone),
        "suspended_now": "yes" if contract.is_suspended else "no",
        "names": " ".join(contract.names),
    }
    for period in contract.terms:
        out[f"terms from {local_text(period.period.start, zone)}"] = (
            f"{period.label} {period.terms.hash[:12]} until {local_text(period.period.end, zone)}"
        )
    for segment in contract.segments:
        out[f"invoice {segment.invoice_id}/{segment.line_id}"] = (
            f"{segment.net} for {local_spans_text([segment.period], zone)},"
            f" weight {exact_text(segment.weight)},"
            f" already credited {exact_text(segment.already_credited)}"
        )
    return {key: value for key, value in out.items() if value}


def _contract(
    group: Sequence[ContractRow],
    former: Contract | None,
    in_force: TermsInForce,
    problems: list[BadRow],
) -> Contract:
    head, zone = group[0].head, in_force.newest.zone
    for row in group[1:]:
        for what, wanted, got in _head_differences(head, row.head, zone):
            complain(problems, row.line, what, f"{wanted!r} as in line {group[0].line}", got)
    terms = terms_periods(group, former, in_force, problems)
    _check_names(group[0], terms, problems)
    return Contract(
        id=ContractId(head.contract),
        client_id=head.client,
        service_id=head.service,
        product=head.product,
        active=(head.active,),
        suspended=IntervalSet.of(head.suspended).parts,
        is_suspended=head.is_suspended,
        terms=terms,
        segments=_segments(group, former, problems, zone),
        names=head.names,
    )


def _check_names(row: ContractRow, terms: Sequence[TermsPeriod], problems: list[BadRow]) -> None:
    """What serves a name are the components that the contract is about: they have to be named."""
    if row.head.names and terms and not terms[-1].terms.required:
        complain(problems, row.line, "names", "components beside them", "none")


def _head_differences(
    head: Head, other: Head, zone: ZoneInfo
) -> Iterator[tuple[str, object, object]]:
    columns = {
        "client_id": "client", "service_id": "service", "product": "product",
        "active_from": "active", "suspended": "suspended", "suspended_now": "is_suspended",
        "names": "names",
    }  # fmt: skip
    for column, name in columns.items():
        wanted, got = getattr(head, name), getattr(other, name)
        if wanted != got:
            yield column, _local_text(wanted, zone), _local_text(got, zone)


def _local_text(value: object, zone: ZoneInfo) -> object:
    if isinstance(value, Interval):
        return local_spans_text([value], zone)
    if not isinstance(value, tuple):
        return value
    is_names = any(isinstance(part, str) for part in value)
    return " ".join(value) if is_names else local_spans_text(value, zone)


def _check_currency(
    row: ContractRow, segment: PriceSegment, former: PriceSegment | None, problems: list[BadRow]
) -> None:
    """What a line has given is in the currency that it was imported in, and is converted never: in
    another one its cap would be filled by numbers of the first."""
    if former is not None and former.net.currency != segment.net.currency:
        wanted = f"{former.net.currency} as imported before; in another currency it is another line"
        complain(problems, row.line, "currency", wanted, segment.net.currency)


def _segments(
    group: Sequence[ContractRow],
    former: Contract | None,
    problems: list[BadRow],
    zone: ZoneInfo,
) -> tuple[PriceSegment, ...]:
    """The file's invoice lines, and lines of earlier imports that the file does not mention."""
    out = {s.key: s for s in former.segments} if former else {}
    seen: set[tuple[str, str]] = set()
    for row in group:
        if row.segment is None:
            continue
        if row.segment.key in seen:
            complain(problems, row.line, "invoice_line_id", "each line once", row.segment.line_id)
        seen.add(row.segment.key)
        _check_currency(row, row.segment, out.get(row.segment.key), problems)
        out[row.segment.key] = row.segment
    check_periods(group, tuple(out.values()), problems, zone)
    return tuple(sorted(out.values(), key=lambda s: (s.period, s.key)))
