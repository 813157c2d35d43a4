"""A mirror gets what changed, loses what is private, and is tried again until it is there."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from monitor.mirrors.mirroring import AT_ONCE, MOST_WAIT_S, REFRESH_S, Mirroring
from monitor.mirrors.ports import LIST, MirrorFailed, MirrorFile, MirrorList, Publication
from tests.support.clock import FakeClock


class Kept:
    """A place in memory that may be away."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.did: list[str] = []
        self.away: set[str] = set()
        self.at_once = self.most_at_once = 0

    async def listed(self) -> bytes | None:
        self._do("list")
        return self.files.get(LIST)

    async def put(self, name: str, content: bytes, content_type: str) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            for _ in range(20):
                # Others have their turn meanwhile.
                await asyncio.sleep(0)
            self._do(f"put {name}")
            self.files[name] = content
        finally:
            self.at_once -= 1

    async def remove(self, name: str) -> None:
        self._do(f"remove {name}")
        self.files.pop(name, None)

    async def finish(self, about: str) -> None:
        self._do(f"finish {about}")

    def _do(self, what: str) -> None:
        if self.away & {what, what.partition(" ")[0]}:
            raise MirrorFailed(f"no {what}")
        self.did.append(what)


class World:
    def __init__(self) -> None:
        self.place, self.clock = Kept(), FakeClock()
        self.publication: Publication | None = None
        self.waits: list[float] = []
        self.mirroring = self.made()
        self._number = 0

    def made(self) -> Mirroring:
        """As a page role that begins."""
        return Mirroring("m", self.place, lambda: self.publication, self.clock, 60.0, self.wait)

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.advance(seconds)
        if len(self.waits) >= 10:
            raise EOFError

    def publish(self, **files: str) -> None:
        """`home` states the time of the data, the others do not."""
        self._number += 1
        at = int(self.clock.now())

        def file(name: str, content: str) -> MirrorFile:
            return MirrorFile(
                name=name, content_type="text/html", digest=content, is_news=name == "home",
                is_dated=name != "style",
                render=lambda: f"{content} {at}".encode(),
            )  # fmt: skip

        made = {name: file(name, content) for name, content in files.items()}
        self.publication = Publication(number=str(self._number), data_at=at, files=made)

    async def up_to_date(self) -> list[str]:
        """What was done for it."""
        self.place.did.clear()
        await self.mirroring.bring_up_to_date()
        return list(self.place.did)


@pytest.fixture
def world() -> World:
    return World()


async def test_what_changed_is_written_and_the_list_last(world: World) -> None:
    world.publish(home="a", web="b")
    did = await world.up_to_date()
    assert sorted(did[:-2]) == ["list", "put home", "put web"]
    assert did[-2:] == [f"put {LIST}", "finish 1"]
    world.publish(home="a", web="c")
    assert set(await world.up_to_date()) == {"put home", "put web", f"put {LIST}", "finish 2"}
    world.publish(home="a", web="c")
    assert await world.up_to_date() == ["put home", f"put {LIST}", "finish 3"]


async def test_the_same_publication_is_written_once(world: World) -> None:
    world.publish(home="a")
    await world.up_to_date()
    assert await world.up_to_date() == []


async def test_the_list_says_of_which_time_the_data_is(world: World) -> None:
    world.publish(home="a")
    await world.up_to_date()
    assert MirrorList.decode(world.place.files[LIST]).data_at == world.clock.now()


async def test_what_is_no_longer_public_goes_before_anything_is_written(world: World) -> None:
    world.publish(home="a", private="b")
    await world.up_to_date()
    world.publish(home="a")
    did = await world.up_to_date()
    assert did[0] == "remove private"
    assert "private" not in world.place.files
    assert b"private" not in world.place.files[LIST]


async def test_a_page_role_that_begins_again_knows_what_the_mirror_has(world: World) -> None:
    world.publish(home="a", web="b", old="c")
    await world.up_to_date()
    world.mirroring = world.made()
    world.publish(home="a", web="b")
    did = await world.up_to_date()
    assert "put web" not in did
    assert "remove old" in did


async def test_a_list_that_cannot_be_read_has_everything_written_again(world: World) -> None:
    world.place.files[LIST] = b"{"
    world.publish(home="a", web="b")
    assert "put web" in await world.up_to_date()


async def test_a_page_that_stays_the_same_is_written_anew_after_an_hour(world: World) -> None:
    world.publish(home="a", web="b", style="c")
    await world.up_to_date()
    world.clock.advance(REFRESH_S)
    world.publish(home="a", web="b", style="c")
    did = await world.up_to_date()
    assert "put web" in did
    assert "put style" not in did, "it states no time"


async def test_what_broke_off_goes_on_with_what_is_missing(world: World) -> None:
    world.publish(**{f"p{number}": "x" for number in range(20)})
    world.place.away = {"put p9"}
    with pytest.raises(MirrorFailed):
        await world.up_to_date()
    written = {name for name in world.place.files if name.startswith("p")}
    assert LIST not in world.place.files
    assert written
    world.place.away = set()
    did = await world.up_to_date()
    assert {f"put {name}" for name in written} & set(did) == set()
    assert len(world.place.files) == 21


async def test_a_few_files_are_under_way_at_a_time(world: World) -> None:
    world.publish(**{f"p{number}": "x" for number in range(50)})
    await world.up_to_date()
    assert world.place.most_at_once == AT_ONCE


async def test_a_mirror_that_is_away_is_tried_again_and_told_once(world: World) -> None:
    world.publish(home="a")
    world.place.away = {"list"}
    with capture_logs() as logs, pytest.raises(EOFError):
        await world.mirroring.run()
    assert world.waits == [1, 2, 4, 8, 16, 32, *[MOST_WAIT_S] * 4]
    assert [log["event"] for log in logs] == ["mirror.failed"]
    world.place.away = set()
    world.waits.clear()
    with capture_logs() as logs, pytest.raises(EOFError):
        await world.mirroring.run()
    assert [log["event"] for log in logs] == ["mirror.back"]
    assert set(world.waits) == {60.0}


async def test_only_the_newest_publication_is_written(world: World) -> None:
    world.publish(home="a")
    world.publish(home="b")
    await world.up_to_date()
    assert world.place.files["home"].startswith(b"b ")


async def test_without_a_publication_nothing_is_asked(world: World) -> None:
    assert await world.up_to_date() == []


async def test_a_page_that_is_being_written_anew_is_tried_again(world: World) -> None:
    def gone() -> bytes:
        raise KeyError("a month that is rendered at this moment")

    world.publish(home="a", web="b")
    assert world.publication is not None
    whole = world.publication
    files = {**whole.files, "web": replace(whole.files["web"], render=gone)}
    world.publication = replace(whole, files=files)
    with pytest.raises(MirrorFailed, match="KeyError"):
        await world.mirroring.bring_up_to_date()
    world.publication = whole
    assert "put web" in await world.up_to_date()


async def test_nothing_ends_a_mirror(world: World) -> None:
    def broken() -> Publication | None:
        raise ValueError("a fault of ours")

    mirroring = Mirroring("m", world.place, broken, world.clock, 60.0, world.wait)
    with capture_logs() as logs, pytest.raises(EOFError):
        await mirroring.run()
    assert [line["event"] for line in logs] == ["mirror.failed"]
    assert len(world.waits) == 10
