"""YAML as it looks: no guessing, no bombs, and the line of everything."""

from __future__ import annotations

import pytest

from monitor.config.document import MAX_BYTES, MAX_DEPTH, Unreadable, read_document


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"), ("True", "True"),
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None),
        ("1:30", "1:30"), ("10:00", "10:00"), ("010", "010"), ("0o17", "0o17"), ("0x1F", "0x1F"),
        ("1_000", "1_000"), ("7", 7), ("-7", -7), ("0", 0), ("1.5", 1.5), ("-.5", -0.5),
        ("1e3", 1000.0), (".inf", ".inf"), (".nan", ".nan"), ("1e999", "1e999"),
        ("9" * 5000, "9" * 5000), ("2026-10-01", "2026-10-01"), ("'7'", "7"), ('"no"', "no"),
        ("=", "="), ("<<", "<<"), ("!!str 7", "7"),
    ],
)  # fmt: skip
def test_it_reads_a_scalar_as_it_looks(written: str, value: object) -> None:
    read = read_document(f"a: {written}\n").value["a"]
    assert read == value
    assert type(read) is type(value)


def test_it_knows_the_line_of_each_value() -> None:
    document = read_document("a:\n  b:\n    - x\n    - c: 1\n# a remark\nd: {e: 2}\n")
    lines = {
        path: document.line(path)
        for path in [("a",), ("a", "b"), ("a", "b", 0), ("a", "b", 1, "c"), ("d", "e")]
    }
    assert list(lines.values()) == [1, 2, 3, 4, 6]


def test_it_points_at_the_nearest_owner_of_what_is_missing() -> None:
    assert read_document("a:\n  b: 1\n").line(("a", "nothing", 3, "at all")) == 1


def test_it_keeps_the_first_of_two_equal_keys() -> None:
    document = read_document("a: 1\nb: 2\na: 3\n")
    assert document.value == {"a": 1, "b": 2}
    assert [fault.line for fault in document.faults] == [3]


def test_it_takes_aliases_and_no_merge_keys() -> None:
    document = read_document("a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n")
    assert document.value == {"a": {"b": 1}, "c": {"b": 1}, "d": {"<<": {"b": 1}}}


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_it_survives_nesting_that_crashes_the_parser(opening: str) -> None:
    with pytest.raises(Unreadable, match="nest deeper"):
        read_document(opening * 100_000)


def test_it_reads_what_nests_as_deep_as_allowed() -> None:
    depth = MAX_DEPTH - 2
    assert read_document("a: " + "[" * depth + "]" * depth).value is not None


def test_it_refuses_an_oversized_text_unread() -> None:
    with pytest.raises(Unreadable, match="bytes long"):
        read_document("#" * (MAX_BYTES + 1))


def test_it_refuses_text_that_is_no_unicode() -> None:
    with pytest.raises(Unreadable, match="UTF-8"):
        read_document("a: \udcff")


def test_it_refuses_what_holds_itself() -> None:
    with pytest.raises(Unreadable, match="contain itself"):
        read_document("a: &a {b: *a}\n")
