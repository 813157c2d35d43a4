"""Hours and days of latencies: each look counts once, late ones too, whatever dies in between."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.checks.observation import LOCAL, CheckId
from monitor.domain.time.interval import Second
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.log.ports import FoldKey
from monitor.results.rollups.latency import Width, day_of, hour_of
from monitor.results.rollups.packed_runs import pack_runs, unpack_runs
from monitor.results.rollups.rollup_store import READER, RollupStore
from monitor.results.rollups.sketch import Sketch
from monitor.results.stores.ports import Rollups, StoreUnavailable, Timed
from tests.results.samples import T0

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
WEB: FoldKey = (CheckId("web"), LOCAL)
MAIL: FoldKey = (CheckId("mail"), LOCAL)


def look(seq: int, slot: int, us: int | None = 1000, key: FoldKey = WEB) -> Timed:
    return Timed(seq=seq, key=key, slot=Second(T0 + slot), duration_us=us)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def windows(path: Path) -> Iterator[RollupStore]:
    opened = RollupStore(path, is_remote=True)
    yield opened
    opened.close()


def hours(windows: RollupStore, key: FoldKey = WEB) -> dict[int, Sketch]:
    starts = [Second(T0 + 3600 * n) for n in range(-48, 72)]
    return {w.start - T0: w.sketch for w in windows.read(key, starts, Width.HOUR)}


def test_it_fulfils_its_port(windows: RollupStore) -> None:
    book: Rollups = windows
    assert list(book.unpublished(10)) == []


def test_looks_fall_into_their_hour_and_their_local_day(windows: RollupStore) -> None:
    windows.absorb([look(1, 0, 10), look(2, 3599, 20), look(3, 3600, 30)], 3, ZONE)
    assert hours(windows) == {0: Sketch.of([10, 20]), 3600: Sketch.of([30])}
    midnight = day_of(T0, ZONE)
    assert midnight != T0
    (day,) = windows.read(WEB, [midnight], Width.DAY)
    assert day.sketch == Sketch.of([10, 20, 30])
    assert windows.position() == 3


def test_a_look_that_comes_twice_counts_once(windows: RollupStore) -> None:
    windows.absorb([look(1, 60, 10), look(2, 60, 99)], 2, ZONE)
    windows.absorb([look(3, 60, 99), look(4, 120, 20)], 4, ZONE)
    assert hours(windows) == {0: Sketch.of([10, 20])}
    assert windows.places(WEB, T0) == {T0 + 60: (1,), T0 + 120: (4,)}


def test_a_late_look_is_added_to_its_own_hour_and_day(windows: RollupStore) -> None:
    windows.absorb([look(1, 7200, 10)], 1, ZONE)
    windows.published(windows.unpublished(10))
    windows.absorb([look(2, 30, 50)], 2, ZONE)
    assert hours(windows) == {0: Sketch.of([50]), 7200: Sketch.of([10])}
    assert {(w.width, w.start - T0) for w in windows.unpublished(10)} == {
        (Width.HOUR, 0),
        (Width.DAY, day_of(Second(T0 + 30), ZONE) - T0),
    }


def test_a_failed_look_has_a_place_and_no_latency(windows: RollupStore) -> None:
    windows.absorb([look(1, 60, None)], 1, ZONE)
    assert (hours(windows), list(windows.unpublished(10))) == ({}, [])
    assert windows.places(WEB, T0) == {T0 + 60: (1,)}


def test_what_changed_while_it_was_published_is_published_again(windows: RollupStore) -> None:
    windows.absorb([look(1, 60, 10)], 1, ZONE)
    read = windows.unpublished(10)
    windows.absorb([look(2, 120, 20)], 2, ZONE)
    windows.published(read)
    assert {w.sketch.runs for w in windows.unpublished(10)} == {2}
    windows.published(windows.unpublished(10))
    assert list(windows.unpublished(10)) == []


def test_checks_do_not_mix(windows: RollupStore) -> None:
    windows.absorb([look(1, 60, 10), look(2, 60, 20, MAIL)], 2, ZONE)
    assert hours(windows) == {0: Sketch.of([10])}
    assert hours(windows, MAIL) == {0: Sketch.of([20])}
    assert hours(windows, (CheckId("nobody"), LOCAL)) == {}


def test_a_failure_in_the_middle_leaves_everything_as_it_was(
    windows: RollupStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows.absorb([look(1, 60, 10)], 1, ZONE)

    def fail(*given: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(RollupStore, "_add_days", fail)
    with pytest.raises(RuntimeError):
        windows.absorb([look(2, 120, 20), look(3, 120, 20, MAIL)], 3, ZONE)
    monkeypatch.undo()
    assert (hours(windows), windows.position()) == ({0: Sketch.of([10])}, 1)
    windows.absorb([look(2, 120, 20), look(3, 120, 20, MAIL)], 3, ZONE)
    assert hours(windows, MAIL) == {0: Sketch.of([20])}


def test_it_forgets_what_is_old_and_published(windows: RollupStore) -> None:
    windows.absorb([look(1, 0, 10), look(2, 7200, 20)], 2, ZONE)
    edge = Second(T0 + 3600)
    windows.forget(places=edge, hours=edge, days=edge)
    assert hours(windows) == {0: Sketch.of([10]), 7200: Sketch.of([20])}
    assert (windows.places(WEB, T0), len(windows.places(WEB, Second(T0 + 7200)))) == ({}, 1)
    windows.published(windows.unpublished(10))
    windows.forget(places=edge, hours=edge, days=edge)
    assert hours(windows) == {7200: Sketch.of([20])}


def test_a_late_look_of_a_forgotten_hour_takes_no_whole_window_s_place(
    windows: RollupStore,
) -> None:
    windows.absorb([look(1, 0, 10), look(2, 7200, 20)], 2, ZONE)
    windows.published(windows.unpublished(10))
    edge = Second(T0 + 3600)
    windows.forget(places=Second(0), hours=edge, days=Second(0))
    windows.absorb([look(3, 60, 99), look(4, 7260, 30)], 4, ZONE)
    assert hours(windows) == {7200: Sketch.of([20, 30])}
    assert [w.start - T0 for w in windows.unpublished(10) if w.width is Width.HOUR] == [7200]
    assert {w.sketch.runs for w in windows.unpublished(10) if w.width is Width.DAY} == {3}


def due(path: Path, *, is_remote: bool, looks: Sequence[Timed] = ()) -> set[int]:
    """Hours that are due once a store of that kind was taken up and had these looks; they are then
    published."""
    opened = RollupStore(path, is_remote=is_remote)
    opened.mark_all_unpublished()
    if looks:
        opened.absorb(looks, looks[-1].seq, ZONE)
    waiting = opened.unpublished(100)
    opened.published(waiting)
    opened.close()
    return {w.start - T0 for w in waiting if w.width is Width.HOUR}


def test_every_store_elsewhere_gets_what_was_counted_while_the_embedded_one_was_in_use(
    path: Path,
) -> None:
    assert due(path, is_remote=False, looks=[look(1, 0)]) == set()
    assert due(path, is_remote=True, looks=[look(2, 3600)]) == {0, 3600}
    assert due(path, is_remote=True) == set()
    assert due(path, is_remote=False, looks=[look(3, 7200)]) == set()
    assert due(path, is_remote=True) == {0, 3600, 7200}


def test_a_look_older_than_the_kept_places_changes_nothing(windows: RollupStore) -> None:
    windows.absorb([look(1, 0, 10)], 1, ZONE)
    edge = Second(T0 + 3600)
    windows.forget(places=edge, hours=Second(0), days=Second(0))
    windows.absorb([look(2, 60, 99)], 2, ZONE)
    assert hours(windows) == {0: Sketch.of([10])}


def test_the_book_shares_the_file_and_the_position(path: Path, windows: RollupStore) -> None:
    windows.absorb([look(1, 0)], 1, ZONE)
    book = FollowerState(path)
    assert book.position(READER) == 1
    book.close()


looks = st.dictionaries(
    st.integers(min_value=T0, max_value=T0 + 3599),
    st.lists(st.integers(min_value=0, max_value=1 << 50), min_size=1, max_size=3),
)


@given(looks)
def test_packed_looks_come_back(found: dict[int, list[int]]) -> None:
    held = {Second(slot): tuple(seqs) for slot, seqs in found.items()}
    assert unpack_runs(T0, pack_runs(T0, held)) == held


@pytest.mark.parametrize("seed", range(5))
def test_batches_of_any_cut_and_order_give_the_same_windows(tmp_path: Path, seed: int) -> None:
    """Against sketches of all looks at once, each slot's first one."""
    rng = random.Random(seed)  # noqa: S311 - a script, not a secret
    made = [
        look(seq, rng.randrange(0, 30 * 3600), rng.choice([None, rng.randrange(1, 10**7)]), key)
        for seq, key in enumerate(rng.choices([WEB, MAIL], k=3000), 1)
    ]
    windows = RollupStore(tmp_path / f"{seed}.db", is_remote=False)
    at = 0
    while at < len(made):
        part = made[at : at + rng.randrange(1, 400)]
        windows.absorb(part, part[-1].seq, ZONE)
        at += len(part)
    for key in (WEB, MAIL):
        assert hours(windows, key) == _by_hour(made, key)
    windows.close()


def _by_hour(made: Sequence[Timed], key: FoldKey) -> dict[int, Sketch]:
    first: dict[int, Timed] = {}
    for one in made:
        if one.key == key:
            first.setdefault(one.slot, one)
    found: dict[int, list[int]] = {}
    for slot, one in first.items():
        if one.duration_us is not None:
            found.setdefault(hour_of(Second(slot)) - T0, []).append(one.duration_us)
    return {start: Sketch.of(held) for start, held in sorted(found.items())}


def test_a_book_of_a_later_version_is_left_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as later:
        later.execute("PRAGMA user_version = 7")
    with pytest.raises(StoreUnavailable, match="form 7, this program reads 2"):
        FollowerState(path).position(READER)
    with closing(sqlite3.connect(path)) as later:
        assert later.execute("PRAGMA user_version").fetchone() == (7,)
