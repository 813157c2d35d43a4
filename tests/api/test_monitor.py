"""What the monitor itself suffers, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from monitor.api.app import make_api_app
from monitor.api.machine import ClockStep, JournalHolder, Machine
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.closing_progress import ClosingProgress
from monitor.domain.incidents.delivery import Delivery
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.role_fault import CoreFault, CoreFaultCode, RoleFault, RoleFaultCode
from monitor.domain.time.interval import Second
from monitor.results.log.ports import ProberMetrics
from monitor.results.stores.ports import StoreMetrics
from monitor.self_monitoring.system_alert import raise_alert
from tests.api.service import Service, service
from tests.support.worlds import T0

SEEN = Machine(
    at=Second(T0 + 150),
    faults={
        "prober": None,
        "store": RoleFault(role="store", code=RoleFaultCode.OLD_FIGURES, age_s=70),
    },
    core_faults=[CoreFault(code=CoreFaultCode.NOT_RENDERED)],
    prober=ProberMetrics(at=T0, started_at=T0, missed=3),
    newest_row=40,
    store=StoreMetrics(
        at=T0, started_at=T0, kind="influxdb", lag_rows=7, oldest_unstored=Second(T0 - 60),
        dead_letters=2, paused="the token is wrong",
    ),
    disk_free=10,
    disk_size=100,
    journal_bytes=4_096,
    holder=JournalHolder(pid=7, command="estado user", is_stopped=True, lasted_s=30),
    clock_steps=(ClockStep(at=Second(T0 - 60), by_s=-120),),
    closing=ClosingProgress(month="2026-10", contracts=500, of=900),
)  # fmt: skip


@pytest.fixture
async def seen(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as opened:
        app = make_api_app(replace(opened.backend, machine=lambda: SEEN))
        async with TestClient(TestServer(app)) as client:
            yield replace(opened, client=client)


async def test_it_says_what_is_wrong_with_whom(seen: Service) -> None:
    key = seen.key_of(AccountRole.VIEWER)
    found = (await seen.ask("GET", "/monitor", key=key)).json
    assert [role["role"] for role in found["roles"] if role["fault"]] == ["store"]
    assert found["core_faults"] == ["the page has not been rendered for over two minutes"]
    assert (found["store"]["lag_s"], found["store"]["paused"]) == (60, "the token is wrong")
    assert (found["prober"]["missed"], found["disk"]["free_bytes"]) == (3, 10)
    assert (found["journal"]["bytes"], found["log"]["lag_rows"]) == (4_096, 40)
    assert found["looked_at"] != found["read_at"]
    assert found["closing"] == {"month": "2026-10", "contracts": 500, "of": 900}


async def test_it_names_each_fault_the_worst_first(seen: Service) -> None:
    seen.world.live(web="+++", dns="+++", mail="+++")
    found = (await seen.ask("GET", "/monitor", key=seen.key_of(AccountRole.VIEWER))).json
    assert [(one["code"], one["subject"]) for one in found["faults"]] == [
        ("journal_held", "7"), ("role", "store"), ("core", "core"), ("store_trouble", ""),
        ("dead_letters", ""),
    ]  # fmt: skip
    assert [one["is_warning"] for one in found["faults"]] == [False, False, False, True, True]
    assert found["well_since"] is None
    assert found["journal"]["holder"]["is_stopped"] is True
    assert found["alerts"]["sends_directly"] is True
    assert found["clock"]["steps"][0]["by_s"] == -120
    assert found["alerts"]["routes"] == [
        {"route": "ops", "is_tried": False, "is_failing": False, "last_sent_at": None, "error": ""}
    ]


async def test_a_route_that_fails_is_named_with_its_reason(made: Service) -> None:
    made.world.live(web="+++", dns="+++", mail="+++")
    key = made.key_of(AccountRole.VIEWER)
    with made.world.journal.transaction() as tx:
        for number, kind in enumerate((SystemAlert.STALLING, SystemAlert.STEADY)):
            at = Second(T0 + number)
            raise_alert(tx, kind, at, made.world.core.state.catalogue, at)
        for message in tx.outbox.due(Second(T0 + 9), 9):
            is_first = message.subject.startswith(SystemAlert.STALLING)
            tx.outbox.mark_delivered(
                message, delivery=Delivery.SENT if is_first else Delivery.FAILED,
                at=Second(T0 + 9), error="" if is_first else "550 no such box",
            )  # fmt: skip
    found = (await made.ask("GET", "/monitor", key=key)).json
    (route,) = found["alerts"]["routes"]
    assert (route["is_failing"], route["error"]) == (True, "550 no such box")
    assert route["last_sent_at"] is not None
    assert [one["code"] for one in found["faults"]] == ["alerts_undelivered"]


async def test_it_names_what_is_silent_and_what_is_not_delivered(made: Service) -> None:
    key = made.key_of(AccountRole.VIEWER)
    made.world.live(web="+++", dns="+++")
    found = (await made.ask("GET", "/monitor", key=key)).json
    assert found["stale"] == {"count": 1, "checks": [{"check": "mail-check", "location": "local"}]}
    made.world.clock.advance(600)
    silent = (await made.ask("GET", "/monitor", key=key)).json["stale"]
    assert [one["check"] for one in silent["checks"]] == ["web-check", "dns-check", "mail-check"]
    assert (found["alerts"]["pending"], found["alerts"]["is_undelivered"]) == (0, False)
    assert found["log"]["cursor"] == made.world.core.state.cursor > 0


async def test_what_is_on_another_machine_is_not_known(made: Service) -> None:
    found = (await made.ask("GET", "/monitor", key=made.key_of(AccountRole.VIEWER))).json
    for name in ("looked_at", "core_faults", "prober", "store", "disk", "closing"):
        assert found[name] is None, name
    assert (found["roles"], found["log"]["lag_rows"]) == ([], None)


async def test_a_bounded_account_sees_nothing_of_it(made: Service) -> None:
    key = made.key_of(AccountRole.OPERATOR, services=("hosting",))
    answer = await made.ask("GET", "/monitor", key=key)
    assert (answer.status, answer.code) == (403, "scope.every_service")


async def test_it_waits_for_no_writer(made: Service) -> None:
    key = made.key_of(AccountRole.VIEWER)
    with made.world.journal.transaction():
        assert (await made.ask("GET", "/monitor", key=key)).status == 200
