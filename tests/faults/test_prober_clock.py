"""T7: the wall clock is set under a running prober; the machine's own is never touched."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.domain.checks.observation import LoggedResult, Result
from monitor.results.log.ports import ProberMetrics
from monitor.results.log.result_log import open_reader
from tests.faults.prober_process import (
    Prober,
    give_catalogue,
    ident_of,
    logged,
    open_port,
    running_prober,
)
from tests.support.faketime import faked_environment, set_wall

HOUR = 3600


@pytest.fixture
def faked(tmp_path: Path) -> dict[str, str]:
    """The environment of a process whose wall clock is as a file says."""
    return faked_environment(tmp_path, "a wall clock that is set under a running prober")


def figures_of(data_dir: Path) -> ProberMetrics | None:
    return open_reader(data_dir / "results.db").metrics()


def see_step(prober: Prober, data_dir: Path, steps: int) -> ProberMetrics:
    def is_counted() -> bool:
        figures = figures_of(data_dir)
        return figures is not None and figures.wall_steps == steps

    prober.wait_until(is_counted, f"{steps} steps of the wall recorded")
    figures = figures_of(data_dir)
    assert figures is not None
    return figures


def halves(results: list[Result]) -> tuple[list[int], list[int]]:
    """The slots before and after the greatest leap in the log."""
    slots = [int(result.slot) for result in results]
    leaps = [abs(b - a) for a, b in pairwise(slots)]
    cut = leaps.index(max(leaps)) + 1
    return slots[:cut], slots[cut:]


def test_it_leaves_a_gap_where_the_clock_is_set_forward(
    tmp_path: Path, faked: dict[str, str]
) -> None:
    data_dir = tmp_path / "data"
    with open_port() as port:
        give_catalogue(data_dir, port)
        with running_prober(data_dir, environment=faked) as prober:
            prober.ledger.wait_for(120)
            set_wall(tmp_path, HOUR)
            figures = see_step(prober, data_dir, 1)
            prober.ledger.wait_for(len(prober.ledger) + 120)
    before, after = halves(logged(data_dir))
    assert figures.last_wall_step_s == pytest.approx(HOUR, abs=2)
    assert min(after) - max(before) == pytest.approx(HOUR, abs=5)
    # Durations come from the monotonic clock: no look took an hour.
    assert max(sum(result.phases_ms.values()) for result in logged(data_dir)) < 5000


def eras_of(data_dir: Path) -> list[tuple[str, int]]:
    """What began each era of the log after the first, and by how much the clock was set."""
    eras = open_reader(data_dir / "results.db").eras()
    return [(str(era.origin), era.step_s) for era in eras[1:]]


def all_rows(data_dir: Path) -> list[LoggedResult]:
    return list(open_reader(data_dir / "results.db").read(0, 100_000))


@pytest.mark.parametrize("back", [60, HOUR])
def test_it_goes_on_at_once_in_a_new_era_where_the_clock_is_set_back(
    tmp_path: Path, faked: dict[str, str], back: int
) -> None:
    data_dir = tmp_path / "data"
    with open_port() as port:
        give_catalogue(data_dir, port)
        with running_prober(data_dir, environment=faked) as prober:
            prober.ledger.wait_for(240)
            set_wall(tmp_path, -back)
            figures = see_step(prober, data_dir, 1)
            prober.ledger.wait_for(len(prober.ledger) + 240)
    rows = all_rows(data_dir)
    kept = Counter((row.result.era, *ident_of(row.result)) for row in rows)
    assert figures.last_wall_step_s == pytest.approx(-back, abs=0.5)
    assert [ident for ident, times in kept.items() if times > 1] == []
    assert {row.result.era for row in rows} == {0, 1}
    assert [origin for origin, _ in eras_of(data_dir)] == ["step"]
    # Only what was under way when the clock was set is of no era.
    assert sum(row.is_absurd for row in rows) < 120


@pytest.mark.parametrize("step", [-60, -HOUR, HOUR])
def test_it_finds_a_clock_that_was_set_between_two_runs(
    tmp_path: Path, faked: dict[str, str], step: int
) -> None:
    data_dir = tmp_path / "data"
    with open_port() as port:
        give_catalogue(data_dir, port)
        with running_prober(data_dir, environment=faked) as prober:
            prober.ledger.wait_for(240)
            see_anchor(prober, data_dir)
        set_wall(tmp_path, step)
        with running_prober(data_dir, environment=faked) as prober:
            prober.ledger.wait_for(120)
    ((origin, found),) = eras_of(data_dir)
    assert origin == "step"
    assert found == pytest.approx(step, abs=2)
    assert not any(row.is_absurd for row in all_rows(data_dir))


def test_it_begins_no_slot_twice_where_the_clock_is_corrected(
    tmp_path: Path, faked: dict[str, str]
) -> None:
    data_dir = tmp_path / "data"
    with open_port() as port:
        give_catalogue(data_dir, port)
        with running_prober(data_dir, environment=faked) as prober:
            prober.ledger.wait_for(240)
            set_wall(tmp_path, -3)
            see_step(prober, data_dir, 1)
            prober.ledger.wait_for(len(prober.ledger) + 240)
            see_anchor(prober, data_dir)
        set_wall(tmp_path, -6)
        with running_prober(data_dir, environment=faked) as prober:
            prober.ledger.wait_for(120)
    kept = Counter(map(ident_of, logged(data_dir)))
    assert [ident for ident, times in kept.items() if times > 1] == []
    assert eras_of(data_dir) == []


def test_a_restart_under_a_good_clock_stays_in_its_era(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with open_port() as port:
        give_catalogue(data_dir, port)
        for _ in range(2):
            with running_prober(data_dir) as prober:
                prober.ledger.wait_for(60)
                see_anchor(prober, data_dir)
    kept = Counter(map(ident_of, logged(data_dir)))
    assert eras_of(data_dir) == []
    assert [ident for ident, times in kept.items() if times > 1] == []


def see_anchor(prober: Prober, data_dir: Path) -> None:
    def is_there() -> bool:
        return open_reader(data_dir / "results.db").anchor() is not None

    prober.wait_until(is_there, "the clock noted in the log")
