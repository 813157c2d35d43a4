"""What compares a soak's findings with its script finds each thing that may be wrong of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.demo.faults import Fault
from tests.e2e.soak.findings import DOWN, UP, Findings, Found, Segment, Told
from tests.e2e.soak.judge import wrongs
from tests.e2e.soak.record import Disturbance, Kind, Outage, Record, Setting
from tests.e2e.soak.table import table

WALL = 10_000
OUTAGE = Outage(target="a", fault=Fault.REFUSE, fall=100.4, rise=130.2)
RECORD = Record(wall=float(WALL), ends=200.0, outages=(OUTAGE,), named=frozenset("a"))
OPENED = Told(target="a", at=105.0, kind="opening")
ENDED = Told(target="a", at=136.0, kind="resolution")


def drawn(*edges: tuple[int, str]) -> tuple[Segment, ...]:
    """From each second after the beginning on, to the next one's; `-` leaves a hole."""
    ends = [at for at, _ in edges[1:]]
    return tuple(
        Segment(start=WALL + at, end=WALL + end, status=status)
        for (at, status), end in zip(edges, ends, strict=False)
        if status != "-"
    )


def found(start: int, end: int, cause: str = "conn_refused", billed: int | None = None) -> Found:
    lasted = end - start if billed is None else billed
    return Found(target="a", start=WALL + start, end=WALL + end, cause=cause, billed_s=lasted)


RIGHT = Findings(
    timelines={"a": drawn((-9, UP), (101, DOWN), (131, UP), (220, "-"))},
    outages=(found(101, 131),),
    messages=(OPENED, ENDED),
)


def said(findings: Findings, record: Record = RECORD) -> str:
    return "\n".join(map(str, wrongs(record, findings)))


def with_timeline(*edges: tuple[int, str]) -> Findings:
    return replace(RIGHT, timelines={"a": drawn(*edges, (220, "-"))})


def disturbed(kind: Kind, start: float, end: float) -> Record:
    return replace(RECORD, disturbances=(Disturbance(kind=kind, start=start, end=end),))


def test_what_is_as_it_happened_is_right() -> None:
    assert wrongs(RECORD, RIGHT) == []


def test_an_outage_that_was_not_found_is_told() -> None:
    lost = replace(with_timeline((-9, UP)), outages=())
    assert "a fell at 100.4 for 29.8 s: wanted an outage (refuse), got none" in said(lost)
    assert "wanted down, got up" in said(lost)


@pytest.mark.parametrize(
    ("start", "end", "told"), [(104, 131, "start"), (101, 134, "end"), (97, 131, "start")]
)
def test_an_edge_that_is_off_by_more_than_an_interval_is_told(
    start: int, end: int, told: str
) -> None:
    shifted = replace(
        with_timeline((-9, UP), (start, DOWN), (end, UP)), outages=(found(start, end),)
    )
    assert f"wanted {told} within 3 s" in said(shifted)


def test_an_outage_that_nobody_made_is_told() -> None:
    invented = replace(RIGHT, outages=(*RIGHT.outages, found(50, 55)))
    assert "wanted no outage, got conn_refused, 5 s billed" in said(invented)


def test_a_second_that_says_otherwise_is_told_though_the_report_does_not() -> None:
    flickering = with_timeline((-9, UP), (60, DOWN), (64, UP), (101, DOWN), (131, UP))
    assert said(flickering) == (
        "a at 60.0 s of the wall clock (moment 60.0), 4 s: wanted up, got down"
    )


def test_unknown_where_nothing_disturbed_is_told() -> None:
    blind = with_timeline((-9, UP), (60, "-"), (64, UP), (101, DOWN), (131, UP))
    assert said(blind).endswith("4 s: wanted up, got unknown")


def test_another_class_is_told() -> None:
    other = replace(RIGHT, outages=(found(101, 131, cause="greeting_timeout"),))
    assert said(other).endswith("wanted conn_refused, got greeting_timeout")


@pytest.mark.parametrize("billed", [0, 20, 40, 3_686])
def test_seconds_billed_that_were_not_down_or_not_billed_that_were_are_told(billed: int) -> None:
    wrong = replace(RIGHT, outages=(found(101, 131, billed=billed),))
    assert said(wrong).endswith(f"wanted 27 to 33 s billed, got {billed}")


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ((ENDED,), "wanted 1 of opening, got 0"),
        ((OPENED,), "wanted 1 of resolution, got 0"),
        ((OPENED, OPENED, ENDED), "wanted 1 of opening, got 2"),
        ((OPENED, ENDED, ENDED), "wanted 1 of resolution, got 2"),
        ((OPENED, ENDED, replace(OPENED, at=80.0)), "a told at 80.0: wanted no opening, got one"),
        ((OPENED, ENDED, replace(OPENED, at=180.0)), "a told at 180.0: wanted no opening, got one"),
    ],
)
def test_a_message_too_few_or_too_many_is_told(messages: tuple[Told, ...], told: str) -> None:
    assert told in said(replace(RIGHT, messages=messages))


def test_a_component_of_which_nothing_is_known_is_told() -> None:
    assert "wanted up, got unknown" in said(replace(RIGHT, timelines={}))


@pytest.mark.parametrize("kind", [Kind.PROBER, Kind.RESOLVER])
def test_what_nobody_could_see_is_unknown_and_never_up(kind: Kind) -> None:
    blind = disturbed(kind, 40, 70)
    hole = with_timeline((-9, UP), (41, "-"), (72, UP), (101, DOWN), (131, UP))
    assert wrongs(blind, hole) == []
    assert "wanted unknown, got up" in said(RIGHT, blind)


def test_a_resolver_is_no_excuse_for_who_needs_none() -> None:
    by_address = replace(disturbed(Kind.RESOLVER, 40, 70), named=frozenset())
    hole = with_timeline((-9, UP), (41, "-"), (72, UP), (101, DOWN), (131, UP))
    assert "wanted up, got unknown" in said(hole, by_address)
    assert wrongs(by_address, RIGHT) == []


def test_nor_is_a_core_that_is_stopped_but_it_may_tell_late() -> None:
    stopped = disturbed(Kind.CORE, 102, 120)
    late = replace(RIGHT, messages=(replace(OPENED, at=121.0), ENDED))
    assert wrongs(stopped, late) == []
    missing = with_timeline((-9, UP), (102, "-"), (122, DOWN), (131, UP))
    assert "wanted down, got unknown" in said(missing, stopped)


def test_blindness_within_an_outage_may_be_inferred_downtime() -> None:
    assert wrongs(disturbed(Kind.PROBER, 105, 125), RIGHT) == []


def test_a_look_that_was_due_while_it_was_stopped_may_say_what_stood_when_it_woke() -> None:
    """It sees the end of the outage, or that it lasts, by a second."""
    stopped = disturbed(Kind.PROBER, 105, 130)
    is_over = with_timeline((-9, UP), (101, DOWN), (107, "-"), (129, UP))
    lasted = replace(is_over, outages=(found(101, 107),))
    assert wrongs(stopped, lasted) == []
    assert wrongs(stopped, RIGHT) == []
    too_soon = with_timeline((-9, UP), (101, DOWN), (107, "-"), (120, UP))
    assert "wanted down or unknown, got up" in said(
        replace(lasted, timelines=too_soon.timelines), stopped
    )


def test_blindness_is_no_reason_to_raise_an_outage() -> None:
    raised = with_timeline((-9, UP), (46, DOWN), (72, UP), (101, DOWN), (131, UP))
    invented = replace(raised, outages=(*RIGHT.outages, found(46, 72)))
    assert "wanted no outage" in said(invented, disturbed(Kind.PROBER, 40, 70))
    assert "wanted unknown, got down" in said(invented, disturbed(Kind.PROBER, 40, 70))


SKIPPED = replace(
    RECORD,
    settings=(Setting(at=115.0, offset=3_600),),
    disturbances=(Disturbance(kind=Kind.CLOCK, start=115.0, end=115.0),),
)
_HOUR_UNKNOWN = ((-9, UP), (101, DOWN), (115, "-"), (3_716, DOWN), (3_731, UP), (3_820, "-"))


def test_what_the_clock_skipped_within_an_outage_is_unknown_and_not_billed() -> None:
    right = Findings(
        timelines={"a": drawn(*_HOUR_UNKNOWN)},
        outages=(found(101, 115), found(3_716, 3_731)),
        messages=RIGHT.messages,
    )
    assert wrongs(SKIPPED, right) == []
    billed = replace(
        right,
        timelines={"a": drawn((-9, UP), (101, DOWN), (3_731, UP), (3_820, "-"))},
        outages=(found(101, 3_731),),
    )
    assert "wanted unknown, got down" in said(billed, SKIPPED)
    assert "s billed, got 3630" in said(billed, SKIPPED)


def test_a_failure_that_a_step_left_unconfirmed_may_be_up_until_the_first_look_after_it() -> None:
    stepped = replace(
        RECORD,
        settings=(Setting(at=107.0, offset=-1),),
        disturbances=(Disturbance(kind=Kind.CLOCK, start=107.0, end=107.0),),
    )
    late = with_timeline((-9, UP), (108, DOWN), (130, UP))
    assert wrongs(stepped, replace(late, outages=(found(108, 130),))) == []
    later = with_timeline((-9, UP), (114, DOWN), (130, UP))
    assert "wanted down, got up" in said(replace(later, outages=(found(114, 130),)), stepped)


def test_the_table_has_a_row_for_each_outage_and_one_of_sums() -> None:
    head, row, sums = table(RECORD, RIGHT).splitlines()
    assert head.split()[:4] == ["target", "fault", "fell", "lasted"]
    assert row.split() == [
        "a", "refuse", "100.4", "29.8", "+0.6", "+0.8", "30", "0", "conn_refused", "1", "1", "0",
    ]  # fmt: skip
    assert sums.startswith("1 outages scripted, 1 of them undisturbed; 1 found as 1 in the report")
