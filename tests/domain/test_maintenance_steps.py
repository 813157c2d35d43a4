"""The record of maintenance: each step once, under a name that it keeps."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.maintenance import Extension, MaintenanceId, MaintenancePhase, MaintenanceWindow
from monitor.domain.maintenance_steps import steps_of
from monitor.domain.text import plain
from monitor.domain.time.interval import Second

DAY = 86_400
START, END = Second(10 * DAY), Second(10 * DAY + 7_200)
LATER = Second(20 * DAY)


def window(
    published: int | None = 0,
    *extensions: tuple[int, int, int | None],
    cancelled: int | None = None,
) -> MaintenanceWindow:
    added = tuple(
        Extension(start=Second(s), end=Second(e), published_at=None if p is None else Second(p))
        for s, e, p in extensions
    )
    return MaintenanceWindow(
        id=MaintenanceId("m"), title=plain("m"), impact=plain("m"), start=START,
        end=added[-1].end if added else END, components=(),
        published_at=None if published is None else Second(published),
        cancelled_at=None if cancelled is None else Second(cancelled), extensions=added,
    )  # fmt: skip


def names(planned: MaintenanceWindow, now: int = LATER) -> list[str]:
    return [step.name for step in steps_of(planned, Second(now))]


def test_work_that_went_as_planned_has_four_steps() -> None:
    steps = steps_of(window(), LATER)
    assert [(s.name, s.at) for s in steps] == [
        ("announced", 0), ("reminded", START - DAY), ("started", START), ("ended", END),
    ]  # fmt: skip
    assert [s.phase for s in steps] == [
        MaintenancePhase.SCHEDULED, MaintenancePhase.SCHEDULED, MaintenancePhase.IN_PROGRESS,
        MaintenancePhase.COMPLETED,
    ]  # fmt: skip


def test_a_step_is_there_once_its_second_has_come() -> None:
    assert names(window(), START - DAY - 1) == ["announced"]
    assert names(window(), START - DAY) == ["announced", "reminded"]
    assert names(window(), END - 1) == ["announced", "reminded", "started"]


def test_what_was_announced_late_is_not_said_twice_and_began_after_it_was_said() -> None:
    assert names(window(START - 2 * DAY + 1)) == ["announced", "started", "ended"]
    late = steps_of(window(START + 60), LATER)
    assert [(s.name, s.at) for s in late[:2]] == [
        ("announced", START + 60), ("started", START + 60),
    ]  # fmt: skip


def test_what_no_snapshot_showed_yet_is_announced_by_this_one() -> None:
    (step,) = steps_of(window(None), Second(START - 900))
    assert (step.name, step.at) == ("announced", START - 900)


def test_what_was_taken_back_before_anybody_saw_it_has_no_record() -> None:
    assert names(window(None, cancelled=START - 900), START - 600) == []


def test_a_cancelled_one_says_so_last_and_never_began() -> None:
    steps = steps_of(window(cancelled=START - 900), LATER)
    assert [s.name for s in steps] == ["announced", "reminded", "cancelled"]
    assert steps[-1].phase is MaintenancePhase.CANCELLED
    assert names(window(cancelled=START - DAY)) == ["announced", "cancelled"]


def test_an_early_end_is_an_end_that_says_so() -> None:
    last = steps_of(window(cancelled=START + 600), LATER)[-1]
    assert (last.name, last.at, last.is_early, last.end) == ("ended", START + 600, True, END)


def test_every_extension_is_a_step_with_the_end_that_it_gives() -> None:
    steps = steps_of(window(0, (END, END + 60, START + 5), (END + 60, END + 90, END + 1)), LATER)
    told = [(s.name, s.end) for s in steps if s.name.startswith("extended")]
    assert told == [("extended-1", END + 60), ("extended-2", END + 90)]
    assert (steps[-1].name, steps[-1].at) == ("ended-2", END + 90)


def test_work_that_overran_ended_before_it_was_extended_and_no_name_changes() -> None:
    before = names(window(), END + 60)
    overran = window(0, (END, END + 3_600, END + 600))
    assert names(overran, END + 700) == [*before, "extended-1"]
    assert names(overran) == [*before, "extended-1", "ended-1"]


def test_an_extension_that_nobody_saw_before_the_end_is_no_step() -> None:
    ended = window(0, (END, END + 3_600, None), cancelled=START + 600)
    assert "extended-1" not in names(ended)


def test_a_step_that_was_told_keeps_its_name_its_time_and_its_words() -> None:
    """Clients and feeds know an update by its id: it never becomes another."""
    overran = window(0, (END, END + 3_600, END + 600))
    told = {s.name: s for s in steps_of(replace(overran, extensions=(), end=END), Second(END + 5))}
    later = {s.name: s for s in steps_of(overran, LATER)}
    assert {name: later[name] for name in told} == told
