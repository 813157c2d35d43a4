"""How many requests are answered at once, and for how long: the store's own work comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from monitor.history.http.problems import Problem, away

T = TypeVar("T")
AT_ONCE = 2
"""Each may use a thread beside the follower's; more of them would answer no faster."""
WAITING = 16
DEADLINE_S = 20.0
_RETRY_AFTER_S = 2.0


class ConcurrencyLimit:
    """Permits for requests. One that was given up keeps its permit until its thread is free."""

    def __init__(
        self, *, at_once: int = AT_ONCE, waiting: int = WAITING, deadline_s: float = DEADLINE_S
    ) -> None:
        self._permits = asyncio.Semaphore(at_once)
        self._capacity = at_once + waiting
        self._deadline_s = deadline_s
        self._inside: set[asyncio.Task[Any]] = set()

    async def run(self, answer: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait for the answer until the deadline. Raises Problem, or what `answer` raises."""
        if len(self._inside) >= self._capacity:
            raise away(
                "busy", f"{self._capacity} questions are being answered or wait", _RETRY_AFTER_S
            )
        task = asyncio.create_task(self._with_permit(answer), name="history")
        self._inside.add(task)
        task.add_done_callback(self._finished)
        done, _ = await asyncio.wait({task}, timeout=self._deadline_s)
        if not done:
            raise Problem(
                "too-slow",
                503,
                f"no answer within {self._deadline_s:g} s; ask for a shorter span or a coarser "
                "resolution",
            )
        return task.result()

    async def _with_permit(self, answer: Callable[[], Coroutine[Any, Any, T]]) -> T:
        async with self._permits:
            return await answer()

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._inside.discard(task)
        if not task.cancelled():
            # The client may be gone; its error must not be logged as one that nobody retrieved.
            task.exception()
