"""A copy carries everything once, sees that both sides are equal, and goes on after a kill."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.checks.observation import LOCAL, CheckId, LoggedResult
from monitor.domain.time.interval import Interval, Second
from monitor.results import copy as store_copy
from monitor.results.checksum import checksum
from monitor.results.copy import CopiedUnit, copy, final_span, units_of
from monitor.results.log.ports import FoldKey
from monitor.results.rollups.latency import LatencyBucket, Width
from monitor.results.rollups.sketch import Sketch
from monitor.results.stores.ports import Digest, StoreMisconfigured, StoreUnavailable
from tests.results.samples import T0, a_result
from tests.results.test_forwarder import MemoryStore

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
DAY = 86_400
MIDNIGHT = Second(T0 + 3 * 3600)
KEYS: list[FoldKey] = [(CheckId("web"), LOCAL), (CheckId("mail"), LOCAL)]


class Files:
    """A `CopySource` of three days, a look an hour, with an hour's latencies each."""

    async def subjects(self) -> Sequence[FoldKey]:
        return KEYS

    async def logged(self, key: FoldKey, span: Interval) -> Sequence[LoggedResult]:
        slots = range(MIDNIGHT, MIDNIGHT + 3 * DAY, 3600)
        return [
            LoggedResult(seq=n + 1, result=a_result(slot - T0, check=key[0]))
            for n, slot in enumerate(slots)
            if Second(slot) in span
        ]

    async def buckets(self, key: FoldKey, span: Interval, width: Width) -> Sequence[LatencyBucket]:
        if width is Width.DAY:
            return []
        rows = await self.logged(key, span)
        return [
            LatencyBucket(
                check=key[0], location=key[1], width=width, start=row.result.slot,
                sketch=Sketch.of([row.seq]),
            )
            for row in rows
        ]  # fmt: skip


class Elsewhere(MemoryStore):
    """A target that keeps what it is given, and digests what it keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[FoldKey, Width, Second], LatencyBucket] = {}
        self.loses = 0

    async def put(self, windows: Sequence[LatencyBucket]) -> None:
        self.kept |= {((w.check, w.location), w.width, w.start): w for w in windows}

    async def buckets(self, key: FoldKey, span: Interval, width: Width) -> Sequence[LatencyBucket]:
        return [
            w for (k, wide, at), w in self.kept.items() if (k, wide) == (key, width) and at in span
        ]

    async def digest(self, key: FoldKey, span: Interval) -> Digest:
        held = [r for (c, _, slot), r in self.rows.items() if c == key[0] and Second(slot) in span]
        held = held[self.loses :]
        return Digest(results=len(held), checksum=checksum(held))


class Marks:
    def __init__(self) -> None:
        self.days: set[tuple[FoldKey, Second]] = set()

    def copied(self, target: str) -> Collection[tuple[FoldKey, Second]]:
        return set(self.days)

    def mark_copied(self, target: str, key: FoldKey, day: Second) -> None:
        self.days.add((key, day))

    def forget_copied(self, target: str) -> None:
        self.days.clear()


async def run(target: Elsewhere, marks: Marks, days: float = 3) -> list[CopiedUnit]:
    told: list[CopiedUnit] = []
    span = Interval(MIDNIGHT, Second(MIDNIGHT + int(days * DAY)))
    units = await units_of(Files(), span, ZONE)
    await copy(Files(), target, units, marks, "there", told.append)
    return told


async def test_it_carries_everything_and_finds_both_sides_equal() -> None:
    target, marks = Elsewhere(), Marks()
    told = await run(target, marks)
    assert (len(told), len(target.rows), len(target.kept)) == (6, 2 * 72, 2 * 72)
    assert not any(carried.why_not for carried in told)
    assert len(marks.days) == 6


async def test_what_was_carried_is_not_carried_again() -> None:
    target, marks = Elsewhere(), Marks()
    await run(target, marks)
    target.offers.clear()
    assert all(carried.was_there for carried in await run(target, marks))
    assert target.offers == []


async def test_a_day_that_is_not_over_is_carried_again_next_time() -> None:
    target, marks = Elsewhere(), Marks()
    await run(target, marks, days=1.5)
    assert {day for _, day in marks.days} == {MIDNIGHT}
    told = await run(target, marks)
    assert sum(carried.was_there for carried in told) == 2
    assert len(target.rows) == 2 * 72


async def test_it_says_where_the_sides_differ_and_does_not_mark_it() -> None:
    target, marks = Elsewhere(), Marks()
    target.loses = 1
    told = await run(target, marks)
    assert {carried.why_not for carried in told} == {"wanted 24 results there, got 23"}
    assert marks.days == set()


async def test_a_short_fault_of_the_target_is_sat_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_copy, "_RETRY_S", (0.0, 0.0))
    target, marks = Elsewhere(), Marks()
    target.errors = [StoreUnavailable("restarting"), StoreUnavailable("restarting")]
    assert not any(carried.why_not for carried in await run(target, marks))
    assert len(target.rows) == 2 * 72


async def test_what_a_person_has_to_mend_ends_it_and_what_was_done_stays() -> None:
    target, marks = Elsewhere(), Marks()
    await run(target, marks, days=1)
    target.errors = [StoreMisconfigured("token")]
    with pytest.raises(StoreMisconfigured, match="token"):
        await run(target, marks)
    assert len(marks.days) >= 2
    assert not any(carried.why_not for carried in await run(target, marks))


def test_a_copy_ends_before_looks_that_may_still_run() -> None:
    assert final_span(Second(100), Second(1000)) == Interval(Second(100), Second(880))
