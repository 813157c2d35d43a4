"""The core's tick: rows of the log become states, transitions, incidents and pending messages.

One transaction per decision, and at least one every few seconds: it writes what was decided, every
fold state that changed since the last one, and the cursor. A kill anywhere repeats reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.catalogues.in_force import Catalogues
from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import LoggedResult
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.time.clock import Clock
from monitor.domain.time.eras import FIRST_ERA, Era, EraSpan
from monitor.domain.time.interval import Second
from monitor.evaluation.ingest import Folded, fold_batch
from monitor.evaluation.latency_days import LatencyDays
from monitor.evaluation.rewind import enter_another_log, enter_era
from monitor.incidents.reconciler import Reconciler
from monitor.incidents.writer import IncidentWriter
from monitor.journal.ports import Decided, Journal, JournalBusy, JournalTransaction
from monitor.results.log.ports import FoldKey, ResultReader
from monitor.self_monitoring.broken_checks import BrokenWatch
from monitor.self_monitoring.refused_addresses import RefusedWatch
from monitor.state.core_state import CoreState
from monitor.state.last_runs import LastRuns
from monitor.state.open_records import OpenRecords
from monitor.state.restamp import note_another_log, note_era, restamp

BATCH = 5_000
SAVE_EVERY = 5
CLOCK_NEWS_EVERY_S = 1_800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """`backlog`: rows may still be unread. `changed`: something that people see may differ, for
    this tick decided it or a person's command has. `has_changed_past`: so may what was seen long
    ago, for a clock was set right. `is_held`: another transaction holds the journal, and what was
    decided waits in memory."""

    rows: int
    backlog: bool
    changed: bool
    has_changed_past: bool = False
    is_held: bool = False


class Core:
    """Holds the folds between ticks. After any exception of a tick but JournalBusy it must be made
    anew: what it holds may be ahead of the journal then.

    Where another transaction holds the journal it goes on reading. What it decides meanwhile is
    recorded by the first tick that gets the journal, in its order and with its own times.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        log: ResultReader,
        catalogues: Catalogues,
        incident_writer: IncidentWriter,
        clock: Clock,
        last_runs: LastRuns | None = None,
    ) -> None:
        self._journal = journal
        self._log = log
        self._incident_writer = incident_writer
        self._clock = clock
        self._last_runs = last_runs or LastRuns()
        self.catalogues = catalogues
        """Every configuration that ran; `held` has them as they are now."""
        self.latencies = LatencyDays(lambda: self.state.catalogue.zone)
        now = clock.now()
        with journal.transaction() as tx:
            self.state = CoreState(tx, catalogues, now, clock.boottime)
            self._last_change = tx.changes.last()
            self.era = _era_of(log, tx.folds.era())
            self.latencies.catch_up(tx, log, self.state.cursor, catalogues.check)
        self._unsaved: dict[FoldKey, FoldState] = {}
        self._unrecorded: list[Decided] = []
        self._is_held = False
        self._late: set[tuple[FoldKey, Second]] = set()
        self._refused = RefusedWatch()
        self.absurd = AbsurdRuns(clock.monotonic)
        self._broken = BrokenWatch()
        self._open_records: OpenRecords | None = None
        self._clock_reported_at: float | None = None
        self._saved_cursor = self.state.cursor
        self._saved_at = self._swept_at = now

    def adopt(self, catalogues: Catalogues) -> None:
        """A new revision was stored: from its minute on rows carry it."""
        self.catalogues = catalogues
        self.state.follow(catalogues, self._clock.now())

    @property
    def unrecorded(self) -> Sequence[Decided]:
        """What was decided while another transaction held the journal, in order. Until it is
        recorded the states are ahead of the journal: nothing may be read from both."""
        return self._unrecorded

    @property
    def windows(self) -> Sequence[MaintenanceWindow]:
        """The maintenance around now, as it was when the journal was read last."""
        return self._open_records.windows if self._open_records is not None else ()

    def tick(self) -> Ticked:
        """Read what is new, decide, save. Raises JournalError; see the class."""
        now = self._clock.now()
        rows = self._log.read(self.state.cursor, BATCH)
        self.absurd.take(rows)
        if _begins_era(rows, self.era):
            return self._unless_held(lambda: self._enter_era(rows[0].result.era, now), rows=0)
        whole = len(rows)
        rows = _of_one_era(rows, self.era)
        ran = self.state.catalogues
        folded = fold_batch(
            rows, self.state.states, ran.check, now, self.era.lineage, ran.broken_off
        )
        self._take(folded)
        self._last_runs.take(rows)
        self._refused.take(rows)
        self._broken.take(rows)
        backlog = len(rows) == BATCH or len(rows) < whole
        if not self._unrecorded and now == self._swept_at:
            # The journal is not asked for: it is held if it was.
            return Ticked(rows=len(rows), backlog=backlog, changed=False, is_held=self._is_held)
        self._swept_at = now
        return self._unless_held(
            lambda: Ticked(
                rows=len(rows), backlog=backlog, changed=self._save(now, backlog=backlog)
            ),
            rows=len(rows),
            backlog=backlog,
        )

    def _unless_held(
        self, work: Callable[[], Ticked], *, rows: int, backlog: bool = False
    ) -> Ticked:
        try:
            done, self._is_held = work(), False
        except JournalBusy:
            self._is_held = True
            return Ticked(rows=rows, backlog=backlog, changed=False, is_held=True)
        return done

    def _enter_era(self, number: int, now: Second) -> Ticked:
        """The first row of a new era of the prober's clock comes: the past is put right first."""
        era = _era_of(self._log, number)
        if self._unrecorded:
            self._save(now, backlog=True)
        with self._journal.transaction() as tx:
            tx.folds.save(self._unsaved, self.state.cursor)
            has_changed_past = False
            note_era(tx, era.number)
            if era.number > self.era.number and era.is_known:
                has_changed_past = enter_era(
                    tx,
                    self.state.states,
                    self.era.lineage,
                    era,
                    self.state.catalogue,
                    self._incident_writer,
                    now,
                    is_reported=self._is_clock_news(era),
                )
                has_changed_past = self._restamp(tx, number, now) or has_changed_past
            else:
                note_another_log(tx)
                enter_another_log(tx, self.state.states, self.era.number, era.number)
            connectivity = self.state.connectivity
            self.state = CoreState(tx, self.catalogues, now, self._clock.boottime)
            self.state.connectivity = connectivity
        self.era = era
        self._unsaved, self._open_records = {}, None
        self._saved_cursor = self.state.cursor
        self._saved_at = self._swept_at = now
        return Ticked(rows=0, backlog=True, changed=True, has_changed_past=has_changed_past)

    def _restamp(self, tx: JournalTransaction, number: int, now: Second) -> bool:
        """Correct the stamps of what was done by a wrong clock; whether there were any."""
        before = tx.changes.last()
        eras = [era for era in self._log.eras() if era.number <= number]
        self.catalogues = self.catalogues.restamped(restamp(tx, eras, now))
        return tx.changes.last() != before

    def _is_clock_news(self, era: Era) -> bool:
        """Whether a step is reported to operators: not each one of a clock that swings."""
        now = self._clock.monotonic()
        is_news = (
            self._clock_reported_at is None or now - self._clock_reported_at >= CLOCK_NEWS_EVERY_S
        )
        if is_news and era.is_big_step:
            self._clock_reported_at = now
        return is_news

    def amend(
        self, states: Mapping[FoldKey, FoldState], write: Callable[[JournalTransaction], bool]
    ) -> bool:
        """Go on from these states, read anew up to the row that all others have reached. `write`
        stores what they decided, in the transaction that saves all states and the cursor, and says
        whether timelines changed. Raises JournalBusy while a decision waits to be recorded, for the
        cursor would be saved without it; or JournalError; see the class."""
        now = self._clock.now()
        if self._unrecorded:
            raise JournalBusy("a decision waits to be recorded")
        with self._journal.transaction() as tx:
            tx.folds.mark_dirty(sorted(self._late))
            has_changed = write(tx)
            tx.folds.save({**self._unsaved, **states}, self.state.cursor)
            if has_changed:
                self.state.learn_anew(tx, states, now)
        self.state.take_states(states)
        self._unsaved, self._late = {}, set()
        self._saved_cursor, self._saved_at = self.state.cursor, now
        return has_changed

    def _take(self, folded: Folded) -> None:
        self.state.take_states(folded.states)
        self._unrecorded += folded.decided
        self._unsaved.update(folded.states)
        self._late |= folded.late
        self.latencies.take(folded.checked_rows)
        self.state.connectivity.take(folded.checked_rows, self._clock.monotonic())
        # A log whose rows are behind the cursor may be an older one: then the cursor goes back.
        self.state.cursor = folded.cursor or self.state.cursor

    def _save(self, now: Second, *, backlog: bool) -> bool:
        """Raises JournalBusy before anything of the state has changed."""
        decided = self._unrecorded
        self.state.follow(self.catalogues, now)
        catalogue = self.state.catalogue
        with self._journal.transaction() as tx:
            self._open_records = open_records = OpenRecords.read(tx, now, self._open_records)
            if decided:
                # Before anything is reported about them: planned work is read with them.
                tx.transitions.append(decided)
            reconciler = Reconciler(
                self.state, self._incident_writer, self._last_runs, tx, now, open_records
            )
            reconciler.replay(decided)
            if not backlog:
                reconciler.reconcile()
            reported = not backlog and self.state.connectivity.report(
                tx, catalogue, now, self._clock.monotonic()
            )
            reported = self._refused.report(tx, catalogue, now) or reported
            reported = self._broken.report(tx, catalogue, now) or reported
            saved = self._save_folds(tx, now, is_due=bool(decided))
            if has_latencies := self.latencies.is_due(now):
                self.latencies.save(tx, self.state.cursor)
            has_written = reconciler.changed or reported
            last_change = tx.changes.last() if has_written else open_records.last_change
        self._unrecorded = []
        if has_latencies:
            self.latencies.saved(now, is_all=not backlog)
        has_new_changes = last_change != self._last_change
        self._last_change = last_change
        if saved:
            self._unsaved, self._late = {}, set()
            self._saved_cursor, self._saved_at = self.state.cursor, now
        return reconciler.changed or reported or has_new_changes or bool(decided)

    def _save_folds(self, tx: JournalTransaction, now: Second, *, is_due: bool) -> bool:
        moved = self.state.cursor != self._saved_cursor
        waited = not 0 <= now - self._saved_at < SAVE_EVERY
        if not (is_due or self._late or (moved and waited)):
            return False
        if self._late:
            tx.folds.mark_dirty(sorted(self._late))
        tx.folds.save(self._unsaved, self.state.cursor)
        return True


def _era_of(log: ResultReader, number: int) -> Era:
    """An era by its number. One that the log does not know, as where its table was lost, is taken
    for one that has always been."""
    unknown = replace(FIRST_ERA, number=number, lineage=(EraSpan(number, Second(0)),))
    return next((era for era in log.eras() if era.number == number), unknown)


def _begins_era(rows: Sequence[LoggedResult], present: Era) -> bool:
    return bool(rows) and not rows[0].is_absurd and rows[0].result.era != present.number


def _of_one_era(rows: Sequence[LoggedResult], present: Era) -> Sequence[LoggedResult]:
    """The rows up to the first of another era; absurd ones belong to none."""
    number = present.number
    for place, row in enumerate(rows):
        if row.result.era != number and not row.is_absurd:
            return rows[:place]
    return rows


class AbsurdRuns:
    """From the first to the last of those that are at the log's end. A clock that is set makes the
    check runs under way absurd; these end soon, however long no check runs afterwards."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._since: float | None = None
        self.lasted_s = 0.0

    def take(self, rows: Sequence[LoggedResult]) -> None:
        if not all(row.is_absurd for row in rows):
            self._since, self.lasted_s = None, 0.0
        if rows and rows[-1].is_absurd:
            self._since = self._monotonic() if self._since is None else self._since
            self.lasted_s = self._monotonic() - self._since
