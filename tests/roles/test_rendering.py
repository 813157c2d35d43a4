"""What people can read is what was published: the stamp follows the snapshot, never the saving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

import monitor.roles.core.pages.publishing as publishing
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.clock import read_clock
from monitor.domain.time.interval import Second
from monitor.i18n.formats import NBSP
from monitor.roles.core.pages.rendering import Renderer
from monitor.roles.settings import published_dir
from tests.support.worlds import WEB, World, look

T = TypeVar("T")
ID = MaintenanceId("m1")


async def on_thread(work: Callable[[], T]) -> T:
    return work()


def announce(world: World) -> None:
    now = world.clock.now()
    window = MaintenanceWindow(
        id=ID, title=plain("Cambio"), impact=plain("Corte"), start=Second(now + 600),
        end=Second(now + 1_200), components=(WEB,),
    )  # fmt: skip
    with world.journal.transaction() as tx:
        tx.maintenance.save(window)


def published_at(world: World) -> Second | None:
    with world.journal.transaction() as tx:
        return tx.maintenance.get(ID).published_at


async def test_a_window_is_public_from_the_first_snapshot_that_shows_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    renderer = Renderer(world.journal, tmp_path, world.clock)
    announce(world)
    world.clock.advance(60)
    first = await renderer.render(world.core, read_clock(world.clock), on_thread)
    assert published_at(world) == first.at
    pages = published_dir(tmp_path).rglob("*.html")
    assert any("Corte" in page.read_text("utf-8") for page in pages)
    world.clock.advance(60)
    await renderer.render(world.core, read_clock(world.clock), on_thread)
    assert published_at(world) == first.at


async def test_a_window_is_public_once_the_snapshot_is_out_and_not_when_it_was_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    renderer = Renderer(world.journal, tmp_path, world.clock)
    announce(world)
    begun = read_clock(world.clock)

    def slow(*_: object, **__: object) -> None:
        world.clock.advance(7)

    monkeypatch.setattr(publishing, "publish", slow)
    await renderer.render(world.core, begun, on_thread)
    assert published_at(world) == begun.at + 7


async def test_a_snapshot_that_was_not_written_makes_nothing_public(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    renderer = Renderer(world.journal, tmp_path, world.clock)
    announce(world)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(publishing, "publish", full)
        with pytest.raises(OSError, match="No space"):
            await renderer.render(world.core, read_clock(world.clock), on_thread)
    assert published_at(world) is None
    world.clock.advance(300)
    assert published_at(world) is None
    await renderer.render(world.core, read_clock(world.clock), on_thread)
    assert published_at(world) == world.clock.now()


async def test_what_is_published_says_what_the_failure_of_a_component_is(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="+++---", dns="++++++", mail="++++++")
    renderer = Renderer(world.journal, tmp_path, world.clock)
    await renderer.render(world.core, read_clock(world.clock), on_thread)
    pages = [page.read_text("utf-8") for page in published_dir(tmp_path).rglob("*.html")]
    assert any("Web no responde." in page for page in pages)
    assert not any("Web no funciona." in page for page in pages)


async def test_the_page_draws_the_days_that_the_core_has_counted(tmp_path: Path) -> None:
    world = World(tmp_path)
    renderer = Renderer(world.journal, tmp_path, world.clock)
    for _ in range(3 * 24):
        found = look(WEB, world.clock.now(), "+")
        world.log.add(replace(found, phases_ms={"reply": 180.0}))
        world.clock.advance(3_600)
        world.core.tick()
    await renderer.render(world.core, read_clock(world.clock), on_thread)
    pages = {page.name: page.read_text("utf-8") for page in published_dir(tmp_path).rglob("*.html")}
    assert "tardó hasta 180 ms" in pages["web.html"].replace(NBSP, " ")
    assert "Tiempo de respuesta" not in pages["dns.html"]
