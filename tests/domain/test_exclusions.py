"""One rule says what time is let out, and it lets out nothing that had begun when it was said."""

from __future__ import annotations

import pytest

from monitor.domain.availability import Exclusion
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.exclusions.rules import ExclusionRules, exclusions_under, rules_of
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.domain.timeline import Segment, Timeline

WEB, DNS = ComponentId("web"), ComponentId("dns")
STATUS = {"u": Outcome.UP, "d": Outcome.DOWN, "s": Outcome.DEGRADED}


def drawn(story: str) -> Timeline:
    """Ten seconds a mark; a dot is unknown."""
    return tuple(
        Segment(start=Second(10 * i), end=Second(10 * i + 10), status=STATUS[mark])
        for i, mark in enumerate(story)
        if mark != "."
    )


def planned(published: int | None, start: int = 40, end: int = 100) -> MaintenanceWindow:
    return MaintenanceWindow(
        id=MaintenanceId("m"), title=plain("m"), impact=plain("m"), start=Second(start),
        end=Second(end), components=(WEB,), published_at=None if published is None
        else Second(published),
    )  # fmt: skip


def let_out(
    window: MaintenanceWindow, story: str, rules: ExclusionRules | None = None
) -> list[tuple[int, int]]:
    found = exclusions_under(rules or ExclusionRules(), [window], (), {WEB: drawn(story)})
    return [(e.interval.start, e.interval.end) for e in found]


@pytest.mark.parametrize(
    ("story", "left"),
    [
        ("uuuuuuuuuu", [(40, 100)]),
        ("uuuddduuuu", [(40, 100)]),
        # It was down when the work was announced, until a look said that it was over.
        ("uudddduuuu", [(60, 100)]),
        ("udddddddduuu", [(90, 100)]),
        ("uddddddddddd", []),
        # Nobody looking is no end, nor is a fall that comes after the end counted with it.
        ("uddddd...uuu", [(90, 100)]),
        ("uddddddu.ddd", [(70, 100)]),
        # It was over before the window began.
        ("uddduuddddddd", [(40, 100)]),
        # Slowness is weighed by some terms; what became worse afterwards is another matter.
        ("usssssssuuu", [(80, 100)]),
        ("ussssddduuu", [(50, 100)]),
        ("udddsssuuuu", [(40, 100)]),
    ],
)
def test_what_had_begun_before_the_publication_counts_until_its_confirmed_end(
    story: str, left: list[tuple[int, int]]
) -> None:
    assert let_out(planned(published=30), story) == left


def test_an_outage_that_begins_in_the_very_second_of_publication_is_planned() -> None:
    assert let_out(planned(published=30), "uuudddddddd") == [(40, 100)]


@pytest.mark.parametrize(
    ("published", "rules", "left"),
    [
        (39, ExclusionRules(), [(40, 100)]),
        (40, ExclusionRules(), []),
        (39, ExclusionRules(min_notice_s=1), [(40, 100)]),
        (None, ExclusionRules(), []),
        (30, ExclusionRules(min_notice_s=10), [(40, 100)]),
        (31, ExclusionRules(min_notice_s=10), []),
        (0, ExclusionRules(is_maintenance_excluded=False), []),
    ],
)
def test_it_is_published_in_time_by_the_rules_or_lets_out_nothing(
    published: int | None, rules: ExclusionRules, left: list[tuple[int, int]]
) -> None:
    assert let_out(planned(published), "uuuuuuuuuu", rules) == left


def test_only_causes_that_the_rules_allow_are_let_out() -> None:
    approved = [
        Exclusion(component=DNS, interval=Interval(Second(0), Second(10)), cause=cause)
        for cause in ("customer", "force_majeure")
    ]
    rules = ExclusionRules(causes=frozenset({"customer"}))
    assert exclusions_under(rules, (), approved, {}) == (approved[0],)
    assert exclusions_under(ExclusionRules(), (), approved, {}) == tuple(approved)


def test_terms_that_say_nothing_have_the_rules_by_default() -> None:
    assert rules_of({}) == ExclusionRules()
    said: dict[str, object] = {
        "maintenance_exclusion": {"enabled": False, "min_notice_s": 60},
        "exclusions_allowed": ["customer"],
    }
    assert rules_of(said) == ExclusionRules(
        is_maintenance_excluded=False, min_notice_s=60, causes=frozenset({"customer"})
    )


def test_a_component_whose_past_is_not_told_had_worked() -> None:
    (found,) = exclusions_under(ExclusionRules(), [planned(30, end=FOREVER)], (), {})
    assert found.interval == Interval(Second(40), FOREVER)
