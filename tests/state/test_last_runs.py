"""The last look of each check, as the operators' figures tell it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from monitor.domain.checks.observation import LOCAL, CheckId, Json, LoggedResult, Result
from monitor.domain.time.interval import Second
from monitor.state.last_runs import LastRun, LastRuns
from tests.support.worlds import T0, WEB, World, look

KEY = (CheckId("web-check"), LOCAL)
FACTS: Mapping[str, Json] = {
    "address": "203.0.113.10",
    "status": 200,
    "bytes": 18_234,
    "tls": {"version": "TLSv1.3", "issuer": "CN=R11", "not_after": "2026-12-01T00:00:00+00:00"},
}
EXPIRES = 1_796_083_200


def seen(at: int, mark: str = "+", *, revision: int = 1, **more: object) -> Result:
    given = {"phases_ms": {"resolve": 0.1, "connect": 2.5}, "revision": revision, **more}
    return replace(look(WEB, Second(T0 + at), mark), **given)  # type: ignore[arg-type]


def last(*results: Result) -> LastRun:
    looks = LastRuns()
    for seq, result in enumerate(results):
        looks.take([LoggedResult(seq=seq, result=result)])
    return looks.copy()[KEY]


def test_it_keeps_the_newest_with_its_phases() -> None:
    found = last(seen(0), seen(60, "-", phases_ms={"resolve": 0.2, "connect": 1.0}))
    assert (found.slot, found.failure, found.phases) == (
        T0 + 60,
        "conn_refused",
        ("resolve", "connect"),
    )
    assert found.total_ms == 1.2


def test_it_lets_a_late_result_say_nothing_of_the_present() -> None:
    assert last(seen(60), seen(0, "-")).failure is None


def test_it_remembers_the_certificate_through_looks_that_see_none() -> None:
    found = last(seen(0, evidence=FACTS), seen(60, "-"))
    assert found.certificate_until == EXPIRES


def test_it_forgets_the_certificate_with_the_configuration_that_saw_it() -> None:
    found = last(seen(0, evidence=FACTS), seen(60, "-", revision=2))
    assert found.certificate_until is None


def test_it_takes_a_new_certificate_at_once() -> None:
    renewed = {"tls": {"not_after": "2027-12-01T00:00:00+00:00"}}
    found = last(seen(0, evidence=FACTS), seen(60, evidence=renewed))
    assert found.certificate_until == EXPIRES + 365 * 86_400


def test_it_outlives_the_core_that_is_made_anew(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="+-", dns="++", mail="++")
    looks = world.looks
    world.restarted()
    assert world.looks is looks
    assert looks.copy()[KEY].failure == "conn_refused"


def test_it_holds_ten_thousand_checks_in_four_megabytes() -> None:
    """The whole results, evidence and all, would take twenty."""
    looks = LastRuns()
    rows = [
        LoggedResult(
            seq=n,
            result=replace(
                seen(0, phases_ms={"resolve": n * 0.1, "connect": n * 0.3, "tls": n * 0.7}),
                check=CheckId(f"check-{n}"),
                evidence=FACTS,
            ),
        )
        for n in range(10_000)
    ]
    tracemalloc.start()
    try:
        looks.take(rows)
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(looks.copy()) == 10_000
    assert used < 4_500_000


def test_an_absurd_look_says_nothing_of_the_present() -> None:
    looks = LastRuns()
    looks.take([LoggedResult(seq=1, result=seen(0))])
    looks.take([LoggedResult(seq=2, result=seen(9_000, "-"), is_absurd=True)])
    assert looks.copy()[KEY].slot == T0


def test_a_later_eras_look_is_the_newer_one_whatever_its_clock_showed() -> None:
    assert last(seen(7_200), seen(60, "-", era=1)).slot == T0 + 60
