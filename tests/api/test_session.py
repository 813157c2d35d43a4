"""Signing in and out over HTTP, tokens that open nothing any more, and whose address counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from monitor.api.schema import second_of
from monitor.domain.accounts.account import AccountName
from monitor.domain.accounts.permissions import SCOPES_OF, AccountRole, Scope
from monitor.i18n.formats import iso
from tests.accounts.accounts import code_of
from tests.api.service import PASSWORD, Answered, Service, service
from tests.support.worlds import ZONE

ANA = {"name": "ana", "password": PASSWORD}


@pytest.fixture(autouse=True)
def ana(made: Service) -> None:
    made.add("ana", AccountRole.OPERATOR)


async def test_who_signs_in_gets_a_key_that_acts_for_them(made: Service) -> None:
    begun = await made.ask("POST", "/session", body=ANA)
    assert begun.status == 201, begun.text
    scopes = sorted(SCOPES_OF[AccountRole.OPERATOR])
    key = begun.json["key"]
    shown = await made.ask("GET", "/session", key=key)
    assert shown.json == {
        "account": "ana", "scopes": scopes, "services": None, "token": None,
        "expires_at": begun.json["expires_at"], "must_enrol": False,
        "zone": "America/Argentina/Buenos_Aires",
        "now": iso(made.world.clock.now(), ZONE),
    }  # fmt: skip
    assert begun.json == {**shown.json, "key": key}
    told = await made.ask(
        "POST", f"/incidents/{made.fall('web')}/updates", key=key, body={"text": {"es": "Hola."}}
    )
    assert (told.status, made.changes()[-1].actor, made.changes()[-1].token) == (201, "ana", "")


async def test_who_signs_out_opens_nothing_with_that_key(made: Service) -> None:
    keys = [(await made.ask("POST", "/session", body=ANA)).json["key"] for _ in range(2)]
    ended = await made.ask("DELETE", "/session", key=keys[0])
    assert (ended.status, ended.text) == (204, "")
    assert (await made.ask("GET", "/session", key=keys[0])).code == "session.over"
    assert (await made.ask("GET", "/session", key=keys[1])).status == 200
    assert made.changes()[-1].kind == "session.ended"


async def test_an_unknown_name_is_answered_as_a_wrong_password(made: Service) -> None:
    made.add("eva", AccountRole.VIEWER).disable("eva")
    tries = [
        {"name": "ana", "password": "wrong horse battery"},
        {"name": "nobody", "password": PASSWORD},
        {"name": "eva", "password": PASSWORD},
        {**ANA, "code": "000000", "password": ""},
    ]
    answers = [await made.ask("POST", "/session", body=body) for body in tries]

    def seen(answer: Answered) -> tuple[int, str, dict[str, str]]:
        return answer.status, answer.text, {k: v for k, v in answer.headers.items() if k != "Date"}

    assert {answer.code for answer in answers} == {"signin.refused"}
    assert all(seen(answer) == seen(answers[0]) for answer in answers)
    assert answers[0].status == 401


async def test_too_many_tries_have_to_wait(made: Service) -> None:
    for _ in range(5):
        await made.ask("POST", "/session", body={**ANA, "password": "wrong"})
    refused = await made.ask("POST", "/session", body=ANA)
    assert (refused.status, refused.code) == (429, "signin.wait")
    assert int(refused.headers["Retry-After"]) == refused.json["fields"]["seconds"] > 0
    made.world.clock.advance(int(refused.headers["Retry-After"]))
    assert (await made.ask("POST", "/session", body=ANA)).status == 201


async def test_a_second_factor_is_asked_for_with_the_password(made: Service) -> None:
    seed = b"s" * 20
    with made.world.journal.transaction() as tx:
        account = tx.accounts.get(AccountName("ana"))
        assert account is not None
        sealed = made.backend.sealer.seal(seed, account.name)
        tx.accounts.save(replace(account, totp_seed=sealed))
    assert (await made.ask("POST", "/session", body=ANA)).code == "signin.refused"
    code = code_of(seed, made.world.clock.now())
    assert (await made.ask("POST", "/session", body={**ANA, "code": code})).status == 201
    assert (await made.ask("POST", "/session", body={**ANA, "code": code})).status == 401


async def test_a_token_says_whose_it_is_and_has_no_session_to_end(made: Service) -> None:
    key = made.token("ana", Scope.STATE_READ)
    shown = (await made.ask("GET", "/session", key=key)).json
    assert (shown["account"], shown["scopes"]) == ("ana", ["state:read"])
    assert shown["expires_at"] is None, "until it is revoked"
    short = await made.ask("GET", "/session", key=made.token("ana", Scope.STATE_READ, days=1))
    assert (
        second_of(datetime.fromisoformat(short.json["expires_at"]))
        == made.world.clock.now() + 86_400
    )
    assert key.startswith(f"estado_{shown['token']}_")
    ended = await made.ask("DELETE", "/session", key=key)
    assert (ended.status, ended.code) == (409, "session.by_token")


async def test_a_token_opens_nothing_once_it_is_over(made: Service) -> None:
    keys = {
        "expired": made.token("ana", Scope.STATE_READ, days=1),
        "revoked": made.token("ana", Scope.STATE_READ),
        "orphaned": made.token("ana", Scope.STATE_READ),
        "changed": made.token("ana", Scope.STATE_READ)[:-1] + "x",
    }
    changed = keys.pop("changed")
    assert (await made.ask("GET", "/state", key=changed)).code == "token.invalid"
    for key in keys.values():
        assert (await made.ask("GET", "/state", key=key)).status == 200
    made.world.clock.advance(86_400)
    made.tokens().revoke(keys["revoked"].split("_")[1])
    assert (await made.ask("GET", "/state", key=keys["expired"])).code == "token.invalid"
    assert (await made.ask("GET", "/state", key=keys["revoked"])).code == "token.invalid"
    assert (await made.ask("GET", "/state", key=keys["orphaned"])).status == 200
    commands = made.add("eva", AccountRole.ADMIN)
    commands.disable("ana")
    assert (await made.ask("GET", "/state", key=keys["orphaned"])).code == "token.invalid"


async def test_a_role_that_was_taken_away_takes_its_scopes_from_the_token(made: Service) -> None:
    key = made.token("ana", Scope.STATE_READ, Scope.INCIDENTS_WRITE)
    made.add("eva", AccountRole.ADMIN).change("ana", roles=[AccountRole.VIEWER])
    path = f"/incidents/{made.fall('web')}/updates"
    told = await made.ask("POST", path, key=key, body={"text": {"es": "Hola."}})
    assert (told.status, told.json["fields"]) == (403, {"scope": "incidents:write"})


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        ((), "198.51.100.9", "127.0.0.1"),
        (("127.0.0.0/8",), "198.51.100.9, 192.0.2.7", "192.0.2.7"),
        (("127.0.0.0/8", "192.0.2.0/24"), "203.0.113.5, 198.51.100.9, 192.0.2.7", "198.51.100.9"),
        (("127.0.0.0/8",), "198.51.100.9, garbage", "127.0.0.1"),
        (("127.0.0.0/8",), "[2001:db8::7]:443", "2001:db8::7"),
        (("127.0.0.0/8",), "", "127.0.0.1"),
        (("10.0.0.0/8",), "198.51.100.9", "127.0.0.1"),
    ],
)
async def test_the_clients_address_is_what_a_trusted_proxy_says_alone(
    tmp_path: Path, proxies: tuple[str, ...], forwarded: str, address: str
) -> None:
    (tmp_path / "own").mkdir()
    async with service(tmp_path / "own", trusted_proxies=proxies) as own:
        own.add("ana", AccountRole.OPERATOR)
        begun = await own.ask("POST", "/session", body=ANA, X_Forwarded_For=forwarded)
        assert begun.status == 201
        assert own.changes()[-1].address == address
