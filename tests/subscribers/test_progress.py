"""How far a dispatcher has come: noted in its file, for as long as it comes any further."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from monitor.alerting.ports import Transient
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import CatalogueRevision
from monitor.domain.subscriptions.delivery_figures import DeliveryFigures, Queue
from monitor.domain.time.age import ClockReading
from monitor.domain.time.clock import read_clock
from monitor.roles.subscribers.role import SubscribersRole
from monitor.runtime.alive_note import read_alive, read_note
from monitor.subscribers.progress import STUCK_AFTER_S, Progress
from tests.subscribers.test_dispatcher import recording
from tests.subscribers.world import SubscribersWorld
from tests.support.clock import FakeClock
from tests.support.worlds import T0, catalogue


class Refusing:
    """Takes everybody's mail but Eva's, for now."""

    async def send(self, recipient: str, _: bytes, /) -> None:
        if recipient.startswith("eva"):
            raise Transient("451 greylisted")

    def close(self) -> None:
        """There is nothing to close."""


def noted(world: SubscribersWorld) -> DeliveryFigures:
    world.deliveries.note_alive(read_clock(world.clock))
    found = read_note(world.folder / "deliveries.db", "figures")
    assert found is not None
    return DeliveryFigures.decode(found)


async def test_it_notes_what_waits_and_since_when_and_what_became_of_the_rest(
    tmp_path: Path,
) -> None:
    world = SubscribersWorld(tmp_path)
    dispatcher = world.dispatcher(1, made=[Refusing()])
    dispatcher.look()
    for name in ("ana", "eva"):
        world.subscribe(f"{name}@example.com")
    async with recording(dispatcher):
        dispatcher.look()
        await dispatcher._send_due()
        assert noted(world) == DeliveryFigures(), "who has confirmed gets no confirmation"
        world.clock.advance(60)
        fell_at = world.clock.now()
        world.fall()
        dispatcher.look()
        assert noted(world).untried == Queue(size=2, oldest=fell_at)
        await dispatcher._send_due()
    assert noted(world) == DeliveryFigures(retried=Queue(size=1, oldest=fell_at), sent=1)
    assert read_alive(tmp_path / "deliveries.db") == read_clock(world.clock)
    world.deliveries.close()


def test_who_rests_is_not_stuck_and_who_hangs_is() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress.note(60.0)
    found = []
    for seconds in (STUCK_AFTER_S + 59, 2):
        clock.advance(seconds)
        found.append(progress.is_stuck)
    progress.note()
    assert [*found, progress.is_stuck] == [False, True, False]


@pytest.mark.parametrize("is_stuck", [False, True])
async def test_a_role_whose_dispatcher_hangs_gives_no_sign_of_life(
    tmp_path: Path, is_stuck: bool
) -> None:
    revision = CatalogueRevision(
        number=1, hash="x", text="", effective_from=T0, catalogue=catalogue()
    )
    role, clock = SubscribersRole(tmp_path, Catalogues([revision])), FakeClock()
    progress = Progress(clock)
    role._deliveries_of("webhook").note_alive(ClockReading(at=T0))
    if is_stuck:
        clock.advance(STUCK_AFTER_S + 1)
    alive = asyncio.create_task(role._stay_alive("webhook", progress))
    await asyncio.sleep(0)
    # The one thread has done all that it was given before.
    await role._on_thread(lambda: None)
    alive.cancel()
    await asyncio.gather(alive, return_exceptions=True)
    role._thread.shutdown()
    role._deliveries_of("webhook").close()
    found = read_alive(tmp_path / "deliveries-webhook.db")
    assert (found == ClockReading(at=T0)) is is_stuck
