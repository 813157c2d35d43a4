"""The days and months of every component, counted once for all pages of a rendering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.observation import ComponentId
from monitor.domain.public import PublicView
from statuspage.days import Day, days_of
from statuspage.months import Month, months_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """`days` oldest first, `months` newest first."""

    days: Mapping[ComponentId, tuple[Day, ...]]
    months: Mapping[ComponentId, tuple[Month, ...]]


def past_of(view: PublicView) -> Past:
    return Past(
        days={c.id: days_of(c, view) for c in view.components},
        months={c.id: months_of(c, view) for c in view.components},
    )
