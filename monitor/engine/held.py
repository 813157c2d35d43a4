"""What the core holds between ticks: nothing that the journal and the log could not give back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from monitor.domain.catalogue import Catalogue, Component
from monitor.domain.incident import Standing
from monitor.domain.interval import FOREVER, Interval, Second
from monitor.domain.observation import ComponentId, Outcome
from monitor.domain.reaction import Relations, relations_of
from monitor.domain.state import FoldState
from monitor.engine.catalogues import Catalogues
from monitor.engine.elapsed import Elapsed
from monitor.engine.sight import Sight
from monitor.engine.standing import RecentTimelines, is_watched, present_status
from monitor.ports.journal import Decided, JournalTransaction
from monitor.ports.results import FoldKey

DAY = 86_400


class Held:
    """Fold states, the last transitions, and where each component of the catalogue stands."""

    def __init__(
        self,
        tx: JournalTransaction,
        catalogues: Catalogues,
        now: Second,
        boottime: Callable[[], float],
    ) -> None:
        self.catalogues = catalogues
        self.elapsed = Elapsed(boottime)
        self._boottime = boottime
        self._heard: dict[FoldKey, float] = {}
        self.states: dict[FoldKey, FoldState] = dict(tx.folds.states())
        self.cursor = tx.folds.cursor()
        self.sight = Sight.restored(tx, catalogues.at(now))
        self.standings: dict[ComponentId, Standing] = {}
        recent = Interval(Second(now - DAY), FOREVER)
        self._recent = RecentTimelines(tx.transitions.drawing(recent))
        self.stand_under(catalogues.present(now).catalogue, now)

    def stand_under(self, catalogue: Catalogue, now: Second) -> None:
        """Work every component's standing out anew, as this catalogue rolls its checks up."""
        self.catalogue = catalogue
        self.relations: Relations = relations_of(catalogue)
        self.public = {c.id: c for c in catalogue.components if c.is_public}
        self.watched = {c for c in self.public if is_watched(catalogue, c)}
        self.standings = {}
        for component in catalogue.components:
            self._note(component, now)

    def hear(self, states: Mapping[FoldKey, FoldState]) -> None:
        """Take looks in: these folds were moved by them, now."""
        self.states.update(states)
        self._heard.update(dict.fromkeys(states, self._boottime()))

    def silent_s(self, key: FoldKey) -> float | None:
        """How long ago a look moved this fold, by a clock that nobody sets; None where that was
        before this process."""
        heard = self._heard.get(key)
        return None if heard is None else self._boottime() - heard

    def learn(self, item: Decided) -> Standing | None:
        """Take one transition in; the standing of the public component that it moved, if any."""
        self._recent.add(item.key, item.transition)
        check = self.catalogues.check(item.check, item.catalogue_revision)
        component = self.public.get(check.component) if check else None
        return self._note(component, item.transition.decided_by) if component else None

    def learn_anew(self, tx: JournalTransaction, keys: Collection[FoldKey], now: Second) -> None:
        """Take in that the past of these folds is another now."""
        drawing = tx.transitions.drawing(Interval(Second(now - DAY), Second(now + 1)), keys)
        for key in keys:
            self._recent.put(key, drawing.get(key, ()))
        checks = {check for check, _ in keys}
        moved = {c.component for c in self.catalogue.checks if c.id in checks}
        for component in self.catalogue.components:
            if component.id in moved:
                self._note(component, now)

    def is_seen(self, component: ComponentId, at: Second) -> bool:
        """Whether its looks are fresh. A component that is gone from the catalogue, or has lost
        its checks, counts as seen, for nobody will look at it again."""
        if component not in self.watched:
            return True
        public = self.public[component]
        status = present_status(self.catalogue, public, self.states, at, self.silent_s)
        return status is not Outcome.UNKNOWN

    def _note(self, component: Component, at: Second) -> Standing | None:
        standing = self._recent.standing(self.catalogue, component, at)
        if standing is not None:
            self.standings[component.id] = standing
        return standing
