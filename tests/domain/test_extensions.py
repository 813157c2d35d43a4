"""What an extension, an early end and a cancellation take out of the guarantee, to the second."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.domain.exclusions.rules import ExclusionRules
from monitor.domain.maintenance import Extension, MaintenancePhase, MaintenanceWindow
from monitor.domain.time.interval import Second
from tests.domain.test_exclusions import let_out, planned

UP = "u" * 30


def extended(
    *extensions: tuple[int, int, int | None], published: int | None = 0
) -> MaintenanceWindow:
    """40 to 100 as it was announced; each extension from, to, public since."""
    added = tuple(
        Extension(
            start=Second(start),
            end=Second(end),
            published_at=None if public is None else Second(public),
        )
        for start, end, public in extensions
    )
    return replace(planned(published), end=added[-1].end, extensions=added)


@pytest.mark.parametrize(
    ("published", "notice_s", "left"),
    [
        # Announced while it ran, in time for all that was added.
        (70, 0, [(40, 100), (100, 200)]),
        (70, 20, [(40, 100), (100, 200)]),
        # Within the notice before the end that it puts off.
        (90, 20, [(40, 100), (110, 200)]),
        (100, 0, [(40, 100), (101, 200)]),
        # After that end: the work overran, and what it overran counts.
        (130, 0, [(40, 100), (131, 200)]),
        (130, 30, [(40, 100), (160, 200)]),
        (190, 30, [(40, 100)]),
        # Not public yet.
        (None, 0, [(40, 100)]),
    ],
)
def test_an_extension_takes_out_only_what_lies_behind_its_own_publication_and_the_notice(
    published: int | None, notice_s: int, left: list[tuple[int, int]]
) -> None:
    rules = ExclusionRules(min_notice_s=notice_s)
    assert let_out(extended((100, 200, published)), UP, rules) == left


def test_an_extension_was_announced_though_the_window_was_not_in_time() -> None:
    assert let_out(extended((100, 200, 60), published=50), UP) == [(100, 200)]


def test_each_extension_has_its_own_publication() -> None:
    window = extended((100, 150, 90), (150, 200, 160))
    assert let_out(window, UP) == [(40, 100), (100, 150), (161, 200)]


@pytest.mark.parametrize(
    ("story", "left"),
    [
        # Down when the extension was announced, at 90, until a check saw that it was over.
        ("uuuuuuuudddduuuuuuuuu", [(40, 100), (120, 200)]),
        ("uuuuuuuuddddddddddddd", [(40, 100)]),
        # What falls within the extended time is planned.
        ("uuuuuuuuuuuuddduuuuuu", [(40, 100), (100, 200)]),
    ],
)
def test_an_extension_takes_nothing_out_of_an_outage_that_was_running(
    story: str, left: list[tuple[int, int]]
) -> None:
    assert let_out(extended((100, 200, 90)), story) == left


def test_an_early_end_takes_out_what_lies_before_it_and_nothing_more() -> None:
    assert let_out(replace(planned(30), cancelled_at=Second(70)), UP) == [(40, 70)]
    late = replace(extended((100, 200, 90)), cancelled_at=Second(130))
    assert let_out(late, UP) == [(40, 100), (100, 130)]
    early = replace(extended((100, 200, 90)), cancelled_at=Second(95))
    assert let_out(early, UP) == [(40, 95)]


@pytest.mark.parametrize("cancelled_at", [35, 40])
def test_what_was_cancelled_before_it_began_takes_nothing_out(cancelled_at: int) -> None:
    window = replace(planned(30), cancelled_at=Second(cancelled_at))
    assert let_out(window, UP) == []
    assert not ExclusionRules().leaves_out(window)
    assert window.phase(Second(70)) is MaintenancePhase.CANCELLED


def test_what_was_ended_early_took_place() -> None:
    window = replace(planned(30), cancelled_at=Second(70))
    assert (window.was_ended_early, window.was_cancelled) == (True, False)
    assert window.phase(Second(69)) is MaintenancePhase.IN_PROGRESS
    assert window.phase(Second(70)) is MaintenancePhase.COMPLETED
