from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.credits.handling.counter import Counter, opened_counter


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with opened_counter(tmp_path) as found:
        yield found
