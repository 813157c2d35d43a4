from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api.service import service
from tests.console.visitor import Visitor


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    """Somebody at the console of a small company, not signed in."""
    async with service(tmp_path, with_pages=True) as opened:
        yield Visitor(opened)
