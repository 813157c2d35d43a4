"""What the result log holds of outages that a script has made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.e2e.flapping import Fallen

CONFIRM = 2
"""So many failed looks confirm an outage."""
_LATE_S = 1.5
"""A look may begin until the check's next slot is due, and takes a moment."""


@dataclass(frozen=True, slots=True)
class Row:
    target: str
    slot: int
    outcome: str


def looked_at(fallen: Fallen, rows: Sequence[Row]) -> dict[str, int]:
    """How many outages of each target failed looks enough were logged of. A prober that is dead
    sees nothing, and an outage that it slept through is no data."""
    failed = _slots(rows, "down")
    return {
        target: sum(
            sum(fell - _LATE_S <= slot <= rose for slot in failed.get(target, ())) >= CONFIRM
            for fell, rose in outages
        )
        for target, outages in fallen.items()
    }


def wrong_looks(fallen: Fallen, rows: Sequence[Row]) -> list[str]:
    """Looks that say up and lie wholly within an outage."""
    well = _slots(rows, "up")
    return [
        f"{target} {slot}"
        for target, outages in fallen.items()
        for fell, rose in outages
        for slot in well.get(target, ())
        if fell <= slot and slot + _LATE_S < rose
    ]


def _slots(rows: Sequence[Row], outcome: str) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in rows:
        if row.outcome == outcome:
            found.setdefault(row.target, []).append(row.slot)
    return found
