"""A wall clock that a test sets under running processes; the machine's own is never touched."""

from __future__ import annotations

from pathlib import Path

from tests.support.require import require

_LIBRARIES = ("x86_64-linux-gnu", "aarch64-linux-gnu")


def faked_environment(folder: Path, leaves_untested: str) -> dict[str, str]:
    """The environment of a process whose wall clock is as `set_wall` last said of this folder."""
    places = [Path(f"/usr/lib/{name}/faketime/libfaketimeMT.so.1") for name in _LIBRARIES]
    library = next((place for place in places if place.is_file()), None)
    require(library is not None, "faketime", leaves_untested)
    return {
        "LD_PRELOAD": str(library),
        # Else the monotonic clock moves too, and the loop hangs.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        # Else a thread that waits for the interpreter's lock gets it late: what takes a second of
        # CPU beside a busy thread takes twenty.
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_TIMESTAMP_FILE": str(set_wall(folder, 0)),
    }


def set_wall(folder: Path, offset_s: int) -> Path:
    """So far from the machine's."""
    path, aside = folder / "offset", folder / "offset.new"
    aside.write_text(f"{offset_s:+d}\n")
    aside.replace(path)
    return path
