"""What customers say that fails, at the console."""

from __future__ import annotations

from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.time.interval import Second
from tests.console.visitor import Visitor
from tests.support.reported import report

OPERATOR, VIEWER = AccountRole.OPERATOR, AccountRole.VIEWER


async def test_the_list_leads_to_one_which_is_closed_with_a_note(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    assert "Nadie informa que algo falle." in (await visitor.get("/problems")).words
    now = visitor.service.world.clock.now()
    report(visitor.service.world.journal, "AAAA2222", now, answer_by=Second(now - 60))
    seen = await visitor.get("/problems")
    assert 'href="/problems/AAAA2222"' in seen.text
    assert "Se debía responder antes de" in seen.words
    one = await visitor.get("/problems/AAAA2222")
    # Strangers write it.
    assert "<b>mi</b>" not in one.text
    assert r"No abre &lt;b&gt;mi&lt;/b&gt; sitio<br>\x1b[2JDesde ayer" in one.text
    assert "web-check: up" in one.words
    done = await visitor.post("/problems/AAAA2222/closing", {"note": "Era su DNS"})
    assert done.location == "/problems/AAAA2222?done=problem_closed"
    closed = await visitor.get("/problems/AAAA2222")
    assert "Era su DNS" in closed.words
    assert "Cerrar el informe" not in closed.words
    assert "AAAA2222" not in (await visitor.get("/problems")).text
    assert "AAAA2222" in (await visitor.get("/problems?closed=true")).text


async def test_what_somebody_else_has_closed_is_said(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    report(visitor.service.world.journal, "AAAA2222", visitor.service.world.clock.now())
    await visitor.post("/problems/AAAA2222/closing", {"note": ""})
    again = await visitor.post("/problems/AAAA2222/closing", {"note": "x"})
    assert again.status == 409
    assert 'role="alert"' in again.text


async def test_who_may_not_read_them_has_no_way_there(visitor: Visitor) -> None:
    await visitor.sign_in(VIEWER)
    assert 'href="/problems"' not in (await visitor.get("/")).text
    assert (await visitor.get("/problems")).status == 403
