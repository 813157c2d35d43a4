"""An archive for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from itertools import count
from pathlib import Path

import pytest

from tests.adapters.history.archive import Archive, open_archive


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    async with open_archive(tmp_path) as opened:
        yield opened


@pytest.fixture
def fresh_archive(tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Archive]]:
    """A new one at each call, for tests of many examples."""
    numbers = count()

    def opened() -> AbstractAsyncContextManager[Archive]:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        return open_archive(folder)

    return opened
