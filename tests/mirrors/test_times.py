"""When a mirror was last as new as the page: noted where another role reads it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from monitor.domain.time.interval import Second
from monitor.mirrors.mirroring import Mirroring
from monitor.mirrors.ports import MirrorFailed
from monitor.mirrors.times import NEVER, MirrorTimes, mirror_times
from tests.support.clock import FakeClock


def test_it_is_known_of_each_mirror_and_outlives_the_role_that_noted_it(tmp_path: Path) -> None:
    file = tmp_path / "page" / "mirrors.json"
    MirrorTimes(file).note("cloud", Second(1_000))
    MirrorTimes(file).note("next-door", Second(2_000))
    assert mirror_times(file, ["cloud", "next-door"]) == {"cloud": 1_000, "next-door": 2_000}


def test_one_that_never_was_up_to_date_says_so_and_one_that_is_gone_says_nothing(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mirrors.json"
    MirrorTimes(file).note("cloud", Second(1_000))
    assert mirror_times(file, ["pages"]) == {"pages": NEVER}


@pytest.mark.parametrize("written", ["", "[]", "{", '{"cloud": "late"}'])
def test_a_file_that_cannot_be_read_says_nothing_of_any(tmp_path: Path, written: str) -> None:
    file = tmp_path / "mirrors.json"
    file.write_text(written)
    assert mirror_times(file, ["cloud"]) == {"cloud": NEVER}


class Empty:
    """A place without anything."""

    async def listed(self) -> bytes | None:
        return None

    async def put(self, name: str, content: bytes, content_type: str) -> None: ...
    async def remove(self, name: str) -> None: ...
    async def finish(self, about: str) -> None: ...


async def test_only_a_mirror_that_is_up_to_date_is_noted() -> None:
    clock, noted, tries = FakeClock(Second(5_000)), list[tuple[str, Second]](), 0

    def newest() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise MirrorFailed("away")

    async def sleep(seconds: float) -> None:
        clock.advance(int(seconds))
        if noted:
            raise asyncio.CancelledError

    def note(mirror: str, at: Second) -> None:
        noted.append((mirror, at))

    mirroring = Mirroring("cloud", Empty(), newest, clock, 60, sleep, note)
    with pytest.raises(asyncio.CancelledError):
        await mirroring.run()
    assert noted == [("cloud", 5_003)]
