"""A secret key in a file of its own, for its owner alone, who is that of its folder."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from monitor.runtime.folders import give_to_owner_of, sync_folder

KEY_BYTES = 32
_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH


def read_or_make_key(path: Path) -> bytes:
    """Makes the file where there is none. Raises OSError, ValueError."""
    if not path.exists():
        _make_key(path)
    return read_key(path)


def read_key(path: Path) -> bytes:
    """Raises OSError, and ValueError where others may read it or it is no key."""
    with path.open("rb") as file:
        mode, key = os.fstat(file.fileno()).st_mode, file.read()
    if mode & _OTHERS_READ:
        raise ValueError("its group or others may read it: chmod 600, and think of it as known")
    if len(key) != KEY_BYTES:
        raise ValueError(f"it holds {len(key)} bytes, and a key has {KEY_BYTES}")
    return key


def _make_key(path: Path) -> None:
    """Whole or not at all; where two processes do it at once, the first one's stays."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    made = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
            give_to_owner_of(path.parent, file.fileno())
        with suppress(FileExistsError):
            os.link(made, path)
    finally:
        made.unlink()
    # Else the key may be gone after a power cut, and what rests on it stays.
    sync_folder(path.parent)
