"""The days, months and bars of every component, counted and drawn once for all pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.domain.interval import IntervalSet
from monitor.domain.observation import ComponentId
from monitor.domain.public import PublicComponent, PublicView
from statuspage.bars import bars
from statuspage.days import Day, day_of, days_of, windows_of
from statuspage.formats import Lang
from statuspage.html import Html
from statuspage.months import Month, months_of

_Drawn = dict[tuple[ComponentId, Lang, str], Html]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """`days` oldest first, `months` newest first."""

    days: Mapping[ComponentId, tuple[Day, ...]]
    months: Mapping[ComponentId, tuple[Month, ...]]
    _seen: Mapping[ComponentId, tuple[PublicComponent, IntervalSet]] = field(default_factory=dict)
    _drawn: _Drawn = field(default_factory=dict)

    def bars(self, component: ComponentId, lang: Lang, name: str) -> Html:
        key = (component, lang, name)
        if key not in self._drawn:
            self._drawn[key] = bars(self.days[component], lang, name=name)
        return self._drawn[key]


def past_of(view: PublicView, before: Past | None = None) -> Past:
    """Every component's past. What a former rendering knew of days that are the same is kept."""
    seen = {c.id: (c, windows_of(c, view)) for c in view.components}
    days = {c.id: _days(c, view, seen[c.id][1], before) for c in view.components}
    drawn = before._drawn if before is not None else {}  # noqa: SLF001 - of the same class
    return Past(
        days=days,
        months={c.id: months_of(c, view) for c in view.components},
        _seen=seen,
        _drawn={
            key: html
            for key, html in drawn.items()
            if before is not None and days.get(key[0]) == before.days[key[0]]
        },
    )


def _days(
    component: PublicComponent, view: PublicView, windows: IntervalSet, before: Past | None
) -> tuple[Day, ...]:
    known = before._seen.get(component.id) if before is not None else None  # noqa: SLF001
    if before is None or known is None:
        return days_of(component, view)
    former, former_windows = known
    if (former.created_at, former_windows) != (component.created_at, windows):
        return days_of(component, view)
    told = {id(d): t for d, t in zip(former.days, before.days[component.id], strict=True)}
    return tuple(
        told.get(id(d)) or day_of(d, component.created_at, windows) for d in component.days
    )
