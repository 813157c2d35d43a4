"""Which months of the archive are to be read again: those that something in the journal has touched
since it was last brought up to date."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b
from zoneinfo import ZoneInfo

from monitor.catalogues.in_force import Catalogues
from monitor.domain.change import Change
from monitor.domain.exclusions.classification import ExclusionRecord, ExclusionReference
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.refusals import NotFound
from monitor.domain.time.interval import Interval, Second
from monitor.i18n.addresses import incident_path, mark_of
from monitor.i18n.formats import Lang
from monitor.journal.ports import JournalTransaction
from monitor.state.component_status import final_until_of
from monitor.state.core_state import CoreState
from statuspage.publish.archive.manifest import MonthManifest, UpTo
from statuspage.view.closed_month import (
    first_of,
    first_watched,
    month_name,
    month_of,
    months_from,
    window_of,
)
from statuspage.view.page_scope import PageScope

DAY = 86_400
AWAITED = 90 * DAY
"""Seconds for which results may still come that change a month which is over."""
_MOST_CHANGES = 10_000
"""Changes behind which all months are read again instead of each one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthState:
    """`has_ended` by the calendar, `is_over` where it has a page of its own, `is_final` where no
    result to come changes it."""

    has_ended: bool
    is_over: bool
    is_final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePlan:
    """For the page of a scope. `months` are all that were watched, oldest first; `touched` those to
    read again. What has become private `is_secret_news`: no page is shown until it has been read
    again."""

    months: Mapping[date, MonthState]
    touched: frozenset[date]
    is_secret_news: bool
    catalogues: Catalogues
    scope: PageScope
    now: Second
    up_to: UpTo


def plan_archive(
    tx: JournalTransaction,
    state: CoreState,
    now: Second,
    known: Mapping[str, MonthManifest],
    before: UpTo | None,
    program: str,
    scope: PageScope,
    *,
    is_hourly: bool,
    is_caught_up: bool,
) -> ArchivePlan:
    """`known` are the months that are written. Those that are over and not final are looked at
    again each hour (`is_hourly`). Where results are still to be read (the core is not
    `is_caught_up`), no month is over that may be changed by them."""
    catalogues = state.catalogues
    months = {
        first: _still_over(month, known.get(month_name(first)))
        for first, month in _months(state, now, scope, is_caught_up=is_caught_up)
    }
    up_to = UpTo(
        changes=tx.changes.last(),
        transitions=tx.transitions.newest(),
        configurations=configurations_of(catalogues, now),
        program=program,
        private=private_marks(catalogues, now, scope),
        at=now,
    )
    touched = frozenset(months)
    if before is not None and not _is_other(before, up_to):
        touched &= set(_touched(tx, catalogues, before, up_to, known))
    return ArchivePlan(
        months=months,
        touched=touched.union(_unwritten(months, known, is_hourly=is_hourly)),
        is_secret_news=is_secret_news(up_to.private, before),
        catalogues=catalogues,
        scope=scope,
        now=now,
        up_to=up_to,
    )


def _unwritten(
    months: Mapping[date, MonthState], known: Mapping[str, MonthManifest], *, is_hourly: bool
) -> Iterator[date]:
    """Those of which there is nothing, or not yet the last word."""
    for first, month in months.items():
        written = known.get(month_name(first))
        is_news = written is None or (month.is_over and not written.is_over)
        is_awaited = month.is_over and is_hourly and written is not None and not written.is_final
        if is_news or is_awaited:
            yield first


def _months(
    state: CoreState, now: Second, scope: PageScope, *, is_caught_up: bool
) -> Iterator[tuple[date, MonthState]]:
    since, zone = first_watched(state.catalogues, scope, now), state.catalogue.zone
    if since is None or since > now:
        return
    for first in months_from(month_of(since, zone), month_of(now, zone)):
        yield (
            first,
            _month_state(window_of(first, zone), state, now, scope, is_caught_up=is_caught_up),
        )


def _month_state(
    window: Interval, state: CoreState, now: Second, scope: PageScope, *, is_caught_up: bool
) -> MonthState:
    if now < window.end:
        return MonthState(has_ended=False, is_over=False, is_final=False)
    is_final = now >= window.end + AWAITED or all(_finals(window, state, scope))
    # Whoever is silent for a day is not waited for: that time is unknown, and is counted anew once
    # more is known.
    is_waited_for = not is_caught_up or now < window.end + DAY
    return MonthState(has_ended=True, is_over=is_final or not is_waited_for, is_final=is_final)


def _still_over(month: MonthState, written: MonthManifest | None) -> MonthState:
    """A month that has its page keeps it: a check that was added since has seen nothing yet, or the
    core has just started. Its figures were said, and what follows is counted against them."""
    was_over = written is not None and written.is_over
    return replace(month, is_over=month.is_over or (was_over and month.has_ended))


def _finals(window: Interval, state: CoreState, scope: PageScope) -> Iterator[bool]:
    """Of each shown component of the month, whether what its checks saw in it is final."""
    catalogue = state.catalogue
    for component in scope.components:
        if catalogue.deciding(component) and state.catalogues.first_seen(component) < window.end:
            until = final_until_of(catalogue, component, state.states)
            yield until is not None and until >= window.end


def _is_other(before: UpTo, now: UpTo) -> bool:
    """Whether every month has to be read again: another program or configuration says it, or it is
    another journal."""
    return (
        (before.program, before.configurations, before.private)
        != (now.program, now.configurations, now.private)
        or now.changes < before.changes
        or now.transitions < before.transitions
        or now.changes - before.changes > _MOST_CHANGES
    )


def configurations_of(catalogues: Catalogues, now: Second) -> str:
    """What stands for those that ran and the one in force."""
    ran = [(r.number, r.hash, r.effective_from) for r in catalogues.revisions]
    state = blake2b(repr((ran, catalogues.present(now).number)).encode(), digest_size=8)
    return state.hexdigest()


def private_marks(catalogues: Catalogues, now: Second, scope: PageScope) -> frozenset[str]:
    """The marks of the components that may not be named, whose ids stand nowhere. Of what a brand's
    page never showed there is no mark either."""
    own = catalogues.ever_shown(now).on(scope.id).keys()
    ever = {c.id for r in catalogues.revisions for c in r.catalogue.components}
    wanted = ever if scope.page is None else own
    hidden = wanted - scope.still_shown(wanted, catalogues, now)
    return frozenset(mark_of(f"private:{c}") for c in hidden if catalogues.last_with(c, now))


def is_secret_news(private: frozenset[str], before: UpTo | None) -> bool:
    """Whether something is private that was not when the archive was last brought up to date."""
    return bool(private - (before.private if before is not None else frozenset()))


def _touched(
    tx: JournalTransaction,
    catalogues: Catalogues,
    before: UpTo,
    now: UpTo,
    known: Mapping[str, MonthManifest],
) -> Iterator[date]:
    zone = catalogues.present(now.at).catalogue.zone
    changes = (
        tx.changes.since(before.changes, _MOST_CHANGES) if now.changes > before.changes else ()
    )
    for span in _touched_spans(tx, changes, before, now, zone):
        yield from months_from(month_of(span.start, zone), month_of(Second(span.end - 1), zone))
    yield from _with_pages_of({c.subject for c in changes if _is_of(c, "incident")}, known)
    if now.transitions > before.transitions:
        yield from _recounted(tx.transitions.earliest_behind(before.transitions), known, zone)


def _touched_spans(
    tx: JournalTransaction,
    changes: Sequence[Change],
    before: UpTo,
    now: UpTo,
    zone: ZoneInfo,
) -> Iterator[Interval]:
    for at in _beginnings(tx, changes, month_of(now.at, zone), zone):
        yield Interval(at, Second(at + 1))
    for window in _ended_windows(tx, changes, before, now):
        yield Interval(window.start, window.end)
        if window.cancelled_at is not None:
            yield Interval(window.cancelled_at, Second(window.cancelled_at + 1))
    for subject in {c.subject for c in changes if _is_of(c, "exclusion")}:
        record = _record(tx, ExclusionReference(subject))
        for revision in () if record is None else record.revisions:
            yield revision.interval


def _recounted(
    earliest: Second | None, known: Mapping[str, MonthManifest], zone: ZoneInfo
) -> Iterator[date]:
    """Months that are over, from the first second on that something new was decided of: how far
    that reaches depends on what follows. Nearly always it is of today."""
    for name, manifest in known.items():
        first = first_of(name)
        if earliest is not None and manifest.is_over and earliest < window_of(first, zone).end:
            yield first


def _is_of(change: Change, family: str) -> bool:
    return change.kind.startswith(f"{family}.")


def _beginnings(
    tx: JournalTransaction, changes: Sequence[Change], present: date, zone: ZoneInfo
) -> Iterator[Second]:
    """When those incidents began that have changed, and those that they lead to: each page has the
    other's title. One of the present month is on no page of the archive before it is over."""
    changed = sorted({IncidentId(c.subject) for c in changes if _is_of(c, "incident")})
    found = tx.incidents.some(changed) if changed else ()
    told = [i for i in found if not i.is_unresolved or month_of(i.started_at, zone) < present]
    others = {other for i in told for other in (*i.related, i.merged_into) if other is not None}
    for incident in (*told, *(tx.incidents.some(sorted(others)) if others else ())):
        yield incident.started_at


def _ended_windows(
    tx: JournalTransaction, changes: Sequence[Change], before: UpTo, now: UpTo
) -> Iterator[MaintenanceWindow]:
    """Those that somebody changed, and those that have come to their planned end: that is no
    change."""
    for subject in {c.subject for c in changes if _is_of(c, "maintenance")}:
        with suppress(NotFound):
            yield tx.maintenance.get(MaintenanceId(subject))
    passed = Interval(Second(min(before.at, now.at) - 1), Second(now.at + 1))
    yield from (w for w in tx.maintenance.touching(passed) if w.end <= now.at)


def _record(tx: JournalTransaction, wanted: ExclusionReference) -> ExclusionRecord | None:
    try:
        return tx.exclusions.get(wanted)
    except NotFound:
        return None


def _with_pages_of(
    incidents: Collection[str], known: Mapping[str, MonthManifest]
) -> Iterator[date]:
    """Where they stood before: the clock may have been set, and their beginning with it."""
    paths = {incident_path(IncidentId(i), lang) for i in incidents for lang in Lang}
    for name, manifest in known.items():
        if not paths.isdisjoint(manifest.pages):
            yield first_of(name)
