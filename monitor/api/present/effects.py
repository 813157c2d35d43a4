"""What exclusions change, computed beside the requests and kept while nothing of it has moved."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from credits.classification.effect import MonthEffect, effect_of
from monitor.api.present.journal_place import JournalPlace
from monitor.domain.change import Change
from monitor.domain.exclusions.classification import ExclusionRecord, ExclusionReference
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction
from monitor.runtime.rest import Rest

if TYPE_CHECKING:
    from monitor.api.ports import Backend

_MOST_KEPT = 32
_OLD_S = 60.0
"""A month that is not settled is computed anew after that, when somebody asks."""
_MOST_READ = 1_000
"""Changes that are looked through; after more of them it is computed anew."""
_WITHOUT_MONEY = frozenset(
    {"account", "applying", "budget", "check", "incident", "session", "token"}
)
"""Families of changes from which no figure of a contract is made."""
_SAME_SUM = frozenset(
    {"credit.applying", "credit.applied", "credit.apply_unknown", "credit.searched"}
)
"""What was approved counts, wherever it is on its way to the customer: a night's credits would
throw every effect away for an hour."""
_CONTRACT = "contract"
_MOST_ANEW = 3
_Months = tuple[MonthEffect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """`place` is how far the journal had got before anything was read."""

    record: ExclusionRecord
    place: JournalPlace
    began: float
    months: _Months

    @property
    def is_settled(self) -> bool:
        return all(month.is_settled for month in self.months)

    @property
    def end(self) -> Second:
        return max((month.window.end for month in self.months), default=Second(0))


class Effects:
    """With a hundred thousand contracts one takes many seconds: a thread of its own computes them,
    one after the other, holds no transaction for long, and rests as long as it works, so that
    whoever looks at something else meanwhile waits little longer. Threads may share it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="effects")
        # A future that is done already calls back at once, from where it is held.
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._kept: OrderedDict[ExclusionReference, _Kept] = OrderedDict()
        self._under_way: dict[ExclusionReference, tuple[ExclusionRecord, Future[_Months]]] = {}

    def of(self, backend: Backend, record: ExclusionRecord) -> Future[_Months]:
        """Done already where it is kept and nothing has moved. The future raises JournalError, or
        Closed."""
        kept = self._kept.get(record.reference)
        if kept is not None:
            with backend.reading.transaction() as tx:
                is_good = kept.record == record and self._is_good(kept, tx, backend)
            if is_good:
                done: Future[_Months] = Future()
                done.set_result(kept.months)
                return done
        return self._begin(backend, record)

    def close(self) -> None:
        self._closed.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, backend: Backend, record: ExclusionRecord) -> Future[_Months]:
        """Once for all who ask about the same."""
        with self._lock:
            asked, computing = self._under_way.get(record.reference, (None, None))
            if computing is None or computing.done() or asked != record:
                computing = self._pool.submit(self._computed, backend, record)
                self._under_way[record.reference] = (record, computing)
                computing.add_done_callback(lambda done: self._forget(record.reference, done))
            return computing

    def _forget(self, reference: ExclusionReference, done: Future[_Months]) -> None:
        with self._lock:
            if self._under_way.get(reference, (None, None))[1] is done:
                del self._under_way[reference]

    def _computed(self, backend: Backend, record: ExclusionRecord) -> _Months:
        """As of its end, also for who began to wait when much of it was computed."""
        kept = self._made(backend, record)
        for _ in range(_MOST_ANEW):
            with backend.reading.transaction() as tx:
                # What an import changed meanwhile is counted.
                if not _has_moved(kept, tx, counted=_CONTRACT):
                    break
            kept = self._made(backend, record)
        with self._lock:
            self._kept[record.reference] = kept
            self._kept.move_to_end(record.reference)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return kept.months

    def _made(self, backend: Backend, record: ExclusionRecord) -> _Kept:
        with backend.reading.transaction() as tx:
            place = JournalPlace.read(tx)
        catalogues, now = backend.source.catalogues(), backend.clock.now()
        began, rest = backend.clock.boottime(), Rest(self._closed)
        months = tuple(effect_of(record, backend.reading, catalogues, now, rest.take))
        return _Kept(record=record, place=place, began=began, months=months)

    def _is_good(self, kept: _Kept, tx: JournalTransaction, backend: Backend) -> bool:
        age = backend.clock.boottime() - kept.began
        if not kept.place.is_in(tx) or (not kept.is_settled and not 0 <= age < _OLD_S):
            return False
        if _has_moved(kept, tx):
            return False
        with self._lock:
            if self._kept.get(kept.record.reference) is kept:
                self._kept[kept.record.reference] = replace(kept, place=JournalPlace.read(tx))
        return True


def _has_moved(kept: _Kept, tx: JournalTransaction, counted: str = "") -> bool:
    """Whether anything was written since that money may be made from, beside a family of changes
    that is `counted` already."""
    changes = tx.changes.since(kept.place.change, _MOST_READ)
    decided = tx.transitions.decided_after(kept.place.decision, _MOST_READ)
    return (
        max(len(changes), len(decided)) == _MOST_READ
        or any(_counts(one, counted) for one in changes)
        or any(one.transition.effective_at < kept.end for _, one in decided)
        or tx.transitions.has_corrected(kept.place.decision)
    )


def _counts(change: Change, counted: str) -> bool:
    return change.kind not in _SAME_SUM and _family(change) not in (*_WITHOUT_MONEY, counted)


def _family(change: Change) -> str:
    return change.kind.partition(".")[0]
