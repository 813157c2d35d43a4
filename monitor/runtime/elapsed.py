"""How long things have lasted while this process ran, by a clock that nobody sets.

What is due so long after something began is due by the wall clock or by this one, whichever comes
first: a wall clock set back would put it off by as much.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable


class Elapsed:
    """Measured from the first time that a thing is asked about; a restart measures anew."""

    def __init__(self, boottime: Callable[[], float]) -> None:
        self._boottime = boottime
        self._began: dict[Hashable, float] = {}

    def has_begun(self, thing: Hashable) -> bool:
        return thing in self._began

    def begin(self, thing: Hashable, ago_s: float = 0.0) -> None:
        self._began[thing] = self._boottime() - ago_s

    def since(self, thing: Hashable) -> float:
        """Seconds; none where it begins now."""
        if thing not in self._began:
            self.begin(thing)
        return self._boottime() - self._began[thing]

    def keep(self, things: Collection[Hashable]) -> None:
        """Forget all the others."""
        self._began = {thing: at for thing, at in self._began.items() if thing in things}
