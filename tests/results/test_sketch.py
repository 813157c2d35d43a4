"""A sketch answers quantiles within one percent, and sketches add up exactly."""

from __future__ import annotations

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.results.rollups.sketch import ACCURACY, EMPTY, Sketch
from monitor.results.rollups.varint import pack, unpack

durations = st.lists(st.integers(min_value=1, max_value=120_000_000), min_size=1, max_size=300)
shares = st.sampled_from([0.01, 0.5, 0.9, 0.95, 0.99, 1.0])


@given(durations, shares)
def test_a_quantile_is_within_one_percent_of_the_nearest_rank(held: list[int], q: float) -> None:
    wanted = sorted(held)[max(1, ceil(q * len(held))) - 1]
    assert Sketch.of(held).quantile_us(q) == pytest.approx(wanted, rel=ACCURACY * 1.0001)


@given(durations, durations)
def test_two_sketches_add_up_to_the_sketch_of_both(one: list[int], other: list[int]) -> None:
    assert Sketch.of(one) + Sketch.of(other) == Sketch.of(one + other)


@given(durations)
def test_it_is_read_back_as_it_was_written(held: list[int]) -> None:
    sketch = Sketch.of(held)
    assert Sketch.decode(sketch.encode()) == sketch
    assert Sketch.decode(sketch.encode()).encode() == sketch.encode()


def test_adding_nothing_changes_nothing() -> None:
    sketch = Sketch.of([5, 7])
    assert (sketch + EMPTY, EMPTY + sketch, EMPTY.quantile_us(0.5)) == (sketch, sketch, 0.0)


def test_the_mean_is_exact() -> None:
    assert Sketch.of([1, 2, 6]).mean_us == 3.0


@pytest.mark.parametrize("junk", [b"", b"\x02\x01", b"\x01\x01", b"\x01\x01\x01\x01\x05", b"\xff"])
def test_it_refuses_bytes_that_are_no_sketch(junk: bytes) -> None:
    with pytest.raises(ValueError, match=r"want a sketch|end inside"):
        Sketch.decode(junk)


@given(st.lists(st.integers(min_value=0, max_value=1 << 70)))
def test_packed_numbers_come_back(numbers: list[int]) -> None:
    assert list(unpack(pack(numbers))) == numbers


def test_a_negative_number_is_not_packed() -> None:
    with pytest.raises(ValueError, match="-1"):
        pack([-1])
