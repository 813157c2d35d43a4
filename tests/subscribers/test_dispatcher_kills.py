"""Whatever kills the dispatcher, nobody is missed, and only what was in flight comes twice, with
the same id."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from monitor.domain.incidents.incident import Incident, Phase
from monitor.domain.subscriptions.contact import EMAIL, WEBHOOK, Contact
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal
from monitor.roles.settings import deliveries_file
from monitor.runtime.system_clock import SystemClock
from monitor.subscribers.deliveries import Deliveries
from tests.journal.builders import incident, update
from tests.subscribers.role_at_loopback import HOOK_CONNECTIONS, prepare, save, url_of
from tests.subscribers.smtp_sink import running_sink
from tests.support.http_sink import sink as running_hooks
from tests.support.patience import PATIENCE_S
from tests.support.warm_start import Process, start_role

pytestmark = [pytest.mark.kills, pytest.mark.timeout(90)]
TOLD = 20
CONNECTIONS = 4
UPDATES = 2
# Of a webhook's plan: mail is planned before it, by the same role.
POINTS = {
    EMAIL: ("plan.before", "plan.after", "sent:5", "record.before:3", "record.after:3"),
    WEBHOOK: ("plan.before:2", "plan.after:2", "sent:5", "record.before:3", "record.after:3"),
}
Taken = Callable[[], list[tuple[str, str]]]
"""Who was told so far, and the id of what they were told."""


@asynccontextmanager
async def receiving(kind: str) -> AsyncIterator[tuple[int, Taken]]:
    """A server's port, and what it took."""
    if kind == EMAIL:
        async with running_sink() as mails:
            yield (
                mails.port,
                lambda: [
                    (to, str(mail["Message-ID"]))
                    for (to, _), mail in zip(mails.taken, mails.mails(), strict=True)
                ],
            )
        return
    async with running_hooks() as hooks:
        yield (
            int(hooks.base.rpartition(":")[2]),
            lambda: [
                (request.path, json.loads(body)["meta"]["event_id"]) for request, body in hooks.got
            ],
        )


def subscribers_of(kind: str, port: int) -> list[Contact]:
    made = []
    for number in range(TOLD):
        address = f"s{number}@example.com"
        if kind == WEBHOOK:
            address = f"http://127.0.0.1:{port}/s{number}"
        made.append(Contact(kind, address, address))
    return made


def over(now: Second) -> Incident:
    """That there was one is said nowhere but in the changes."""
    fallen = incident("k3f9a2", start=Second(now - 120))
    last = replace(update(2, now), phase=Phase.RESOLVED)
    return replace(
        fallen, created_at=now, updates=(update(1, now), last), phase=Phase.RESOLVED,
        affected=tuple(replace(part, end=now) for part in fallen.affected),
        monitoring_at=now, resolved_at=now,
    )  # fmt: skip


def started(folder: Path, point: str = "") -> Process:
    environment = {
        **os.environ,
        "ESTADO_KILL_AT": f"subscribers.{point}" if point else "",
        HOOK_CONNECTIONS: str(CONNECTIONS),
    }
    with (folder / "log").open("ab") as log:
        return start_role(
            "tests.subscribers.role_at_loopback", ["--data-dir", str(folder)],
            folder=folder, environment=environment, output=log,
        )  # fmt: skip


def recorded(folder: Path, kind: str) -> dict[str, int]:
    deliveries = Deliveries(deliveries_file(folder, kind))
    try:
        return dict(deliveries.counts())
    finally:
        deliveries.close()


@pytest.mark.parametrize("kind", [EMAIL, WEBHOOK])
async def test_a_kill_misses_nobody_and_repeats_what_was_in_flight_alone(
    tmp_path: Path, kind: str
) -> None:
    folder, messages = tmp_path / "data", TOLD * UPDATES
    async with receiving(kind) as (port, taken):
        prepare(folder, subscribers_of(kind, port), port, CONNECTIONS)
        now, may_repeat = SystemClock().now(), 0
        with open_journal(url_of(folder)) as journal, journal.transaction() as tx:
            save(tx, over(now), now)
        for point in POINTS[kind]:
            killed = started(folder, point)
            status = await asyncio.to_thread(killed.wait, PATIENCE_S)
            assert status == -signal.SIGKILL, (point, (folder / "log").read_text())
            may_repeat += 0 if point.startswith("plan") else CONNECTIONS
            assert 0 <= len(taken()) - recorded(folder, kind)["sent"] <= may_repeat, point
        last = started(folder)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while recorded(folder, kind)["sent"] < messages:  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.02)
        finally:
            last.terminate()
            await asyncio.to_thread(last.wait, PATIENCE_S)
    ids = defaultdict(set)
    for to, id_ in taken():
        ids[to].add(id_)
    assert len(ids) == TOLD
    assert {len(each) for each in ids.values()} == {UPDATES}
    assert len(set(chain.from_iterable(ids.values()))) == messages
    assert messages < len(taken()) <= messages + may_repeat
