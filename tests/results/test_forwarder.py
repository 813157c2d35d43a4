"""Carrying results to a store: nothing is skipped, whatever the store answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.checks.observation import LoggedResult, Result
from monitor.domain.time.interval import Interval, Second
from monitor.results.forwarding import forwarder as ship
from monitor.results.forwarding.forwarder import (
    GATHER_S,
    LONGEST_WAIT_S,
    PAUSE_S,
    PROVE_EVERY_S,
    READER,
    REFUSED_AT_ONCE,
    Forwarder,
)
from monitor.results.log.ports import FoldKey
from monitor.results.rollups.latency import LatencyBucket, Width
from monitor.results.stores.ports import (
    DeadLetter,
    Digest,
    StoreMisconfigured,
    StoreRefused,
    StoreUnavailable,
)
from tests.results.samples import T0, a_result, some_results
from tests.support.clock import FakeClock
from tests.support.memory_log import MemoryLog


class MemoryStore:
    """A `ResultStore` that keeps rows by identity and answers as it is told."""

    def __init__(self, *, poison: Callable[[Result], bool] = lambda result: False) -> None:
        self.rows: dict[tuple[str, str, int], Result] = {}
        self.errors: list[Exception] = []
        self.offers: list[int] = []
        self.asked = 0
        self.is_busy = False
        self.is_liar = False
        self._poison = poison

    async def write(self, rows: Sequence[LoggedResult]) -> None:
        self.offers.append(len(rows))
        if self.errors:
            raise self.errors.pop(0)
        if self.is_liar:
            return
        good = [row.result for row in rows if not self._poison(row.result)]
        self.rows |= {(r.check, r.location, r.slot): r for r in good}
        if len(good) < len(rows):
            raise StoreRefused(f"dropped={len(rows) - len(good)}")

    async def put(self, windows: Sequence[LatencyBucket]) -> None: ...

    async def results(self, key: FoldKey, span: Interval, limit: int) -> Sequence[Result]:
        self.asked += 1
        if self.is_busy:
            raise StoreUnavailable("busy")
        rows = [r for r in self.rows.values() if (r.check, r.location) == key and r.slot in span]
        return sorted(rows, key=lambda r: -r.slot)[:limit]

    async def buckets(self, key: FoldKey, span: Interval, width: Width) -> Sequence[LatencyBucket]:
        return []

    async def digest(self, key: FoldKey, span: Interval) -> Digest:
        return Digest(results=0, checksum="")


class MemoryPositions:
    def __init__(self) -> None:
        self.seqs: dict[str, int] = {}
        self.dead: list[DeadLetter] = []

    def position(self, reader: str) -> int:
        return self.seqs.get(reader, 0)

    def advance(self, reader: str, seq: int, dead: Sequence[DeadLetter] = ()) -> None:
        self.seqs[reader] = seq
        self.dead += dead


class World:
    def __init__(self, store: MemoryStore | None = None) -> None:
        self.log = MemoryLog()
        self.store = store or MemoryStore()
        self.positions = MemoryPositions()
        self.clock = FakeClock()
        self.said: list[str] = []
        self.shipper = self.restarted()

    def restarted(self) -> Forwarder:
        self.shipper = Forwarder(
            log=self.log,
            store=self.store,
            positions=self.positions,
            clock=self.clock,
            say=lambda event, **fields: self.said.append(event),
            reached=lambda point: None,
        )
        return self.shipper


async def test_it_carries_everything_in_order_and_remembers_where_it_stands() -> None:
    world = World()
    world.log.add(*some_results(0, 10))
    assert await world.shipper.step() == GATHER_S
    assert [r.slot for r in world.store.rows.values()] == [r.slot for r in some_results(0, 10)]
    assert world.positions.seqs == {READER: 10}
    assert (world.shipper.written, world.shipper.oldest_unstored) == (
        10,
        some_results(0, 1)[0].slot,
    )
    assert await world.shipper.step() == GATHER_S
    assert world.shipper.oldest_unstored is None
    assert world.store.offers == [10]


async def test_a_full_batch_is_followed_by_the_next_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ship, "BATCH", 4)
    world = World()
    world.log.add(*some_results(0, 10))
    assert [await world.shipper.step() for _ in range(3)] == [0.0, 0.0, GATHER_S]
    assert world.store.offers == [4, 4, 2]


async def test_the_cursor_stands_still_while_the_store_is_away() -> None:
    world = World()
    world.log.add(*some_results(0, 3))
    world.store.errors = [StoreUnavailable("refused") for _ in range(8)]
    waits = [await world.shipper.step() for _ in range(8)]
    assert waits == [1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0]
    assert (world.positions.seqs, world.shipper.fault) == ({}, "refused")
    assert world.said == ["store.unavailable"]
    await world.shipper.step()
    assert (len(world.store.rows), world.shipper.fault) == (3, "")
    assert world.said == ["store.unavailable", "store.works_again"]


async def test_it_waits_as_long_as_the_store_asks() -> None:
    world = World()
    world.log.add(*some_results(0, 1))
    world.store.errors = [StoreUnavailable("busy", retry_after=90), StoreUnavailable("busy", 0.5)]
    assert [await world.shipper.step() for _ in range(2)] == [90, 2.0]


async def test_it_stands_still_for_no_longer_than_is_sensible_whatever_the_store_asks() -> None:
    world = World()
    world.log.add(*some_results(0, 1))
    world.store.errors = [StoreUnavailable("busy", retry_after=251_606_649_323.0)]
    assert await world.shipper.step() == LONGEST_WAIT_S


async def test_a_wrong_token_pauses_until_a_person_has_mended_it() -> None:
    world = World()
    world.log.add(*some_results(0, 1))
    world.store.errors = [StoreMisconfigured("token"), StoreMisconfigured("token")]
    assert [await world.shipper.step() for _ in range(2)] == [PAUSE_S, PAUSE_S]
    assert (world.shipper.paused, world.said) == ("token", ["store.paused"])
    await world.shipper.step()
    assert (world.shipper.paused, len(world.store.rows)) == ("", 1)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(min_value=0, max_value=199), max_size=REFUSED_AT_ONCE))
async def test_what_is_refused_is_kept_aside_and_all_else_is_stored(bad: set[int]) -> None:
    rows = some_results(0, 200)
    slots = {rows[i].slot for i in bad}
    world = World(MemoryStore(poison=lambda result: result.slot in slots))
    world.log.add(*rows)
    await world.shipper.step()
    assert {dead.row.result.slot for dead in world.positions.dead} == slots
    assert {r.slot for r in world.store.rows.values()} == {r.slot for r in rows} - slots
    assert world.positions.seqs == {READER: 200}


async def test_a_store_that_refuses_everything_pauses_and_buries_nothing() -> None:
    world = World(MemoryStore(poison=lambda result: True))
    world.log.add(*some_results(0, 3 * REFUSED_AT_ONCE))
    assert await world.shipper.step() == PAUSE_S
    assert (world.positions.seqs, world.positions.dead) == ({}, [])
    assert "refuses more than" in world.shipper.paused
    assert len(world.store.offers) < 4 * REFUSED_AT_ONCE


async def test_a_store_that_confirms_and_keeps_nothing_is_not_believed() -> None:
    world = World()
    world.log.add(*some_results(0, 3))
    world.store.is_liar = True
    assert [await world.shipper.step() for _ in range(2)] == [PAUSE_S, PAUSE_S]
    assert "confirms results that it does not have" in world.shipper.paused
    assert world.positions.seqs == {}
    world.store.is_liar = False
    await world.shipper.step()
    assert (world.positions.seqs, world.shipper.paused) == ({READER: 3}, "")


async def test_it_reads_back_now_and_then_and_not_each_time() -> None:
    world = World()
    for n in range(4):
        world.log.add(a_result(n))
        await world.shipper.step()
    assert world.store.asked == 1
    world.clock.advance(PROVE_EVERY_S)
    world.log.add(a_result(4))
    await world.shipper.step()
    assert world.store.asked == 2


async def test_a_store_too_busy_to_be_asked_is_asked_another_time() -> None:
    world = World()
    world.store.is_busy = True
    for n in range(2):
        world.log.add(a_result(n))
        await world.shipper.step()
    assert (world.positions.seqs, world.shipper.fault) == ({READER: 2}, "")
    assert world.store.asked == 2


async def test_what_a_store_may_drop_for_its_age_proves_nothing() -> None:
    world = World()
    world.log.add(*some_results(0, 3))
    world.clock.advance(2 * 3_600)
    world.store.is_liar = True
    await world.shipper.step()
    assert (world.positions.seqs, world.store.asked) == ({READER: 3}, 0)


async def test_after_a_restart_it_goes_on_where_the_store_had_confirmed() -> None:
    world = World()
    world.log.add(*some_results(0, 5))
    await world.shipper.step()
    world.log.add(*some_results(5, 5))
    await world.restarted().step()
    assert world.store.offers == [5, 5]
    assert len(world.store.rows) == 10


async def test_rows_that_were_pruned_before_they_were_carried_are_told() -> None:
    world = World()
    world.log.add(*some_results(0, 4))
    await world.shipper.step()
    world.log.add(*some_results(4, 6))
    kept = [row for row in world.log.rows if row.seq > 7]
    world.log.read = lambda after, limit: kept  # type: ignore[method-assign]
    await world.shipper.step()
    assert "store.rows_pruned" in world.said
    assert world.shipper.missed == 3


async def test_a_dead_letter_names_the_reason_and_the_time() -> None:
    world = World(MemoryStore(poison=lambda result: True))
    world.log.add(a_result(7))
    world.clock.advance(3)
    await world.shipper.step()
    (dead,) = world.positions.dead
    assert (dead.reason, dead.at, dead.row.seq) == ("dropped=1", world.clock.now(), 1)
    assert dead.row.result.slot == Second(a_result(7).slot)


async def test_what_is_absurd_or_of_an_era_that_was_wrong_is_not_carried() -> None:
    world = World()
    world.log.add(*some_results(0, 3))
    world.log.add_absurd(a_result(9_000))
    world.log.set_clock(Second(T0 + 7_200), Second(T0 + 3))
    world.log.add(a_result(7_200))
    world.log.set_clock(Second(T0 + 4), Second(T0 + 7_201))
    world.log.add(a_result(4))
    await world.shipper.step()
    assert [r.slot - T0 for r in world.store.rows.values()] == [0, 1, 2, 4]
    assert (world.positions.seqs, world.shipper.written) == ({READER: 6}, 4)


async def test_it_passes_over_a_batch_of_nothing_but_absurd_rows() -> None:
    world = World()
    world.log.add_absurd(*some_results(9_000, 3))
    await world.shipper.step()
    assert (world.positions.seqs, world.store.offers) == ({READER: 3}, [])
    assert world.shipper.oldest_unstored is None


async def test_what_a_step_back_took_is_carried_for_it_may_count_again() -> None:
    world = World()
    world.log.add(*some_results(0, 200))
    world.log.set_clock(Second(T0 + 50), Second(T0 + 200))
    world.log.add(a_result(50))
    await world.shipper.step()
    assert len(world.store.rows) == 200
    assert world.store.rows["web", "local", Second(T0 + 50)].era == 1
