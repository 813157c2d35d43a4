"""A program of its own: which process holds a lock in the files of a SQLite journal.

    python lock_query.py FILE:OFFSET ...

It prints the process of the first lock that is found, or nothing. A process that closed a
descriptor of these files would release all of its own locks on them, SQLite's too: whoever has the
journal open must not ask by itself. It imports little, and takes no lock.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys

_FLOCK = struct.Struct("hhqqi4x")
"""`struct flock` of 64-bit Linux: type, whence, start, length, process."""


def holder_at(path: str, offset: int) -> int:
    """Who keeps a writer out of one byte; 0 where nobody does, or nobody whom we can see."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return 0
    try:
        wanted = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, offset, 1, 0)
        found = _FLOCK.unpack(fcntl.fcntl(descriptor, fcntl.F_GETLK, wanted))
    except OSError:
        return 0
    finally:
        os.close(descriptor)
    return max(0, found[4]) if found[0] != fcntl.F_UNLCK else 0


def main(places: list[str]) -> int:
    for place in places:
        path, _, offset = place.rpartition(":")
        if pid := holder_at(path, int(offset)):
            sys.stdout.write(f"{pid}\n")
            break
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
