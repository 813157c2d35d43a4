"""Late results: fold the stored slots of the touched spans again and write new revisions.

No alert is opened for the past; what changes is the timeline, and with it every figure. The fold
goes on from where the new revision leaves it. All that is dirty is read in one pass through the
log, in order of `seq`, a slice at a time between the core's ticks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from monitor.domain.change import MACHINE, Change
from monitor.domain.checks.fold import FoldState, Transition
from monitor.domain.checks.observation import LoggedResult, Result
from monitor.domain.time.clock import Clock
from monitor.domain.time.eras import counts
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.evaluation.compact_runs import CompactRuns, Found
from monitor.evaluation.dirty_days import DirtySpan, plan_spans, refuse
from monitor.evaluation.ingest import fold_batch
from monitor.evaluation.tick import Core
from monitor.journal.ports import Decided, Journal, JournalTransaction
from monitor.results.log.ports import FoldKey, ResultReader, RunRow

FOLDS_A_STEP = 100
SEQS_A_STEP = 2_000
RESULTS_A_STEP = 1_000
MAX_PIECES = 300_000
"""Of results that are held at once, about 40 MiB: past it half of the folds wait for another
pass."""


class Reprocessing:
    """One pass over everything that is dirty when it is planned. Call `step`, between the ticks and
    on the thread of the core that it was made for, until it is done; any number of steps may stay
    undone, for a mark is removed with the correction that it asks for."""

    def __init__(self, *, core: Core, journal: Journal, log: ResultReader, clock: Clock) -> None:
        self._core = core
        self._journal = journal
        self._log = log
        self._clock = clock
        self._planned: FoldKey | None = None
        self._is_planned = False
        self._spans: dict[FoldKey, DirtySpan] = {}
        self._results: dict[FoldKey, CompactRuns] = {}
        self._pieces = 0
        self._ranges: deque[tuple[int, int]] = deque()
        self._read_to = 0
        self._known: dict[Found, Found] = {}
        self._era = core.era
        self._folding: _Folding | None = None
        self.is_done = False
        self.corrected: list[FoldKey] = []
        """The folds whose timelines changed."""

    def step(self) -> None:
        """One slice of the work. Raises JournalError; the core is to be made anew then."""
        if self._core.era is not self._era:
            # Other rows count as the past now.
            self.is_done = True
        elif not self._is_planned:
            self._plan()
        elif self._read():
            return
        elif self._folding is None:
            self._begin_next()
        elif not self._folding.go_on(self._clock.now()):
            self._finish(self._folding)

    def _plan(self) -> None:
        with self._journal.transaction() as tx:
            dirty = tx.folds.dirty(after=self._planned, folds=FOLDS_A_STEP)
            plan = plan_spans(tx, self._log, dirty, self._core.state.states)
            if plan is None:
                self.is_done = self._is_planned = True
                return
            if plan.refused:
                refuse(tx, plan.refused, self._core.state.catalogue, self._clock.now())
        self._spans.update(plan.spans)
        self._planned = next(reversed(list(dirty)), None)
        if len(dirty) < FOLDS_A_STEP:
            self._is_planned = True
            self._begin_reading()

    def _begin_reading(self) -> None:
        if not self._spans:
            self.is_done = True
            return
        since = min(span.reads_from for span in self._spans.values())
        self._read_to = self._core.state.cursor
        ranges = [(a, min(b, self._read_to)) for a, b in self._log.ranges(since)]
        self._ranges.extend((a, b) for a, b in ranges if a <= b)
        self._results = {key: CompactRuns() for key in self._spans}

    def _read(self) -> bool:
        """A slice of the past, then what was logged meanwhile, up to where the core has come;
        whether more of it may be left."""
        if not self._ranges and self._core.state.cursor > self._read_to:
            self._ranges.append((self._read_to + 1, self._core.state.cursor))
            self._read_to = self._core.state.cursor
        if not self._ranges:
            return False
        first, last = self._ranges.popleft()
        until = min(last, first + SEQS_A_STEP - 1)
        if until < last:
            self._ranges.appendleft((until + 1, last))
        checks = {check for check, _ in self._spans}
        for row in self._log.between(first, until, checks):
            if counts(self._era.lineage, row.era, row.slot):
                self._take(row)
        self._drop_half()
        return bool(self._ranges)

    def _take(self, row: RunRow) -> None:
        key = (row.check, row.location)
        span = self._spans.get(key)
        if span is None or row.slot < span.reads_from:
            return
        found = Found(row.era, row.revision, row.outcome, row.failure)
        if self._folding is not None and self._folding.key == key:
            self._folding.fresh.append((row.slot, found))
        else:
            found = self._known.setdefault(found, found)
            self._pieces += self._results[key].add(row.slot, found)

    def _drop_half(self) -> None:
        """Results that form no series take much space: the folds that are dropped stay dirty."""
        if self._pieces <= MAX_PIECES or len(self._results) < 2:
            return
        for key in list(self._results)[len(self._results) // 2 :]:
            self._pieces -= self._results[key].pieces
            del self._results[key], self._spans[key]

    def _begin_next(self) -> None:
        key = next(iter(self._results), None)
        if key is None:
            self.is_done = True
            return
        results = self._results.pop(key)
        self._pieces -= results.pieces
        self._folding = _Folding(key, results, self._core)

    def _finish(self, folding: _Folding) -> None:
        """Write what was found; nothing of a fold to which more has come late meanwhile, or whose
        rows were dropped while they were read: its marks wait for the next time."""
        key, self._folding = folding.key, None
        span = self._spans.pop(key)
        last_slot = folding.state.last_slot
        if folding.is_late:
            return
        if last_slot is None:
            self._refuse(key, span)
            return
        complete_from = self._log.complete_from(last_slot)
        if complete_from is None or not span.is_in(complete_from):
            return
        live = self._core.state.states.get(key)
        end = max(last_slot, live.last_slot or 0) if live else last_slot
        correction = _Correction(
            key=key,
            window=Interval(span.start, Second(end + 1)),
            first_day=span.first_day,
            decided=folding.decided,
        )
        state = _keep_beginning(folding.state, live, span.start)
        now = self._clock.now()
        if self._core.amend({key: state}, lambda tx: correction.write(tx, now)):
            self.corrected.append(key)

    def _refuse(self, key: FoldKey, span: DirtySpan) -> None:
        """No result that counts was found, and that is no reason to withdraw anything."""
        with self._journal.transaction() as tx:
            day = (key, span.first_day)
            refuse(tx, [day], self._core.state.catalogue, self._clock.now())


class _Folding:
    """One fold, read anew in order of slot. `fresh` are results that come after its last one."""

    def __init__(self, key: FoldKey, results: CompactRuns, core: Core) -> None:
        self.key = key
        self._rest: Iterator[tuple[Second, Found]] = results.in_order()
        self._core = core
        self.state = FoldState()
        self.decided: list[Decided] = []
        self.fresh: list[tuple[Second, Found]] = []
        self.is_late = False

    def go_on(self, now: Second) -> bool:
        """Fold some more results; whether there were any."""
        results = list(islice(self._rest, RESULTS_A_STEP))
        if not results:
            results, self.fresh = self.fresh, []
        if not results:
            return False
        self._fold(results, now)
        return True

    def _fold(self, results: Sequence[tuple[Second, Found]], now: Second) -> None:
        rows = [LoggedResult(seq=0, result=self._result(slot, found)) for slot, found in results]
        folded = fold_batch(
            rows,
            {self.key: self.state},
            self._core.state.catalogues.check,
            now,
            self._core.era.lineage,
            self._core.state.catalogues.broken_off,
        )
        self.state = folded.states.get(self.key, self.state)
        self.decided += folded.decided
        self.is_late = self.is_late or bool(folded.late)

    def _result(self, slot: Second, found: Found) -> Result:
        check, location = self.key
        return Result(
            check=check,
            location=location,
            slot=slot,
            revision=found.revision,
            outcome=found.outcome,
            failure=found.failure,
            era=found.era,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Correction:
    """What a fold that was read again has decided."""

    key: FoldKey
    window: Interval
    first_day: Second
    decided: Sequence[Decided]

    def write(self, tx: JournalTransaction, now: Second) -> bool:
        """Write a new revision where the timeline has changed; whether it has."""
        tx.folds.clean([(self.key, Interval(self.first_day, FOREVER))])
        anew = [d for d in self.decided if d.transition.effective_at in self.window]
        before = tx.transitions.inside(self.key, self.window)
        if _outline(before) == _outline([d.transition for d in anew]):
            return False
        tx.transitions.correct(self.key, self.window, anew)
        tx.changes.append([_change(self.key, self.window, now)])
        return True


def _keep_beginning(state: FoldState, live: FoldState | None, start: Second) -> FoldState:
    """A status that began before the span keeps its beginning and its cause: reading began
    somewhere within it."""
    if live is None or live.status is not state.status:
        return state
    if not all(s.since is not None and s.since < start for s in (state, live)):
        return state
    return replace(state, since=live.since, cause=live.cause)


def _outline(transitions: Sequence[Transition]) -> list[tuple[str, int, str]]:
    return [(str(t.to), t.effective_at, t.cause) for t in transitions]


def _change(key: FoldKey, window: Interval, now: Second) -> Change:
    return Change(
        at=now, actor=MACHINE.id, kind="timeline.corrected", subject=str(key[0]), before={},
        after={"location": str(key[1]), "start": window.start, "end": window.end},
    )  # fmt: skip
