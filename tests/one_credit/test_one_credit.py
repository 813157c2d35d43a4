"""What people type for one credit, and what is printed, is what its pages in the docs say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.one_credit.story import FILES, told


@pytest.mark.parametrize("language", FILES)
async def test_each_command_prints_what_is_written_down(tmp_path: Path, language: str) -> None:
    made = await told(tmp_path, language)
    assert made.splitlines() == FILES[language].read_text("utf-8").splitlines()
