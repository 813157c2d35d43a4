"""When each mirror was last as new as the page: written by the page role, read by the core, in a
file that is replaced as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from monitor.domain.time.interval import Second

NEVER = Second(0)


class MirrorTimes:
    """One writer. What an earlier run noted stays: a mirror that is away now was there once."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._times = dict(_read(file))

    def note(self, mirror: str, at: Second) -> None:
        """It is up to date. Raises OSError; the next note says it as well."""
        self._times[mirror] = at
        self._file.parent.mkdir(parents=True, exist_ok=True)
        written = self._file.with_suffix(".writing")
        written.write_text(json.dumps(self._times), "utf-8")
        written.replace(self._file)


def mirror_times(file: Path, mirrors: Iterable[str]) -> Mapping[str, Second]:
    """Of these mirrors; `NEVER` of one that never was up to date, and where nothing is known."""
    times = _read(file)
    return {mirror: times.get(mirror, NEVER) for mirror in mirrors}


def _read(file: Path) -> Mapping[str, Second]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): Second(at) for name, at in found.items() if isinstance(at, int)}
