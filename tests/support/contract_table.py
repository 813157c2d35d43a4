"""The table of the probe contract suite, printed at the end of a run, also across workers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

PROPERTY = "contract"
"""Under which a test records its row: who, fault, expected, seen, milliseconds late."""

_HEAD = ("kind", "fault", "expected", "seen", "late ms")


def contract_rows(properties: Iterable[Iterable[tuple[str, object]]]) -> list[Sequence[str]]:
    """The rows among the recorded properties of each test."""
    found = [value for each in properties for name, value in each if name == PROPERTY]
    return [tuple(map(str, row)) for row in found if isinstance(row, list | tuple)]


def as_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """In columns.

    >>> as_lines([("tcp", "hangs", "up", "up", "0")])
    ['kind  fault  expected  seen  late ms', 'tcp   hangs  up        up    0']
    """
    table = [_HEAD, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(_HEAD))]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]
