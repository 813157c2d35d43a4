"""What must be said of figures in the console. `{d}` durations, `{t}` times, `{h}` hours of the
clock, `{n}` counts, `{p}` shares; pairs are (one, several)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekWords:
    """The hours of a week."""

    title: str
    note: str
    day: str
    up: str
    down: str
    slow: str
    unknown: str
    excluded: str
    before: str
    coming: str
    skipped: str
    legend_down: str
    legend_half: str
    legend_full: str
    legend_slow: str
    legend_unknown: str
    legend_excluded: str
    legend_before: str
    worst: str
    none: str
    hour_of_day: str
    often: str
    was_skipped: str
    was_longer: str
    watched_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyWords:
    """How long runs took."""

    title: str
    see: str
    back: str
    of_checks: str
    last_day: str
    last_week: str
    phases: str
    phases_note: str
    figures: str
    figures_of: str
    when: str
    runs: str
    up_to: str
    none: str
    none_here: str
    away: str
    busy: str
    slow: str
    p95_day: str
    p95_week: str
    hidden: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetWords:
    """What is used up of the downtime that the guarantee allows in this month."""

    title: str
    at_risk: str
    allowed: str
    used: str
    used_up: str
    used_up_and_down: str
    runs_out: str
    goes_on: str
    perhaps: str
    nothing: str
    more: tuple[str, str]
    others: tuple[str, str]
    counted_at: str
    counting: str
    less_than: str
