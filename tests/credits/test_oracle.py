"""The product agrees with a walk over every second, and with itself under harmless changes.

`ESTADO_CREDIT_CASES` says how many random cases (default 2000).
"""

from __future__ import annotations

import copy
import json
import os
import random
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credits.cases.compute import figures
from credits.cases.read import read_cases
from tests.credits.oracle import opinion
from tests.credits.random_cases import random_case

PUBLISHED: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "credit_cases.json").read_text("utf-8")
)
DEFAULT: dict[str, Any] = PUBLISHED["policy_default"]
ASKED = int(os.environ.get("ESTADO_CREDIT_CASES", "2000"))
BATCH = 100
_LOCAL = timezone(timedelta(hours=-3))
"""Of the cases that are made up."""


def computed(*cases: dict[str, Any]) -> list[dict[str, Any]]:
    """The product's figures, by the way a file takes."""
    found = read_cases(json.dumps({"policy_default": DEFAULT, "cases": cases}))
    assert found.bad == []
    return [figures(case) for case in found.cases]


@pytest.mark.parametrize("batch", range(-(-ASKED // BATCH)))
def test_it_agrees_with_a_walk_over_every_second(batch: int) -> None:
    cases = [random_case(seed) for seed in range(batch * BATCH, min(ASKED, (batch + 1) * BATCH))]
    assert computed(*cases) == [opinion(case, DEFAULT) for case in cases]


@pytest.mark.timeout(300)  # every second of a month, one at a time
@pytest.mark.parametrize("case", PUBLISHED["cases"][:12:3], ids=lambda case: str(case["id"]))
def test_the_walk_itself_agrees_with_published_cases(case: dict[str, Any]) -> None:
    assert opinion(case, DEFAULT) == {"id": case["id"], **case["expected"]}


def test_the_random_cases_reach_every_verdict_and_bucket() -> None:
    found = computed(*(random_case(seed) for seed in range(300)))
    verdicts = Counter(row["verdict"] for row in found)
    states = Counter(row["status"] for row in found)
    assert min(verdicts[v] for v in ("breach", "indeterminate", "no_breach")) > 15
    assert {"eligible", "eligible_zero", "needs_review", "blocked_suspended"} <= set(states)
    for field in ("inferred_down_s", "degraded_s", "excluded_s", "unknown_s"):
        assert sum(row[field] > 0 for row in found) > 30
    assert sum(isinstance(row["downtime_s"], str) for row in found) > 5


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Figures without names and without the order of lines."""
    lines = [{k: v for k, v in line.items() if k != "invoice"} for line in row["lines"]]
    bare = {k: v for k, v in row.items() if k not in ("id", "lines")}
    return {**bare, "lines": sorted(lines, key=json.dumps)}


def renamed(case: dict[str, Any]) -> dict[str, Any]:
    out = copy.deepcopy(case)
    given = out["input"]
    out["id"] = "another"
    for i, component in enumerate(given["components"]):
        component["id"] = f"z{9 - i}"
        if "group" in component:
            component["group"] = "renamed-" + component["group"]
    for thing in (*given["maintenance"], *given["exclusions"]):
        thing["components"] = [f"z{9 - int(name[1:])}" for name in thing["components"]]
    for i, invoice in enumerate(given["invoices"]):
        invoice["id"] = f"A-{9 - i}"
    return out


def shuffled(case: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """Every list in another order, with some of its entries twice."""
    out = copy.deepcopy(case)
    given = out["input"]
    holders = [given, *given["components"]]
    names = ("components", "maintenance", "exclusions", "invoices", "active", "suspended", "down",
             "degraded", "probes")  # fmt: skip
    for holder in holders:
        for name in names:
            if holder.get(name):
                again = dice.sample(holder[name], dice.randint(0, len(holder[name])))
                holder[name] = dice.sample(holder[name] + again, len(holder[name]) + len(again))
    return out


def shifted(thing: Any, days: int) -> Any:
    """Every timestamp so many whole days later."""
    if isinstance(thing, dict):
        return {key: shifted(value, days) for key, value in thing.items()}
    if isinstance(thing, list):
        return [shifted(value, days) for value in thing]
    if isinstance(thing, str) and thing.startswith("2026-"):
        return (datetime.fromisoformat(thing) + timedelta(days=days)).isoformat()
    return thing


@pytest.mark.parametrize("seed", range(0, 400, 5))
def test_names_order_repetition_and_date_change_no_figure(seed: int) -> None:
    case = random_case(seed)
    dice = random.Random(seed)  # noqa: S311 - no secret
    asis, *others = (
        computed(version)[0]
        for version in (
            case,
            renamed(case),
            shuffled(case, dice),
            shifted(case, dice.choice((-400, -1, 1, 30, 365))),
        )
    )
    assert [plain(other) for other in others] == [plain(asis)] * 3


def written_elsewhere(thing: Any, dice: random.Random) -> Any:
    """Every timestamp as somebody wrote it whose clock is of another offset: the same seconds."""
    if isinstance(thing, dict):
        return {key: written_elsewhere(value, dice) for key, value in thing.items()}
    if isinstance(thing, list):
        return [written_elsewhere(value, dice) for value in thing]
    if not (isinstance(thing, str) and thing.startswith("2026-")):
        return thing
    moment = datetime.fromisoformat(thing)
    offset = timezone(timedelta(minutes=15 * dice.randint(-56, 56)))
    return (
        (moment if moment.tzinfo else moment.replace(tzinfo=_LOCAL)).astimezone(offset).isoformat()
    )


@given(seed=st.integers(0, 10**6), dice=st.randoms(use_true_random=False))
def test_the_offset_in_which_a_time_is_written_changes_no_figure(
    seed: int, dice: random.Random
) -> None:
    case = random_case(seed)
    assert computed(written_elsewhere(case, dice)) == computed(case)


@given(seed=st.integers(0, 10**6))
def test_the_zone_of_a_case_changes_no_figure_of_times_that_have_an_offset(seed: int) -> None:
    case = written_elsewhere(random_case(seed), random.Random(seed))  # noqa: S311 - no secret
    elsewhere = copy.deepcopy(case)
    elsewhere["policy"]["tz"] = "Pacific/Chatham"
    assert computed(elsewhere) == computed(case)


def test_the_walk_has_no_opinion_on_a_policy_that_it_does_not_know() -> None:
    cases = map(random_case, range(100))
    breach = next(case for case in cases if opinion(case, DEFAULT)["verdict"] == "breach")
    breach["policy"] = {**breach.get("policy", {}), "policy": "of_tomorrow"}
    with pytest.raises(NotImplementedError, match="of_tomorrow"):
        opinion(breach, DEFAULT)
