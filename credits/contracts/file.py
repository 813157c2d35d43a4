"""A contracts file: CSV in UTF-8 with a header, read row by row, whoever sends it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from credits.contracts.rows import COLUMNS, NEEDED, BadRow, ContractRow, read_row
from credits.fields import Problem, nearest
from monitor.domain.time.interval import Second

ENCODING = "utf-8-sig"
BAD_BYTES = "surrogateescape"
"""Bytes that are no UTF-8 are carried along: all mistakes of a file are reported at once."""
MOST_PROBLEMS = 10_000
"""After so many mistakes the rest of a file is not read."""
_LONGEST_ROW = 100_000
"""Characters: more than any row needs, and little enough for memory."""


class NoTable(Exception):
    """The file is no table of contracts; each argument is one reason."""


def read_rows(
    text: TextIO, zone: ZoneInfo, now: Second, problems: list[BadRow]
) -> Iterator[ContractRow]:
    """The rows that can be read; what is wrong with the others is added to `problems`. The text was
    opened with `ENCODING`, `BAD_BYTES` and no translation of line ends. Raises NoTable."""
    header = text.readline(_LONGEST_ROW)
    _check_encoding(header)
    delimiter = ";" if header.count(";") > header.count(",") else ","
    text.seek(0)
    lines = _Lines(text)
    reader = csv.DictReader(lines, delimiter=delimiter, strict=True, restkey="", restval="")
    _check_header(_names(reader))
    found: list[Problem] = []
    for cells in _records(reader, lines, problems):
        if len(problems) >= MOST_PROBLEMS:
            _add_too_many(reader.line_num, problems)
            return
        row = _row(reader, cells, zone, now, found)
        problems.extend(BadRow(line=reader.line_num, problem=problem) for problem in found)
        if not found:
            yield row
        found = []


class _Lines:
    """The lines of a file, of which one row takes only so many characters."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._length = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(_LONGEST_ROW)
        if not line:
            raise StopIteration
        self._length += len(line)
        if self._length >= _LONGEST_ROW:
            raise csv.Error(f"a row of more than {_LONGEST_ROW} characters")
        return line

    def begin_row(self) -> None:
        self._length = 0


def _names(reader: csv.DictReader[str]) -> list[str]:
    try:
        return list(reader.fieldnames or [])
    except csv.Error as error:
        raise NoTable(f"line 1: wanted CSV, got {error}") from error


def _records(
    reader: csv.DictReader[str], lines: _Lines, problems: list[BadRow]
) -> Iterator[dict[str | Any, str | Any]]:
    """Until a record is no CSV any more: nobody knows where the next one would begin."""
    try:
        lines.begin_row()
        for record in reader:
            yield record
            lines.begin_row()
    except csv.Error as error:
        problem = Problem(path="the row", wanted="CSV", got=f"{error}; what follows was not read")
        problems.append(BadRow(line=reader.line_num, problem=problem))


def _add_too_many(line: int, problems: list[BadRow]) -> None:
    wanted, got = f"at most {MOST_PROBLEMS} mistakes", "more; what follows was not read"
    problem = Problem(path="the file", wanted=wanted, got=got)
    problems.append(BadRow(line=line, problem=problem))


def _row(
    reader: csv.DictReader[str],
    cells: Mapping[str, str],
    zone: ZoneInfo,
    now: Second,
    problems: list[Problem],
) -> ContractRow:
    if "" in cells:
        wanted = f"{len(reader.fieldnames or [])} cells"
        problems.append(Problem(path="the row", wanted=wanted, got="more"))
        cells = {key: value for key, value in cells.items() if key}
    foreign = [key for key, value in cells.items() if not _is_text(value)]
    for key in foreign:
        wanted = "UTF-8: save as UTF-8 (in Excel: CSV UTF-8)"
        problems.append(Problem(path=key, wanted=wanted, got=_foreign(cells[key])))
    readable = {**cells, **dict.fromkeys(foreign, "?")} if foreign else cells
    return read_row(reader.line_num, readable, zone, now, problems)


def _is_text(value: str) -> bool:
    """Whether it was UTF-8: what was not is kept as surrogates."""
    return value.isprintable() or not any("\udc80" <= char <= "\udcff" for char in value)


def _foreign(value: str) -> str:
    return repr(value.encode("utf-8", BAD_BYTES))[1:]


def _check_encoding(header: str) -> None:
    if not _is_text(header) or "\0" in header:
        raise NoTable("line 1: wanted UTF-8: save as UTF-8 (in Excel: CSV UTF-8)")


def _check_header(columns: list[str]) -> None:
    """Raises NoTable with everything that is wrong with it."""
    missing = sorted(NEEDED - set(columns))
    found = [
        f"line 1: wanted a known column{nearest(name, COLUMNS)}, got {name!r}"
        for name in columns
        if name not in COLUMNS
    ]
    if missing:
        found.insert(0, f"line 1: wanted the columns {', '.join(missing)}, got none of that name")
    if len(set(columns)) < len(columns):
        found.append("line 1: wanted each column once, got one of them twice")
    if found:
        raise NoTable(*found)
