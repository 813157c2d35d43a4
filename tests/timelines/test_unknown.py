"""Why nobody knows what a target was: what the monitor said of itself, then what can be seen."""

from __future__ import annotations

import pytest

from monitor.domain.change import Change
from monitor.domain.checks.observation import CheckId, Json, Outcome
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import FOREVER, Interval, IntervalSet, Second
from monitor.domain.timeline import Segment
from monitor.timelines.unknown import (
    FAULT_KINDS,
    OwnFault,
    UnknownCause,
    dark_time,
    own_faults,
    why_unknown,
)

C = UnknownCause
NIGHT = Interval(Second(1_000), Second(2_000))
WEB = [CheckId("web")]
DARK, LIGHT = IntervalSet.of([NIGHT]), IntervalSet()


def change(kind: str, at: int, *, subject: str = "monitor", **after: Json) -> Change:
    return Change(at=Second(at), actor="estado", kind=kind, subject=subject, before={}, after=after)


def fault(cause: UnknownCause, start: int, end: int) -> OwnFault:
    return OwnFault(cause=cause, span=Interval(Second(start), Second(end)))


@pytest.mark.parametrize(
    ("begins", "ends", "cause"),
    [
        (SystemAlert.OFFLINE, SystemAlert.ONLINE, C.OFFLINE),
        (SystemAlert.NO_RESOLVER, SystemAlert.RESOLVER_BACK, C.NO_RESOLVER),
        (SystemAlert.CLOCK_DOUBTED, SystemAlert.CLOCK_TRUSTED, C.CLOCK),
        (SystemAlert.STALLING, SystemAlert.STEADY, C.STALLED),
    ],
)
def test_what_lasts_is_a_fault_from_its_beginning_until_it_was_taken_back(
    begins: str, ends: str, cause: UnknownCause
) -> None:
    changes = [change(begins, 1_100, since=1_000), change(ends, 2_000, since=1_000)]
    assert own_faults(changes) == (fault(cause, 1_000, 2_000),)
    (open_,) = own_faults(changes[:1])
    assert open_.span.end == FOREVER
    assert {begins, ends} <= set(FAULT_KINDS)


def test_of_the_roles_the_probers_stop_alone_leaves_time_unknown() -> None:
    for role, wanted in (("prober", [fault(C.PROBER_STOPPED, 1_000, 2_000)]), ("page", [])):
        changes = [
            change(SystemAlert.ROLE_STOPPED, 1_000, since=1_000, about=f"{role}=1"),
            change(SystemAlert.ROLE_RUNS, 2_000, since=1_000, about=f"{role}=0"),
        ]
        assert list(own_faults(changes)) == wanted


def test_a_step_of_the_clock_leaves_what_it_skipped_unknown() -> None:
    era = Change(
        at=Second(3_000), actor="estado", kind="clock.era", subject="4",
        before={"second": 2_000}, after={"second": 1_000},
    )  # fmt: skip
    assert own_faults([era]) == (fault(C.CLOCK, 1_000, 2_000),)


def test_results_that_a_log_lost_are_those_of_its_first_to_its_last_slot() -> None:
    about = "a.db=2 rows, 1970-01-01T00:16:40+00:00 – 1970-01-01T00:33:20+00:00"
    lost = change(SystemAlert.RESULTS_LOST, 9_000, since=9_000, about=about)
    assert own_faults([lost]) == (fault(C.RESULTS_LOST, 1_000, 2_000),)
    assert own_faults([change(SystemAlert.RESULTS_LOST, 9_000, since=9_000, about="—=moved")]) == ()


def test_a_broken_check_explains_its_own_time_alone() -> None:
    broken = own_faults([change(SystemAlert.CHECK_BROKEN, 2_000, subject="web", since=1_000)])
    assert why_unknown(NIGHT, WEB, broken, LIGHT) is C.BROKEN_CHECK
    assert why_unknown(NIGHT, [CheckId("mail")], broken, LIGHT) is C.GAP


def test_what_explains_at_least_half_is_the_cause_and_its_own_word_comes_first() -> None:
    half = fault(C.NO_RESOLVER, 1_000, 1_500)
    assert why_unknown(NIGHT, WEB, [half], DARK) is C.NO_RESOLVER
    short = fault(C.CLOCK, 1_000, 1_100)
    assert why_unknown(NIGHT, WEB, [short], DARK) is C.MONITOR_DOWN
    assert why_unknown(NIGHT, WEB, [short], LIGHT) is C.CLOCK
    assert why_unknown(NIGHT, WEB, [], LIGHT) is C.GAP
    assert why_unknown(NIGHT, WEB, [], LIGHT, DARK) is C.UNWATCHED


def test_time_is_dark_where_no_check_at_all_knows_anything() -> None:
    def up(start: int, end: int) -> tuple[Segment, ...]:
        return (Segment(start=Second(start), end=Second(end), status=Outcome.UP),)

    assert dark_time([up(0, 1_200), up(1_700, 3_000)], NIGHT) == IntervalSet.of(
        [Interval(Second(1_200), Second(1_700))]
    )
