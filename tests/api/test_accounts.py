"""Accounts and tokens over HTTP, for those who look after them and for everybody's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.catalogue import Console, OidcProvider
from tests.api.service import PASSWORD, Service, service
from tests.support.worlds import catalogue


@pytest.fixture
def admin(made: Service) -> str:
    return made.session_of(AccountRole.ADMIN)


async def session_of(made: Service, name: str, password: str = PASSWORD) -> str:
    begun = await made.ask("POST", "/session", body={"name": name, "password": password})
    assert begun.status == 201, begun.text
    return str(begun.json["key"])


async def test_an_account_is_added_changed_and_ends(made: Service, admin: str) -> None:
    body = {"name": "ana", "roles": ["operator"], "services": ["mail"], "full_name": "Ana B."}
    added = await made.ask("POST", "/accounts", key=admin, body=body)
    assert added.status == 201, added.text
    account, password = added.json["account"], added.json["password"]
    assert (account["roles"], account["services"]) == (["operator"], ["mail"])
    key = await session_of(made, "ana", password)
    assert (await made.ask("GET", "/session", key=key)).json["services"] == ["mail"]
    changed = await made.ask(
        "PATCH", "/accounts/ana", key=admin, body={"roles": ["viewer"]},
        If_Match=added.headers["ETag"],
    )  # fmt: skip
    assert (changed.status, changed.json["roles"]) == (200, ["viewer"])
    assert (await made.ask("GET", "/session", key=key)).json["scopes"] == ["state:read"]
    shown = await made.ask("GET", "/accounts/ana", key=admin)
    assert (shown.json, shown.headers["ETag"]) == (changed.json, changed.headers["ETag"])
    disabled = await made.ask("POST", "/accounts/ana/disable", key=admin)
    assert (disabled.status, disabled.json["is_enabled"]) == (200, False)
    assert (await made.ask("GET", "/session", key=key)).status == 401
    again = await made.ask("POST", "/accounts/ana/disable", key=admin)
    assert (again.status, again.code) == (409, "account.disabled")
    enabled = await made.ask("POST", "/accounts/ana/enable", key=admin)
    assert enabled.json["is_enabled"]
    listed = (await made.ask("GET", "/accounts", key=admin)).json["accounts"]
    assert [one["name"] for one in listed] == ["admin", "ana"]
    assert all("hash" not in name and "seed" not in name for one in listed for name in one)


async def test_a_password_that_was_given_is_not_repeated(made: Service, admin: str) -> None:
    body = {"name": "ana", "roles": ["viewer"], "password": "correct horse 1234"}
    added = await made.ask("POST", "/accounts", key=admin, body=body)
    assert (added.status, added.json["password"]) == (201, None)
    await session_of(made, "ana", "correct horse 1234")


async def test_a_reset_makes_another_password_and_ends_sessions(made: Service, admin: str) -> None:
    made.add("ana", AccountRole.VIEWER)
    key = await session_of(made, "ana")
    reset = await made.ask("POST", "/accounts/ana/reset", key=admin)
    assert reset.status == 200, reset.text
    assert (await made.ask("GET", "/session", key=key)).status == 401
    await session_of(made, "ana", reset.json["password"])
    given = await made.ask("POST", "/accounts/ana/reset", key=admin, body={"password": PASSWORD})
    assert given.json["password"] is None
    await session_of(made, "ana")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "Ana B", "roles": ["viewer"]}, 422, "account.name"),
        ({"name": "ana", "roles": []}, 422, "account.no_role"),
        ({"name": "ana", "roles": ["king"]}, 422, "request.invalid"),
        ({"name": "ana", "roles": ["viewer"], "services": ["mial"]}, 404, "name.unknown"),
        ({"name": "ana", "roles": ["viewer"], "password": "short"}, 422, "password.short"),
        ({"name": "ana", "roles": ["viewer"], "services": []}, 422, "request.invalid"),
        ({"name": "admin", "roles": ["viewer"]}, 409, "account.exists"),
        ({"name": "a\x00b", "roles": ["viewer"]}, 422, "request.invalid"),
    ],
)
async def test_what_makes_no_account_is_refused(
    made: Service, admin: str, body: dict[str, object], status: int, code: str
) -> None:
    answer = await made.ask("POST", "/accounts", key=admin, body=body)
    assert (answer.status, answer.code) == (status, code)


async def test_services_null_means_all_of_them(made: Service, admin: str) -> None:
    made.add("ana", AccountRole.VIEWER, services=("mail",))
    bounded = await made.ask("PATCH", "/accounts/ana", key=admin, body={"roles": ["operator"]})
    assert bounded.json["services"] == ["mail"], "what is left out stays"
    free = await made.ask("PATCH", "/accounts/ana", key=admin, body={"services": None})
    assert (free.status, free.json["services"]) == (200, None)


async def test_a_reset_of_what_has_changed_since_is_refused(made: Service, admin: str) -> None:
    made.add("ana", AccountRole.VIEWER)
    late = await made.ask("POST", "/accounts/ana/reset", key=admin, If_Match='"7"')
    assert (late.status, late.code, late.headers["ETag"]) == (412, "revision.stale", '"1"')


async def test_the_last_admin_stays(made: Service, admin: str) -> None:
    for method, path, body in (
        ("POST", "/accounts/admin/disable", None),
        ("PATCH", "/accounts/admin", {"roles": ["viewer"]}),
        ("PATCH", "/accounts/admin", {"services": ["mail"]}),
    ):
        answer = await made.ask(method, path, key=admin, body=body)
        assert (answer.status, answer.code) == (409, "account.last_admin"), path


async def test_a_stale_change_of_an_account_brings_it_as_it_is(made: Service, admin: str) -> None:
    made.add("ana", AccountRole.VIEWER)
    body = {"roles": ["operator"]}
    late = await made.ask("PATCH", "/accounts/ana", key=admin, body=body, If_Match='"7"')
    assert (late.status, late.code) == (412, "revision.stale")
    assert (late.json["current"]["name"], late.headers["ETag"]) == ("ana", '"1"')


async def test_an_admin_of_some_services_makes_no_account_beyond_them(made: Service) -> None:
    session = made.session_of(AccountRole.ADMIN, services=("mail",))
    made.add("ana", AccountRole.VIEWER)
    for method, path, body in (
        ("GET", "/accounts", None),
        ("POST", "/accounts", {"name": "eva", "roles": ["admin"]}),
        ("PATCH", "/accounts/admin-mail", {"services": None}),
        ("POST", "/accounts/ana/reset", None),
        ("GET", "/audit", None),
    ):
        answer = await made.ask(method, path, key=session, body=body)
        assert (answer.status, answer.code) == (403, "scope.every_service"), path
    body = {"owner": "ana", "scopes": ["state:read"]}
    answer = await made.ask("POST", "/tokens", key=session, body=body)
    assert (answer.status, answer.code) == (403, "scope.every_service")


async def test_a_token_is_made_in_a_session_used_and_revoked(made: Service) -> None:
    made.add("ana", AccountRole.OPERATOR)
    session = await session_of(made, "ana")
    body = {"label": "Grafana", "scopes": ["state:read"], "days": 30}
    added = await made.ask("POST", "/tokens", key=session, body=body)
    assert added.status == 201, added.text
    token, secret = added.json["token"], added.json["secret"]
    assert (token["owner"], token["scopes"]) == ("ana", ["state:read"])
    assert (await made.ask("GET", "/state", key=secret)).status == 200
    await made.until_used(token["id"])
    (listed,) = (await made.ask("GET", "/tokens", key=session)).json["tokens"]
    assert listed == {**token, "last_used_at": listed["last_used_at"]}
    assert listed["last_used_at"] is not None
    revoked = await made.ask("DELETE", f"/tokens/{token['id']}", key=session)
    assert (revoked.status, revoked.json["revoked_at"] is None) == (200, False)
    assert (await made.ask("GET", "/state", key=secret)).code == "token.invalid"
    again = await made.ask("DELETE", f"/tokens/{token['id']}", key=session)
    assert (again.status, again.code) == (409, "token.revoked")


async def test_a_token_makes_no_token_and_no_account(made: Service) -> None:
    key = made.key_of(AccountRole.ADMIN)
    answer = await made.ask("POST", "/tokens", key=key, body={"scopes": ["state:read"]})
    assert (answer.status, answer.code) == (403, "token.by_token")
    answer = await made.ask("POST", "/accounts", key=key, body={"name": "a", "roles": ["viewer"]})
    assert (answer.status, answer.code) == (403, "account.by_token")


async def test_a_token_may_no_more_than_its_owner(made: Service) -> None:
    made.add("ana", AccountRole.VIEWER)
    session = await session_of(made, "ana")
    body = {"scopes": ["state:read", "audit:read"]}
    answer = await made.ask("POST", "/tokens", key=session, body=body)
    assert (answer.status, answer.code) == (422, "token.beyond_owner")
    other = await made.ask("POST", "/tokens", key=session, body={**body, "owner": "eva"})
    assert (other.status, other.code) == (403, "scope.missing")


async def test_somebody_elses_token_is_not_there(made: Service, admin: str) -> None:
    made.add("ana", AccountRole.VIEWER)
    session = await session_of(made, "ana")
    token_id = made.token("admin", Scope.STATE_READ).split("_")[1]
    answer = await made.ask("DELETE", f"/tokens/{token_id}", key=session)
    assert (answer.status, answer.code) == (404, "name.unknown")
    assert (await made.ask("GET", "/tokens", key=session)).json == {"tokens": []}
    assert len((await made.ask("GET", "/tokens", key=admin)).json["tokens"]) == 1


async def test_an_account_is_bound_to_somebody_at_the_provider(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    provider = OidcProvider(issuer="https://id.example", client_id="estado")
    console = Console(oidc=provider)
    company = catalogue()
    operations = replace(company.operations, console=console)
    async with service(tmp_path / "own", catalogue=replace(company, operations=operations)) as made:
        key = made.session_of(AccountRole.ADMIN)
        body = {"name": "eva", "roles": ["viewer"], "elsewhere": {"email": "Eva@Example.com"}}
        added = await made.ask("POST", "/accounts", key=key, body=body)
        assert (added.status, added.json["password"]) == (201, None), added.text
        shown = added.json["account"]
        assert (shown["email"], shown["has_password"]) == ("eva@example.com", False)
        body = {"elsewhere": {"subject": "7f3a"}}
        changed = await made.ask("PATCH", "/accounts/eva", key=key, body=body)
        assert (changed.json["issuer"], changed.json["subject"], changed.json["email"]) == (
            "https://id.example", "7f3a", None,
        )  # fmt: skip
        unbound = await made.ask("PATCH", "/accounts/eva", key=key, body={"elsewhere": {}})
        assert (unbound.status, unbound.code) == (422, "account.no_way_in")
        assert "7f3a" in str(made.changes()[-1].after)
