"""One's own account on its page: what proves who one is, and what ends."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from monitor.domain.accounts.permissions import AccountRole
from tests.api.service import PASSWORD
from tests.console.visitor import COOKIE, Seen, Visitor

NEW = "otra clave bien larga"
VIEWER = AccountRole.VIEWER


def _code(visitor: Visitor, secret: str) -> str:
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), 30, enforce_key_length=False)  # noqa: S303
    return totp.generate(visitor.service.world.clock.now()).decode()


async def _follow(visitor: Visitor, seen: Seen) -> None:
    """The session goes on under another key, and its forms carry another token."""
    visitor.key = seen.cookies[COOKIE]
    await visitor.take_token()


async def test_a_new_password_ends_the_other_sessions_and_this_one_goes_on(
    visitor: Visitor,
) -> None:
    await visitor.sign_in(VIEWER, name="ana")
    elsewhere = visitor.service.begun("ana")
    before = visitor.key
    fields = {"password": PASSWORD, "new_password": NEW, "new_password_again": NEW}
    done = await visitor.post("/account/password", fields)
    assert done.location == "/account?done=password_changed"
    assert done.cookies[COOKIE] not in ("", before)
    for key in (before, elsewhere):
        visitor.key = key
        assert (await visitor.get("/")).location == "/sign-in"
    await _follow(visitor, done)


async def test_a_password_is_changed_only_by_who_knows_the_present_one(visitor: Visitor) -> None:
    await visitor.sign_in(VIEWER, name="ana")
    fields = {"password": "x" * 12, "new_password": NEW, "new_password_again": NEW}
    wrong = await visitor.post("/account/password", fields)
    assert wrong.status in (401, 403, 409, 422)
    assert "no es correcta" in wrong.words
    fields = {"password": PASSWORD, "new_password": NEW, "new_password_again": f"{NEW}x"}
    assert "dos veces" in (await visitor.post("/account/password", fields)).words
    assert (await visitor.post("/sign-in", {"name": "ana", "password": PASSWORD})).status == 303


async def test_a_second_factor_is_set_up_by_a_code_of_it_and_asked_for_from_then_on(
    visitor: Visitor,
) -> None:
    await visitor.sign_in(VIEWER, name="ana")
    begun = await visitor.post("/account/second-factor", {})
    assert "<svg" in begun.text
    enrolment, secret = begun.field("enrolment"), begun.field("secret")
    fields = {"enrolment": enrolment, "secret": secret, "password": PASSWORD}
    wrong = await visitor.post(
        "/account/second-factor/confirm",
        {**fields, "new_code": "000000", "address": "javascript:x"},
    )
    assert wrong.status in (409, 422)
    assert wrong.field("enrolment") == enrolment
    code = _code(visitor, secret)
    done = await visitor.post("/account/second-factor/confirm", {**fields, "new_code": code})
    assert done.status == 200
    assert done.text.count('<code class="secret">') == 10
    visitor.key = done.cookies[COOKIE]
    assert (
        await visitor.post("/language", {"language": "es"}, token=done.field("token"))
    ).status == 303
    await _follow(visitor, done)
    assert "Configurado" in (await visitor.get("/account")).words
    without = await visitor.post("/sign-in", {"name": "ana", "password": PASSWORD})
    assert without.status == 401


async def test_one_ends_ones_other_sessions_and_nobody_elses(visitor: Visitor) -> None:
    await visitor.sign_in(VIEWER, name="ana")
    visitor.service.begun("ana")
    visitor.service.add("beto", VIEWER)
    visitor.service.begun("beto")
    page = await visitor.get("/account")
    ends = page.text.count("/end")
    assert ends == 1
    path = page.text.partition('action="/account/sessions/')[2].partition('"')[0]
    assert (await visitor.post(f"/account/sessions/{path}", {})).status == 303
    assert (await visitor.post("/account/sessions/nobody/end", {})).status == 404
    assert (await visitor.get("/account")).text.count("/end") == 0
