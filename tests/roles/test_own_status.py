"""Whether anybody is told: known from what the journal keeps of each route, across restarts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.alerting.ports import Permanent, Transient
from monitor.domain.catalogue import Route
from monitor.domain.incidents.delivery import EventKind
from monitor.domain.incidents.incident import Incident
from monitor.domain.time.interval import Second
from monitor.roles.core.own_status import OwnStatus
from tests.support.memory_log import MemoryLog
from tests.support.posts import CHAIN, OTHER, PostOffice, post_office

BESIDE = Route(id="beside", targets=(OTHER,))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PostOffice]:
    with post_office(tmp_path, CHAIN, BESIDE) as opened:
        yield opened


def undelivered_since(office: PostOffice) -> Second | None:
    component_status = OwnStatus(office.journal, MemoryLog())
    component_status.follow(office.catalogue(), office.clock.now())
    return component_status.undelivered_since


def try_for_a_minute(office: PostOffice, about: Incident) -> None:
    office.enqueue(about)
    for _ in range(60):
        office.sent()
        office.clock.advance(1)


def test_a_product_that_has_sent_nothing_is_not_unheard(office: PostOffice) -> None:
    assert undelivered_since(office) is None


def test_one_route_that_works_is_enough(office: PostOffice) -> None:
    office.notifier.answers["first"] = [Transient("451")] * 99
    office.notifier.answers["second"] = [Transient("451")] * 99
    try_for_a_minute(office, office.save())
    assert undelivered_since(office) is None


def test_nobody_is_told_where_every_route_fails(office: PostOffice) -> None:
    for target in ("first", "second", "third", "other"):
        office.notifier.answers[target] = [Transient("451")] * 99
    about = office.save()
    try_for_a_minute(office, about)
    assert undelivered_since(office) == office.clock.now()
    office.notifier.answers.clear()
    office.enqueue(about, EventKind.UPDATE, 2)
    for _ in range(400):
        office.sent()
        office.clock.advance(1)
    assert undelivered_since(office) is None


def test_a_refusal_for_good_is_enough_and_once_for_now_is_not(office: PostOffice) -> None:
    about = office.save()
    for target in ("first", "second", "third"):
        office.notifier.answers[target] = [Permanent("404")] * 9
    office.notifier.answers["other"] = [Transient("451")] * 9
    office.enqueue(about)
    for _ in range(4):
        office.sent()
    assert undelivered_since(office) is None
    office.notifier.answers["other"] = [Permanent("404")] * 9
    for _ in range(10):
        office.clock.advance(1)
        office.sent()
    assert undelivered_since(office) is not None


def test_a_stopped_role_is_told_once_and_that_it_goes_on_after_a_restart_too(
    office: PostOffice,
) -> None:
    stopped = {"console": 4711}
    for _ in range(2):
        status = OwnStatus(office.journal, MemoryLog(), lambda: stopped)
        for _ in range(5):
            status.follow(office.catalogue(), office.clock.now())
            office.clock.advance(10)
    stopped.clear()
    OwnStatus(office.journal, MemoryLog(), lambda: stopped).follow(
        office.catalogue(), office.clock.now()
    )
    with office.journal.transaction() as tx:
        changes = [(c.kind, c.after["about"]) for c in tx.changes.since(0, 100)]
    assert changes == [
        ("monitor.role_stopped", "console=4711"), ("monitor.role_runs", "console=0")
    ]  # fmt: skip
