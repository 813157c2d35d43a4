"""How much of this month's downtime each component has used up: the page's days of the month, added
up, against the default terms."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from credits.budget import Budget, budget_of
from credits.fields import InvalidFields
from credits.terms import Terms, terms_of
from monitor.api.present.journal_place import JournalPlace
from monitor.domain.availability import Seconds
from monitor.domain.catalogue import Component, Role
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.time.calendar import at_zone, local_month
from monitor.domain.time.interval import Interval, Second
from monitor.journal.ports import JournalTransaction
from monitor.state.core_state import CoreState
from statuspage.parts.services import UNNOTICED_S
from statuspage.view.daily_rollup import DailyRollup

if TYPE_CHECKING:
    from monitor.api.ports import ApiJournal, Backend

_FEW = 1_000
"""Folds whose month is counted anew for each request: it takes some milliseconds."""
_OLD_S = 60.0
_TOO_OLD_S = 300.0
"""Who asks then waits for what is counted anew: a program that asks once a day would else always
have yesterday's."""
_PAST_CHANGED = ("timeline.corrected", "clock.era")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentBudget:
    component: Component
    budget: Budget
    seconds: Seconds

    @property
    def is_touched(self) -> bool:
        """Whether anything of it is gone, for certain or perhaps. Two minutes without data are
        stated nowhere."""
        return bool(self.budget.used) or self.budget.possible > UNNOTICED_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """Of one moment, the worst first. `guarantee` is that of the default terms; None: they promise
    none, and there are no budgets."""

    at: Second
    first: date
    month: Interval
    guarantee: str | None
    components: tuple[ComponentBudget, ...]
    by_component: Mapping[ComponentId, ComponentBudget]

    def of(self, components: Iterable[ComponentId]) -> list[ComponentBudget]:
        """Those of these components that have one, the worst first."""
        found = (self.by_component.get(component) for component in components)
        return sorted((one for one in found if one is not None), key=_worst_first)


class MonthBudgets:
    """Keeps what was counted for all who ask: with thousands of checks counting takes a second of
    CPU, and is done once a minute while somebody asks. Threads may share it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="budgets")
        self._lock = threading.Lock()
        self._count = _Count()
        self._kept: tuple[Budgets, float] | None = None
        self._counting: Future[Budgets] | None = None

    def read(self, backend: Backend, core: CoreState, at: Second, wait_s: float) -> Budgets | None:
        """As of `at`, or up to some minutes before; longer only where nothing newer is counted
        within `wait_s`, and None where nothing is counted at all. Raises JournalError."""
        if len(core.states) < _FEW:
            return self._begin(backend, core, at).result()
        # Another month is another question.
        kept = self._kept if self._kept is not None and at in self._kept[0].month else None
        if kept is not None:
            age = backend.clock.boottime() - kept[1]
            if not 0 <= age < _OLD_S or _is_new(kept[0], core):
                self._begin(backend, core, at)
            if 0 <= age < _TOO_OLD_S:
                return kept[0]
        try:
            return self._begin(backend, core, at).result(wait_s)
        except NotYet:
            return None if kept is None else kept[0]

    def _begin(self, backend: Backend, core: CoreState, at: Second) -> Future[Budgets]:
        """One at a time, whoever asks."""
        with self._lock:
            if self._counting is None or self._counting.done():
                self._counting = self._pool.submit(self._renew, backend, core, at)
            return self._counting

    def _renew(self, backend: Backend, core: CoreState, at: Second) -> Budgets:
        found = self._count.of(backend.reading, core, at)
        self._kept = (found, backend.clock.boottime())
        return found


def _is_new(kept: Budgets, core: CoreState) -> bool:
    """Whether what is kept is of other terms."""
    return kept.guarantee != _guarantee(core)


class _Count:
    """Days that are over and final are counted once in a month. One thread's."""

    def __init__(self) -> None:
        self._days = DailyRollup()
        self._month: Interval | None = None
        self._corrected = 0
        self._place: JournalPlace | None = None

    def of(self, journal: ApiJournal, core: CoreState, at: Second) -> Budgets:
        """Raises JournalError."""
        zone, terms = core.catalogue.zone, _terms(core)
        first = at_zone(at, zone).date().replace(day=1)
        month = local_month(first.year, first.month, zone)
        budgets: tuple[ComponentBudget, ...] = ()
        if terms is not None:
            with journal.transaction() as tx:
                # Of a month that begins in this second nothing has passed, and no day is empty.
                self._read(tx, core, month, max(at, Second(month.start + 1)))
            counted = (c for c in core.shown.values() if c.role is Role.REQUIRED)
            budgets = tuple(self._budget(c, core, month, at, terms) for c in counted)
        return Budgets(
            at=at, first=first, month=month, guarantee=_guarantee(core),
            components=tuple(sorted(budgets, key=_worst_first)),
            by_component={one.component.id: one for one in budgets},
        )  # fmt: skip

    def _read(self, tx: JournalTransaction, core: CoreState, month: Interval, end: Second) -> None:
        # A journal that was put back from a copy has other days under the same numbers.
        is_same = self._place is not None and self._place.is_in(tx)
        if month != self._month or not is_same:
            self._days, self._month, self._corrected = DailyRollup(), month, tx.changes.last()
        self._place = JournalPlace.read(tx)
        if changed := tx.changes.of_kinds(_PAST_CHANGED, self._corrected):
            self._days.forget()
            self._corrected = changed[-1].seq
        span = Interval(month.start, end)
        self._days.read(tx, core, span, tx.maintenance.touching(span))

    def _budget(
        self, component: Component, core: CoreState, month: Interval, at: Second, terms: Terms
    ) -> ComponentBudget:
        seconds = Seconds()
        if at > month.start:
            _, seconds = self._days.days(component.id, core.catalogue)
        began = min(core.catalogues.first_seen(component.id), at)
        unwatched = min(seconds.unknown, max(0, began - month.start))
        seconds = replace(seconds, unknown=seconds.unknown - unwatched, before_records=unwatched)
        until, is_going_on = self._last_known(component, core, at)
        budget = budget_of(seconds, month, until, terms, is_going_on=is_going_on)
        return ComponentBudget(component=component, budget=budget, seconds=seconds)

    def _last_known(self, component: Component, core: CoreState, at: Second) -> tuple[Second, bool]:
        """Up to when it was seen, and whether that was downtime which goes on: by fresh results,
        and not excluded. One check that fails decides, though others have not been heard of for
        long."""
        status = core.component_statuses.get(component.id)
        is_down = status is not None and status.status is Outcome.DOWN
        if not is_down or not core.is_seen(component.id, at):
            return at, False
        until, last = self._days.last_known(component.id)
        return min(at, until), bool(last.down)


def _terms(core: CoreState) -> Terms | None:
    """The default terms; None where there are none, or they cannot be read any more."""
    found = next(iter(core.catalogue.terms), None)
    try:
        return None if found is None else terms_of(found.fields)
    except InvalidFields:
        return None


def _guarantee(core: CoreState) -> str | None:
    terms = _terms(core)
    return None if terms is None else str(terms.guarantee)


def _worst_first(one: ComponentBudget) -> tuple[bool, object, object, str]:
    budget, share = one.budget, one.budget.share
    return (
        not budget.is_used_up, -(budget.used if share is None else share), -budget.possible,
        one.component.id,
    )  # fmt: skip
