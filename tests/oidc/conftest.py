from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.oidc.lying_provider import SECRET
from tests.oidc.stage import Stage, stage


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_SECRET", SECRET)


@pytest.fixture
async def made(tmp_path: Path, secret: None) -> AsyncIterator[Stage]:
    """With one account, which is bound to the person that the provider knows."""
    async with stage(tmp_path) as opened:
        opened.add("ana", subject="7f3a")
        yield opened
