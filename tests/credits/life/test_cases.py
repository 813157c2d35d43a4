"""The lifecycle cases: lived by the product, and by a second program that shares no code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.credits.life.oracle import Opinion
from tests.credits.life.story import Story

_FIXTURES = Path(__file__).parents[2] / "fixtures"
_OWN: dict[str, Any] = json.loads((_FIXTURES / "lifecycle_cases.json").read_text("utf-8"))
_GIVEN: dict[str, Any] = json.loads((_FIXTURES / "credit_cases.json").read_text("utf-8"))

EXPECTED: dict[str, dict[str, Any]] = {
    case["id"]: case["expect"] for case in (*_GIVEN["lifecycle_cases"], *_OWN["cases"])
}
SCRIPTS: dict[str, list[list[Any]]] = {
    **_OWN["scripts"],
    **{case["id"]: case["script"] for case in _OWN["cases"]},
}
_ERRORS = {"ticket_required": "ticket_required (9a)", "two_people": "two_person_rule"}
_ON_THE_WAY = ("under_review", "applying")


def as_given(said: dict[str, Any]) -> dict[str, Any]:
    """In the words of the given cases, which list neither what a credit passes on the way nor a
    state it comes back to."""
    first = [s for s in dict.fromkeys(said["states"]) if s not in _ON_THE_WAY]
    errors = [_ERRORS.get(code, code) for code in said["errors"]]
    return {**said, "states": first, "error": errors[0] if errors else None}


def test_there_is_a_script_for_each_of_the_twenty() -> None:
    assert len(SCRIPTS) == len(EXPECTED) == 20
    assert SCRIPTS.keys() == EXPECTED.keys()
    assert sorted(name[:3] for name in SCRIPTS) == [f"L{number:02}" for number in range(1, 21)]


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("program", [Story, Opinion], ids=["product", "second opinion"])
def test_it_is_lived_as_expected(name: str, program: type[Story] | type[Opinion]) -> None:
    said = program().told(SCRIPTS[name])
    words = said if name in {case["id"] for case in _OWN["cases"]} else as_given(said)
    expected = EXPECTED[name]
    assert {field: words[field] for field in expected} == expected


@pytest.mark.parametrize("name", EXPECTED)
def test_both_programs_agree_on_every_field(name: str) -> None:
    own, second = Story().told(SCRIPTS[name]), Opinion().told(SCRIPTS[name])
    assert own == second
