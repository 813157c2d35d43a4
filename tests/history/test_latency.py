"""Latencies: percentiles of whole spans within 1 % of the looks' own, the newest ones included."""

from __future__ import annotations

import csv
import io
import random
from math import ceil
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.domain.checks.observation import Result
from monitor.domain.time.interval import Second
from monitor.history import queries as history
from monitor.i18n.formats import iso
from monitor.results.rollups.latency import day_of, hour_of
from tests.history.archive import NORTH, NOW, SOUTH, ZONE, Archive, every, result

WEB = "/web-https/latency"
SHARES = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
NOTHING = dict.fromkeys(("p50_ms", "p95_ms", "p99_ms", "mean_ms", "min_ms", "max_ms"))


def figures(durations_ms: list[float]) -> dict[str, Any]:
    """By brute force: nearest rank, within the sketch's 1 % and the microsecond that is told; the
    others to the microsecond."""
    ordered = sorted(durations_ms)
    ranks = {name: ordered[ceil(share * len(ordered)) - 1] for name, share in SHARES.items()}
    return {
        "looks": len(ordered),
        **{name: pytest.approx(ms, rel=0, abs=0.01001 * ms + 0.0005) for name, ms in ranks.items()},
        "mean_ms": pytest.approx(sum(ordered) / len(ordered), abs=0.001),
        "min_ms": pytest.approx(ordered[0], abs=0.001),
        "max_ms": pytest.approx(ordered[-1], abs=0.001),
    }


def durations(results: list[Result]) -> list[float]:
    """Of each slot and location the first result, in milliseconds; failures have none."""
    first: dict[tuple[str, int], Result] = {}
    for one in results:
        first.setdefault((one.location, one.slot), one)
    return [sum(r.phases_ms.values()) for r in first.values() if r.phases_ms]


def _day_of(slot: Second) -> Second:
    return day_of(slot, ZONE)


# Slots so few that some come twice.
looks = st.lists(
    st.tuples(
        st.integers(1, 20).map(lambda n: n * 20) | st.integers(1, 30).map(lambda n: n * 8_640),
        st.none() | st.integers(min_value=1, max_value=15_000_000).map(lambda n: n * 2 / 1000),
        st.sampled_from(["north", "south"]),
    ),
    min_size=30,
    max_size=120,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(looks=looks, counted=st.integers(min_value=0, max_value=120))
@pytest.mark.parametrize("resolution", ["hour", "day"])
async def test_it_merges_what_brute_force_over_raw_results_finds(
    fresh_archive: Any, resolution: str, looks: list[tuple[int, float | None, str]], counted: int
) -> None:
    """Some of the looks have been counted in, the others stand in the log; some come twice."""
    made = [result(back, check="dns-a", location=place, ms=ms) for back, ms, place in looks]
    async with fresh_archive() as archive:
        await archive.log(*made[:counted])
        await archive.count()
        await archive.log(*made[counted:])
        await require_as_brute_force(archive, made, resolution)


@pytest.mark.parametrize("resolution", ["hour", "day"])
async def test_it_merges_so_in_every_store(archive: Archive, resolution: str) -> None:
    rng = random.Random(resolution)  # noqa: S311 - a script, not a secret
    made = [
        result(
            20 * rng.randrange(1, 12_960),
            check="dns-a",
            location=rng.choice(["north", "south"]),
            ms=rng.choice([None, rng.randrange(1, 15_000_000) * 2 / 1000]),
        )
        for _ in range(3_000)
    ]
    await archive.log(*made[:2_000])
    await archive.count()
    await archive.log(*made[2_000:])
    await require_as_brute_force(archive, made, resolution)


async def require_as_brute_force(archive: Archive, made: list[Result], resolution: str) -> None:
    body = await archive.body("/dns-a/latency", resolution=resolution, from_="-72h")
    start = {"hour": hour_of, "day": _day_of}[resolution]
    groups: dict[int, list[Result]] = {}
    for one in made:
        groups.setdefault(start(one.slot), []).append(one)
    wanted = {iso(Second(at), ZONE): durations(held) for at, held in sorted(groups.items())}
    told = {bucket.pop("start"): bucket for bucket in body["buckets"]}
    for bucket in told.values():
        del bucket["end"]
    assert told == {at: figures(held) for at, held in wanted.items() if held}
    whole = durations(made)
    assert body["whole"] == (figures(whole) if whole else {"looks": 0, **NOTHING})


async def test_the_newest_minutes_are_in_it_before_they_are_counted_in(embedded: Archive) -> None:
    await embedded.log(*every(20, 90, ms=10.0))
    await embedded.count()
    embedded.clock.advance(100)
    await embedded.log(*(result(-20 * n, ms=1000.0) for n in range(5)))
    before = await embedded.body(WEB, resolution="hour", from_="-3h")
    await embedded.count()
    assert (await embedded.body(WEB, resolution="hour", from_="-3h")) == before
    assert before["whole"]["looks"] == 95
    assert before["buckets"][-1]["max_ms"] == 1000.0


async def test_looks_that_are_counted_in_between_two_reads_count_once(
    embedded: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The follower may absorb the log's end after it was read for an answer."""
    from monitor.results.rollups.rollup_store import RollupStore

    await embedded.log(*every(20, 90, ms=10.0))
    read = RollupStore.read

    def absorbed_first(self: RollupStore, *given: Any) -> Any:
        assert embedded.follower._absorb() is False
        return read(self, *given)

    monkeypatch.setattr(RollupStore, "read", absorbed_first)
    body = await embedded.body(WEB, resolution="hour", from_="-3h")
    assert body["whole"]["looks"] == 90


async def test_hours_without_a_look_are_absent(archive: Archive) -> None:
    await archive.log(result(5 * 3600, ms=10), result(3 * 3600, ms=None), result(2 * 3600, ms=30))
    body = await archive.body(WEB, resolution="hour", from_="-6h")
    assert [b["start"] for b in body["buckets"]] == [
        "2026-11-25T04:00:00-03:00",
        "2026-11-25T07:00:00-03:00",
    ]
    empty = await archive.body("/mail-smtp/latency", resolution="hour")
    assert (empty["buckets"], empty["whole"]) == ([], {"looks": 0, **NOTHING})


async def test_two_hours_are_told_look_by_look(archive: Archive) -> None:
    await archive.log(*every(20, 500, ms=12.346), result(10, ms=None))
    body = await archive.body(WEB, from_="-2h")
    assert body["resolution"] == "raw"
    assert len(body["each"]) == body["whole"]["looks"] == 360
    assert body["each"][-1] == {
        "at": "2026-11-25T08:59:40-03:00", "location": "local", "outcome": "up",
        "duration_ms": 12.346,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("since", "resolution"),
    [("-2h", "raw"), ("-7201s", "hour"), ("-8d", "hour"), ("-691201s", "day"), ("-35d", "day")],
)
async def test_the_resolution_follows_from_the_span(
    archive: Archive, since: str, resolution: str
) -> None:
    assert (await archive.body(WEB, from_=since))["resolution"] == resolution


async def test_days_are_those_of_the_zone(archive: Archive) -> None:
    await archive.log(result(9 * 3600 + 20, ms=10), result(9 * 3600 - 20, ms=20))
    body = await archive.body(WEB, resolution="day", from_="2026-11-24")
    assert [(b["start"], b["end"], b["looks"]) for b in body["buckets"]] == [
        ("2026-11-24T00:00:00-03:00", "2026-11-25T00:00:00-03:00", 1),
        ("2026-11-25T00:00:00-03:00", "2026-11-26T00:00:00-03:00", 1),
    ]
    assert (body["from"], body["to"]) == ("2026-11-24T00:00:00-03:00", "2026-11-26T00:00:00-03:00")


async def test_locations_add_up_and_can_be_told_apart(archive: Archive) -> None:
    await archive.log(*every(20, 100, check="dns-a", location="north", ms=10))
    await archive.log(*every(20, 50, check="dns-a", location="south", ms=90))
    asked = {"resolution": "hour", "from_": "-24h"}
    both = await archive.body("/dns-a/latency", **asked)
    south = await archive.body("/dns-a/latency", location="south", **asked)
    assert (both["whole"]["looks"], both["whole"]["max_ms"]) == (150, 90.0)
    assert (south["whole"]["looks"], south["whole"]["min_ms"]) == (50, 90.0)


@pytest.mark.parametrize(("resolution", "items"), [("raw", "each"), ("hour", "buckets")])
async def test_csv_has_the_same_rows(archive: Archive, resolution: str, items: str) -> None:
    await archive.log(*every(20, 300, ms=12.5))
    asked = {"resolution": resolution, "from_": "-6h"}
    answer = await archive.ask(WEB, format="csv", **asked)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    told = (await archive.body(WEB, **asked))[items]
    assert rows == [{name: str(value) for name, value in row.items()} for row in told]


async def test_single_looks_are_read_in_parts(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All at once, with the largest evidence, they would take half a gigabyte."""
    monkeypatch.setattr(history, "_AT_ONCE", 3)
    for place in (NORTH, SOUTH):
        await archive.log(*every(20, 5, check="dns-a", location=place, evidence={"x": "y"}))
    await archive.log(result(110, check="dns-a", location=NORTH, ms=None))
    await archive.count()
    body = await archive.body("/dns-a/latency", resolution="raw", from_="-2h")
    wanted = [(at, place) for at in range(100, 0, -20) for place in (SOUTH, NORTH)]
    assert [(iso(Second(NOW - at), ZONE), place) for at, place in wanted] == [
        (look["at"], look["location"]) for look in body["each"]
    ]
