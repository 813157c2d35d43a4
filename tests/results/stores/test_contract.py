"""What every result store keeps to: `monitor.results.stores.ports.ResultStore`."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from monitor.domain.checks.observation import (
    LOCAL,
    CheckId,
    FailureId,
    Json,
    LocationId,
    Outcome,
    Result,
)
from monitor.domain.time.interval import Interval, Second
from monitor.results.checksum import checksum
from monitor.results.log.ports import FoldKey
from monitor.results.rollups.latency import LatencyBucket, Width, day_of
from monitor.results.stores.ports import Digest, ResultStore
from tests.results.samples import T0, a_result, some_results
from tests.results.stores.harness import HARNESSES, ZONE, Harness, key_of, windows_of

WEB: FoldKey = (CheckId("web"), LOCAL)
ALWAYS = Interval(Second(T0 - 40 * 86_400), Second(T0 + 40 * 86_400))
ALL = 1_000_000


@pytest.fixture(params=sorted(HARNESSES))
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    async with HARNESSES[request.param](request) as made:
        yield made


def within(start: int, end: int) -> Interval:
    """Seconds after T0."""
    return Interval(Second(T0 + start), Second(T0 + end))


async def slots(store: ResultStore, span: Interval, limit: int = ALL) -> list[int]:
    return [r.slot - T0 for r in await store.results(WEB, span, limit)]


async def windows(harness: Harness, width: Width, span: Interval = ALWAYS) -> list[LatencyBucket]:
    return list(await harness.store.buckets(WEB, span, width))


async def test_it_gives_the_newest_first(harness: Harness) -> None:
    results = some_results(0, 20)
    shuffled = random.Random(3).sample(results, 20)  # noqa: S311 - no secret
    await harness.keep(shuffled[:7])
    await harness.keep(shuffled[7:])
    assert await harness.store.results(WEB, ALWAYS, ALL) == results[::-1]


async def test_it_gives_no_more_than_asked_for(harness: Harness) -> None:
    await harness.keep(some_results(0, 20))
    assert await slots(harness.store, ALWAYS, 3) == [19, 18, 17]
    assert await slots(harness.store, within(0, 10), 3) == [9, 8, 7]
    assert await slots(harness.store, ALWAYS, 0) == []


async def test_a_span_has_its_start_and_not_its_end(harness: Harness) -> None:
    await harness.keep(some_results(0, 20))
    assert await slots(harness.store, within(5, 8)) == [7, 6, 5]
    assert await slots(harness.store, within(5, 5)) == []
    assert await slots(harness.store, within(8, 5)) == []


async def test_it_keeps_checks_and_locations_apart(harness: Harness) -> None:
    elsewhere = LocationId("mad-2")
    kept = [a_result(1), a_result(1, check="web.2"), a_result(1, location=elsewhere)]
    await harness.keep(kept)
    for result in kept:
        assert await harness.store.results(key_of(result), ALWAYS, ALL) == [result]
        digest = Digest(results=1, checksum=checksum([result]))
        assert await harness.store.digest(key_of(result), ALWAYS) == digest


@pytest.mark.parametrize("stranger", [("nobody", "local"), ("web", "nowhere"), ("", "")])
async def test_it_has_nothing_of_a_stranger(harness: Harness, stranger: tuple[str, str]) -> None:
    await harness.keep(some_results(0, 3))
    key = (CheckId(stranger[0]), LocationId(stranger[1]))
    assert await harness.store.results(key, ALWAYS, ALL) == []
    assert await harness.store.digest(key, ALWAYS) == Digest(results=0, checksum=checksum([]))
    for width in Width:
        assert list(await harness.store.buckets(key, ALWAYS, width)) == []


async def test_the_same_again_changes_nothing(harness: Harness) -> None:
    results = [a_result(s, message=f"n.º {s}", evidence={"n": s}) for s in range(5)]
    await harness.keep(results)
    before = await everything(harness)
    await harness.keep(results[1:4])
    await harness.keep(results)
    assert await everything(harness) == before


async def everything(harness: Harness) -> object:
    return (
        await harness.store.results(WEB, ALWAYS, ALL),
        await harness.store.digest(WEB, ALWAYS),
        [await windows(harness, width) for width in Width],
    )


TWO_LOOKS = [
    a_result(0, outcome=Outcome.DOWN, message="reset", evidence={"errno": 104}),
    replace(a_result(0), phases_ms={"dns": 1.0, "connect": 2.0}, revision=2),
    replace(a_result(0, outcome=Outcome.UNKNOWN, message="no network"), phases_ms={}),
]


@pytest.mark.parametrize("first", TWO_LOOKS, ids=lambda r: r.outcome)
@pytest.mark.parametrize("second", TWO_LOOKS, ids=lambda r: r.outcome)
async def test_of_two_of_one_identity_it_keeps_one_and_no_mixture(
    harness: Harness, first: Result, second: Result
) -> None:
    await harness.keep([first])
    await harness.keep([second])
    found = await harness.store.results(WEB, ALWAYS, ALL)
    assert len(found) == 1
    assert found[0] in (first, second)
    digest = Digest(results=1, checksum=checksum(found))
    assert await harness.store.digest(WEB, ALWAYS) == digest


async def test_its_digest_is_that_of_the_results_in_the_span(harness: Harness) -> None:
    results = some_results(0, 50)
    await harness.keep(results)
    digest = Digest(results=20, checksum=checksum(results[10:30]))
    assert await harness.store.digest(WEB, within(10, 30)) == digest


async def test_it_has_as_many_as_there_are(harness: Harness) -> None:
    """More than any store reads or writes at a time."""
    results = some_results(0, 5_432)
    for start in range(0, len(results), 5_000):
        await harness.keep(results[start : start + 5_000])
    assert await harness.store.results(WEB, ALWAYS, 2_500) == results[:-2_501:-1]
    assert await harness.store.results(WEB, ALWAYS, ALL) == results[::-1]
    digest = Digest(results=5_432, checksum=checksum(results))
    assert await harness.store.digest(WEB, ALWAYS) == digest


NESTED: dict[str, Json] = {
    "status": 200,
    "ok": True,
    "none": None,
    "share": 0.1,
    "big": 2**53 + 1,
    "tls": {"names": ["a.example", 'quo"te', "back\\slash"], "left": -1.5, "empty": {}},
    "": [],
    "texto": 'línea\nñandú ✔ 🚀 \t "x" \\n \\',
}
WHOLE = {
    "up": a_result(),
    "degraded": a_result(outcome=Outcome.DEGRADED, message="lento"),
    "down": a_result(outcome=Outcome.DOWN, message="connection refused"),
    "unknown": a_result(outcome=Outcome.UNKNOWN, message="no network"),
    "no phases": replace(a_result(), phases_ms={}),
    "phases in their order": replace(
        a_result(), phases_ms={"tls": 3.0, "dns": 0.0, "connect": 12_345.678, "a_b": 1e-3}
    ),
    "message": a_result(message='un "día" \\ de a\\nños\n\n=,  ñ ✔ 🚀 \\'),
    "long message": a_result(message="ñ" * 500),
    "quotes": a_result(message="it's 'so' \\'"),
    "revision": replace(a_result(), revision=2**40),
    "nested evidence": a_result(evidence=NESTED),
    "empty parts": a_result(evidence={"a": {}, "b": [], "c": ""}),
    "large evidence": a_result(evidence={"body": 'x"\\' * 1_600}),
    "failure": replace(a_result(outcome=Outcome.DOWN), failure=FailureId("tls-expired.x_9")),
}


@pytest.mark.parametrize("result", WHOLE.values(), ids=WHOLE)
async def test_it_gives_back_all_of_a_result(harness: Harness, result: Result) -> None:
    await harness.keep([result])
    [found] = await harness.store.results(WEB, ALWAYS, ALL)
    assert found == result
    assert list(found.phases_ms) == list(result.phases_ms)
    assert [type(value) for value in found.evidence.values()] == [
        type(value) for value in result.evidence.values()
    ]
    digest = Digest(results=1, checksum=checksum([result]))
    assert await harness.store.digest(WEB, ALWAYS) == digest


@pytest.mark.parametrize("check", ["web-1", "0", "a.b_c-d", "mail.example.com", "x" * 64])
async def test_it_knows_whatever_a_check_may_be_called(harness: Harness, check: str) -> None:
    await harness.keep([a_result(1, check=check), a_result(1)])
    assert await harness.store.results((CheckId(check), LOCAL), ALWAYS, ALL) == [
        a_result(1, check=check)
    ]


def timed(slot: int, ms: float, outcome: Outcome = Outcome.UP) -> Result:
    return replace(a_result(slot, outcome=outcome), phases_ms={"connect": ms})


async def test_it_has_the_latencies_of_each_hour_and_local_day(harness: Harness) -> None:
    results = [timed(s * 1_800, 1.0 + s) for s in range(60)]
    await harness.keep(results)
    for width in Width:
        assert await windows(harness, width) == windows_of(results, width)
    assert len(await windows(harness, Width.HOUR)) == 30
    days = [w.start for w in await windows(harness, Width.DAY)]
    assert days == [day_of(T0, ZONE) + n * 86_400 for n in range(3)]


async def test_later_results_of_a_window_take_its_place(harness: Harness) -> None:
    first, second = [timed(s, 10.0) for s in range(5)], [timed(s, 99.5) for s in range(5, 8)]
    await harness.keep(first)
    await harness.keep(second)
    for width in Width:
        assert await windows(harness, width) == windows_of(first + second, width)
        assert [w.sketch.runs for w in await windows(harness, width)] == [8]


async def test_a_span_has_the_windows_that_start_in_it(harness: Harness) -> None:
    await harness.keep([timed(h * 3_600, 1.0) for h in range(5)])

    async def hours(start: int, end: int) -> list[int]:
        found = await windows(harness, Width.HOUR, within(start, end))
        return [(w.start - T0) // 3_600 for w in found]

    assert await hours(3_600, 3 * 3_600) == [1, 2]
    assert await hours(3_601, 3 * 3_600 + 1) == [2, 3]
    assert await hours(3_600, 3_600) == []


async def test_a_window_without_a_look_that_succeeded_is_none(harness: Harness) -> None:
    await harness.keep([timed(0, 5_000.0, Outcome.DOWN), timed(3_600, 2.0, Outcome.DEGRADED)])
    assert [w.start - T0 for w in await windows(harness, Width.HOUR)] == [3_600]
    assert [w.sketch.runs for w in await windows(harness, Width.DAY)] == [1]


FAILED = replace(
    a_result(outcome=Outcome.DOWN, message="reset", evidence={"errno": 104}),
    phases_ms={"dns": 1.0, "connect": 9.0},
)


def at(slots: range, like: Result) -> list[Result]:
    return [replace(like, slot=Second(T0 + slot)) for slot in slots]


def of_era(era: int, results: list[Result]) -> list[Result]:
    return [replace(result, era=era) for result in results]


async def assert_it_has(harness: Harness, wanted: list[Result]) -> None:
    """These and nothing else, whichever way it is asked."""
    assert await harness.store.results(WEB, ALWAYS, ALL) == wanted[::-1]
    assert await harness.store.results(WEB, ALWAYS, 7) == wanted[:-8:-1]
    digest = Digest(results=len(wanted), checksum=checksum(wanted))
    assert await harness.store.digest(WEB, ALWAYS) == digest
    for width in Width:
        assert await windows(harness, width) == windows_of(wanted, width)


async def settle(harness: Harness) -> None:
    """What was kept last is absorbed as well."""
    await harness.keep([])


@pytest.mark.parametrize("like", TWO_LOOKS, ids=lambda r: r.outcome)
async def test_a_later_eras_look_takes_the_place_of_an_earlier_one_whole(
    harness: Harness, like: Result
) -> None:
    """And what the clock that was set back has yet to see again is not there."""
    await harness.keep(at(range(100), FAILED))
    harness.set_clock(Second(T0 + 50), Second(T0 + 100))
    await harness.keep(at(range(50, 80), like))
    await settle(harness)
    await assert_it_has(harness, at(range(50), FAILED) + of_era(1, at(range(50, 80), like)))


async def test_an_era_that_was_ahead_by_mistake_leaves_nothing(harness: Harness) -> None:
    hour = 3_600
    await harness.keep(at(range(100), timed(0, 5.0)))
    harness.set_clock(Second(T0 + 100 + hour), Second(T0 + 100))
    await harness.keep(at(range(100 + hour, 120 + hour), timed(0, 7.0)))
    await settle(harness)
    harness.set_clock(Second(T0 + 120), Second(T0 + 120 + hour))
    await harness.keep(at(range(120, 140), timed(0, 9.0)))
    await settle(harness)
    right = at(range(100), timed(0, 5.0)) + of_era(2, at(range(120, 140), timed(0, 9.0)))
    await assert_it_has(harness, right)
    # The seconds that nobody saw come: each has its own look.
    come = at(range(90 + hour, 110 + hour), timed(0, 11.0))
    await harness.keep(come)
    await settle(harness)
    await assert_it_has(harness, right + of_era(2, come))


@pytest.mark.parametrize("back", [70, 40 * 86_400 - 1_000])
async def test_what_a_wrong_step_back_took_is_there_again_once_it_is_undone(
    harness: Harness, back: int
) -> None:
    before = at(range(100), timed(0, 5.0))
    await harness.keep(before)
    harness.set_clock(Second(T0 + 100 - back), Second(T0 + 100))
    await harness.keep(at(range(100 - back, 120 - back), FAILED))
    await settle(harness)
    assert len(await harness.store.results(WEB, ALWAYS, ALL)) == (50 if back == 70 else 20)
    harness.set_clock(Second(T0 + 120), Second(T0 + 120 - back))
    await harness.keep(at(range(120, 140), timed(0, 9.0)))
    await settle(harness)
    await assert_it_has(harness, before + of_era(2, at(range(120, 140), timed(0, 9.0))))


async def test_of_one_slot_and_era_one_look_counts_also_after_a_step(harness: Harness) -> None:
    await harness.keep(at(range(10), timed(0, 5.0)))
    harness.set_clock(Second(T0 + 5), Second(T0 + 10))
    again = at(range(5, 8), timed(0, 9.0))
    await harness.keep(again)
    await harness.keep(again)
    await settle(harness)
    await assert_it_has(harness, at(range(5), timed(0, 5.0)) + of_era(1, again))


async def test_an_absurd_look_is_nowhere(harness: Harness) -> None:
    """Its slot lay ahead of the clock when it was logged."""
    absurd = Second(T0 + 2 * 365 * 86_400)
    real = [a_result(1), a_result(2)]
    await harness.keep([real[0], replace(a_result(), slot=absurd), real[1]])
    await settle(harness)
    around = Interval(Second(absurd - 86_400), Second(absurd + 86_400))
    await assert_it_has(harness, real)
    assert await harness.store.results(WEB, around, ALL) == []
    assert await harness.store.digest(WEB, around) == Digest(results=0, checksum=checksum([]))
    for width in Width:
        assert await windows(harness, width, around) == []
