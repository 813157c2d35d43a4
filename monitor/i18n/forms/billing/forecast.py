"""What the console says of what the month under way will come to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastWords:
    """`{m}` a month, `{n}` a count, `{p}` a percentage, `{d}` a length, `{t}` a time, `{c}` names.
    Of pairs the first is for one."""

    title: str
    note: str
    counted_at: str
    nothing_sold: str
    fleet: str
    contracts: str
    reached: str
    broken: str
    down: str
    next_breach: str
    due_then: str
    due_later: str
    in_time: str
    nothing: str
    by_terms: str
    of_contracts: tuple[str, str]
    caused_by: str
    still_down: str
    worst: str
    worst_note: str
    contract: str
    client: str
    used: str
    breaks_at: str
    then: str
    later: str
    is_broken: str
    more: tuple[str, str]
