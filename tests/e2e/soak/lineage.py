"""Which moment each second of the product's past tells of, once its clock was set: ADR 15 in the
script's own words, from the script's own record.

A clock that is set ahead skips seconds; one that is set back shows seconds again, and the later
ones count. One that had gone far ahead and is taken back by as much never was, nor one that had
gone far back and goes on from where it was: what happened meanwhile is told by no second. Where
it goes ahead and back and ahead again, what lasted longer is believed. Small steps hide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.e2e.soak.record import Record

_FAR = 60
_SAME = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The seconds `[since, until)` of the wall tell of the moments that lie `offset` before."""

    since: float
    until: float
    offset: float

    def moment(self, second: float) -> float:
        return second - self.offset

    def second(self, moment: float) -> float:
        return moment + self.offset


@dataclass(frozen=True, slots=True)
class _Epoch:
    """What is believed of the past while the clock is as it was last set. `was` is the second
    that it would have shown at `began`."""

    spans: tuple[Span, ...]
    was: float
    began: float
    took: float = 0.0
    """How long the epoch had lasted that it took back; 0 where it took none."""

    @property
    def step(self) -> float:
        return self.began - self.was


def visible(record: Record) -> tuple[Span, ...]:
    """Sorted and apart, as seen at the record's end."""
    first = Span(since=record.wall, until=float("inf"), offset=record.wall)
    epochs = [_Epoch((first,), record.wall, record.wall)]
    for setting in record.settings:
        was = epochs[-1].spans[-1].second(setting.at)
        began = record.wall + setting.at + setting.offset
        before = _believed(epochs, was, began)
        span = Span(since=began, until=float("inf"), offset=record.wall + setting.offset)
        is_told = any(s.since == epochs[-1].began for s in before)
        took = 0.0 if is_told else was - epochs[-1].began
        epochs.append(_Epoch((*_until(before, began), span), was, began, took))
    last = epochs[-1].spans
    return _until(last, last[-1].second(record.ends))


def _believed(epochs: list[_Epoch], was: float, began: float) -> tuple[Span, ...]:
    for place in range(len(epochs) - 1, 0, -1):
        present, before = epochs[place], epochs[place - 1]
        if _never_was(present, was, began):
            return _until(before.spans, present.was)
        if abs(present.step) > _FAR:
            break
    return _until(epochs[-1].spans, was)


def _never_was(present: _Epoch, was: float, began: float) -> bool:
    step, lasted = began - was, was - present.began
    is_undone = abs(present.step + step) <= max(2.0, abs(step) * _SAME)
    if present.step > _FAR:
        return step < -_FAR and is_undone and lasted <= 86_400
    if present.took and lasted > present.took:
        return False
    return present.step < -_FAR and began >= present.was and (is_undone or lasted <= -present.step)


def _until(spans: tuple[Span, ...], end: float) -> tuple[Span, ...]:
    return tuple(
        Span(since=s.since, until=min(s.until, end), offset=s.offset)
        for s in spans
        if s.since < end
    )
