"""Tasks of one role that run and end together, and the thread that the journal belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

_T = TypeVar("_T")


class OnThread(Protocol):
    """Run work on the journal's own thread."""

    def __call__(self, work: Callable[[], _T], /) -> Awaitable[_T]: ...


async def until_one_ends(**coroutines: Coroutine[Any, Any, object]) -> None:
    """Run coroutines until the first of them ends, then cancel the others and await their end.
    Raises what the one that ended raised: none dies unnoticed."""
    tasks = [asyncio.create_task(coroutine, name=name) for name, coroutine in coroutines.items()]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
