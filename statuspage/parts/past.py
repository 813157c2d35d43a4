"""The days, months and bars of every component, counted and drawn once for all pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import IntervalSet
from monitor.i18n.formats import Lang
from statuspage.parts.bars import bars
from statuspage.parts.days import Day, day_of, days_of, windows_of
from statuspage.parts.html import Html
from statuspage.parts.months import Month, months_of, newest_month_of
from statuspage.view.model import PublicComponent, PublicView

_T = TypeVar("_T")
_Drawn = dict[tuple[ComponentId, Lang, str], Html]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a component's past was made from."""

    component: PublicComponent
    windows: IntervalSet
    guarantee: str

    def has_days_like(self, former: _Seen) -> bool:
        """Whether a day that is the same looks the same."""
        one, other = self.component, former.component
        return (one.created_at, self.windows) == (other.created_at, former.windows)

    def has_months_like(self, former: _Seen) -> bool:
        """Whether nothing but today has gone on."""
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
    _seen: Mapping[ComponentId, _Seen] = field(default_factory=dict)
    _drawn: _Drawn = field(default_factory=dict)
    _made: dict[object, object] = field(default_factory=dict)

    def once(self, key: object, make: Callable[[], _T]) -> _T:
        """What several pages of a rendering say alike is made for the first of them."""
        if key not in self._made:
            self._made[key] = make()
        return cast("_T", self._made[key])

    def bars(self, component: ComponentId, lang: Lang, name: str) -> Html:
        key = (component, lang, name)
        if key not in self._drawn:
            self._drawn[key] = bars(self.days[component], lang, name=name)
        return self._drawn[key]


def history_of(view: PublicView, before: History | None = None) -> History:
    """Every component's past. What a former rendering knew of days that are the same is kept."""
    seen = {c.id: _Seen(c, windows_of(c, view), view.guarantee) for c in view.components}
    known = _known_pasts(seen, before)
    days = {c.id: _days(c, seen[c.id], known.get(c.id), view) for c in view.components}
    drawn = before._drawn if before is not None else {}  # noqa: SLF001 - of the same class
    return History(
        days=days,
        months={c.id: _months(c, seen[c.id], known.get(c.id), view) for c in view.components},
        _seen=seen,
        _drawn={
            key: html
            for key, html in drawn.items()
            if before is not None and days.get(key[0]) == before.days[key[0]]
        },
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What a former rendering made of one component."""

    of: _Seen
    days: tuple[Day, ...]
    months: tuple[Month, ...]


def _known_pasts(
    seen: Mapping[ComponentId, _Seen], before: History | None
) -> dict[ComponentId, _Known]:
    if before is None:
        return {}
    return {
        id_: _Known(former, before.days[id_], before.months[id_])
        for id_, former in before._seen.items()  # noqa: SLF001 - of the same class
        if id_ in seen
    }


def _days(
    component: PublicComponent, seen: _Seen, known: _Known | None, view: PublicView
) -> tuple[Day, ...]:
    if known is None or not seen.has_days_like(known.of):
        return days_of(component, view)
    windows = seen.windows
    if component.days[:-1] == known.of.component.days[:-1]:
        today = day_of(component.days[-1], component.created_at, windows)
        return known.days if today == known.days[-1] else (*known.days[:-1], today)
    told = {id(d): t for d, t in zip(known.of.component.days, known.days, strict=True)}
    return tuple(
        told.get(id(d)) or day_of(d, component.created_at, windows) for d in component.days
    )


def _months(
    component: PublicComponent, seen: _Seen, known: _Known | None, view: PublicView
) -> tuple[Month, ...]:
    """Within a day only the newest month goes on."""
    if known is None or not seen.has_months_like(known.of):
        return months_of(component, view)
    return (*newest_month_of(component, view), *known.months[1:])
