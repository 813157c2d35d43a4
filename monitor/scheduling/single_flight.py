"""One look that answers for all who ask: a question put to other people's machines, seldom."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
SPACING_S = 1.0
"""What is asked is other people's: however many checks fail, one look a second."""
LINGER_S = 30.0
"""For how long a verdict speaks of looks that begin after it, where none came in between."""


class SingleFlight(Generic[T]):
    """Never two looks at once; who asks during one shares the next."""

    def __init__(self, look: Callable[[], Awaitable[T]], *, spacing_s: float = SPACING_S) -> None:
        self._look = look
        self._spacing_s = spacing_s
        self._not_before = 0.0
        self._current: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def begun_now(self) -> T:
        """What a look saw that began after this call."""
        if self._next is None:
            self._next = asyncio.create_task(self._look_after(self._current))
        # One who gives up waiting must not end the look for the others.
        return await asyncio.shield(self._next)

    async def _look_after(self, before: asyncio.Task[T] | None) -> T:
        if before is not None:
            await asyncio.wait([before])
        loop = asyncio.get_running_loop()
        if (patience := self._not_before - loop.time()) > 0:
            await asyncio.sleep(patience)
        self._not_before = loop.time() + self._spacing_s
        self._current, self._next = self._next, None
        return await self._look()


class Spell:
    """The last time that something of ours was ill, as far as verdicts tell.

    A verdict comes after a failure, and what was ill may have come back between the two: a look
    that began in the spell proves nothing, whatever is said once it is over.
    """

    def __init__(self) -> None:
        self._ill_at = float("-inf")
        self._over_at = float("-inf")

    def note(self, *, is_ill: bool) -> None:
        now = asyncio.get_running_loop().time()
        if is_ill:
            self._ill_at, self._over_at = now, float("inf")
        else:
            self._over_at = min(self._over_at, now)

    def has(self, began: float) -> bool:
        """Whether a look that began then (on the loop's clock) began in it, or saw it."""
        return began - LINGER_S <= self._ill_at and began < self._over_at
