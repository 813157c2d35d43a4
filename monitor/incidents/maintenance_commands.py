"""Planned work: announced with day, window and impact, inside the allowed hours or with a reason.

It stops neither probes nor fold. When it was published decides whether its time counts against
the guarantee: the journal alone stamps that, once a snapshot that shows it is out.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import Actor, Change
from monitor.domain.checks.observation import ComponentId, Json
from monitor.domain.incidents.incident import ComponentStatus, incident_id
from monitor.domain.maintenance import (
    Extension,
    MaintenanceId,
    MaintenancePhase,
    MaintenanceWindow,
)
from monitor.domain.refusals import (
    NotFound,
    Refused,
    no_such,
    public_text,
    require_scope,
    require_seen,
)
from monitor.domain.text import Text
from monitor.domain.time.calendar import Hours, at_zone
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Interval, Second
from monitor.incidents.failing import failing_now
from monitor.incidents.service_bounds import ServiceBounds
from monitor.journal.ports import Journal, JournalTransaction
from monitor.timelines.excluded import default_rules

AHEAD = 400 * 86_400
_BACK = 90 * 86_400
_LONGEST = 14 * 86_400
_MOMENT = 60
_OVERRUN = 3_600
"""For how long after its end work that overran can still be extended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceCommands:
    """Every method raises NotFound, Stale or Refused, and nothing has changed then; and
    JournalError where the database fails. For an actor that is bounded to services there are the
    windows of their components alone; it writes those of which every component is theirs."""

    journal: Journal
    catalogue: Catalogue
    clock: Clock
    actor: Actor

    def listed(self, *, with_past: bool = False) -> tuple[MaintenanceWindow, ...]:
        """Active and coming ones, by start; on request those of the last 90 days too."""
        now = self.clock.now()
        since = Second(now - _BACK) if with_past else now
        with self.journal.transaction() as tx:
            found = tx.maintenance.touching(Interval(since, Second(now + AHEAD)))
        over = (MaintenancePhase.COMPLETED, MaintenancePhase.CANCELLED)
        seen = (w for w in found if self._bounds.sees(w.components))
        return tuple(w for w in seen if with_past or w.phase(now) not in over)

    def during(self, interval: Interval) -> tuple[MaintenanceWindow, ...]:
        """All that touch it, by start: past and cancelled ones too."""
        with self.journal.transaction() as tx:
            found = tx.maintenance.touching(interval)
        return tuple(w for w in found if self._bounds.sees(w.components))

    def show(self, wanted: str) -> MaintenanceWindow:
        with self.journal.transaction() as tx:
            return self._get(tx, wanted)

    def add(
        self,
        *,
        title: Text,
        impact: Text,
        start: Second,
        end: Second,
        components: tuple[str, ...],
        reason: str = "",
    ) -> MaintenanceWindow:
        """Announce a window. A `reason` overrides hours and notice, and is kept with it."""
        require_scope(self.actor, Scope.MAINTENANCE_WRITE)
        now = self.clock.now()
        chosen = self._components(components)
        # "Now" was typed a moment ago.
        start = now if 0 < now - start <= _MOMENT else start
        _check_span(start, end, now)
        if not reason.strip():
            self._check_allowed(start, end, now)
        with self.journal.transaction() as tx:
            planned = MaintenanceWindow(
                id=self._free_id(tx, chosen, start),
                title=public_text(title, "title"),
                impact=public_text(impact, "impact"),
                start=start,
                end=end,
                components=chosen,
                reason=reason.strip(),
                created_by=self.actor.id,
            )
            saved = tx.maintenance.save(planned)
            tx.changes.append([self._change("maintenance.added", saved, {}, _fields(saved))])
            return saved

    def cancel(
        self, wanted: str, *, reason: str = "", revision: int | None = None
    ) -> MaintenanceWindow:
        """Take a window back, or end one that runs: it holds back nothing from now on."""
        require_scope(self.actor, Scope.MAINTENANCE_WRITE)
        now = self.clock.now()
        with self.journal.transaction() as tx:
            found = self._get(tx, wanted)
            self._bounds.require_all(found.components)
            require_seen("maintenance", found.id, revision, found.revision)
            phase = found.phase(now)
            if phase in (MaintenancePhase.CANCELLED, MaintenancePhase.COMPLETED):
                raise Refused("maintenance.over", id=found.id, phase=str(phase))
            saved = tx.maintenance.save(replace(found, cancelled_at=now))
            after: Mapping[str, Json] = {"phase": "cancelled", "reason": reason.strip()}
            before: Mapping[str, Json] = {"phase": str(phase)}
            tx.changes.append([self._change("maintenance.cancelled", saved, before, after)])
            return saved

    def extend(
        self, wanted: str, *, end: Second, reason: str = "", revision: int | None = None
    ) -> MaintenanceWindow:
        """Put its end off, also within an hour after it. Without a reason the new time has to lie
        inside the allowed hours and be announced in time, as a window's."""
        require_scope(self.actor, Scope.MAINTENANCE_WRITE)
        now = self.clock.now()
        with self.journal.transaction() as tx:
            found = self._get(tx, wanted)
            self._bounds.require_all(found.components)
            require_seen("maintenance", found.id, revision, found.revision)
            self._check_extension(found, end, now)
            if not reason.strip():
                self._check_extended_in_time(found, end, now)
            added = Extension(start=found.end, end=end)
            longer = replace(found, end=end, extensions=(*found.extensions, added))
            saved = tx.maintenance.save(longer)
            before: Mapping[str, Json] = {"end": int(found.end)}
            after: Mapping[str, Json] = {"end": int(end), "reason": reason.strip()}
            tx.changes.append([self._change("maintenance.extended", saved, before, after)])
            return saved

    def is_excluded(self, window: MaintenanceWindow) -> bool:
        """Whether the default terms leave its time out: it was public early enough or, where no
        snapshot shows it yet, would be if the next one did. See `already_failing` besides."""
        public_at = window.published_at or Second(self.clock.now() + 1)
        return default_rules(self.catalogue).leaves_out(replace(window, published_at=public_at))

    def already_failing(self, window: MaintenanceWindow) -> tuple[ComponentStatus, ...]:
        """Its components that are down or slow now: a failure that lasts when a window is
        published counts until it ends, whatever is announced."""
        with self.journal.transaction() as tx:
            return failing_now(tx, self.catalogue, window.components, self.clock.now())

    def _get(self, tx: JournalTransaction, wanted: str) -> MaintenanceWindow:
        with suppress(NotFound):
            found = tx.maintenance.get(MaintenanceId(wanted))
            if self._bounds.sees(found.components):
                return found
        now = self.clock.now()
        around = tx.maintenance.touching(Interval(Second(now - _BACK), Second(now + AHEAD)))
        known = [w.id for w in around if self._bounds.sees(w.components)]
        raise no_such("maintenance", wanted, known)

    @property
    def _bounds(self) -> ServiceBounds:
        return ServiceBounds.of(self.actor, self.catalogue)

    def _components(self, wanted: tuple[str, ...]) -> tuple[ComponentId, ...]:
        """Those of a page alone: whoever reads the announcement reads their names. One of a service
        that is not the actor's is answered like one that there is not."""
        if not wanted:
            raise Refused("maintenance.no_components")
        public = (c for c in self.catalogue.components if self.catalogue.is_shown(c))
        known = {c.id for c in public if self._bounds.has(c.id)}
        for name in wanted:
            if ComponentId(name) not in known:
                raise no_such("public component", name, sorted(known))
        return tuple(dict.fromkeys(ComponentId(name) for name in wanted))

    def _check_extension(self, found: MaintenanceWindow, end: Second, now: Second) -> None:
        if found.cancelled_at is not None or now >= found.end + _OVERRUN:
            raise Refused("maintenance.over", id=found.id, phase=str(found.phase(now)))
        if end <= max(found.end, now):
            raise Refused("maintenance.ends_no_later")
        if end - found.start > _LONGEST:
            raise Refused("maintenance.too_long", days=_LONGEST // 86_400)

    def _check_extended_in_time(self, found: MaintenanceWindow, end: Second, now: Second) -> None:
        if now >= found.end:
            raise Refused("maintenance.overran", id=found.id)
        self._check_allowed(found.end, end, now)

    def _check_allowed(self, start: Second, end: Second, now: Second) -> None:
        """Clause 16e: inside the allowed hours, announced in time. Raises Refused."""
        rules, zone = self.catalogue.maintenance, self.catalogue.zone
        if rules.hours is not None and not lies_within(rules.hours, start, end):
            begins, ends = (at_zone(at, zone).strftime("%a %d %H:%M") for at in (start, end))
            raise Refused("maintenance.outside_hours", start=begins, end=ends)
        notice = int(rules.min_notice.total_seconds())
        if start - now < notice:
            raise Refused("maintenance.short_notice", wanted_s=notice, given_s=start - now)

    def _free_id(
        self, tx: JournalTransaction, components: tuple[ComponentId, ...], start: Second
    ) -> MaintenanceId:
        seed = ComponentId("maintenance|" + "|".join(components))
        for salt in range(100):
            wanted = MaintenanceId(incident_id(seed, start, salt))
            try:
                tx.maintenance.get(wanted)
            except NotFound:
                return wanted
        raise Refused("maintenance.too_many")

    def _change(
        self,
        kind: str,
        window: MaintenanceWindow,
        before: Mapping[str, Json],
        after: Mapping[str, Json],
    ) -> Change:
        return self.actor.change(self.clock.now(), kind, str(window.id), before, after)


def lies_within(hours: Hours, start: Second, end: Second) -> bool:
    """Whether opening hours are open from start to end without a break; windows of neighbouring
    days that touch at midnight are one."""
    at = start
    while at < end:
        if not hours.is_open(at):
            return False
        closes = hours.closes_at(at)
        if closes is None:
            return True
        at = closes
    return True


def _check_span(start: Second, end: Second, now: Second) -> None:
    if end <= start:
        raise Refused("maintenance.ends_before_start")
    if end - start > _LONGEST:
        raise Refused("maintenance.too_long", days=_LONGEST // 86_400)
    if start < now:
        raise Refused("maintenance.has_passed")
    if start > now + AHEAD:
        raise Refused("maintenance.too_far_ahead", days=AHEAD // 86_400)


def _fields(window: MaintenanceWindow) -> Mapping[str, Json]:
    return {
        "title": dict(window.title.by_locale),
        "impact": dict(window.impact.by_locale),
        "start": int(window.start),
        "end": int(window.end),
        "components": [str(c) for c in window.components],
        "reason": window.reason,
    }
