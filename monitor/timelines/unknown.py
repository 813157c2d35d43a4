"""Why nobody knows what a check's target was: what the monitor had said of itself by then."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.domain.change import Change
from monitor.domain.checks.observation import CheckId
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import FOREVER, Interval, IntervalSet, Second
from monitor.domain.timeline import Timeline


class UnknownCause(StrEnum):
    """The value is stored, and programs read it."""

    MONITOR_DOWN = "monitor_down"
    """No check at all had a result."""
    OFFLINE = "offline"
    NO_RESOLVER = "no_resolver"
    CLOCK = "clock"
    STALLED = "stalled"
    PROBER_STOPPED = "prober_stopped"
    RESULTS_LOST = "results_lost"
    BROKEN_CHECK = "broken_check"
    UNWATCHED = "unwatched"
    """The configuration had no check of it."""
    GAP = "gap"
    """These checks alone had no result, and nothing that the monitor said explains it."""


_LASTING: Mapping[str, tuple[str, UnknownCause]] = {
    SystemAlert.OFFLINE: (SystemAlert.ONLINE, UnknownCause.OFFLINE),
    SystemAlert.NO_RESOLVER: (SystemAlert.RESOLVER_BACK, UnknownCause.NO_RESOLVER),
    SystemAlert.CLOCK_DOUBTED: (SystemAlert.CLOCK_TRUSTED, UnknownCause.CLOCK),
    SystemAlert.STALLING: (SystemAlert.STEADY, UnknownCause.STALLED),
    SystemAlert.ROLE_STOPPED: (SystemAlert.ROLE_RUNS, UnknownCause.PROBER_STOPPED),
}
_ENDS = dict(_LASTING.values())
_PROBER = "prober="
_ERA = "clock.era"
"""What the core notes of each step of the clock, however small."""
_TOLD_WITHIN_S = 3_600
"""A check that breaks is told of within the hour."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")

FAULT_KINDS: tuple[str, ...] = (
    *_LASTING,
    *_ENDS,
    _ERA,
    SystemAlert.RESULTS_LOST,
    SystemAlert.CHECK_BROKEN,
)
"""The changes from which `own_faults` are read."""


NO_TIME = IntervalSet()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFault:
    """When something was wrong with the monitor, as it said itself; `checks` None: any of them."""

    cause: UnknownCause
    span: Interval
    checks: frozenset[CheckId] | None = None


def own_faults(changes: Iterable[Change]) -> tuple[OwnFault, ...]:
    """From the changes of `FAULT_KINDS`, in order. One that nothing has taken back goes on."""
    found: list[OwnFault] = []
    open_: dict[UnknownCause, Second] = {}
    for change in changes:
        since = Second(int(str(change.after.get("since", change.at))))
        about = str(change.after.get("about", ""))
        if change.kind in _LASTING and _is_probers(change.kind, about):
            open_.setdefault(_LASTING[change.kind][1], since)
        elif change.kind in _ENDS:
            began = open_.pop(_ENDS[change.kind], None)
            if began is not None and began < change.at:
                found.append(OwnFault(cause=_ENDS[change.kind], span=Interval(began, change.at)))
        else:
            found.extend(_at_once(change, since, about))
    found += [OwnFault(cause=c, span=Interval(at, FOREVER)) for c, at in open_.items()]
    return tuple(found)


def dark_time(timelines: Iterable[Timeline], window: Interval) -> IntervalSet:
    """The seconds of a window of which no check at all knows anything."""
    known = IntervalSet.of(segment.interval for one in timelines for segment in one)
    return IntervalSet.of([window]) - known


def why_unknown(
    span: Interval,
    checks: Collection[CheckId],
    faults: Sequence[OwnFault],
    dark: IntervalSet,
    unwatched: IntervalSet = NO_TIME,
) -> UnknownCause:
    """What explains most of a span; what the monitor said of itself before what can be seen of it.

    >>> night = Interval(Second(0), Second(100))
    >>> cut = OwnFault(cause=UnknownCause.OFFLINE, span=Interval(Second(10), Second(90)))
    >>> all_dark = IntervalSet.of([night])
    >>> [str(why_unknown(night, ["web"], f, d))
    ...  for f, d in (([cut], all_dark), ([], all_dark), ([], IntervalSet()))]
    ['offline', 'monitor_down', 'gap']
    """
    said: dict[UnknownCause, list[Interval]] = {}
    for fault in faults:
        if fault.checks is None or fault.checks.issuperset(checks):
            said.setdefault(fault.cause, []).append(fault.span)
    parts = {cause: IntervalSet.of(spans) for cause, spans in said.items()}
    whole = IntervalSet.of([span])
    explained = {cause: (part & whole).seconds for cause, part in parts.items()}
    explained |= {
        UnknownCause.UNWATCHED: (unwatched & whole).seconds,
        UnknownCause.MONITOR_DOWN: (dark & whole).seconds,
    }
    enough = [cause for cause, seconds in explained.items() if 2 * seconds >= span.seconds]
    if enough:
        return enough[0]
    most = max(explained, key=lambda cause: explained[cause])
    return most if explained[most] else UnknownCause.GAP


def _is_probers(kind: str, about: str) -> bool:
    """The other roles may stop, and checks go on."""
    return kind != SystemAlert.ROLE_STOPPED or about.startswith(_PROBER)


def _at_once(change: Change, since: Second, about: str) -> Iterator[OwnFault]:
    if change.kind == _ERA:
        ends = [int(str(side["second"])) for side in (change.before, change.after)]
        span = Interval(Second(min(ends)), Second(max(ends)))
        yield OwnFault(cause=UnknownCause.CLOCK, span=span)
    elif change.kind == SystemAlert.CHECK_BROKEN:
        checks = frozenset({CheckId(change.subject)})
        span = Interval(since, Second(change.at + _TOLD_WITHIN_S))
        yield OwnFault(cause=UnknownCause.BROKEN_CHECK, span=span, checks=checks)
    elif change.kind == SystemAlert.RESULTS_LOST:
        slots = [
            Second(int(datetime.fromisoformat(t).timestamp())) for t in _INSTANT.findall(about)
        ]
        if len(slots) == 2 and slots[0] < slots[1]:
            yield OwnFault(cause=UnknownCause.RESULTS_LOST, span=Interval(slots[0], slots[1]))
