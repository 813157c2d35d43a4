"""A wrong clock that is set right again after people merged and split what it had taken back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import Incident, Phase
from monitor.domain.time.eras import Origin
from tests.incidents.operators import TITLE, WORDS, Desk
from tests.support.worlds import INTERVAL, MAIL, WEB, World

BACK = 3 * INTERVAL


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Web is down, and mail was: it is being observed."""
    world = World(tmp_path)
    world.live(web="++------", dns="++++++++", mail="++----++")
    return Desk(world)


def set_clock(desk: Desk, step: int) -> None:
    was = desk.world.clock.now()
    desk.world.clock.step(step)
    desk.world.log.set_clock(desk.world.clock.now(), was, Origin.STEP)
    desk.world.live(web="-", dns="+", mail="-" if step < 0 else "+")
    while desk.world.core.tick().backlog:
        pass


def of(desk: Desk, component: str) -> Incident:
    return next(i for i in desk.every() if component in i.components)


def in_two(desk: Desk) -> list[ComponentId]:
    """Components whose parts are in more than one incident."""
    found = Counter(c for i in desk.every() for c in i.components)
    return [c for c, count in found.items() if count > 1]


def test_what_was_merged_stays_merged_and_its_former_parts_go_where_they_are(desk: Desk) -> None:
    web, mail = of(desk, "web"), of(desk, "mail")
    assert mail.phase is Phase.MONITORING
    set_clock(desk, -BACK)
    assert of(desk, "mail").open_parts, "its recovery was taken back"
    desk.joining.merge(mail.id, web.id, text=WORDS)
    set_clock(desk, BACK)
    left, grown = desk.get(mail.id), desk.get(web.id)
    assert (left.phase, left.affected, left.merged_into) == (Phase.RESOLVED, (), web.id)
    assert (grown.phase, grown.affected) == (
        Phase.INVESTIGATING, (*web.affected, *mail.affected),
    )  # fmt: skip
    assert in_two(desk) == []


def test_what_was_merged_into_one_that_the_clock_took_back_too_goes_on_there(desk: Desk) -> None:
    web, mail = of(desk, "web"), of(desk, "mail")
    set_clock(desk, -BACK)
    desk.joining.merge(web.id, mail.id, text=WORDS)
    set_clock(desk, BACK)
    left, grown = desk.get(web.id), desk.get(mail.id)
    assert (left.affected, left.merged_into) == ((), mail.id)
    assert grown.affected == (*web.affected, *mail.affected)
    assert (grown.phase, grown.monitoring_at) == (Phase.INVESTIGATING, None), "web is still down"
    assert in_two(desk) == []
    assert grown.is_open_for(WEB)
    assert not grown.is_open_for(MAIL)


def test_what_was_split_off_stays_apart(desk: Desk) -> None:
    web, mail = of(desk, "web"), of(desk, "mail")
    whole = desk.joining.merge(mail.id, web.id, text=WORDS)
    set_clock(desk, -BACK)
    apart = desk.joining.split(web.id, ["mail"], title=TITLE, text=WORDS)
    assert apart.open_parts
    set_clock(desk, BACK)
    left, own = desk.get(web.id), desk.get(apart.id)
    assert (left.affected, own.affected) == (web.affected, mail.affected)
    assert (own.phase, own.monitoring_at) == (Phase.MONITORING, mail.monitoring_at)
    assert len(whole.affected) == 2
    assert in_two(desk) == []
