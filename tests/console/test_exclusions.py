"""Exclusions at the console: proposed from an incident, weighed, and decided by somebody else."""

from __future__ import annotations

import pytest

from monitor.domain.accounts.permissions import AccountRole
from tests.api.service import Service
from tests.console.visitor import Seen, Visitor

OPERATOR, APPROVER, VIEWER = AccountRole.OPERATOR, AccountRole.APPROVER, AccountRole.VIEWER
FIELDS = {"cause": "external_provider", "evidence": "Aviso 4711", "links": "https://p.example/1"}


@pytest.fixture
def incident(visitor: Visitor) -> str:
    """The web server was down for four minutes, and is up again."""
    found = visitor.service.fall("web")
    visitor.service.world.live(web="+" * 40, dns="+" * 40, mail="+" * 40)
    return found


async def proposed(visitor: Visitor, incident: str) -> str:
    done = await visitor.post("/exclusions", {**FIELDS, "incident": incident, "component": "web"})
    return done.location.partition("?")[0]


async def decided(visitor: Visitor, path: str, action: str, **more: str) -> Seen:
    page = await visitor.get(path)
    fields = {"revision": page.field("revision"), "action": action, "reason": "Consta", **more}
    return await visitor.post(f"{path}/decision", fields)


def somebody_else(service: Service) -> Visitor:
    return Visitor(service)


async def test_where_there_is_none_the_page_says_what_to_do(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    seen = await visitor.get("/exclusions")
    assert "No hay exclusiones" in seen.words
    assert "desde la página de su incidente" in seen.words
    assert "Ninguna está así" in (await visitor.get("/exclusions?status=refused")).words


async def test_an_incident_leads_to_a_proposal_and_shows_it(
    visitor: Visitor, incident: str
) -> None:
    await visitor.sign_in(OPERATOR)
    link = f"/exclusions?incident={incident}&amp;component=web#propose"
    assert link in (await visitor.get(f"/incidents/{incident}")).text
    form = await visitor.get(f"/exclusions?incident={incident}&component=web")
    assert f'value="{incident}"' in form.text
    assert 'value="web" selected' in form.text
    path = await proposed(visitor, incident)
    shown = await visitor.get(f"/incidents/{incident}")
    assert f'href="{path}"' in shown.text
    assert "Espera una decisión" in shown.words


async def test_another_account_sees_the_effect_and_approves(
    visitor: Visitor, incident: str
) -> None:
    await visitor.sign_in(OPERATOR)
    path = await proposed(visitor, incident)
    own = await visitor.get(path)
    assert "Espera la decisión de otra persona" in own.words or "decide otra persona" in own.words
    assert "Qué cambia" not in own.words
    other = somebody_else(visitor.service)
    await other.sign_in(APPROVER)
    seen = await other.get(path)
    assert "Qué cambia" in seen.words
    assert "240 s 0 s" in seen.words
    done = await decided(other, path, "approve")
    assert done.location == f"{path}?done=exclusion_approved"
    assert "Vigente" in (await other.get(path)).words


async def test_who_proposed_sees_that_somebody_else_decides(
    visitor: Visitor, incident: str
) -> None:
    await visitor.sign_in(AccountRole.ADMIN)
    path = await proposed(visitor, incident)
    seen = await visitor.get(path)
    assert "Usted propuso una revisión: decide otra persona" in seen.words
    assert f'action="{path}/decision"' not in seen.text
    fields = {"revision": "1", "action": "approve", "reason": "Sí"}
    refused = await visitor.post(f"{path}/decision", fields)
    assert refused.status == 403
    assert "decide otra persona" in refused.words


async def test_what_was_revised_since_it_was_seen_is_not_decided(
    visitor: Visitor, incident: str
) -> None:
    await visitor.sign_in(OPERATOR)
    path = await proposed(visitor, incident)
    fields = {**FIELDS, "evidence": "Mejor", "revision": "1"}
    assert (await visitor.post(f"{path}/revision", fields)).status == 303
    other = somebody_else(visitor.service)
    await other.sign_in(APPROVER)
    fields = {"revision": "1", "action": "approve", "reason": "Sí"}
    assert (await other.post(f"{path}/decision", fields)).status == 412
    unseen = await other.post(f"{path}/decision", {"action": "approve", "reason": "Sí"})
    assert unseen.status == 422
    assert "Mejor" in (await other.get(path)).words


async def test_a_withdrawal_is_proposed_and_refused(visitor: Visitor, incident: str) -> None:
    await visitor.sign_in(OPERATOR)
    path = await proposed(visitor, incident)
    other = somebody_else(visitor.service)
    await other.sign_in(APPROVER)
    await decided(other, path, "approve")
    fields = {"revision": "2", "reason": "No era"}
    assert (await visitor.post(f"{path}/withdrawal", fields)).status == 303
    assert "La revisión 2 rige mientras tanto" in (await visitor.get(path)).words
    assert (await decided(other, path, "refuse")).status == 303
    assert "Vigente" in (await visitor.get(path)).words


async def test_a_viewer_proposes_nothing(visitor: Visitor) -> None:
    await visitor.sign_in(VIEWER)
    seen = await visitor.get("/exclusions")
    assert '<form class="stack" method="post" action="/exclusions"' not in seen.text
    assert (await visitor.post("/exclusions", FIELDS)).status == 403
