"""Medians of phases: by day, of runs that succeeded, taken from all of the day."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.checks.observation import LOCAL, CheckId
from monitor.domain.time.interval import Interval, Second
from monitor.history.phases import RUNS, SAMPLES, PhaseDay, phases_of
from tests.history.archive import INTERVAL, NOW, Archive, result

DAY = Interval(Second(NOW - 86_400), NOW)
WEB = CheckId("web-https")


async def phases(archive: Archive, *days: Interval) -> tuple[PhaseDay, ...]:
    return await phases_of(archive.store, WEB, LOCAL, days or (DAY,))


async def test_the_median_of_each_phase_is_over_the_runs_that_have_it(archive: Archive) -> None:
    plain = [result(60 * n, ms=ms) for n, ms in enumerate((10.0, 20.0, 90.0), start=1)]
    with_tls = replace(result(600, ms=40.0), phases_ms={"connect": 20.0, "tls": 7.0})
    await archive.log(*plain, with_tls)
    (found,) = await phases(archive)
    assert found.medians_ms == {"connect": 15.0, "reply": 10.0, "tls": 7.0}
    assert found.runs == 4


async def test_runs_that_failed_have_no_phases_to_show(archive: Archive) -> None:
    failed = replace(result(60, ms=None), phases_ms={"connect": 5_000.0})
    await archive.log(failed, result(120, ms=10.0))
    (found,) = await phases(archive)
    assert (found.runs, found.medians_ms) == (1, {"connect": 5.0, "reply": 5.0})


async def test_a_day_without_a_run_is_left_out(archive: Archive) -> None:
    await archive.log(result(60, ms=None))
    before = Interval(Second(DAY.start - 86_400), DAY.start)
    assert await phases(archive, before, DAY) == ()


async def test_the_sample_is_of_all_of_the_day_and_not_of_its_evening(archive: Archive) -> None:
    """Slow for the first half of the day alone: the newest runs would not know."""
    part = 86_400 // SAMPLES
    for number in range(SAMPLES):
        ms = 200.0 if number < SAMPLES // 2 else 10.0
        newest = 86_400 - part * (number + 1) + INTERVAL
        runs = [result(newest + n * INTERVAL, ms=ms) for n in range(2 * RUNS)]
        await archive.log(*reversed(runs))
    (found,) = await phases(archive)
    assert found.runs == SAMPLES * RUNS
    assert found.medians_ms == {"connect": 52.5, "reply": 52.5}
