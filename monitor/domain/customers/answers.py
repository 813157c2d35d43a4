"""What is answered to whoever asks whether a failure concerns their domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from monitor.domain.rollup import Shown


class NameAnswer(StrEnum):
    """Of a known domain one of the first five: what there is of the services that it uses, worst
    first. `PAST` is of data that is old, which says nothing of now."""

    PAST = "past"
    FAILING = "failing"
    MAINTENANCE = "maintenance"
    NO_DATA = "no_data"
    WELL = "well"
    UNKNOWN = "unknown"
    NO_NAME = "no_name"
    """What was typed is no domain."""
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"


STATUS: Mapping[NameAnswer, int] = {
    NameAnswer.NO_NAME: 400,
    NameAnswer.TOO_MANY: 429,
    NameAnswer.UNAVAILABLE: 503,
}
"""Of the others 200."""
_RANK = {answer: place for place, answer in enumerate(NameAnswer)}


def answer_about(shown: Shown, *, is_stale: bool) -> NameAnswer:
    """What one service means for who uses it."""
    if is_stale:
        return NameAnswer.PAST
    match shown:
        case Shown.DOWN | Shown.REPAIR | Shown.SLOW:
            return NameAnswer.FAILING
        case Shown.MAINTENANCE:
            return NameAnswer.MAINTENANCE
        case Shown.NO_DATA:
            return NameAnswer.NO_DATA
        case Shown.OPERATIONAL:
            return NameAnswer.WELL


def worst_answer(of_services: Iterable[NameAnswer]) -> NameAnswer:
    """UNKNOWN of none."""
    return min(of_services, key=_RANK.__getitem__, default=NameAnswer.UNKNOWN)
