"""Timelines, quorum, roll-up and availability."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.availability import (
    Exclusion,
    Member,
    availability,
    count_seconds,
    product_timeline,
)
from monitor.domain.checks.fold import Cause
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.domain.timeline import Segment, Timeline, clip, combine, k_of_n, worst

DAY = Interval(Second(0), Second(100))
_OUTCOMES = {"u": Outcome.UP, "d": Outcome.DOWN, "s": Outcome.DEGRADED}


def drawn(picture: str, unit: int = 10) -> Timeline:
    """One letter a unit: u(p), d(own), s(low), a dot: unknown."""
    return tuple(
        Segment(start=Second(i * unit), end=Second((i + 1) * unit), status=_OUTCOMES[mark])
        for i, mark in enumerate(picture)
        if mark != "."
    )


def picture(timeline: Timeline, unit: int = 10, length: int = 10) -> str:
    names = {v: k for k, v in _OUTCOMES.items()}
    marks = ["."] * length
    for segment in timeline:
        for second in range(segment.start, segment.end, unit):
            marks[second // unit] = names[segment.status]
    return "".join(marks)


def of(component: str, timeline: Timeline, group: str | None = None) -> Member:
    return Member(component=ComponentId(component), timeline=timeline, group=group)


def test_the_worst_check_speaks_for_the_component() -> None:
    assert picture(worst([drawn("uudds.uuuu"), drawn("usu..duuuu")], DAY)) == "usdd.duuuu"


def test_redundant_looks_are_down_only_when_too_few_can_work() -> None:
    looks = [drawn("uddd.uuuuu"), drawn("uudd.duuuu"), drawn("uuudd.suuu")]
    assert picture(k_of_n(looks, 2, DAY)) == "uudd..uuuu"
    assert picture(k_of_n(looks, 1, DAY)) == "uuud.uuuuu"


def test_a_quorum_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="between 1 and 1"):
        k_of_n([drawn("u")], 2, DAY)


def test_seconds_add_up_to_the_window_and_silence_is_unknown() -> None:
    seconds = availability([of("web", drawn("uudds.uu.."))], [], IntervalSet.of([DAY]))
    assert (seconds.up, seconds.down, seconds.degraded, seconds.unknown) == (40, 20, 10, 30)
    assert seconds.total == DAY.seconds


def test_maintenance_on_one_component_does_not_forgive_another() -> None:
    window = IntervalSet.of([DAY])
    planned = Exclusion(component=ComponentId("web"), interval=DAY, cause="maintenance")
    members = [of("web", drawn("dddduuuuuu")), of("dns", drawn("uudduuuuuu"))]
    seconds = availability(members, [planned], window)
    assert (seconds.down, seconds.excluded) == (20, 20)
    assert seconds.excluded_by_cause == {"maintenance": 20}


def test_a_redundant_set_is_down_only_together() -> None:
    members = [of("ns1", drawn("dduuuuuuuu"), "dns"), of("ns2", drawn("uddduuuuuu"), "dns")]
    assert availability(members, [], IntervalSet.of([DAY])).down == 10


def test_overlapping_exclusions_count_each_second_once() -> None:
    holes = [
        Exclusion(component=ComponentId("web"), interval=Interval(Second(0), Second(30)), cause=c)
        for c in ("external_provider", "maintenance")
    ]
    seconds = availability([of("web", drawn("dddduuuuuu"))], holes, IntervalSet.of([DAY]))
    assert (seconds.excluded, seconds.down) == (30, 10)
    assert sum(seconds.excluded_by_cause.values()) == 30


PICTURES = st.text(alphabet="uds.", min_size=10, max_size=10)


@given(st.lists(PICTURES, min_size=1, max_size=4), st.integers(0, 9), st.integers(0, 9))
def test_availability_of_two_halves_is_that_of_the_whole(
    pictures: list[str], a: int, b: int
) -> None:
    members = [of(f"c{i}", drawn(p), "g" if i % 2 else None) for i, p in enumerate(pictures)]
    hole = [Exclusion(component=ComponentId("c0"), interval=Interval(Second(a), Second(b * 10)),
                      cause="x")]  # fmt: skip
    whole = availability(members, hole, IntervalSet.of([DAY]))
    cut = Second(a * 10 + b)
    halves = [
        availability(members, hole, IntervalSet.of([part]))
        for part in (Interval(DAY.start, cut), Interval(cut, DAY.end))
    ]
    assert whole.total == DAY.seconds
    for bucket in ("up", "down", "degraded", "excluded", "unknown"):
        assert getattr(whole, bucket) == sum(getattr(h, bucket) for h in halves)


@given(PICTURES, st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=4))
def test_a_component_alone_has_the_seconds_of_its_stretches(
    picture: str, parts: list[tuple[int, int]]
) -> None:
    timeline = tuple(
        replace(s, cause=str(Cause.INFERRED) if s.start % 20 else "x") for s in drawn(picture)
    )
    window = IntervalSet.of(Interval(Second(a), Second(b)) for a, b in parts)
    alone = [of("web", timeline)]
    assert availability(alone, [], window) == count_seconds(product_timeline(alone, [], window))


@given(PICTURES)
def test_the_worst_of_one_is_that_one(picture: str) -> None:
    timeline = tuple(replace(s, cause="x" if s.start % 30 else "y") for s in drawn(picture))
    window = Interval(Second(5), Second(95))
    assert worst([timeline], window) == combine([timeline], window, lambda piece: piece.at[0])


@given(st.lists(PICTURES, min_size=1, max_size=4))
def test_all_of_n_and_the_worst_agree_on_downtime(pictures: list[str]) -> None:
    timelines = [drawn(p) for p in pictures]
    by_quorum = k_of_n(timelines, len(timelines), DAY)
    by_worst = worst(timelines, DAY)
    assert [(s.start, s.end) for s in by_quorum if s.status is Outcome.DOWN] == [
        (s.start, s.end) for s in by_worst if s.status is Outcome.DOWN
    ]


INTERVALS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(
        lambda pair: Interval(Second(pair[0]), Second(pair[1]))
    ),
    max_size=6,
)


@given(INTERVALS, INTERVALS)
def test_sets_of_seconds_behave_as_sets(first: list[Interval], second: list[Interval]) -> None:
    a, b = IntervalSet.of(first), IntervalSet.of(second)
    plain_a = {s for i in first for s in range(i.start, i.end)}
    plain_b = {s for i in second for s in range(i.start, i.end)}
    assert {s for i in a & b for s in range(i.start, i.end)} == plain_a & plain_b
    assert {s for i in a - b for s in range(i.start, i.end)} == plain_a - plain_b
    assert a.seconds == len(plain_a)


def test_clipping_keeps_only_what_is_inside() -> None:
    assert picture(clip(drawn("uuddssuu.."), Interval(Second(20), Second(50)))) == "..dds....."
