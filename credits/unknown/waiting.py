"""Credits that wait for somebody to say what their unknown seconds were, and what those are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from credits.contract import Contract, ContractId
from credits.journal import BillingJournal, BillingTransaction
from credits.life.credit import CreditId, CreditRecord
from credits.life.states import CreditState
from credits.period.month import Month
from credits.period.period_data import PeriodData
from credits.terms import Terms
from monitor.catalogues.in_force import Catalogues
from monitor.domain.availability import Bucket
from monitor.domain.checks.observation import CheckId, ComponentId
from monitor.domain.time.interval import FOREVER, Interval, IntervalSet, Second
from monitor.timelines.unknown import FAULT_KINDS, OwnFault, own_faults, why_unknown

NO_INVOICE = "no_invoice"
"""Why a credit without an invoice line waits: nobody knows what a second of it costs."""
KNOWN_SINCE = "known_since"
"""Why a credit waits of which nothing is unknown any more: results came late, or its contract is
another one. The next close counts its month anew."""
_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownStretch:
    """Unknown seconds of a product without a known one between them: why, and by which checks of
    which required components nothing was seen."""

    span: Interval
    cause: str
    checks: tuple[CheckId, ...]
    components: tuple[ComponentId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A credit that waits. `former` are credits of the same time on which somebody has decided
    before: the month has been counted anew since."""

    record: CreditRecord
    month: Month
    stretches: tuple[UnknownStretch, ...]
    former: tuple[CreditRecord, ...] = ()

    @property
    def causes(self) -> frozenset[str]:
        if not self.record.credit.lines:
            return frozenset({NO_INVOICE})
        return frozenset(stretch.cause for stretch in self.stretches) or frozenset({KNOWN_SINCE})


def read_waiting(
    journal: BillingJournal, catalogues: Catalogues, now: Second, month: Month | None = None
) -> list[Waiting]:
    """All that wait, or those of one month, by id. No transaction lasts longer than to read a month
    or some hundred credits. Raises JournalError."""
    zone = catalogues.present(now).catalogue.zone
    found = [record for page in _pages(journal) for record in page]
    by_month: dict[Month, list[CreditRecord]] = {}
    for record in found:
        own = Month.of(_middle(record.credit.key.window), zone)
        if month in (None, own):
            by_month.setdefault(own, []).append(record)
    waiting = [
        one
        for own, records in by_month.items()
        for one in _explained(journal, catalogues, own, records)
    ]
    return sorted(waiting, key=lambda one: one.record.id)


def explain(
    journal: BillingJournal, catalogues: Catalogues, now: Second, records: Sequence[CreditRecord]
) -> list[Waiting]:
    """These credits, however they stand now, with where their unknown time came from."""
    zone = catalogues.present(now).catalogue.zone
    by_month: dict[Month, list[CreditRecord]] = {}
    for record in records:
        by_month.setdefault(Month.of(_middle(record.credit.key.window), zone), []).append(record)
    return [
        one for own, some in by_month.items() for one in _explained(journal, catalogues, own, some)
    ]


def _pages(journal: BillingJournal) -> Iterator[Sequence[CreditRecord]]:
    last = CreditId("")
    while True:
        with journal.transaction() as tx:
            page = tx.credits.page(last, _PAGE, CreditState.NEEDS_REVIEW)
        yield page
        if len(page) < _PAGE:
            return
        last = page[-1].id


def _explained(
    journal: BillingJournal, catalogues: Catalogues, month: Month, records: Sequence[CreditRecord]
) -> Iterator[Waiting]:
    windows = [record.credit.key.window for record in records]
    hull = Interval(min(w.start for w in windows), max(w.end for w in windows))
    with journal.transaction() as tx:
        data = PeriodData(tx, catalogues, hull)
        faults = own_faults(tx.changes.of_kinds(FAULT_KINDS, 0))
    sources = _Sources(data, [fault for fault in faults if fault.span.overlaps(hull)])
    for start in range(0, len(records), _PAGE):
        some = records[start : start + _PAGE]
        with journal.transaction() as tx:
            contracts = tx.contracts.some({one.credit.key.contract for one in some})
            former = {one.id: tuple(_former(tx, one)) for one in some if one.credit.ordinal}
        for one in some:
            yield Waiting(
                record=one,
                month=month,
                stretches=sources.of(one, contracts),
                former=former.get(one.id, ()),
            )


def _former(tx: BillingTransaction, one: CreditRecord) -> Iterable[CreditRecord]:
    """Those of the same key on which somebody has decided, the latest last."""
    decided = (other for other in tx.credits.beside(one.credit) if other.assumed is not None)
    own = (other for other in decided if other.credit.key == one.credit.key)
    return sorted(own, key=lambda other: other.credit.ordinal)


class _Sources:
    """Thousands of contracts have the same terms and the same time: each is explained once."""

    def __init__(self, data: PeriodData, faults: Sequence[OwnFault]) -> None:
        self._data = data
        self._faults = faults
        self._known: dict[tuple[str, IntervalSet], tuple[UnknownStretch, ...]] = {}

    def of(
        self, record: CreditRecord, contracts: Mapping[ContractId, Contract]
    ) -> tuple[UnknownStretch, ...]:
        """None of a contract, or of terms, that nobody has any more."""
        key = record.credit.key
        contract = contracts.get(key.contract)
        terms = None if contract is None else _terms(contract, key.terms_hash)
        if contract is None or terms is None:
            return ()
        contracted = IntervalSet.of([key.window]) & contract.active_time
        place = (terms.hash, contracted)
        if place not in self._known:
            self._known[place] = tuple(self._stretches(terms, contracted))
        return self._known[place]

    def _stretches(self, terms: Terms, contracted: IntervalSet) -> Iterator[UnknownStretch]:
        required = self._data.required(terms)
        spans = self._data.product(terms, contracted)
        for span in IntervalSet.of(s.interval for s in spans if s.bucket is Bucket.UNKNOWN):
            yield self._stretch(span, required)

    def _stretch(self, span: Interval, required: Collection[ComponentId]) -> UnknownStretch:
        unseen = {c: self._data.unseen_checks(c, span) for c in required}
        checks = tuple(dict.fromkeys(check for own in unseen.values() for check in own))
        unwatched = [self._unwatched(component) for component in required]
        lost = {c for c, own in zip(required, unwatched, strict=True) if _touches(own, span)}
        return UnknownStretch(
            span=span,
            cause=why_unknown(
                span, checks, self._faults, self._data.dark,
                IntervalSet.of(part for own in unwatched for part in own),
            ),
            checks=checks,
            components=tuple(c for c in required if unseen[c] or c in lost),
        )  # fmt: skip

    def _unwatched(self, component: ComponentId) -> IntervalSet:
        return IntervalSet.of(
            Interval(one.since, FOREVER if one.until is None else one.until)
            for one in self._data.unwatched(component)
        )


def _touches(parts: IntervalSet, span: Interval) -> bool:
    return any(part.overlaps(span) for part in parts)


def _terms(contract: Contract, wanted: str) -> Terms | None:
    return next((p.terms for p in contract.terms if p.terms.hash == wanted), None)


def _middle(window: Interval) -> Second:
    """A second of the month that the window is a part of, whatever the zone was then."""
    return Second((window.start + window.end) // 2)
