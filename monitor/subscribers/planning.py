"""What is new in the journal, and whom it concerns: planned in one transaction with the cursor."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import Change
from monitor.domain.checks.observation import FailureClass
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.subscriptions.subscription import (
    Subscription,
    SubscriptionId,
    SubscriptionState,
    concerns,
)
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.subscribers.announcements import OLD_S, Announcement, announcements
from monitor.subscribers.channels.kind import Route
from monitor.subscribers.deliveries import Deliveries, Planned
from monitor.subscribers.ports import SubscribersJournal, SubscribersTransaction
from statuspage.view.page_scope import PageScope, scope_of, scopes_of

MAINTENANCE_EVERY_S = 10.0
"""Steps of maintenance come with the time, without a change."""
CHANGES_AT_ONCE = 500
MOST_WAITING = 10_000
KEPT_S = 30 * 86_400
_FIRST, _LAST = 0, 100
"""Ranks of confirmations: an update begins at 1, and each attempt adds two."""
_REQUESTED = "subscription.requested"
_CONFIRMED = "subscription.confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One transaction with what is in force in it: a plan is made under one configuration."""

    tx: SubscribersTransaction
    catalogues: Catalogues
    failures: Mapping[str, FailureClass]
    now: Second

    @property
    def catalogue(self) -> Catalogue:
        return self.catalogues.present(self.now).catalogue

    def announcements(
        self, wanted: Sequence[IncidentId], scope: PageScope, records_of: Collection[str] = ()
    ) -> Sequence[Announcement]:
        return announcements(
            self.tx, self.catalogues, wanted, self.now, records_of=records_of, scope=scope,
            failures=self.failures,
        )  # fmt: skip


class Planner:
    """Plans for subscribers of one kind. `failures` are those of which a page says what they are,
    and so what it sends."""

    def __init__(
        self,
        *,
        journal: SubscribersJournal,
        catalogues: Callable[[], Catalogues],
        deliveries: Deliveries,
        kind: str,
        route: Route,
        clock: Clock,
        failures: Mapping[str, FailureClass],
    ) -> None:
        self._journal = journal
        self._catalogues = catalogues
        self._deliveries = deliveries
        self._kind = kind
        self._route = route
        self._clock = clock
        self._failures = failures
        self._looked_at: float | None = None

    def look(self) -> bool:
        """Plan what is new; returns whether there is more. Raises JournalError,
        DeliveriesUnavailable."""
        moment, cursor = self._clock.monotonic(), self._deliveries.cursor()
        with self._journal.transaction() as tx:
            last = tx.changes.last()
            is_due = self._looked_at is None or moment - self._looked_at >= MAINTENANCE_EVERY_S
            if cursor == last and not is_due:
                return False
            changes = [] if cursor is None else tx.changes.since(cursor, CHANGES_AT_ONCE)
            read = changes[-1].seq if changes else last
            reading = _Reading(
                tx=tx, catalogues=self._catalogues(), failures=self._failures,
                now=self._clock.now(),
            )  # fmt: skip
            planned = self._plan(reading, changes, is_first=cursor is None)
        self._deliveries.plan(planned, read, self._clock.now())
        if is_due:
            self._deliveries.forget(Second(self._clock.now() - KEPT_S))
        self._looked_at = moment
        return read < last

    def _plan(
        self, reading: _Reading, changes: Sequence[Change], *, is_first: bool
    ) -> list[Planned]:
        """At the first time everything that is public already was told before, to nobody."""
        tx, now = reading.tx, reading.now
        touched = {c.subject for c in changes if c.kind.startswith("incident.")}
        unresolved = {str(i.id) for i in tx.incidents.unresolved()}
        wanted = [IncidentId(one) for one in sorted(touched | unresolved)]
        found = [
            one
            for scope in scopes_of(reading.catalogue)
            for one in reading.announcements(wanted, scope)
        ]
        known = self._deliveries.known([one.key for one in found])
        asked = [SubscriptionId(c.subject) for c in changes if c.kind == _REQUESTED]
        waiting = tx.subscriptions.unconfirmed(now, MOST_WAITING) if is_first else ()
        unconfirmed = [
            one
            for one in (*tx.subscriptions.some(asked), *waiting)
            if one.kind == self._kind and one.state is SubscriptionState.PENDING
        ]
        rank = _LAST if self._route.confirms_last else _FIRST
        planned = list(_confirmations(unconfirmed, rank))
        news = self._with_records(reading, [one for one in found if one.key not in known])
        confirmed = list(tx.subscriptions.confirmed(self._kind)) if news and not is_first else []
        for one in news:
            is_old = one.at < now - OLD_S
            ids = [] if is_old else self._concerned(one, confirmed, planned)
            planned.append(_planned(one, ids))
        planned += self._late(reading, changes)
        return planned

    def _with_records(
        self, reading: _Reading, news: Sequence[Announcement]
    ) -> Sequence[Announcement]:
        """The same as data too, where this kind sends that, with what became of components."""
        if not self._route.takes_records or not news:
            return news
        keys, subjects = {one.key for one in news}, {IncidentId(one.news.subject) for one in news}
        pages = {one.page for one in news}
        return [
            one
            for scope in scopes_of(reading.catalogue)
            if scope.id in pages
            for one in reading.announcements(sorted(subjects), scope, keys)
            if one.update in keys
        ]

    def _concerned(
        self, told: Announcement, confirmed: Sequence[Subscription], planned: Sequence[Planned]
    ) -> list[SubscriptionId]:
        """Whom it concerns, and who was told of the same subject before: whoever heard of a
        beginning hears of the end."""
        before = self._deliveries.told_of(told.news.subject)
        for one in planned:
            if one.subject == told.news.subject:
                before.update(one.subscriptions)
        return [
            s.id
            for s in confirmed
            if s.page == told.page and (s.id in before or concerns(s.wanted, told.news))
        ]

    def _late(self, reading: _Reading, changes: Sequence[Change]) -> Iterator[Planned]:
        """Who confirmed that they want to hear of an incident once it was resolved is told so."""
        ids = [SubscriptionId(c.subject) for c in changes if c.kind == _CONFIRMED]
        for one in reading.tx.subscriptions.some(ids):
            if one.kind != self._kind or one.state is not SubscriptionState.CONFIRMED:
                continue
            if one.wanted.incident is None:
                continue
            scope = scope_of(reading.catalogue, one.page)
            if scope is None:
                continue
            told = reading.announcements([one.wanted.incident], scope)
            own = [a for a in told if a.news.subject == one.wanted.incident]
            if own and own[-1].is_last:
                (last, *_) = self._with_records(reading, own[-1:])
                yield _planned(last, [one.id])


def _confirmations(asked: Sequence[Subscription], rank: int) -> Iterator[Planned]:
    """One for each that was asked for."""
    for one in asked:
        yield Planned(
            key=f"confirm:{one.id}", subject="", at=one.created_at, said={},
            subscriptions=(one.id,), rank=rank,
        )  # fmt: skip


def _planned(told: Announcement, ids: Sequence[SubscriptionId]) -> Planned:
    return Planned(
        key=told.key, subject=told.news.subject, at=told.at, said=told.said, subscriptions=ids,
        is_last=told.is_last,
    )  # fmt: skip
