"""A month's report before it is issued: computed part by part over one moment of the journal.

Nothing of it is seen before one short commit issues it. Memory holds one part at a time, and what
the report itself is made of.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from credits.assess import Status
from credits.contract import Contract, ContractId
from credits.journal import BillingTransaction
from credits.life.credit import CreditKey, LineKey
from credits.period.month import Month
from credits.ports import EvidencePart
from credits.report import chunk
from credits.report.body import report_head
from credits.report.chunk import Chunk, Names, SetAside, Summary
from credits.report.claims import Claim, claims_of
from credits.report.evidence import LoggedResults, shared_part
from credits.report.issue import IssuedText, why_not
from credits.report.report import MonthData, Report, components_of, read_period
from credits.report.rows import Body, canonical, content_hash
from monitor.catalogues.in_force import Catalogues
from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import Second


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many of a month's contracts have been computed, and how many of those had been set aside
    by an attempt before."""

    month: Month
    contracts: int
    of: int
    taken: int


class ChunkLost(Exception):
    """A part was set aside and is gone: the month has to be begun again."""


Say = Callable[[Progress], None]
_T = TypeVar("_T")


class Beside(Protocol):
    """Does long work so that it is in nobody's way, and waits for it."""

    def __call__(self, work: Callable[[], _T], /) -> _T: ...


def at_once(work: Callable[[], _T], /) -> _T:
    return work()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """What computing needs besides the journal."""

    catalogues: Catalogues
    results: LoggedResults
    aside: SetAside
    program: str
    say: Say = lambda _: None
    beside: Beside = at_once


@dataclass(frozen=True, kw_only=True)
class MonthDraft:
    """A month's report but for its adjustments. `head` has neither credits nor evidence; `rows` and
    `bundles` are those as they will stand in the report. `refused` says why it must not be issued;
    None where it may be."""

    month: Month
    zone: ZoneInfo
    head: Body
    rows: str
    bundles: str
    claims: Mapping[CreditKey, Claim]
    evidence: tuple[EvidencePart, ...]
    refused: str | None

    @cached_property
    def alone(self) -> IssuedText:
        """The report without anything more: written and hashed once."""
        text = self.text()
        return IssuedText(text, content_hash(text))

    def text(self, more: Sequence[Body] = (), **fields: object) -> str:
        """Canonical JSON of the report, with more rows and further fields of the head."""
        rows = ",".join([*([self.rows] if self.rows else ()), *map(canonical, more)])
        parts = {name: canonical(value) for name, value in {**self.head, **fields}.items()}
        parts |= {"credits": f"[{rows}]", "evidence": f"{{{self.bundles}}}"}
        return "{" + ",".join(f'"{name}":{parts[name]}' for name in sorted(parts)) + "}"


def draft_month(
    tx: BillingTransaction,
    month: Month,
    now: Second,
    how: Drafting,
    *,
    zone: ZoneInfo | None = None,
    moves: Mapping[LineKey, int] | None = None,
) -> MonthDraft:
    """Raises MonthOpen. `zone` is that of the month's midnights; None: the company's own. `moves`:
    by how much other months' settling in the same close moves what counts against caps."""
    read = read_period(tx, how.catalogues, month, now, zone=zone)
    records = tx.credits.within(read.period_data.window)
    read = replace(read, with_credits=frozenset(one.credit.key.contract for one in records))
    names, summaries = _set_aside(tx, read, how, moves or {})
    statuses = sum((Counter(one.statuses) for one in summaries), Counter[str]())
    report = Report(
        month=month, zone=read.zone, window=read.period_data.window, is_provisional=False,
        period_data=read.period_data, assessed=(),
        statuses=Counter({status: statuses[status.value] for status in Status}),
        components=tuple(
            components_of(read.period_data, {c for one in summaries for c in one.billed})
        ),
    )  # fmt: skip
    head = report_head(report, (one for found in summaries for one in found.sums))
    rested = sorted({c for one in summaries for c in one.rested})
    found = [_taken(how.aside, name) for name in names]
    return MonthDraft(
        month=month,
        zone=read.zone,
        head=head,
        rows=",".join(one.rows for one in found if one.rows),
        bundles=",".join(f'"{name}":{text}' for name, text in sorted(_bundles(found))),
        claims={key: claim for one in found for key, claim in _claims(one).items()},
        evidence=tuple(_evidence(read, rested, found, how)),
        refused=why_not(read, head),
    )


def _set_aside(
    tx: BillingTransaction, read: MonthData, how: Drafting, moves: Mapping[LineKey, int]
) -> tuple[list[str], list[Summary]]:
    """Compute what is not set aside yet. Returns the names of all chunks, and their summaries."""
    names, summaries = _passed(tx, read, how, moves, frozenset())
    shared = chunk.crowded_of(summaries)
    # Of a hundred thousand credits, two have ids that begin alike once in some hundred months.
    return _passed(tx, read, how, moves, shared) if shared else (names, summaries)


def _passed(
    tx: BillingTransaction,
    read: MonthData,
    how: Drafting,
    moves: Mapping[LineKey, int],
    shared: frozenset[str],
) -> tuple[list[str], list[Summary]]:
    naming, names, summaries = Names(read, how.program), list[str](), list[Summary]()
    total, contracts, taken = tx.contracts.active_count(read.period_data.window), 0, 0
    for some in _pages(tx, read):
        part = replace(read, credited=_credited(tx, read, some, moves))
        name = naming.name(part, some, shared)
        found = _known(how.aside, name)
        if found is None:
            found = chunk.computed(part, some, shared)
            how.aside.put(name, chunk.packed(found))
        else:
            taken += len(some)
        names.append(name)
        summaries.append(found.summary)
        contracts += len(some)
        how.say(Progress(month=read.month, contracts=contracts, of=total, taken=taken))
    return names, summaries


def _pages(tx: BillingTransaction, read: MonthData) -> Iterator[Sequence[Contract]]:
    window, last = read.period_data.window, ContractId("")
    while some := tx.contracts.active_page(window, last, chunk.CONTRACTS):
        yield some
        last = some[-1].id


def _credited(
    tx: BillingTransaction,
    read: MonthData,
    some: Sequence[Contract],
    moves: Mapping[LineKey, int],
) -> Mapping[LineKey, int]:
    besides, wanted = read.month.window(read.zone), [contract.id for contract in some]
    found = Counter(tx.credits.credited(wanted, besides=besides))
    if moves:
        own = frozenset(wanted)
        found.update({line: minor for line, minor in moves.items() if line.contract in own})
    return found


def _known(aside: SetAside, name: str) -> Chunk | None:
    """One that was cut off while it was written is none."""
    body = aside.get(name)
    try:
        return None if body is None else chunk.unpacked(body)
    except (ValueError, KeyError, TypeError, zlib.error):
        return None


def _taken(aside: SetAside, name: str) -> Chunk:
    found = _known(aside, name)
    if found is None:
        raise ChunkLost(name)
    return found


def _bundles(found: Iterable[Chunk]) -> Iterator[tuple[str, str]]:
    return (bundle for one in found for bundle in one.evidence)


def _claims(one: Chunk) -> Mapping[CreditKey, Claim]:
    bundles = {name: {"components": about} for name, about in one.components.items()}
    return claims_of({"credits": json.loads(f"[{one.rows}]"), "evidence": bundles})


def _evidence(
    read: MonthData, rested: Sequence[ComponentId], found: Iterable[Chunk], how: Drafting
) -> Iterator[EvidencePart]:
    """Empty for a month in which nobody has to act on anything, nor has had to."""
    parts = [one.part for one in found if one.part is not None]
    if parts:
        yield shared_part(read, rested, how.results, how.program)
        yield from (replace(part, number=number) for number, part in enumerate(parts, 1))
