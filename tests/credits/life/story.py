"""A script of a lifecycle case, lived by the product's own values: assessed, settled, stepped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from credits.assess import Assessment, Status, assess
from credits.contract import Contract, ContractId, PriceSegment, TermsPeriod
from credits.life.applying import Account, Found, after_call, after_search, before_call
from credits.life.credit import (
    Assumed,
    Credit,
    CreditId,
    CreditKey,
    CreditRecord,
    CreditStep,
    LineDue,
    advance,
    approve,
    begin,
    decide,
    request,
)
from credits.life.ledger import (
    Holding,
    LedgerAccount,
    balances,
    is_balanced,
    money_of,
    postings_of,
)
from credits.life.settlement import Figure, settle
from credits.life.states import CreditState
from credits.money import Money
from credits.terms import Terms
from monitor.domain.availability import Bucket, Span
from monitor.domain.refusals import Refused
from monitor.domain.time.interval import Interval, Second
from tests.credits.life.builders import by

_ZONE = ZoneInfo("America/Argentina/Buenos_Aires")


def _midnight(day: str) -> Second:
    return Second(int(datetime.fromisoformat(day).replace(tzinfo=_ZONE).timestamp()))


_APRIL = Interval(_midnight("2026-04-01"), _midnight("2026-05-01"))
_S = CreditState
_SEGMENT = PriceSegment(
    invoice_id="F-1", line_id="L1", period=_APRIL, net=Money(Decimal("1234.56"), "USD")
)


class Story:
    def __init__(self) -> None:
        self.contract = Contract(
            id=ContractId("C-1"), client_id="77", service_id="501", product="Hosting",
            active=(_APRIL,), segments=(_SEGMENT,),
        )  # fmt: skip
        self.records: list[CreditRecord] = []
        self.errors: list[str] = []
        self.calls = 0
        self.account = Account.GOOD
        self.proposers: set[str] = set()
        self.first: Credit | None = None
        self.assessed: list[Assessment] = []

    def told(self, script: list[list[Any]]) -> dict[str, Any]:
        for word, *rest in script:
            try:
                getattr(self, f"do_{word}")(*rest)
            except Refused as refused:
                self.errors.append(refused.code.removeprefix("credit."))
        original, later = self.records[0], self.records[1:]
        states = [step.after.value for step in original.steps if step.before is not step.after]
        return {
            "credits": sum(not record.credit.ordinal for record in self.records),
            "adjustments": len(later),
            "amount": _sum([original]),
            "original_state": original.state.value,
            "state": original.state.value,
            "states": states,
            "tickets": list(original.tickets),
            "r1_unchanged": original.credit == self.first,
            "r1_amount": _paid(self.assessed[0]),
            "r2_amount": _paid(self.assessed[-1]),
            "recomputed": _paid(self.assessed[-1]),
            "adjustment": _sum(later[-1:]) if later else None,
            "adjustment_state": later[-1].state.value if later else None,
            "addcredit_calls": self.calls,
            "api_calls": self.calls,
            "further_addcredit_allowed": original.state is _S.APPROVED,
            "guarantee_used": str(self.assessed[-1].terms.guarantee),
            "verdict": self.assessed[-1].verdict.value,
            "errors": self.errors,
            "waiting_total": _sum(
                record for record in self.records if record.state is _S.PENDING_HUMAN_APPROVAL
            ),
            **self._balances(),
        }

    def _balances(self) -> dict[str, str]:
        postings = [p for record in self.records for p in postings_of(record)]
        assert all(map(is_balanced, postings))
        held = balances(entry for posting in postings for entry in posting.entries)
        names = [a for a in LedgerAccount if a is not LedgerAccount.EXPENSE]
        sums = {a: held.get(Holding("77", "USD", a), 0) for a in names}
        assert sum(held.values()) == 0
        return {f"{a}_total": f"{money_of(sums[a], 'USD').amount:.2f}" for a in names}

    def do_terms(self, day: str, guarantee: str) -> None:
        terms = Terms(guarantee=Decimal(guarantee))
        start = _midnight(day)
        period = TermsPeriod(period=Interval(start, Second(start + 1)), label="a", terms=terms)
        self.contract = replace(self.contract, terms=(*self.contract.terms, period))

    def do_close(self, down: int, unknown: int) -> None:
        if not self.contract.terms:
            self.do_terms("2026-04-01", "0.9989")
        ((window, terms_period),) = self.contract.parts(_APRIL)
        found = assess(list(_spans(window, down, unknown)), [_SEGMENT], terms_period.terms)
        self.assessed.append(found)
        settled = settle(_figure(found), self.records)
        for record in settled.superseded:
            self._go(record, advance(record, _S.SUPERSEDED, by("estado")))
        if settled.begins is not None:
            made = self._credit(window, terms_period.terms, settled.lines)
            self.records.append(begin(made, settled.begins, by("estado")))
            self.first = self.first or made

    def _credit(self, window: Interval, terms: Terms, lines: tuple[LineDue, ...]) -> Credit:
        ordinal = len(self.records)
        return Credit(
            id=CreditId(f"BON-2026-04-{ordinal}"),
            key=CreditKey(self.contract.id, window, terms.hash),
            client_id="77", service_id="501", product="Hosting", period="2026-04", lines=lines,
            components=("web-1",), evidence_hash="", ordinal=ordinal,
            adjusts=self.records[0].id if ordinal else None,
        )  # fmt: skip

    def _go(self, record: CreditRecord, step: CreditStep | None) -> None:
        if step is not None:
            self.records[self.records.index(record)] = record.with_step(step)

    def _step(self, take: Callable[[CreditRecord], CreditStep | None]) -> None:
        record = self.records[0]
        self._go(record, take(record))

    def do_request(self, who: str, ticket: str) -> None:
        self._step(lambda record: request(record, ticket, by(who)))

    def do_review(self, who: str) -> None:
        self._step(lambda record: advance(record, _S.UNDER_REVIEW, by(who)))

    def do_approve(self, who: str) -> None:
        self._step(lambda record: approve(record, self.proposers, by(who)))

    def do_reject(self, who: str, reason: str, clause: str) -> None:
        self._step(
            lambda record: advance(record, _S.REJECTED, by(who), reason=reason, clause=clause)
        )

    def do_exclude(self, who: str) -> None:
        self.proposers.add(who)

    def do_account(self, how: str) -> None:
        self.account = Account(how)
        if self.records[0].state in (_S.BLOCKED_SUSPENDED, _S.HELD_CHARGEBACK):
            self._step(lambda record: advance(record, _S.APPROVED, by("estado")))

    def do_apply(self, panel: str) -> None:
        goes = before_call(self.account)
        self._step(lambda record: advance(record, goes, by("estado")))
        if goes is _S.APPLYING:
            self.calls += 1
            came = after_call(is_answered=panel == "answers")
            self._step(lambda record: advance(record, came, by("estado")))

    def do_search(self, found: str) -> None:
        came = after_search(Found(found))
        if came is not self.records[0].state:
            self._step(lambda record: advance(record, came, by("estado")))

    def do_release(self, who: str) -> None:
        self._step(lambda record: advance(record, _S.APPROVED, by(who)))

    def do_expire(self) -> None:
        self._step(lambda record: advance(record, _S.EXPIRED, by("estado")))

    def do_lapse(self) -> None:
        self._step(lambda record: advance(record, _S.LAPSED, by("estado")))

    def do_decide(self, who: str, what: str) -> None:
        self._step(lambda record: decide(record, Assumed(what), by(who), reason="Consta"))


def _spans(window: Interval, down: int, unknown: int) -> Iterable[Span]:
    at = window.start
    for seconds, bucket in ((down, Bucket.DOWN), (unknown, Bucket.UNKNOWN)):
        if seconds:
            yield Span(start=at, end=Second(at + seconds), bucket=bucket)
        at = Second(at + seconds)
    yield Span(start=at, end=window.end, bucket=Bucket.UP)


def _figure(found: Assessment) -> Figure:
    lines = tuple(
        LineDue(
            invoice_id=line.segment.invoice_id, line_id=line.segment.line_id, amount=line.amount,
            if_down=line.if_unknown_down,
        )
        for line in found.lines
    )  # fmt: skip
    return Figure(lines=lines, is_undecided=found.status is Status.NEEDS_REVIEW)


def _paid(found: Assessment) -> str:
    return f"{sum((money.amount for money in found.totals), Decimal(0)):.2f}"


def _sum(records: Iterable[CreditRecord]) -> str:
    amounts = (money.amount for record in records for _, money in record.amounts)
    return f"{sum(amounts, Decimal(0)):.2f}"
