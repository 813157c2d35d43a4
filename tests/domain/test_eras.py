"""Eras of the clock: which seconds still count after somebody has set it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.time.eras import (
    FIRST_ERA,
    LONGEST_WRONG_S,
    Era,
    Eras,
    Origin,
    breaks_runs,
    counts,
    first_difference,
    is_stepped,
    next_era,
    retold,
)
from monitor.domain.time.interval import FOREVER, Interval, Second

HOUR, DAY, YEAR = 3_600, 86_400, 365 * 86_400
T0 = 1_790_000_000


def eras(*begun: tuple[Origin, int, int]) -> list[Era]:
    """Each by its origin, its first second, and the one that the era before would have had."""
    found = [FIRST_ERA]
    for origin, at, was in begun:
        found.append(next_era(found, origin, Second(at), Second(was)))
    return found


def step(at: int, was: int) -> tuple[Origin, int, int]:
    return (Origin.STEP, at, was)


def boot(at: int, was: int) -> tuple[Origin, int, int]:
    return (Origin.BOOT, at, was)


def told(era: Era) -> list[tuple[int, int, int | None]]:
    return [(s.era, s.since, None if s.until == FOREVER else s.until) for s in era.lineage]


def test_a_step_forward_keeps_what_was_and_skips_what_lies_between() -> None:
    (*_, era) = eras(step(T0 + HOUR, T0))
    assert told(era) == [(0, 0, T0), (1, T0 + HOUR, None)]
    assert is_stepped(era.lineage, 0, 1)
    assert breaks_runs(era.lineage, 0, 1)


def test_a_step_back_takes_the_seconds_that_come_again_from_the_era_before() -> None:
    (*_, era) = eras(step(T0 - HOUR, T0))
    assert told(era) == [(0, 0, T0 - HOUR), (1, T0 - HOUR, None)]


@pytest.mark.parametrize("ahead", [HOUR, 40 * DAY, 2 * YEAR])
@pytest.mark.parametrize("lasted", [10, HOUR // 2, 3 * HOUR])
def test_an_era_that_went_ahead_and_was_taken_back_never_was(ahead: int, lasted: int) -> None:
    (*_, era) = eras(step(T0 + ahead, T0), step(T0 + lasted, T0 + ahead + lasted))
    assert told(era) == [(0, 0, T0), (2, T0 + lasted, None)]


@pytest.mark.parametrize("lasted", [10, HOUR // 2, 3 * HOUR])
def test_a_machine_that_booted_ahead_and_was_set_right_saw_nothing(lasted: int) -> None:
    ahead = HOUR // 2
    (*_, era) = eras(
        boot(T0 + 600 + ahead, T0),
        step(T0 + 600 + lasted, T0 + 600 + ahead + lasted),
    )
    assert told(era) == [(0, 0, T0), (2, T0 + 600 + lasted, None)]


@pytest.mark.parametrize("back", [HOUR, 40 * DAY])
@pytest.mark.parametrize("lasted", [10, 3 * HOUR, 3 * DAY])
def test_what_a_wrong_step_back_took_counts_again_once_it_is_undone(back: int, lasted: int) -> None:
    found = eras(step(T0 - back, T0), step(T0 + lasted, T0 - back + lasted))
    assert told(found[-1]) == [(0, 0, T0), (2, T0 + lasted, None)]
    assert first_difference(found[-2].lineage, found[-1].lineage) == T0 - back


def test_a_clock_that_goes_ahead_for_a_second_time_takes_nothing_from_the_longer_stay() -> None:
    """Ahead for 8 s, right for a minute, corrected, and ahead again: a minute was no data."""
    found = eras(
        step(T0 + HOUR, T0),
        step(T0 + 8, T0 + HOUR + 8),
        step(T0 + 20, T0 + 70),
        step(T0 + HOUR + 60, T0 + 60),
    )
    assert told(found[-1]) == [
        (0, 0, T0), (2, T0 + 8, T0 + 20), (3, T0 + 20, T0 + 60), (4, T0 + HOUR + 60, None)
    ]  # fmt: skip


def test_a_short_way_back_is_a_mistake_between_two_longer_stays_ahead() -> None:
    found = eras(
        step(T0 + HOUR, T0), step(T0 + 600, T0 + HOUR + 600), step(T0 + HOUR + 610, T0 + 610)
    )
    assert told(found[-1]) == [
        (0, 0, T0),
        (1, T0 + HOUR, T0 + HOUR + 600),
        (3, T0 + HOUR + 610, None),
    ]


@pytest.mark.parametrize("ahead", [11, 30, 60])
def test_what_a_small_step_skipped_is_inferred_no_more_than_an_hour_is(ahead: int) -> None:
    (*_, era) = eras(step(T0 + ahead, T0))
    assert is_stepped(era.lineage, 0, 1)
    assert not breaks_runs(era.lineage, 0, 1)


def test_a_machine_that_booted_in_1970_is_set_right_without_loss() -> None:
    (*_, era) = eras(boot(100, T0), step(T0 + DAY, 400))
    assert told(era) == [(0, 0, T0), (2, T0 + DAY, None)]


def test_a_boot_is_no_step() -> None:
    (*_, era) = eras(boot(T0 + 600, T0))
    assert told(era) == [(0, 0, T0), (1, T0 + 600, None)]
    assert not is_stepped(era.lineage, 0, 1)


def test_corrections_by_seconds_void_no_day() -> None:
    (*_, era) = eras(step(T0 - 2, T0), step(T0 + 10 * DAY + 3, T0 + 10 * DAY))
    assert counts(era.lineage, 1, Second(T0 + DAY))
    assert not counts(era.lineage, 0, Second(T0))


def test_an_era_that_lasted_for_long_keeps_what_the_clock_has_not_shown_again() -> None:
    lasted = LONGEST_WRONG_S + HOUR
    (*_, era) = eras(step(T0 + HOUR, T0), step(T0 + lasted, T0 + HOUR + lasted))
    assert told(era)[1] == (1, T0 + HOUR, T0 + lasted)


def test_two_steps_ahead_and_one_back_leave_the_first_era() -> None:
    (*_, era) = eras(
        step(T0 + HOUR, T0),
        step(T0 + 2 * HOUR + 10, T0 + HOUR + 10),
        step(T0 + 20, T0 + 2 * HOUR + 20),
    )
    assert told(era) == [(0, 0, T0), (3, T0 + 20, None)]


_STEPS = st.lists(
    st.tuples(
        st.sampled_from([Origin.STEP, Origin.BOOT]),
        st.sampled_from([-40 * DAY, -HOUR, -61, -2, 2, HOUR, 40 * DAY, 2 * YEAR]),
        st.integers(1, 3 * DAY),
    ),
    max_size=8,
)


@settings(max_examples=300)
@given(_STEPS)
def test_a_lineage_is_sorted_apart_and_ends_with_the_present_era(
    steps: list[tuple[Origin, int, int]],
) -> None:
    found, now = [FIRST_ERA], T0
    for origin, by, lasts in steps:
        found.append(next_era(found, origin, Second(now + by), Second(now)))
        now += by + lasts
    for era in found:
        ends = [edge for span in era.lineage for edge in (span.since, span.until)]
        assert ends == sorted(ends)
        assert all(span.since < span.until for span in era.lineage)
        assert era.lineage[-1].era == era.number
        assert era.lineage[-1].until == FOREVER
        assert counts(era.lineage, era.number, Second(era.began_at))


def long_story(eras_after: int) -> list[Era]:
    """A machine that boots every hour."""
    return eras(*(boot(T0 + n * HOUR, T0 + n * HOUR - 60) for n in range(eras_after)))


def test_a_step_back_after_hundreds_of_boots_is_told_from_its_own_second() -> None:
    """Spans that fell out of a lineage which grew too long differ from nothing."""
    found = long_story(400)
    now = T0 + 399 * HOUR + 1_800
    begun = next_era(found, Origin.STEP, Second(now - 30), Second(now))
    assert first_difference(found[-1].lineage, begun.lineage) == now - 30


def test_what_lies_before_a_lineage_that_grew_too_long_is_believed() -> None:
    lineage = long_story(400)[-1].lineage
    assert lineage[0].era > 0
    assert counts(lineage, 1, Second(T0 + 10))


def test_nothing_is_told_otherwise_by_a_boot_or_a_step_forward() -> None:
    assert retold(eras(boot(T0 + HOUR, T0), step(T0 + 3 * HOUR, T0 + 2 * HOUR)), 0) == []


def test_a_step_back_tells_a_day_otherwise_from_where_the_clock_goes_on() -> None:
    found = eras(step(T0 - 40 * DAY, T0))
    assert retold(found, 0) == [Interval(Second(T0 - 40 * DAY), Second(T0 - 39 * DAY))]
    assert retold(found, 1) == []


def test_all_that_a_wrong_era_saw_is_told_otherwise() -> None:
    back = 40 * DAY
    found = eras(step(T0 - back, T0), step(T0 + 3 * DAY, T0 - back + 3 * DAY))
    assert retold(found, 1) == [Interval(Second(T0 - back), Second(T0 - back + 3 * DAY))]


def test_the_era_of_a_row_follows_from_its_place() -> None:
    known = [replace(era, first_seq=era.number * 10) for era in eras(boot(T0, T0), boot(T0, T0))]
    assert [Eras(known).of(seq) for seq in (0, 9, 10, 19, 20, 99)] == [0, 0, 1, 1, 2, 2]
