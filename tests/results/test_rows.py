"""What a target says is kept, and nothing of it acts on the terminal of whoever reads it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli.probe.view import as_json
from monitor.domain.checks.observation import Json, Observation, Outcome, Result
from monitor.results.log.rows import result_of, row_of
from tests.results.samples import a_result

CONTROLS = {chr(c) for c in (*range(0x20), *range(0x7F, 0xA0))} - {"\t", "\n"}
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
ODD = st.text(st.sampled_from([*CONTROLS, "\\", "x", "u", "0", "ñ", "\t", "\n"]), max_size=30)


def kept(message: str, evidence: dict[str, Json]) -> Result:
    return result_of(row_of(1, a_result(message=message, evidence=evidence))).result


def strings(value: Json) -> list[str]:
    if isinstance(value, dict):
        return [found for k, v in value.items() for found in (k, *strings(v))]
    if isinstance(value, list):
        return [found for item in value for found in strings(item)]
    return [value] if isinstance(value, str) else []


@given(words=WORDS | ODD)
def test_no_control_character_is_kept_but_tab_and_newline(words: str) -> None:
    result = kept(words, {"banner": words, words: [{"said": words}]})
    for told in (result.message, *strings(dict(result.evidence))):
        assert CONTROLS.isdisjoint(told)


@given(words=WORDS | ODD)
def test_every_other_character_is_kept_as_it_was(words: str) -> None:
    plain = "".join(c for c in words if c not in CONTROLS)
    result = kept(plain, {"banner": plain})
    assert (result.message, result.evidence["banner"]) == (plain, plain)


@pytest.mark.parametrize("words", ["\x1b[2J", "a\r\nb", "\x9b1m", "\\u001b", "C:\\b"])
def test_what_was_there_can_still_be_read(words: str) -> None:
    written = {"\x1b[2J": "\\x1b[2J", "a\r\nb": "a\\x0d\nb", "\x9b1m": "\\x9b1m"}
    result = kept(words, {"a": words})
    assert (result.message, result.evidence["a"]) == (written.get(words, words),) * 2


def test_the_json_of_a_look_holds_no_control_character_either() -> None:
    seen = Observation(outcome=Outcome.UP, message="\x9b1m\x7f\x1b[2J ñ", evidence={"a": "\x85"})
    text = as_json(seen)
    assert CONTROLS.isdisjoint(text)
    assert "ñ" in text
    assert json.loads(text)["message"] == seen.message


def test_a_phase_that_is_no_number_is_left_out() -> None:
    phases = {"dns": float("nan"), "connect": 2.0, "reply": float("inf")}
    row = row_of(1, replace(a_result(), phases_ms=phases))
    assert result_of(row).result.phases_ms == {"connect": 2.0}
