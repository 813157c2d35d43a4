"""Unknown time at the console: what waits, what somebody says it was, decided by somebody else."""

from __future__ import annotations

import pytest

from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.time.interval import Second
from tests.console.visitor import Seen, Visitor
from tests.support.waiting_credits import WAITS, keep_ruling, keep_waiting

BILLING, APPROVER = AccountRole.BILLING, AccountRole.APPROVER
SAYS = {"assumed": "down", "evidence": "El registro tiene un hueco", "links": "https://r.example/1"}


@pytest.fixture
def waits(visitor: Visitor) -> Visitor:
    world = visitor.service.world
    keep_waiting(world.journal, end=Second(world.clock.now() - 20 * 86_400))
    return visitor


async def proposed(visitor: Visitor, **more: str) -> str:
    page = await visitor.get("/unknown-time")
    chosen = {name: page.field(name) for name in ("key", "month", "start", "end", "cause")}
    done = await visitor.post("/unknown-time", {**SAYS, **chosen, **more})
    return done.location.partition("?")[0]


async def decided(visitor: Visitor, path: str, action: str) -> Seen:
    page = await visitor.get(path)
    fields = {"revision": page.field("revision"), "action": action, "reason": "Consta"}
    return await visitor.post(f"{path}/decision", fields)


async def test_where_nothing_waits_the_page_says_so(visitor: Visitor) -> None:
    await visitor.sign_in(BILLING)
    seen = await visitor.get("/unknown-time")
    assert "Nada espera" in seen.words
    assert "Todavía no hay ninguna" in seen.words
    assert "Ninguna está así" in (await visitor.get("/unknown-time?status=refused")).words


async def test_billing_sees_what_waits_and_says_what_it_was(waits: Visitor) -> None:
    await waits.sign_in(BILLING)
    seen = await waits.get("/unknown-time")
    assert "1 bonificación · 1 contrato" in seen.words
    assert "USD 0.00 7.50" in seen.words
    assert "ya nada es desconocido" in seen.words
    path = await proposed(waits)
    shown = await waits.get(path)
    assert "Usted propuso una revisión: decide otra persona" in shown.words
    assert f'action="{path}/decision"' not in shown.text
    assert "El registro tiene un hueco" in shown.words


async def test_another_account_sees_the_money_and_approves(waits: Visitor) -> None:
    await waits.sign_in(BILLING)
    path = await proposed(waits)
    other = Visitor(waits.service)
    await other.sign_in(APPROVER)
    seen = await other.get(path)
    assert "USD 0.00 7.50 0.00 7.50" in seen.words
    assert f"C-1 cliente 77 · {WAITS} por decidir" in seen.words
    done = await decided(other, path, "approve")
    assert done.location == f"{path}?done=ruling_approved"
    shown = await other.get(path)
    assert "Aprobada" in shown.words
    assert "sin pedir" in shown.words


async def test_a_proposal_is_refused_and_revised_with_what_it_had(waits: Visitor) -> None:
    await waits.sign_in(BILLING)
    path = await proposed(waits)
    other = Visitor(waits.service)
    await other.sign_in(APPROVER)
    assert (await decided(other, path, "refuse")).location.endswith("done=ruling_refused")
    page = await waits.get(path)
    assert 'value="down" required checked' in page.text
    fields = {**SAYS, "assumed": "closed", "revision": page.field("revision")}
    assert (await waits.post(f"{path}/revision", fields)).status == 303
    assert "Cerrar: no corresponde nada" in (await other.get(path)).words


async def test_credits_that_were_named_are_revised_by_name(waits: Visitor) -> None:
    world = waits.service.world
    path = f"/unknown-time/{keep_ruling(world.journal, at=world.clock.now())}"
    await waits.sign_in(BILLING)
    fields = {**SAYS, "assumed": "up", "revision": "1"}
    assert (await waits.post(f"{path}/revision", fields)).status == 303
    shown = await waits.get(path)
    assert "Funcionaba: no corresponde nada" in shown.words
    assert "accesos.log" in shown.words


async def test_what_was_refused_keeps_what_was_typed(waits: Visitor) -> None:
    await waits.sign_in(BILLING)
    page = await waits.get("/unknown-time")
    chosen = {name: page.field(name) for name in ("key", "month", "start", "end", "cause")}
    wrong = {**SAYS, **chosen, "links": "http://sin-tls.example"}
    seen = await waits.post("/unknown-time", wrong)
    assert seen.status == 422
    assert "<details open>" in seen.text
    assert "El registro tiene un hueco" in seen.text
    assert 'value="down" required checked' in seen.text


async def test_what_can_be_decided_no_more_is_named(waits: Visitor) -> None:
    await waits.sign_in(BILLING)
    path, second = await proposed(waits), await proposed(waits, assumed="up")
    other = Visitor(waits.service)
    await other.sign_in(APPROVER)
    assert path.rpartition("/")[2] in (await other.get(second)).words
    await decided(other, path, "approve")
    seen = await other.get(second)
    assert "Ya no se puede decidir" in seen.words
    assert WAITS in seen.words
    refused = await decided(other, second, "approve")
    assert refused.status == 409
    assert "no se decidió nada" in refused.words.lower()


async def test_an_operator_sees_none_of_it(waits: Visitor) -> None:
    await waits.sign_in(AccountRole.OPERATOR)
    assert "/unknown-time" not in (await waits.get("/")).text
    assert (await waits.get("/unknown-time")).status == 403
    assert (await waits.post("/unknown-time", SAYS)).status == 403
