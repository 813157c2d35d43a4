"""schemathesis reads the document that clients read, and asks for all that it says and more.

Each operation gets requests as the document has them and requests that it forbids, some of them
about what is really there, by an admin and by an account that is bounded to a service. No answer
may be a fault of the server, nor another than the document says.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from credits.life.credit import By, begin
from credits.life.states import CreditState
from monitor.api.openapi import openapi_document
from monitor.api.operation import ROOT
from monitor.api.table import OPERATIONS
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.catalogue import Catalogue, Check
from monitor.domain.checks.observation import Observation, Outcome
from monitor.domain.time.interval import Second
from tests.api.service import Service, service
from tests.credits.handling.counter import owed
from tests.support.waiting_credits import keep_ruling, keep_waiting

_TOO_LARGE = 413
_LONGEST_ADDRESS = 8_000
ACCEPTED = positive_data_acceptance
"""Left out: much that the document allows makes no sense at that moment (a window in the past, a
cursor of nobody). Instead, none of it is refused for its form. A file that is sent may be anything:
what is wrong with it is the answer."""
EXAMPLES = 6
"""Of each operation, mode and account."""
PACE_S = 1.0
"""What a request takes of the clock: the limits of rate are tested elsewhere."""


class AtOnce:
    """A runner of checks that answers at once."""

    async def run(self, check: Check, catalogue: Catalogue, timeout_s: float) -> Observation:
        return Observation(outcome=Outcome.UP)


@dataclass(slots=True)
class Running:
    """The API on a loop of its own thread, with something of everything in its journal."""

    made: Service
    url: str
    keys: Mapping[str, str]
    known: Mapping[str, Mapping[str, str]]
    """By the first part of a path, what its names are of things that are there."""
    answers: Counter[tuple[str, str, int]] = field(default_factory=Counter)


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    ready, over = threading.Event(), asyncio.Event()
    found: list[Running] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        try:
            async with service(folder, probe_runner=AtOnce()) as made:
                found.append(await seeded(made))
                ready.set()
                await over.wait()
        finally:
            ready.set()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()
    try:
        yield found[0]
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join()


async def seeded(made: Service) -> Running:
    keys = {
        "admin": made.session_of(AccountRole.ADMIN),
        "bounded": made.key_of(AccountRole.OPERATOR, services=("hosting",)),
    }
    made.add("eva", AccountRole.VIEWER)
    incident = made.fall("web")
    made.publish_log()
    body = {
        "title": {"es": "Disco"}, "impact": {"es": "Nada."}, "components": ["web"],
        "start": "2026-11-01T02:00:00-03:00", "end": "2026-11-01T03:00:00-03:00", "reason": "x",
    }  # fmt: skip
    planned = await made.ask("POST", "/maintenance", key=keys["admin"], body=body)
    now = datetime.fromtimestamp(made.world.clock.now(), tz=UTC)
    body = {
        "component": "web", "cause": "customer", "evidence": {"text": "x"},
        "start": (now - timedelta(minutes=2)).isoformat(), "end": now.isoformat(),
    }  # fmt: skip
    asked = await made.ask("POST", "/exclusions", key=keys["admin"], body=body)
    with made.world.journal.transaction() as tx:
        tx.credits.begin([begin(owed(), CreditState.ELIGIBLE, By(actor="estado", at=Second(1)))])
    journal, at = made.world.journal, made.world.clock.now()
    keep_waiting(journal, end=Second(at - 20 * 86_400))
    known = {
        "credits": {"id": "BON-2026-10-1"},
        "rulings": {"id": str(keep_ruling(journal, at=at))},
        "exclusions": {"id": asked.json["reference"]},
        "incidents": {"id": incident, "number": "1"},
        "maintenance": {"id": planned.json["id"]},
        "accounts": {"name": "eva"},
        "tokens": {"id": keys["bounded"].split("_")[1]},
        "checks": {"id": "web-check"},
    }
    url = str(made.client.make_url(ROOT))
    return Running(made=made, url=url, keys=keys, known=known)


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("schemathesis")) as found:
        yield found


@pytest.fixture(scope="module")
def document() -> Any:
    return schemathesis.openapi.from_dict(json.loads(openapi_document(OPERATIONS, None)))


@pytest.mark.parametrize("account", ["admin", "bounded"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.name)
def test_no_request_gets_an_answer_that_the_document_does_not_have(
    at: Running, document: Any, operation: Any, account: str
) -> None:
    of_path = document[operation.path][operation.method]
    known = at.known.get(operation.path.split("/")[1], {})
    names = {name: known[name] for name in operation.path_names if name in known}
    cases = [
        of_path.as_strategy(generation_mode=mode, **parameters)
        for mode in schemathesis.GenerationMode
        for parameters in ([{}, {"path_parameters": names}] if names else [{}])
    ]

    left_out = [ACCEPTED, negative_data_rejection] if operation.upload else [ACCEPTED]
    # One of the operations ends the session that asks: each begins with its own.
    key = at.made.begun("admin") if account == "admin" else at.keys[account]

    @settings(
        max_examples=EXAMPLES * 2,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=st.one_of(cases))
    def ask(case: Any) -> None:
        at.made.world.clock.advance(PACE_S)
        headers = {"Authorization": f"Bearer {key}"}
        answer = case.call(base_url=at.url, headers=headers)
        at.answers[operation.name, account, answer.status_code] += 1
        if len(answer.request.path_url) > _LONGEST_ADDRESS:
            # No operation sees it: tests/roles/test_page_bounds.py holds what our servers answer.
            assert answer.status_code == 400
            return
        # A body that is too large is refused before anybody looks at what is wrong in it.
        unasked = [negative_data_rejection] if answer.status_code == _TOO_LARGE else []
        case.validate_response(answer, headers=headers, excluded_checks=left_out + unasked)
        if case.meta.generation.mode is schemathesis.GenerationMode.POSITIVE:
            assert answer.status_code != 400, answer.text
            assert b'"request.invalid"' not in answer.content, answer.text

    ask()


def test_it_asked_enough_to_say_so(at: Running, capsys: pytest.CaptureFixture[str]) -> None:
    """And says how much."""
    lines = ["", "operation               account   2xx  4xx  statuses"]
    for name in (o.name for o in OPERATIONS):
        for account in at.keys:
            of_it = {s: n for (o, a, s), n in at.answers.items() if (o, a) == (name, account)}
            good = sum(n for status, n in of_it.items() if status < 300)
            bad = sum(n for status, n in of_it.items() if status >= 400)
            by_status = " ".join(f"{status}:{n}" for status, n in sorted(of_it.items()))
            lines.append(f"{name:23} {account:8} {good:4} {bad:4}  {by_status}")
    lines += [f"{at.answers.total()} requests", ""]
    with capsys.disabled():
        sys.stdout.write("\n".join(lines))
    assert at.answers.total() > len(OPERATIONS) * 2 * EXAMPLES
