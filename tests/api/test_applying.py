"""Applying over HTTP: asked for, carried, confirmed and released by accounts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from credits.billing.requests import pending_pass
from credits.billing.steps import ApplyingSteps
from credits.life.credit import CreditId, CreditRecord
from credits.life.states import CreditState as S
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import Actor, ActorKind, Via
from tests.api.service import Service
from tests.credits.life.builders import walked

BON = CreditId("BON-2026-04-77-0")
LUZ = Actor(id="luz", kind=ActorKind.PERSON, via=Via.API)


@pytest.fixture
def approved(made: Service) -> CreditRecord:
    """Asked for by one, approved by another."""
    record = walked((S.ELIGIBLE, S.REQUESTED, S.UNDER_REVIEW, S.APPROVED))
    steps = [replace(step, actor="luz") if step.seq == 4 else step for step in record.steps]
    with made.world.journal.transaction() as tx:
        for taken in range(1, 5):
            known = CreditRecord(record.credit, tuple(steps[:taken]))
            (tx.credits.begin if taken == 1 else tx.credits.append)([known])
    return CreditRecord(record.credit, tuple(steps))


async def test_a_request_is_left_for_the_core_and_shown(made: Service) -> None:
    key = made.key_of(AccountRole.BILLING)
    body = {"task": "apply", "month": "2026-04"}
    asked = await made.ask("POST", "/billing/applications", key=key, body=body)
    assert (asked.status, asked.json["state"]) == (202, "pending")
    shown = await made.ask("GET", asked.json["look_at"].removeprefix("/api/v1"), key=key)
    assert shown.json == asked.json
    with made.world.journal.transaction() as tx:
        waiting = pending_pass(tx)
    assert waiting is not None
    assert (waiting.month, waiting.actor.via) == ("2026-04", Via.API)
    again = await made.ask("POST", "/billing/applications", key=key, body=body)
    assert (again.status, again.json["code"]) == (409, "applying.pending")
    for strange in ("1", "99999", "x", "9" * 30):
        answer = await made.ask("GET", f"/billing/applications/{strange}", key=key)
        assert answer.status == 404


async def test_what_is_handed_out_is_listed_and_confirmed_once(
    made: Service, approved: CreditRecord
) -> None:
    key = made.key_of(AccountRole.BILLING)
    steps = ApplyingSteps(journal=made.world.journal, clock=made.world.clock)
    steps.claim(approved, "csv", LUZ)
    listed = await made.ask("GET", "/billing/handed-out", key=key)
    (row,) = listed.json["credits"]
    assert (row["credit_id"], row["amount"], row["reference"]) == (BON, "6.86", "")
    body = {"confirmed": [{"credit_id": BON, "reference": "K-17"}]}
    for _ in range(2):
        said = await made.ask("POST", "/billing/confirmations", key=key, body=body)
        assert said.json["credits"][0]["state"] == "applied"
    assert (await made.ask("GET", "/billing/handed-out", key=key)).json["credits"] == []
    twice = {"confirmed": body["confirmed"] * 2}
    assert (await made.ask("POST", "/billing/confirmations", key=key, body=twice)).status == 422


async def test_a_credit_is_released_only_where_it_has_settled(
    made: Service, approved: CreditRecord
) -> None:
    key = made.key_of(AccountRole.BILLING)
    steps = ApplyingSteps(journal=made.world.journal, clock=made.world.clock)
    claimed = steps.claim(approved, "whmcs", LUZ)
    path, body = f"/credits/{BON}/release", {"reason": "no está"}
    refused = await made.ask("POST", path, key=key, body=body)
    assert refused.json["code"] == "credit.not_unknown"
    steps.close(claimed, S.APPLY_UNKNOWN, "", "504")
    refused = await made.ask("POST", path, key=key, body=body)
    assert (refused.status, refused.json["code"]) == (409, "credit.not_settled")


async def test_the_brake_is_pulled_and_let_go_of(made: Service) -> None:
    key = made.key_of(AccountRole.BILLING)
    body = {"is_on": True, "reason": "Importes raros"}
    pulled = await made.ask("POST", "/billing/brake", key=key, body=body)
    assert (pulled.status, pulled.json["is_on"]) == (200, True)
    asked = await made.ask("POST", "/billing/applications", key=key, body={"task": "apply"})
    assert (asked.status, asked.json["code"]) == (409, "applying.paused")
    shown = await made.ask("GET", "/billing/brake", key=key)
    assert (shown.json["reason"], shown.json["since"]) == ("Importes raros", pulled.json["since"])
    await made.ask("POST", "/billing/brake", key=key, body=body | {"is_on": False})
    assert not (await made.ask("GET", "/billing/brake", key=key)).json["is_on"]
    asked = await made.ask("POST", "/billing/applications", key=key, body={"task": "apply"})
    assert asked.status == 202
