"""A configured check, run by hand at a door elsewhere."""

from __future__ import annotations

from monitor.client.door import Door, step
from monitor.client.ports import Document

_PROBE_S = 60.0
"""A run takes as long as its check may, and a process has to begin for it."""


class RemoteChecks:
    """Implements `monitor.client.ports.Checks`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def probe(self, wanted: str) -> Document:
        return self._door.act(f"/checks/{step(wanted)}/probe", longest_s=_PROBE_S).found
