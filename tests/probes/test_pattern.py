"""Patterns match as Python's do, in linear time, and what would need backtracking is refused."""

from __future__ import annotations

import random
import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes._pattern import MAX_PATTERN, Pattern, TooCostly

ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", r"\w", r"\S", "1", r"\n"])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeat = st.sampled_from(["*", "+", "?", "*?", "+?", "{2}", "{1,3}", "{2,}"])
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda arms: f"({arms[0]}|{arms[1]})"),
        st.tuples(inner, repeat).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    )


INNER = st.recursive(ATOMS, grown, max_leaves=8)
PATTERNS = st.tuples(
    st.sampled_from(["", "(?i)", "(?s)"]), st.sampled_from(["", "^"]), INNER,
    st.sampled_from(["", "$"]),
).map("".join)  # fmt: skip
TEXTS = st.text(alphabet="abAB1\n ", max_size=12)


@given(PATTERNS, TEXTS)
def test_it_finds_what_pythons_engine_finds(pattern: str, text: str) -> None:
    assert Pattern(pattern).is_found_in(text) == bool(re.search(pattern, text))


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*)*x", "a*a*a*a*a*b"])
def test_it_is_not_held_up_by_a_pattern_that_explodes(pattern: str) -> None:
    began = process_time()
    Pattern(pattern).is_found_in("a" * 200_000 + "c")
    assert process_time() - began < 2


def test_it_gives_up_on_a_pattern_that_stands_for_too_many_states() -> None:
    pattern = Pattern("(a|b)*a(a|b){60}c")
    noise = "".join(random.Random(1).choices("ab", k=200_000))  # noqa: S311
    began = process_time()
    with pytest.raises(TooCostly):
        pattern.is_found_in(noise)
    assert process_time() - began < 3


@pytest.mark.parametrize(
    "pattern", [r"(a)\1", "(?=a)b", "(?<!a)b", r"\bword", "(?m)^a", "(", "(a{500}){500}", "[a"]
)
def test_it_refuses_what_it_cannot_run_in_linear_time(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"backtracking|flags|no regular expression|too large"):
        Pattern(pattern)


def test_it_refuses_a_pattern_that_is_too_long() -> None:
    with pytest.raises(ValueError, match=str(MAX_PATTERN)):
        Pattern("a" * (MAX_PATTERN + 1))
