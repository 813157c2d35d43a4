"""Duties of one role that live and die together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def until_one_ends(**duties: Coroutine[Any, Any, object]) -> None:
    """Run duties until the first of them ends, then cancel the others and await their end. Raises
    what the one that ended raised: no duty dies unnoticed."""
    tasks = [asyncio.create_task(duty, name=name) for name, duty in duties.items()]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
