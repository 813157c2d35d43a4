"""The days, months and bars of every component, counted and drawn once for all pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import is_
from typing import TypeVar, cast

from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import IntervalSet
from monitor.i18n.formats import Lang
from statuspage.parts.charts.bars import bars
from statuspage.parts.days import Day, day_of, days_of, windows_of
from statuspage.parts.html import Html
from statuspage.parts.months import Month, months_of, newest_month_of
from statuspage.view.model import PublicComponent, PublicView

_T = TypeVar("_T")
_Bars = dict[tuple[ComponentId, Lang, str], Html]


@dataclass(frozen=True, slots=True)
class _Made:
    """A value, and what it was made of."""

    source: tuple[object, ...]
    value: object


@dataclass(frozen=True, slots=True)
class _Source:
    """What a component's history was made from."""

    component: PublicComponent
    windows: IntervalSet
    guarantee: str

    def has_days_like(self, former: _Source) -> bool:
        """Whether equal days of the two give equal bars."""
        one, other = self.component, former.component
        return (one.created_at, self.windows) == (other.created_at, former.windows)

    def has_months_like(self, former: _Source) -> bool:
        """Whether nothing but today has changed."""
        one, other = self.component, former.component
        return (
            self.guarantee == former.guarantee
            and (one.role, one.created_at) == (other.role, other.created_at)
            and bool(one.days)
            and one.days[-1].day == other.days[-1].day
            and one.days[:-1] == other.days[:-1]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """`days` oldest first, `months` newest first."""

    days: Mapping[ComponentId, tuple[Day, ...]]
    months: Mapping[ComponentId, tuple[Month, ...]]
    _sources: Mapping[ComponentId, _Source] = field(default_factory=dict)
    _bars: _Bars = field(default_factory=dict)
    _shared: dict[object, object] = field(default_factory=dict)
    _kept: dict[object, _Made] = field(default_factory=dict)
    _former: Mapping[object, _Made] = field(default_factory=dict)

    def once(self, key: object, make: Callable[[], _T]) -> _T:
        """Make what several pages of a rendering have in common for the first of them alone."""
        if key not in self._shared:
            self._shared[key] = make()
        return cast("_T", self._shared[key])

    def kept(self, key: object, source: tuple[object, ...], make: Callable[[], _T]) -> _T:
        """As `once`; and what the rendering before made is good as long as it was made of the very
        same objects, which no other can be while they are held here."""
        found = self._kept.get(key) or self._former.get(key)
        if found is None or not _is_same(found.source, source):
            found = _Made(source, make())
        self._kept[key] = found
        return cast("_T", found.value)

    def bars(self, component: ComponentId, lang: Lang, name: str) -> Html:
        key = (component, lang, name)
        if key not in self._bars:
            self._bars[key] = bars(self.days[component], lang, name=name)
        return self._bars[key]


def history_of(view: PublicView, before: History | None = None) -> History:
    """Every component's history. Days that are the same are taken from the former rendering."""
    sources = {c.id: _Source(c, windows_of(c, view), view.guarantee) for c in view.components}
    known = _known_components(sources, before)
    days = {c.id: _days(c, sources[c.id], known.get(c.id), view) for c in view.components}
    known_bars = before._bars if before is not None else {}  # noqa: SLF001 - of the same class
    return History(
        days=days,
        months={c.id: _months(c, sources[c.id], known.get(c.id), view) for c in view.components},
        _sources=sources,
        _bars={
            key: html
            for key, html in known_bars.items()
            if before is not None and days.get(key[0]) == before.days[key[0]]
        },
        _former=before._kept if before is not None else {},  # noqa: SLF001 - of the same class
    )


def _is_same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return len(one) == len(other) and all(map(is_, one, other))


@dataclass(frozen=True, slots=True)
class _Known:
    """What a former rendering made of one component."""

    source: _Source
    days: tuple[Day, ...]
    months: tuple[Month, ...]


def _known_components(
    sources: Mapping[ComponentId, _Source], before: History | None
) -> dict[ComponentId, _Known]:
    if before is None:
        return {}
    return {
        id_: _Known(former, before.days[id_], before.months[id_])
        for id_, former in before._sources.items()  # noqa: SLF001 - of the same class
        if id_ in sources
    }


def _days(
    component: PublicComponent, source: _Source, known: _Known | None, view: PublicView
) -> tuple[Day, ...]:
    if known is None or not source.has_days_like(known.source):
        return days_of(component, view)
    windows = source.windows
    if component.days[:-1] == known.source.component.days[:-1]:
        today = day_of(component.days[-1], component.created_at, windows)
        return known.days if today == known.days[-1] else (*known.days[:-1], today)
    day_by_id = {id(d): t for d, t in zip(known.source.component.days, known.days, strict=True)}
    return tuple(
        day_by_id.get(id(d)) or day_of(d, component.created_at, windows) for d in component.days
    )


def _months(
    component: PublicComponent, source: _Source, known: _Known | None, view: PublicView
) -> tuple[Month, ...]:
    """Within a day only the newest month changes."""
    if known is None or not source.has_months_like(known.source):
        return months_of(component, view)
    return (*newest_month_of(component, view), *known.months[1:])
