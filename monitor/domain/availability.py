"""Seconds up, degraded, down, excluded and unknown: the arithmetic behind every figure.

Bars, badges and the API call `availability`; report and credits need its spans too
(`product_timeline`, `count_seconds`). The caller decides which exclusions apply: those of a
contract's terms, or of the default terms for the public page.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from operator import attrgetter

from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.time.interval import FOREVER, Interval, IntervalSet, Second
from monitor.domain.timeline import Segment, Slice, Timeline, slices


class Bucket(StrEnum):
    """What a product second counts as, worst first."""

    DOWN = "down"
    UNKNOWN = "unknown"
    BEFORE_RECORDS = "before_records"
    EXCLUDED = "excluded"
    DEGRADED = "degraded"
    UP = "up"


_END = attrgetter("end")
_NOTHING = dict.fromkeys(Outcome, 0)
_EVER = Second(-FOREVER)
_TAKEN_OUT = (Bucket.EXCLUDED, Bucket.BEFORE_RECORDS)
_RANK = {bucket: place for place, bucket in enumerate(Bucket)}
_OF_OUTCOME = {
    Outcome.UP: Bucket.UP,
    Outcome.DEGRADED: Bucket.DEGRADED,
    Outcome.DOWN: Bucket.DOWN,
    Outcome.UNKNOWN: Bucket.UNKNOWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A required component; members with the same `group` are redundant to one another.

    `records_from` is the first second that was watched, where the caller distinguishes the time
    before it from unknown time; None: what no segment covers is unknown.
    """

    component: ComponentId
    timeline: Timeline
    group: str | None = None
    records_from: Second | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Time that does not count against a component: valid maintenance, or an approved cause."""

    component: ComponentId
    interval: Interval
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """`[start, end)` of the product in one bucket; the detail behind every figure."""

    start: Second
    end: Second
    bucket: Bucket
    cause: str = ""
    is_inferred: bool = False

    @property
    def interval(self) -> Interval:
        return Interval(self.start, self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seconds:
    """How long the product was in each bucket; `inferred` is the part of `down` in gaps, and
    `before_records` the time before the first result: part of the whole, and neither up nor
    down."""

    up: int = 0
    degraded: int = 0
    down: int = 0
    excluded: int = 0
    unknown: int = 0
    before_records: int = 0
    inferred: int = 0
    excluded_by_cause: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.watched + self.unknown + self.before_records

    @property
    def watched(self) -> int:
        """The seconds of which it is known what the product was."""
        return self.up + self.degraded + self.down + self.excluded

    @property
    def uptime(self) -> Fraction | None:
        """The share of the whole without downtime; None where nothing at all is known, least of
        all that it worked.

        >>> Seconds(up=90, down=10).uptime, Seconds(unknown=100).uptime
        (Fraction(9, 10), None)
        """
        return Fraction(self.total - self.down, self.total) if self.watched else None


def has_coverage(watched_s: int, window_s: int, min_coverage: str) -> bool:
    """Whether enough of a window was watched for a share of it to be shown. Nothing is decided by
    it: verdicts and credits come from the seconds.

    >>> has_coverage(585, 2_592_000, "0.5"), has_coverage(1_296_000, 2_592_000, "0.5")
    (False, True)
    """
    return watched_s > 0 and watched_s >= Fraction(min_coverage) * window_s


@dataclass(frozen=True, slots=True)
class _Vote:
    """The vote of one member about one slice."""

    bucket: Bucket
    cause: str
    is_inferred: bool = False


def availability(
    members: Sequence[Member], exclusions: Sequence[Exclusion], window: IntervalSet
) -> Seconds:
    """The product's seconds in each bucket inside the window; they add up to `window.seconds`.

    Exclusions act per component and before the union, on down, unknown and degraded seconds.
    Within a group: members excluded at that second are taken out; none left is excluded, any up
    is up, any degraded is degraded, all down is down, else unknown. Members before their records
    are taken out as well; a group of only such members is before the records. The worst group
    decides for the product. A product without members is up.
    """
    if len(members) == 1 and not _is_marked(members[0], exclusions):
        return _alone(members[0].timeline, window)
    return count_seconds(product_timeline(members, exclusions, window))


def _is_marked(member: Member, exclusions: Sequence[Exclusion]) -> bool:
    return member.records_from is not None or bool(_excluded(member, exclusions))


def _alone(timeline: Timeline, window: IntervalSet) -> Seconds:
    """One member without exclusions: nothing to weigh, so its segments are added up as they are."""
    spent = _NOTHING.copy()
    inferred = 0
    for part in window:
        start, end = part.start, part.end
        first = bisect_right(timeline, start, key=_END)
        for segment in timeline[first:]:
            if segment.start >= end:
                break
            length = min(segment.end, end) - max(segment.start, start)
            spent[segment.status] += length
            if segment.status is Outcome.DOWN and segment.is_inferred:
                inferred += length
    known = spent[Outcome.UP] + spent[Outcome.DEGRADED] + spent[Outcome.DOWN]
    return Seconds(
        up=spent[Outcome.UP],
        degraded=spent[Outcome.DEGRADED],
        down=spent[Outcome.DOWN],
        unknown=window.seconds - known,
        inferred=inferred,
    )


def count_seconds(spans: Iterable[Span]) -> Seconds:
    """Add spans up by bucket."""
    by_bucket: Counter[Bucket] = Counter()
    by_cause: Counter[str] = Counter()
    inferred = 0
    for span in spans:
        length = span.interval.seconds
        by_bucket[span.bucket] += length
        inferred += length if span.is_inferred else 0
        if span.bucket is Bucket.EXCLUDED:
            by_cause[span.cause] += length
    return Seconds(
        up=by_bucket[Bucket.UP],
        degraded=by_bucket[Bucket.DEGRADED],
        down=by_bucket[Bucket.DOWN],
        excluded=by_bucket[Bucket.EXCLUDED],
        unknown=by_bucket[Bucket.UNKNOWN],
        before_records=by_bucket[Bucket.BEFORE_RECORDS],
        inferred=inferred,
        excluded_by_cause=dict(by_cause),
    )


def add_up(parts: Iterable[Seconds]) -> Seconds:
    """What several windows come to together."""
    up = degraded = down = excluded = unknown = before = inferred = 0
    causes: dict[str, int] = {}
    for part in parts:
        up += part.up
        degraded += part.degraded
        down += part.down
        excluded += part.excluded
        unknown += part.unknown
        before += part.before_records
        inferred += part.inferred
        for cause, length in part.excluded_by_cause.items():
            causes[cause] = causes.get(cause, 0) + length
    return Seconds(
        up=up,
        degraded=degraded,
        down=down,
        excluded=excluded,
        unknown=unknown,
        before_records=before,
        inferred=inferred,
        excluded_by_cause=causes,
    )


def product_timeline(
    members: Sequence[Member], exclusions: Sequence[Exclusion], window: IntervalSet
) -> tuple[Span, ...]:
    """The product's buckets over the window, in order, neighbours of one kind joined."""
    excluded = [_excluded(member, exclusions) for member in members]
    before_records = [_before_records(member) for member in members]
    timelines = [m.timeline for m in members] + excluded + before_records
    return joined(
        _span(piece, _product(members, piece))
        for part in window
        for piece in slices(timelines, part)
    )


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order, neighbours of one kind as one."""
    out: list[Span] = []
    for span in spans:
        last = out[-1] if out else None
        if last and last.end == span.start and _same_kind(last, span):
            out[-1] = replace(last, end=span.end)
        else:
            out.append(span)
    return tuple(out)


def _before_records(member: Member) -> Timeline:
    if member.records_from is None:
        return ()
    return (Segment(start=_EVER, end=member.records_from, status=Outcome.UNKNOWN),)


def _excluded(member: Member, exclusions: Sequence[Exclusion]) -> Timeline:
    """A member's exclusions as a timeline, so that they cut the slices as its states do."""
    if not exclusions:
        return ()
    edges: list[Segment] = []
    seen = IntervalSet()
    own = sorted(
        (e for e in exclusions if e.component == member.component),
        key=lambda e: (e.interval.start, e.cause),
    )
    for exclusion in own:
        # Overlapping causes: the first by start counts, so that each second has one cause.
        edges.extend(
            Segment(start=part.start, end=part.end, status=Outcome.UP, cause=exclusion.cause)
            for part in IntervalSet.of([exclusion.interval]) - seen
        )
        seen = IntervalSet.of([*seen, exclusion.interval])
    return tuple(sorted(edges, key=lambda s: s.start))


def _product(members: Sequence[Member], piece: Slice) -> _Vote:
    groups: dict[str, list[_Vote]] = {}
    for i, member in enumerate(members):
        key = f"group:{member.group}" if member.group else f"component:{i}"
        state, excluded, before_records = piece.at[i :: len(members)]
        vote = _vote(state, excluded, before_records)
        groups.setdefault(key, []).append(vote)
    votes = [_group(group) for group in groups.values()]
    return min(votes, key=_severity, default=_Vote(Bucket.UP, ""))


def _severity(vote: _Vote) -> tuple[int, bool, str]:
    """Worst first; of two with the same bucket, the one that was seen before the inferred one."""
    return (_RANK[vote.bucket], vote.is_inferred, vote.cause)


def _vote(state: Segment | None, excluded: Segment | None, before_records: Segment | None) -> _Vote:
    if state is None and before_records is not None:
        return _Vote(Bucket.BEFORE_RECORDS, "")
    bucket = Bucket.UNKNOWN if state is None else _OF_OUTCOME[state.status]
    if excluded is not None and bucket is not Bucket.UP:
        return _Vote(Bucket.EXCLUDED, excluded.cause)
    if state is None:
        return _Vote(bucket, "")
    return _Vote(bucket, state.cause, bucket is Bucket.DOWN and state.is_inferred)


def _group(votes: Sequence[_Vote]) -> _Vote:
    left = [v for v in votes if v.bucket not in _TAKEN_OUT]
    if not left:
        return min(votes, key=lambda v: _RANK[v.bucket])
    for bucket in (Bucket.UP, Bucket.DEGRADED):
        alike = [v for v in left if v.bucket is bucket]
        if alike:
            return alike[0]
    if all(v.bucket is Bucket.DOWN for v in left):
        return max(left, key=lambda v: v.is_inferred)
    return _Vote(Bucket.UNKNOWN, "")


def _span(piece: Slice, vote: _Vote) -> Span:
    return Span(
        start=piece.start, end=piece.end, bucket=vote.bucket, cause=vote.cause,
        is_inferred=vote.is_inferred,
    )  # fmt: skip


def _same_kind(a: Span, b: Span) -> bool:
    return (a.bucket, a.cause, a.is_inferred) == (b.bucket, b.cause, b.is_inferred)
