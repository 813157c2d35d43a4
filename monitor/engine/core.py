"""The core's tick: rows of the log become states, transitions, incidents and what is owed.

One transaction a decision, and at least one every few seconds: it writes what was decided, every
fold state that changed since the last one, and the cursor. A kill anywhere repeats reading.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.interval import Second
from monitor.domain.state import FoldState
from monitor.engine.catalogues import Catalogues
from monitor.engine.held import Held
from monitor.engine.ingest import Folded, fold_batch
from monitor.engine.last_looks import LastLooks
from monitor.engine.narrate import Narrator
from monitor.engine.scene import Scene
from monitor.engine.sight import Sights
from monitor.engine.underway import Underway
from monitor.ports.clock import Clock
from monitor.ports.journal import Journal, JournalTransaction
from monitor.ports.results import FoldKey, ResultReader

BATCH = 5_000
SAVE_EVERY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """`backlog`: rows may still stand unread. `changed`: something that people see may differ, for
    this tick decided it or a person's command has."""

    rows: int
    backlog: bool
    changed: bool


class Core:
    """Holds the folds between ticks. After any exception of a tick it must be made anew: what it
    holds may be ahead of the journal then."""

    def __init__(
        self,
        *,
        journal: Journal,
        log: ResultReader,
        catalogues: Catalogues,
        narrator: Narrator,
        clock: Clock,
        looks: LastLooks | None = None,
    ) -> None:
        self._journal = journal
        self._log = log
        self._narrator = narrator
        self._clock = clock
        self._looks = looks or LastLooks()
        now = clock.now()
        with journal.transaction() as tx:
            self.held = Held(tx, catalogues, now)
            self._last_change = tx.changes.last()
        self._unsaved: dict[FoldKey, FoldState] = {}
        self._late: set[tuple[FoldKey, Second]] = set()
        self._sights = Sights()
        self._underway: Underway | None = None
        self._saved_cursor = self.held.cursor
        self._saved_at = self._swept_at = now

    def adopt(self, catalogues: Catalogues) -> None:
        """A new revision was kept: from its minute on rows carry it."""
        self.held.catalogues = catalogues

    def tick(self) -> Ticked:
        """Read what is new, decide, save. Raises JournalError; see the class."""
        now = self._clock.now()
        rows = self._log.read(self.held.cursor, BATCH)
        folded = fold_batch(rows, self.held.states, self.held.catalogues.check, now)
        self._take(folded)
        self._looks.take(rows)
        backlog = len(rows) == BATCH
        if not folded.decided and now == self._swept_at:
            return Ticked(rows=len(rows), backlog=backlog, changed=False)
        self._swept_at = now
        changed = self._save(folded, now, backlog=backlog)
        return Ticked(rows=len(rows), backlog=backlog, changed=changed)

    def _take(self, folded: Folded) -> None:
        self.held.states.update(folded.states)
        self._unsaved.update(folded.states)
        self._late |= folded.late
        self._sights.add(folded.blind_at, folded.seen_at)
        self.held.cursor = max(self.held.cursor, folded.cursor)

    def _save(self, folded: Folded, now: Second, *, backlog: bool) -> bool:
        catalogue = self.held.catalogues.at(now)
        if catalogue is not self.held.catalogue:
            self.held.stand_under(catalogue, now)
        with self._journal.transaction() as tx:
            self._underway = underway = Underway.read(tx, now, self._underway)
            if folded.decided:
                # Before anything is told of them: what was planned is read beside them.
                tx.transitions.append(folded.decided)
            scene = Scene(self.held, self._narrator, self._looks, tx, now, underway)
            scene.replay(folded.decided)
            if not backlog:
                scene.reconcile()
            told = self.held.sight.tell(tx, self._sights, catalogue, now)
            saved = self._save_folds(tx, now, is_due=bool(folded.decided))
            has_written = scene.changed or told
            last_change = tx.changes.last() if has_written else underway.last_change
        is_told = last_change != self._last_change
        self._last_change = last_change
        self._sights = Sights()
        if saved:
            self._unsaved, self._late = {}, set()
            self._saved_cursor, self._saved_at = self.held.cursor, now
        return scene.changed or told or is_told or bool(folded.decided)

    def _save_folds(self, tx: JournalTransaction, now: Second, *, is_due: bool) -> bool:
        moved = self.held.cursor != self._saved_cursor
        waited = not 0 <= now - self._saved_at < SAVE_EVERY
        if not (is_due or self._late or (moved and waited)):
            return False
        if self._late:
            tx.folds.mark_dirty(sorted(self._late))
        tx.folds.save(self._unsaved, self.held.cursor)
        return True
