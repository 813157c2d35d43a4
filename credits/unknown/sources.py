"""What waits, by where its unknown time came from: one source is what one decision may be about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from credits.assess import total
from credits.life.credit import Assumed
from credits.life.ruling import Chosen
from credits.money import Money
from credits.period.month import Month
from credits.unknown.waiting import Waiting
from monitor.domain.checks.observation import CheckId, ComponentId
from monitor.domain.refusals import Refused
from monitor.domain.time.interval import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A time of which something is unknown for one cause: the checks of a night that the monitor
    was down stop and begin again at different seconds."""

    span: Interval
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Credits of a month that wait for the same reason: the same episodes; none where that is no
    unknown time."""

    month: Month
    episodes: tuple[Episode, ...]
    checks: tuple[CheckId, ...]
    components: tuple[ComponentId, ...]
    waiting: tuple[Waiting, ...]
    chosen: Chosen | None = None
    """How a proposal names all of them at once, and no others; None where no month, time and cause
    does: they have several causes, or a time that holds their episodes holds those of others."""

    @property
    def contracts(self) -> int:
        return len({one.record.credit.key.contract for one in self.waiting})

    @property
    def causes(self) -> frozenset[str]:
        return self.waiting[0].causes

    @property
    def asked_before(self) -> int:
        """How many of them somebody has decided about before."""
        return sum(bool(one.former) for one in self.waiting)

    def totals(self, assumed: Assumed) -> tuple[Money, ...]:
        return totals(self.waiting, assumed)


def totals(waiting: Iterable[Waiting], assumed: Assumed) -> tuple[Money, ...]:
    """What they come to under a decision, by currency, never across."""
    return total(line.under(assumed) for one in waiting for line in one.record.credit.lines)


def sources_of(waiting: Sequence[Waiting]) -> list[Source]:
    """The latest month first, in it the source of most contracts."""
    months: dict[Month, list[Waiting]] = {}
    for one in waiting:
        months.setdefault(one.month, []).append(one)
    found = [source for month, own in months.items() for source in _of_month(month, own)]
    return sorted(found, key=lambda s: (s.month, s.contracts), reverse=True)


def chosen_from(waiting: Iterable[Waiting], chosen: Chosen) -> tuple[Waiting, ...]:
    """Those that are meant. Raises Refused where there are none, or where they have several causes:
    one decision is about one."""
    found = tuple(one for one in waiting if _is_meant(one, chosen))
    if not found:
        raise Refused("ruling.nothing_waits", month=chosen.month)
    causes = {cause for one in found for cause in one.causes}
    if len(causes) > 1:
        raise Refused("ruling.causes", causes=", ".join(sorted(causes)))
    return found


def _is_meant(one: Waiting, chosen: Chosen) -> bool:
    if str(one.month) != chosen.month or (chosen.cause and one.causes != {chosen.cause}):
        return False
    span = chosen.span
    return span is None or all(
        span.start <= s.span.start and s.span.end <= span.end for s in one.stretches
    )


def _of_month(month: Month, waiting: Sequence[Waiting]) -> Iterator[Source]:
    episodes = _episodes(waiting)
    groups: dict[tuple[frozenset[str], tuple[Episode, ...]], list[Waiting]] = {}
    for one in waiting:
        groups.setdefault((one.causes, _own(one, episodes)), []).append(one)
    for (_, own), members in groups.items():
        stretches = [s for one in members for s in one.stretches]
        yield Source(
            month=month,
            episodes=own,
            checks=tuple(dict.fromkeys(c for s in stretches for c in s.checks)),
            components=tuple(dict.fromkeys(c for s in stretches for c in s.components)),
            waiting=tuple(members),
            chosen=_naming(month, own, members, waiting),
        )


def _episodes(waiting: Sequence[Waiting]) -> Mapping[str, Sequence[Interval]]:
    """By cause: what overlaps, or touches, is one."""
    spans: dict[str, set[Interval]] = {}
    for one in waiting:
        for stretch in one.stretches:
            spans.setdefault(stretch.cause, set()).add(stretch.span)
    return {cause: _joined(sorted(own)) for cause, own in spans.items()}


def _joined(spans: Sequence[Interval]) -> list[Interval]:
    out: list[Interval] = []
    for span in spans:
        if out and span.start <= out[-1].end:
            out[-1] = Interval(out[-1].start, max(out[-1].end, span.end))
        else:
            out.append(span)
    return out


def _own(one: Waiting, episodes: Mapping[str, Sequence[Interval]]) -> tuple[Episode, ...]:
    if not one.record.credit.lines:
        return ()
    found = {
        Episode(span=span, cause=stretch.cause)
        for stretch in one.stretches
        for span in episodes[stretch.cause]
        if span.overlaps(stretch.span)
    }
    return tuple(sorted(found, key=lambda e: (e.span, e.cause)))


def _naming(
    month: Month, own: Sequence[Episode], members: Sequence[Waiting], every: Sequence[Waiting]
) -> Chosen | None:
    causes = members[0].causes
    if len(causes) > 1:
        return None
    (cause,) = causes
    found = Chosen(month=str(month), span=_hull(own), cause=cause)
    return found if sum(_is_meant(one, found) for one in every) == len(members) else None


def _hull(episodes: Sequence[Episode]) -> Interval | None:
    """From the first to the last: between them lies what may be unknown to others."""
    if not episodes:
        return None
    return Interval(min(e.span.start for e in episodes), max(e.span.end for e in episodes))
