"""Looks are given back in order of slot, whatever order they came in, out of little memory."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.checks.observation import FailureId, Outcome
from monitor.domain.time.interval import Second
from monitor.evaluation.compact_runs import MAX_STRANDS, CompactRuns, Found

UP = Found(0, 1, Outcome.UP, None)
DOWN = Found(0, 1, Outcome.DOWN, FailureId("conn_refused"))
AGAIN = Found(1, 1, Outcome.UP, None)


def in_order(looks: list[tuple[int, Found]]) -> list[tuple[int, Found]]:
    kept = CompactRuns()
    for slot, found in looks:
        kept.add(Second(slot), found)
    return list(kept.in_order())


def expected(looks: list[tuple[int, Found]]) -> list[tuple[int, Found]]:
    """By slot; of a slot what its last era saw, first logged first."""
    ordered = sorted(enumerate(looks), key=lambda item: (item[1][0], item[0]))
    found = []
    for _, same in groupby((look for _, look in ordered), key=lambda look: look[0]):
        of_slot = list(same)
        last = max(what.era for _, what in of_slot)
        found += [look for look in of_slot if look[1].era == last]
    return found


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from([UP, DOWN, AGAIN])), max_size=120))
def test_looks_come_back_in_order_of_slot_era_and_logging(looks: list[tuple[int, Found]]) -> None:
    assert in_order(looks) == expected(looks)


def test_what_ever_goes_back_is_in_order_as_well() -> None:
    looks = [(slot, UP) for slot in range(5 * MAX_STRANDS, 0, -1)]
    assert in_order(looks) == looks[::-1]


def test_a_month_of_looks_every_minute_is_a_handful_of_pieces() -> None:
    kept = CompactRuns()
    late = []
    for minute in range(30 * 1_440):
        if minute % 1_000 == 7:
            late.append(minute)
            continue
        kept.add(Second(60 * minute), DOWN if minute % 10_000 < 40 else UP)
    for minute in late:
        kept.add(Second(60 * minute), UP)
    assert kept.pieces < 200
    assert sum(1 for _ in kept.in_order()) == 30 * 1_440
