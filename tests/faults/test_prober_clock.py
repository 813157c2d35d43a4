"""T7: the wall clock is set under a running prober; the machine's own is never touched."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.adapters.result_log import open_reader
from monitor.domain.observation import Result
from monitor.ports.results import Figures
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


def figures_of(data_dir: Path) -> Figures | None:
    return open_reader(data_dir / "results.db").figures()


def see_step(prober: Prober, data_dir: Path, steps: int) -> Figures:
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


def test_it_begins_no_slot_twice_where_the_clock_is_set_back(
    tmp_path: Path, faked: dict[str, str]
) -> None:
    data_dir = tmp_path / "data"
    with open_port() as port:
        give_catalogue(data_dir, port)
        with running_prober(data_dir, environment=faked) as prober:
            prober.ledger.wait_for(240)
            set_wall(tmp_path, -3)
            figures = see_step(prober, data_dir, 1)
            prober.ledger.wait_for(len(prober.ledger) + 240)
    kept = Counter(map(ident_of, logged(data_dir)))
    assert figures.last_wall_step_s == pytest.approx(-3, abs=0.5)
    assert [ident for ident, times in kept.items() if times > 1] == []


def test_it_begins_no_slot_twice_where_the_clock_was_set_back_between_two_runs(
    tmp_path: Path, faked: dict[str, str]
) -> None:
    data_dir = tmp_path / "data"
    with open_port() as port:
        give_catalogue(data_dir, port)
        with running_prober(data_dir, environment=faked) as prober:
            prober.ledger.wait_for(240)
        set_wall(tmp_path, -3)
        with running_prober(data_dir, environment=faked) as prober:
            prober.ledger.wait_for(120)
    kept = Counter(map(ident_of, logged(data_dir)))
    assert [ident for ident, times in kept.items() if times > 1] == []
