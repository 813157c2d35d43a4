"""What is done to a check by hand: run it now, and see what it saw."""

from __future__ import annotations

import asyncio
from functools import partial
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from monitor.api.operation import Answer, Call, Operation
from monitor.api.probing import MOST_S
from monitor.api.schema import Body, Document, Instant, instant
from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Catalogue, Check
from monitor.domain.change import Actor, Change
from monitor.domain.checks.observation import CheckId, Observation
from monitor.domain.refusals import no_such
from monitor.domain.time.interval import Second
from monitor.incidents.service_bounds import ServiceBounds

_COMPARED = 1_000
"""With so many ids at most a wrong one is compared: of all it would take a second."""


class NothingElse(Body):
    """The check's own settings are all that counts."""


class ProbeDocument(Document):
    """What one run saw, from the host of this service. `timeout_s` is what it was given; `total_ms`
    and `phases_ms` are what it took. Secrets are masked in `message` and `evidence`."""

    check: str
    component: str
    kind: str
    at: Instant
    timeout_s: float
    outcome: str
    failure: str | None
    message: str
    total_ms: float
    phases_ms: dict[str, float]
    evidence: dict[str, Any]


def probe(call: Call) -> Answer:
    check = known_check(call.actor, call.catalogue, call.path["id"])
    return Answer(later=partial(_probed, call, check))


async def _probed(call: Call, check: Check) -> Answer:
    backend = call.backend
    at, timeout_s = backend.clock.now(), given_s(check)
    with backend.probe_permits.permit(call.actor.id, check.id):
        # Before it runs: what did not end well was done too.
        await asyncio.to_thread(_note, call, check, at)
        observation = await backend.probe_runner.run(check, call.catalogue, timeout_s)
    return Answer(document=probe_document(check, at, observation, call.zone))


def known_check(actor: Actor, catalogue: Catalogue, wanted: str) -> Check:
    """Raises NotFound, also for one of others."""
    bounds = ServiceBounds.of(actor, catalogue)
    found = catalogue.check(CheckId(wanted))
    if found is None or not bounds.has(found.component):
        theirs = (c.id for c in catalogue.checks if bounds.has(c.component))
        raise no_such("check", wanted, islice(theirs, _COMPARED))
    return found


def _note(call: Call, check: Check, at: Second) -> None:
    with call.backend.writing.transaction() as tx:
        tx.changes.append([probed(call.actor, check, at)])


def probed(actor: Actor, check: Check, at: Second) -> Change:
    """Its line in the audit log."""
    return actor.change(at, "check.probed", str(check.id))


def given_s(check: Check) -> float:
    """How long a run by hand may take."""
    return min(check.timeout_s, MOST_S)


def probe_document(check: Check, at: Second, seen: Observation, zone: ZoneInfo) -> ProbeDocument:
    return ProbeDocument(
        check=check.id,
        component=check.component,
        kind=check.kind,
        at=instant(at, zone),
        timeout_s=given_s(check),
        outcome=str(seen.outcome),
        failure=seen.failure,
        message=seen.message,
        total_ms=seen.total_ms,
        phases_ms=dict(seen.phases_ms),
        evidence=dict(seen.evidence),
    )


OPERATIONS = (
    Operation(
        method="POST", path="/checks/{id}/probe", name="probe_check", scope=Scope.PROBE_RUN,
        summary="Run a check once, now, as it is configured; nothing is stored of it.",
        body=NothingElse, answer=ProbeDocument, handle=probe,
    ),
)  # fmt: skip
