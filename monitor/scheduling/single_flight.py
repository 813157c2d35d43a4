"""One run answers all callers, so that other people's machines are seldom asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
SPACING_S = 1.0
"""Other people's machines are asked: one run per second, however many checks fail."""
LINGER_S = 30.0
"""For how long a verdict holds for runs that begin after it, without a verdict in between."""


class SingleFlight(Generic[T]):
    """Never two runs at once; callers during one share the next."""

    def __init__(self, run: Callable[[], Awaitable[T]], *, spacing_s: float = SPACING_S) -> None:
        self._run = run
        self._spacing_s = spacing_s
        self._not_before = 0.0
        self._current: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def fresh_result(self) -> T:
        """The result of a run that began after this call."""
        if self._next is None:
            self._next = asyncio.create_task(self._run_after(self._current))
        # A caller that gives up waiting must not end the run for the others.
        return await asyncio.shield(self._next)

    async def _run_after(self, previous: asyncio.Task[T] | None) -> T:
        if previous is not None:
            await asyncio.wait([previous])
        loop = asyncio.get_running_loop()
        if (pause_s := self._not_before - loop.time()) > 0:
            await asyncio.sleep(pause_s)
        self._not_before = loop.time() + self._spacing_s
        self._current, self._next = self._next, None
        return await self._run()


class FaultSpan:
    """The last span in which something of ours was faulty, as far as verdicts show.

    A verdict comes after a failure, and the faulty part may have recovered between the two. So a
    check run that began in the span proves nothing, whatever a later verdict says.
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
        """Whether a check run that began then (on the loop's clock) began in the span or met it."""
        return began - LINGER_S <= self._ill_at and began < self._over_at
