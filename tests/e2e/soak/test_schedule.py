"""A soak's script: the same from the same seed, of every kind, and over in time."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from tests.e2e.soak.schedule import outages, trials

HALF_AN_HOUR = 1_800.0
NAMES = ("a", "b")


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a script to repeat, no secret


def test_the_same_seed_gives_the_same_script() -> None:
    assert trials(seeded(7), HALF_AN_HOUR) == trials(seeded(7), HALF_AN_HOUR)
    assert outages(seeded(7), NAMES, HALF_AN_HOUR) == outages(seeded(7), NAMES, HALF_AN_HOUR)
    assert trials(seeded(7), HALF_AN_HOUR) != trials(seeded(8), HALF_AN_HOUR)


@pytest.mark.parametrize("seed", range(5))
def test_no_kind_of_trial_comes_twice_before_each_has_come_once(seed: int) -> None:
    names = [trial.name for trial in trials(seeded(seed), HALF_AN_HOUR)]
    kinds = set(names)
    assert len(kinds) == 12
    assert len(names) > 2 * len(kinds)
    assert set(names[: len(kinds)]) == kinds


@pytest.mark.parametrize("seed", range(5))
def test_trials_are_apart_and_all_is_over_in_time(seed: int) -> None:
    ordeal = trials(seeded(seed), HALF_AN_HOUR)
    assert all(one.end + 18 <= other.start for one, other in pairwise(ordeal))
    script = outages(seeded(seed), NAMES, HALF_AN_HOUR)
    assert max(ordeal[-1].end, *(outage.rise for outage in script)) < HALF_AN_HOUR
    assert {outage.target for outage in script} == set(NAMES)
