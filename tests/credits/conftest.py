"""What several tests of this folder stand on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.credits.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def fresh(tmp_path: Path) -> Desk:
    """A desk in whose journal nothing has run yet."""
    return Desk(tmp_path, began=None)
