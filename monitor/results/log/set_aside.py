"""A damaged result log is set aside and a new one takes its place; what is lost by that is counted.

The file is renamed, never removed: a person who can mend it finds it under a name that says when.
The new log is made beside it with all that it needs, and comes into the place in one step. While it
stands whole beside the former one (`.new`), that one is being set aside: the next process after a
kill goes on with that.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import gmtime, strftime
from typing import Any

from monitor.domain.time.eras import Era
from monitor.domain.time.interval import Second
from monitor.results.log.file import connect_reader, connect_writer
from monitor.results.log.ports import LogLoss
from monitor.results.log.rows import era_row, read_era
from monitor.runtime.folders import sync_folder

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_COPIED_TABLES = ("memory", "anchor", "logging_clock", "lost")
"""Small tables that are copied into the new log, where they can still be read."""
FileId = tuple[int, int]
"""(device, inode): two files of one name differ in it."""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file itself is wrong, and no other attempt can help."""
    return ((getattr(error, "sqlite_errorcode", None) or 0) & 0xFF) in _DAMAGED


def file_id(path: Path) -> FileId | None:
    """None where nothing is there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def take_up_half_done(path: Path) -> LogLoss | None:
    """Go on where a kill or an error came between setting aside and putting the new log into the
    place. Returns what was lost then; None where nothing was moved yet, and nothing is moved."""
    new = _beside(path)
    if not new.exists():
        return None
    loss = _loss_in(new)
    aside = path.with_name(loss.set_aside) if loss and loss.set_aside else None
    if path.exists() and not (aside and _is_half_aside(aside)):
        # Nothing was moved, or somebody has put another file into the place since.
        _remove(new)
        return None
    _put_in_place(path, aside)
    return loss


@dataclass(slots=True)
class Remains:
    """What can still be read of a log; each part on its own, for damage is in some places only."""

    rows: int | None = None
    first_slot: Second | None = None
    last_slot: Second | None = None
    last_seq: int = 0
    eras: list[Era] = field(default_factory=list)
    tables: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)


def remains_of(path: Path) -> Remains:
    found = Remains()
    with suppress(sqlite3.Error, OSError):
        connection = connect_reader(path)
        if connection is not None:
            with closing(connection):
                _read_remains(connection, found)
    return found


def begin_anew(
    path: Path, remains: Remains, *, at: Second, after: int, eras: Sequence[Era], why: str
) -> LogLoss:
    """Put a new log into the place of one that is damaged, or that is gone. It begins behind
    `after`, in these eras.

    Raises sqlite3.Error or OSError. Then the former one is in its place, or `take_up_half_done`
    goes on from there.
    """
    half_done = take_up_half_done(path)
    if half_done is not None:
        return half_done
    aside = _name_aside(path, at) if path.exists() else None
    loss = LogLoss(
        at=at,
        why=why,
        set_aside=aside.name if aside else "",
        rows=remains.rows,
        first_slot=remains.first_slot,
        last_slot=remains.last_slot,
        behind=after,
    )
    _make(path, remains, eras, loss)
    try:
        _put_in_place(path, aside)
    except OSError:
        _leave_in_place(path, aside)
        raise
    return loss


def write_eras(connection: sqlite3.Connection, eras: Iterable[Era]) -> None:
    """Write these and no others, within a transaction."""
    connection.execute("DELETE FROM era")
    rows = [(era.number, era.first_seq, era_row(era)) for era in eras]
    connection.executemany("INSERT INTO era VALUES (?, ?, ?)", rows)


def note_loss(connection: sqlite3.Connection, loss: LogLoss) -> None:
    """Within a transaction. The key is where the log goes on, which grows whatever a clock does."""
    _make_lost(connection)
    connection.execute(
        "INSERT OR REPLACE INTO lost VALUES (?, ?)", (loss.behind or loss.at, _loss_text(loss))
    )


def begun_behind(connection: sqlite3.Connection) -> int:
    """The number behind which this log went on when it last took the place of another; 0 where
    it never did."""
    loss = _last_loss(connection)
    return loss.behind if loss else 0


def _make_lost(connection: sqlite3.Connection) -> None:
    # The key is called `at`, for it was the time when that name was chosen.
    connection.execute("CREATE TABLE IF NOT EXISTS lost (at INTEGER PRIMARY KEY, told TEXT)")


def _last_loss(connection: sqlite3.Connection) -> LogLoss | None:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'lost'").fetchone():
        return None
    row = connection.execute("SELECT told FROM lost ORDER BY at DESC LIMIT 1").fetchone()
    return LogLoss(**json.loads(row[0])) if row else None


def _loss_in(new: Path) -> LogLoss | None:
    """Read without making any file beside it."""
    uri = f"{new.absolute().as_uri()}?mode=ro&immutable=1"
    with (
        suppress(sqlite3.Error, ValueError, TypeError),
        closing(sqlite3.connect(uri, uri=True)) as c,
    ):
        return _last_loss(c)
    return None


def _loss_text(loss: LogLoss) -> str:
    return json.dumps(asdict(loss))


def _read_remains(connection: sqlite3.Connection, remains: Remains) -> None:
    def read(query: str) -> list[tuple[Any, ...]]:
        try:
            return connection.execute(query).fetchall()
        except sqlite3.Error:
            return []

    ends = [_end(read, order) for order in ("", " DESC")]
    if ends[0] and ends[1]:
        (first, remains.first_slot), (last, remains.last_slot) = ends[0], ends[1]
        remains.rows, remains.last_seq = last - first + 1, last
    with suppress(ValueError, TypeError, KeyError):
        remains.eras = [read_era(text) for (text,) in read("SELECT told FROM era ORDER BY number")]
    remains.tables = {name: read(f"SELECT * FROM {name}") for name in _COPIED_TABLES}  # noqa: S608 - ours


def _end(read: Callable[[str], list[tuple[Any, ...]]], order: str) -> tuple[int, Second] | None:
    """The first or the last row; `seq` has no holes, so the two give how many there are."""
    rows = read(f"SELECT seq, slot FROM result ORDER BY seq{order} LIMIT 1")  # noqa: S608 - ours
    return (rows[0][0], Second(rows[0][1])) if rows else None


def _make(path: Path, remains: Remains, eras: Sequence[Era], loss: LogLoss) -> None:
    """Make the new log beside the former one; it has its name there once it is whole."""
    making, new = _with(path, ".making"), _beside(path)
    for former in (making, new):
        _remove(former)
    with closing(connect_writer(making)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        write_eras(connection, eras)
        _make_lost(connection)
        for name, rows in remains.tables.items():
            for row in rows:
                marks = ",".join("?" * len(row))
                connection.execute(f"INSERT INTO {name} VALUES ({marks})", row)  # noqa: S608
        note_loss(connection, loss)
        connection.execute("COMMIT")
        # All of it is in one file, for that alone is renamed.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    _remove_wal(making)
    making.replace(new)
    sync_folder(path.parent)


def _put_in_place(path: Path, aside: Path | None) -> None:
    """Each step may be the last before a kill, and all of them may be taken again. The former log's
    WAL goes along, and goes first: a new log must never find the WAL of another beside it. Raises
    OSError."""
    if aside is not None and not _with(aside, "-wal").exists():
        with suppress(FileNotFoundError):
            _with(path, "-wal").replace(_with(aside, "-wal"))
    _remove_wal(path)
    if aside is not None:
        with suppress(FileNotFoundError):
            path.replace(aside)
    _beside(path).replace(path)
    sync_folder(path.parent)


def _leave_in_place(path: Path, aside: Path | None) -> None:
    """Undo what was moved of a log that is still there: it is written on until it can be moved."""
    if not path.exists():
        return
    with suppress(OSError):
        if aside is not None and _is_half_aside(aside):
            _with(aside, "-wal").replace(_with(path, "-wal"))
        _remove(_beside(path))


def _is_half_aside(aside: Path) -> bool:
    return _with(aside, "-wal").exists() and not aside.exists()


def _name_aside(path: Path, at: Second) -> Path:
    """A name that no file has yet: the clock may show a second again."""
    stamp = f"{path.stem}-damaged-{strftime('%Y%m%dT%H%M%SZ', gmtime(at))}"
    endings = ("", *(f"-{number}" for number in range(2, 1_000)))
    names = (path.with_name(f"{stamp}{ending}{path.suffix}") for ending in endings)
    free = (name for name in names if not (name.exists() or _with(name, "-wal").exists()))
    return next(free, path.with_name(f"{stamp}{path.suffix}"))


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _with(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    _remove_wal(path)


def _remove_wal(path: Path) -> None:
    for ending in ("-wal", "-shm"):
        _with(path, ending).unlink(missing_ok=True)
