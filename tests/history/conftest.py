"""An archive for each test, over the embedded store or over either."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from itertools import count
from pathlib import Path

import pytest

from tests.history.archive import Archive, open_archive
from tests.support.influx import influx, influx_server

__all__ = ["influx", "influx_server"]


@pytest.fixture(params=["sqlite", "influx"])
async def archive(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Archive]:
    lab = request.getfixturevalue("influx") if request.param == "influx" else None
    async with open_archive(tmp_path, lab=lab) as opened:
        yield opened


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Archive]:
    """Over the embedded store alone."""
    async with open_archive(tmp_path) as opened:
        yield opened


@pytest.fixture
def fresh_archive(tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Archive]]:
    """A new one over the embedded store at each call, for tests of many examples."""
    numbers = count()

    def opened() -> AbstractAsyncContextManager[Archive]:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        return open_archive(folder)

    return opened
