"""An inbox keeps what it accepted, refuses what is too much, and forgets what was read."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.inbox.file import Inbox, InboxReader
from monitor.inbox.ports import UNREADABLE, InboxFull
from monitor.inbox.read_so_far import read_so_far, write_read_so_far


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "page" / "inbox.db"


def read(file: Path, after: int = 0) -> list[tuple[int, str, object]]:
    rows = InboxReader(file).unread(after, 100).rows
    return [(row.seq, row.kind, row.body) for row in rows]


def test_it_is_read_in_order_behind_a_cursor(file: Path) -> None:
    inbox = Inbox(file)
    assert InboxReader(file).lineage() == ""
    for number in range(3):
        inbox.append("asked", {"number": number})
    assert read(file) == [(n + 1, "asked", {"number": n}) for n in range(3)]
    assert [seq for seq, *_ in read(file, after=2)] == [3]


def test_a_full_one_refuses_and_keeps_what_it_accepted(file: Path) -> None:
    by_rows = Inbox(file, most_rows=2)
    for _ in range(2):
        by_rows.append("asked", {})
    with pytest.raises(InboxFull):
        by_rows.append("asked", {})
    assert len(read(file)) == 2
    by_rows.prune(1)
    by_rows.append("asked", {})
    assert [seq for seq, *_ in read(file)] == [2, 3]


def test_it_counts_bytes_also_of_what_was_there_before(file: Path) -> None:
    Inbox(file).append("asked", {"a": "ñ" * 40})
    again = Inbox(file, most_bytes=150)
    with pytest.raises(InboxFull):
        again.append("asked", {"a": "ñ" * 40})
    again.append("asked", {"a": "b"})


@pytest.mark.parametrize(
    "damage",
    [("asked", '{"nu'), ("asked", b"\xc3"), (b"\xff", "{}"), ("asked", "[1]")],
)
def test_a_damaged_row_keeps_none_behind_it_waiting(
    file: Path, damage: tuple[object, object]
) -> None:
    inbox = Inbox(file)
    for number in range(3):
        inbox.append("asked", {"number": number})
    with sqlite3.connect(file) as other:
        other.execute("UPDATE row SET kind = ?, body = ? WHERE seq = 2", damage)
    assert read(file) == [
        (1, "asked", {"number": 0}), (2, UNREADABLE, {}), (3, "asked", {"number": 2}),
    ]  # fmt: skip


def test_of_pruned_rows_no_byte_stays(file: Path) -> None:
    inbox = Inbox(file)
    for number in range(500):
        inbox.append("asked", {"address": f"canary{number}@secret.example"})
    inbox.prune(500)
    left = b"".join(part.read_bytes() for part in file.parent.iterdir())
    assert b"secret.example" not in left
    inbox.append("asked", {})
    assert [seq for seq, *_ in read(file)] == [501]


def test_a_file_in_its_place_has_another_lineage(file: Path, tmp_path: Path) -> None:
    first, reader = Inbox(file), InboxReader(file)
    first.append("asked", {})
    before = reader.lineage()
    first.close()
    for part in file.parent.iterdir():
        part.rename(tmp_path / part.name)
    Inbox(file).append("asked", {})
    assert reader.lineage() not in ("", before)


def test_how_far_it_is_read_is_told_by_lineage(tmp_path: Path) -> None:
    told = tmp_path / "core.inboxes"
    assert read_so_far(told, "a") == 0
    write_read_so_far(told, {"a": 7})
    assert (read_so_far(told, "a"), read_so_far(told, "b")) == (7, 0)
    told.write_text("{")
    assert read_so_far(told, "a") == 0


_APPEND = "import sys, pathlib; from monitor.inbox.file import Inbox; \
Inbox(pathlib.Path(sys.argv[1])).append('asked', {})"


def test_what_it_acknowledged_outlives_a_kill(file: Path) -> None:
    for point, there in (("inbox.append.before", 0), ("inbox.append.after", 1)):
        killed = subprocess.run(
            [sys.executable, "-c", _APPEND, str(file)],
            env={**os.environ, "ESTADO_KILL_AT": point}, check=False,
        )  # fmt: skip
        assert killed.returncode < 0
        assert len(read(file)) == there
