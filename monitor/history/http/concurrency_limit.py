"""How many questions are answered at once, and for how long: the store's own work comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from monitor.history.http.problems import Problem, away

T = TypeVar("T")
AT_ONCE = 2
"""Each may hold a thread beside the follower's, and more of them would answer no faster."""
WAITING = 16
DEADLINE_S = 20.0
_AGAIN_S = 2.0


class ConcurrencyLimit:
    """Permits for questions. One that is given up keeps its permit until its thread is free."""

    def __init__(
        self, *, at_once: int = AT_ONCE, waiting: int = WAITING, deadline_s: float = DEADLINE_S
    ) -> None:
        self._permits = asyncio.Semaphore(at_once)
        self._room = at_once + waiting
        self._deadline_s = deadline_s
        self._inside: set[asyncio.Task[Any]] = set()

    async def run(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The answer; it is waited for until the deadline. Raises Problem, or what `ask` does."""
        if len(self._inside) >= self._room:
            raise away("busy", f"{self._room} questions are being answered or wait", _AGAIN_S)
        task = asyncio.create_task(self._with_permit(ask), name="history")
        self._inside.add(task)
        task.add_done_callback(self._left)
        done, _ = await asyncio.wait({task}, timeout=self._deadline_s)
        if not done:
            raise Problem(
                "too-slow",
                503,
                f"no answer within {self._deadline_s:g} s; ask for a shorter span or a coarser "
                "resolution",
            )
        return task.result()

    async def _with_permit(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        async with self._permits:
            return await ask()

    def _left(self, task: asyncio.Task[Any]) -> None:
        self._inside.discard(task)
        if not task.cancelled():
            # Whoever asked may be gone; an error is theirs alone.
            task.exception()
