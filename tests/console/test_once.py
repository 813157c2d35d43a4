"""A form that is sent twice by a double click is done once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from monitor.console.browser.once import KEPT_S
from monitor.domain.accounts.account import AccountName
from monitor.domain.accounts.permissions import AccountRole
from tests.api.service import PASSWORD
from tests.architecture.tree import ROOT
from tests.console.visitor import COOKIE, Visitor

ADMIN, OPERATOR = AccountRole.ADMIN, AccountRole.OPERATOR
WINDOW = {
    "title_es": "Cambio de disco", "impact_es": "Sin web unos minutos.",
    "start": "2026-10-05T02:00", "end": "2026-10-05T03:30", "component": "web",
    "reason": "urgente",
}  # fmt: skip
INCIDENT = {"title_es": "Correo: demoras", "text_es": "Demora.", "component": "mail"}
ACCOUNT = {"name": "beto", "role": "operator", "every_service": "1"}
TOKEN = {"label": "script", "scope": "state:read", "days": "7"}
CREATING = {
    "/maintenance": (WINDOW, "maintenance.added"),
    "/new-incident": (INCIDENT, "incident.opened"),
    "/accounts": (ACCOUNT, "account.added"),
    "/tokens": (TOKEN, "token.created"),
}
PAGES = {"/tokens": "/accounts"}


async def form_of(visitor: Visitor, path: str, fields: Mapping[str, str]) -> dict[str, str]:
    page = await visitor.get(PAGES.get(path, path))
    return {**fields, "once": page.field("once")}


def count(visitor: Visitor, kind: str) -> int:
    found = [c for c in visitor.service.changes() if c.kind == kind and c.actor != "root"]
    return len(found)


@pytest.mark.parametrize("path", CREATING)
async def test_a_double_click_creates_one_and_both_are_answered_alike(
    visitor: Visitor, path: str
) -> None:
    await visitor.sign_in(ADMIN)
    fields, kind = CREATING[path]
    form = await form_of(visitor, path, fields)
    both = await asyncio.gather(visitor.post(path, form), visitor.post(path, form))
    later = await visitor.post(path, form)
    assert count(visitor, kind) == 1
    assert len({(seen.status, seen.text, seen.headers.get("Location")) for seen in both}) == 1
    assert (later.status, later.text) == (both[0].status, both[0].text)
    assert both[0].status in (200, 303)
    for seen in (*both, later):
        assert seen.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in seen.headers["Content-Security-Policy"]


async def test_an_update_that_is_sent_twice_is_not_told_that_somebody_was_faster(
    visitor: Visitor,
) -> None:
    await visitor.sign_in(OPERATOR)
    path = f"/incidents/{visitor.service.fall('web')}"
    page = await visitor.get(path)
    form = {
        "text_es": "Un disco falló.", "action": "publish", "phase": "identified",
        "revision": page.field("revision"), "once": page.field("once"),
    }  # fmt: skip
    both = await asyncio.gather(visitor.post(path, form), visitor.post(path, form))
    assert {seen.location for seen in both} == {f"{path}?done=updated"}
    assert count(visitor, "incident.updated") == 1


async def test_other_words_in_the_same_form_are_another(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    form = await form_of(visitor, "/maintenance", WINDOW)
    first = await visitor.post("/maintenance", form)
    second = await visitor.post("/maintenance", {**form, "title_es": "Otro disco"})
    assert first.location != second.location


async def test_a_form_of_another_page_is_another(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    found = set()
    for _ in range(2):
        form = await form_of(visitor, "/maintenance", WINDOW)
        found.add((await visitor.post("/maintenance", form)).location)
    assert len(found) == 2


async def test_what_was_refused_is_tried_again(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    form = await form_of(visitor, "/maintenance", {**WINDOW, "component": "none"})
    for _ in range(2):
        assert (await visitor.post("/maintenance", form)).status == 404
    incident = visitor.service.fall("web")
    page = await visitor.get(f"/incidents/{incident}")
    resolve = {"text_es": "Listo.", "action": "resolve", "once": page.field("once")}
    assert (await visitor.post(f"/incidents/{incident}", resolve)).status == 409
    visitor.service.world.live(web="++++", dns="++++", mail="++++")
    assert (await visitor.post(f"/incidents/{incident}", resolve)).status == 303


async def test_a_secret_is_said_again_to_the_same_session_alone(visitor: Visitor) -> None:
    await visitor.sign_in(ADMIN, name="ana")
    form = await form_of(visitor, "/tokens", TOKEN)
    (secret,) = re.findall(r"estado_\w+", (await visitor.post("/tokens", form)).words)
    assert secret in (await visitor.post("/tokens", form)).words
    key, token = visitor.key, visitor.token
    visitor.key = ""
    await visitor.sign_in(ADMIN, name="eva")
    assert secret not in (await visitor.post("/tokens", {**form, "token": visitor.token})).text
    visitor.key, visitor.token = key, token
    visitor.service.add("boss", ADMIN).reset("ana")
    assert (await visitor.post("/tokens", form)).location.startswith("/sign-in")


async def test_who_may_no_more_is_not_answered_from_memory(visitor: Visitor) -> None:
    await visitor.sign_in(ADMIN, name="ana")
    form = await form_of(visitor, "/tokens", TOKEN)
    await visitor.post("/tokens", form)
    visitor.service.add("boss", ADMIN).change("ana", roles=[AccountRole.VIEWER])
    seen = await visitor.post("/tokens", form)
    assert (seen.status, "estado_" in seen.text) == (403, False)


async def test_it_is_forgotten_after_a_while(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    form = await form_of(visitor, "/maintenance", WINDOW)
    first = await visitor.post("/maintenance", form)
    visitor.service.world.clock.advance(KEPT_S + 1)
    assert (await visitor.post("/maintenance", form)).location != first.location


async def test_a_browser_that_leaves_the_first_request_reads_what_came_of_it(
    visitor: Visitor,
) -> None:
    await visitor.sign_in(ADMIN)
    form = await form_of(visitor, "/accounts", ACCOUNT)
    body = urlencode({"token": visitor.token, **form})
    _, writer = await asyncio.open_connection("127.0.0.1", visitor.service.client.port)
    writer.write(
        (
            f"POST /accounts HTTP/1.1\r\nHost: 127.0.0.1:{visitor.service.client.port}\r\n"
            f"Origin: {visitor.origin}\r\nSec-Fetch-Site: same-origin\r\nAccept-Language: es\r\n"
            f"Cookie: {COOKIE}={visitor.key}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
    )
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    seen = await visitor.post("/accounts", form)
    assert "Contraseña de beto" in seen.words
    assert count(visitor, "account.added") == 1


async def test_a_new_password_that_is_sent_twice_leaves_one_signed_in(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR, name="ana")
    page = await visitor.get("/account")
    new = "a longer horse battery"
    form = {
        "password": PASSWORD, "new_password": new, "new_password_again": new,
        "once": page.field("once"),
    }  # fmt: skip
    both = await asyncio.gather(
        visitor.post("/account/password", form), visitor.post("/account/password", form)
    )
    assert {seen.location for seen in both} == {"/account?done=password_changed"}
    assert len({seen.cookies[COOKIE] for seen in both}) == 1
    visitor.key = both[1].cookies[COOKIE]
    assert (await visitor.get("/account")).status == 200
    with visitor.service.world.journal.transaction() as tx:
        assert tx.accounts.get(AccountName("ana")) is not None


def test_every_form_that_changes_something_carries_the_field() -> None:
    """Those of a stranger are no session's, and make nothing."""
    for path in sorted((ROOT / "templates/console").glob("*.html")):
        for form in re.findall(r'<form[^>]*method="post".*?</form>', path.read_text(), re.DOTALL):
            if path.name not in ("sign_in.html", "provider_code.html"):
                assert "token(frame)" in form, (path.name, form[:80])
    macro = (ROOT / "templates/console/macros.html").read_text()
    assert 'name="once" value="{{ frame.once }}"' in macro
