"""What a close makes of the figures: credits of the month, and adjustments of earlier months.

A month's first revision alone is payable. Whatever is found out about it later reaches money in the
close of the next month, as an adjustment.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from credits.journal import BillingTransaction
from credits.life.credit import (
    By,
    Credit,
    CreditId,
    CreditKey,
    CreditRecord,
    advance,
    begin,
)
from credits.life.settlement import Figure, Settlement, settle, unanswered
from credits.life.states import CreditState
from credits.report.claims import Claim
from credits.report.csv import COLUMNS
from credits.report.rows import Body
from credits.stamps import local_text, utc_text
from monitor.domain.time.interval import Interval

_DIGITS = 16
"""Of an adjustment's id: more than a credit has, so that none is another's."""
_EMPTY: Body = dict.fromkeys(COLUMNS[2:])
"""What the rows of a month have beyond that: it was computed for the month that is adjusted."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a close has to write: records that begin, and records with the step that ends them.
    `carried` are tickets by the credit that takes the place of what they had asked for."""

    begun: tuple[CreditRecord, ...] = ()
    ended: tuple[CreditRecord, ...] = ()
    carried: tuple[tuple[CreditId, tuple[str, ...]], ...] = ()

    @classmethod
    def all_of(cls, parts: Iterable[Settled]) -> Settled:
        found = list(parts)
        return cls(
            tuple(record for part in found for record in part.begun),
            tuple(record for part in found for record in part.ended),
            tuple(one for part in found for one in part.carried),
        )


def opened(claims: Iterable[Claim], period: str, by: By) -> Settled:
    """The credits of a month that is closed, from what its first revision says."""
    begun = []
    for claim in claims:
        found = settle(claim.figure, ())
        if found.begins is not None:
            made = replace(_credit(claim, period, found), id=claim.credit)
            begun.append(begin(made, found.begins, by))
    return Settled(begun=tuple(begun))


def adjusted(
    claims: Mapping[CreditKey, Claim], records: Iterable[CreditRecord], period: str, by: By
) -> Settled:
    """What an earlier month's figures change now: `claims` are that month computed anew, `records`
    the credits and adjustments of their windows, `period` the month that is being closed."""
    stood = _by_key(records)
    keys = sorted(claims.keys() | stood.keys(), key=_place)
    return Settled.all_of(
        _settled(
            claims.get(key) or _unclaimed(stood[key][0].credit), stood.get(key, ()), period, by
        )
        for key in keys
    )


def write(tx: BillingTransaction, settled: Settled, by: By) -> None:
    """Store it: what ends makes room for what begins."""
    tx.credits.append(settled.ended)
    tx.credits.begin(settled.begun)
    begun = {record.id: record for record in settled.begun}
    for name, tickets in settled.carried:
        record = begun[name]
        first, *others = tickets
        steps = [advance(record, CreditState.REQUESTED, by, ticket=first)]
        for number, ticket in enumerate(others, 1):
            joined = replace(steps[0], seq=steps[0].seq + number, ticket=ticket)
            steps.append(replace(joined, before=CreditState.REQUESTED))
        for step in steps:
            record = record.with_step(step)
            tx.credits.append([record])


def adjustment_rows(records: Iterable[CreditRecord], zone: ZoneInfo) -> Iterator[Body]:
    """Adjustments as rows of the report of the close that made them, as they began: how they stand
    now is no part of what was issued."""
    for record in records:
        one, state = record.credit, record.steps[0].after
        for line in one.lines or (None,):
            yield {
                **_EMPTY,
                "credit_id": one.id,
                "type": "adjustment",
                "adjusts_credit_id": one.adjusts,
                "contract_id": one.key.contract,
                "client_id": one.client_id,
                "service_id": one.service_id,
                "product": one.product,
                "terms_snapshot_id": one.key.terms_hash,
                "window_start": utc_text(one.key.window.start),
                "window_end": utc_text(one.key.window.end),
                "window_start_local": local_text(one.key.window.start, zone),
                "window_end_local": local_text(one.key.window.end, zone),
                "invoice_id": line and line.invoice_id,
                "invoice_line_id": line and line.line_id,
                "amount": line and f"{line.amount.amount:f}",
                "amount_if_unknown_down": line and line.if_down and f"{line.if_down.amount:f}",
                "currency": line and line.amount.currency,
                "state": state.value,
                "evidence_hash": one.evidence_hash,
            }


def _settled(claim: Claim, own: Sequence[CreditRecord], period: str, by: By) -> Settled:
    found = settle(claim.figure, own)
    ended = tuple(
        one.with_step(advance(one, CreditState.SUPERSEDED, by)) for one in found.superseded
    )
    if found.begins is None:
        return Settled(ended=ended)
    made = replace(
        _credit(claim, period, found),
        ordinal=max((one.credit.ordinal for one in own), default=0) + 1,
        adjusts=next((one.id for one in own if not one.credit.ordinal), None),
    )
    made = replace(made, id=_adjustment_id(made, period))
    tickets = _unanswered(own, ended)
    may_ask = tickets and found.begins is CreditState.ELIGIBLE
    return Settled(
        begun=(begin(made, found.begins, by),),
        ended=ended,
        carried=((made.id, tickets),) if may_ask else (),
    )


def _unanswered(own: Sequence[CreditRecord], ended: Sequence[CreditRecord]) -> tuple[str, ...]:
    """Tickets of what gives way, now or in an earlier close that left nothing to ask for."""
    now = {one.id: one for one in ended}
    return unanswered(now.get(one.id, one) for one in own)


def _credit(claim: Claim, period: str, found: Settlement) -> Credit:
    return Credit(
        id=claim.credit,
        key=claim.key,
        client_id=claim.client_id,
        service_id=claim.service_id,
        product=claim.product,
        period=period,
        lines=found.lines,
        components=claim.components,
        evidence_hash=claim.evidence_hash,
    )


def _unclaimed(one: Credit) -> Claim:
    """Of a window in which nothing is due any more."""
    return Claim(
        key=one.key,
        credit=one.id,
        client_id=one.client_id,
        service_id=one.service_id,
        product=one.product,
        components=one.components,
        evidence_hash=one.evidence_hash,
        figure=Figure(),
    )


def _adjustment_id(one: Credit, period: str) -> CreditId:
    parts = (one.key.contract, *_place(one.key)[1:], one.ordinal)
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()
    return CreditId(f"BON-{period}-{digest[:_DIGITS]}")


def _place(key: CreditKey) -> tuple[str, int, int, str]:
    return (key.contract, key.window.start, key.window.end, key.terms_hash)


def _by_key(records: Iterable[CreditRecord]) -> Mapping[CreditKey, tuple[CreditRecord, ...]]:
    found: defaultdict[CreditKey, tuple[CreditRecord, ...]] = defaultdict(tuple)
    for record in records:
        found[record.credit.key] += (record,)
    return found


def within(records: Iterable[CreditRecord], window: Interval) -> list[CreditRecord]:
    """Those whose window lies wholly inside: a month's windows are parts of it."""
    return [
        record
        for record in records
        if window.start <= record.credit.key.window.start
        and record.credit.key.window.end <= window.end
    ]
