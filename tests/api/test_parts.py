"""Parts of answers are kept as long as what they are of, and within a size."""

from __future__ import annotations

from monitor.api.parts import WrittenParts, listed


def written(parts: WrittenParts, name: str, stamp: object, content: bytes) -> bytes:
    """The part that there is, else this one, which is kept."""
    return parts.find(("part", name), stamp) or parts.put(("part", name), stamp, content)


def test_a_part_is_written_once_for_each_stamp() -> None:
    parts = WrittenParts()
    assert written(parts, "a", (1, "x"), b"one") == b"one"
    assert written(parts, "a", (1, "x"), b"never") == b"one"
    assert written(parts, "b", (1, "x"), b"other") == b"other"
    assert written(parts, "a", (2, "x"), b"two") == b"two"
    assert written(parts, "a", (1, "x"), b"again") == b"again"
    assert parts.written == 4


def test_what_was_written_longest_ago_goes_first() -> None:
    parts = WrittenParts(most=3 * 1_400)
    for name in "abc":
        written(parts, name, 1, b"x" * 1_000)
    written(parts, "a", 2, b"x" * 1_000)
    written(parts, "d", 1, b"y" * 1_000)
    assert parts.find(("part", "b"), 1) is None
    assert parts.find(("part", "a"), 2) == b"x" * 1_000
    assert [len(parts.find(("part", n), 1) or b"") for n in "cd"] == [1_000] * 2


def test_a_part_that_is_replaced_frees_its_room() -> None:
    parts = WrittenParts(most=2 * 1_400)
    written(parts, "a", 0, b"x" * 1_000)
    for stamp in range(1, 100):
        written(parts, "b", stamp, b"x" * 1_000)
    assert parts.find(("part", "a"), 0) is not None


def test_a_part_that_is_larger_than_all_room_is_given_and_not_kept() -> None:
    parts = WrittenParts(most=1_000)
    assert written(parts, "a", 1, b"x" * 5_000) == b"x" * 5_000
    assert parts.find(("part", "a"), 1) is None


def test_parts_make_a_list() -> None:
    assert listed([]) == b"[]"
    assert listed([b'{"a":1}', b"2"]) == b'[{"a":1},2]'
