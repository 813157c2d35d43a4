"""What customers read in one night is what its page in the docs says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.night.story import FILE, told


@pytest.mark.timeout(300)
async def test_each_page_feed_calendar_and_mail_says_what_is_written_down(tmp_path: Path) -> None:
    assert (await told(tmp_path)).splitlines() == FILE.read_text("utf-8").splitlines()
