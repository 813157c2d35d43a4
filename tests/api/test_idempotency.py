"""What was created once is not created again by the same Idempotency-Key."""

from __future__ import annotations

import pytest

from monitor.api.requests import idempotency
from monitor.api.requests.idempotency import KEPT_S, Answers, Key, Sent
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.refusals import Refused
from tests.api.service import Service

ANA = {"name": "ana", "roles": ["viewer"]}
NAME = Key(account="ana", text="k")


@pytest.fixture
def admin(made: Service) -> str:
    return made.session_of(AccountRole.ADMIN)


async def test_the_same_request_has_the_same_answer(made: Service, admin: str) -> None:
    first = await made.ask("POST", "/accounts", key=admin, body=ANA, Idempotency_Key="k-1")
    again = await made.ask("POST", "/accounts", key=admin, body=ANA, Idempotency_Key="k-1")
    assert (first.status, first.text) == (again.status, again.text)
    assert first.headers["ETag"] == again.headers["ETag"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert [c.kind for c in made.changes()].count("account.added") == 2, "admin and ana"
    without = await made.ask("POST", "/accounts", key=admin, body=ANA)
    assert (without.status, without.code) == (409, "account.exists")


async def test_another_body_or_address_under_that_key_is_refused(made: Service, admin: str) -> None:
    await made.ask("POST", "/accounts", key=admin, body=ANA, Idempotency_Key="k")
    fell = made.fall("web")
    for path, body in (
        ("/accounts", {**ANA, "name": "eva"}),
        (f"/incidents/{fell}/updates", {"text": {"es": "Hola."}}),
    ):
        answer = await made.ask("POST", path, key=admin, body=body, Idempotency_Key="k")
        assert (answer.status, answer.code) == (422, "idempotency.reused")
    assert (await made.ask("GET", "/accounts/eva", key=admin)).status == 404


async def test_another_accounts_key_is_another(made: Service, admin: str) -> None:
    fell = made.fall("web")
    operator = made.key_of(AccountRole.OPERATOR)
    path, body = f"/incidents/{fell}/updates", {"text": {"es": "Hola."}}
    for key in (admin, operator):
        answer = await made.ask("POST", path, key=key, body=body, Idempotency_Key="k")
        assert (answer.status, "Idempotency-Replayed" in answer.headers) == (201, False)
    (incident,) = made.incidents()
    assert [u.actor for u in incident.updates[1:]] == ["admin", "operator"]


async def test_another_session_of_the_account_is_told_no_answer_of_the_first(
    made: Service, admin: str
) -> None:
    first = await made.ask("POST", "/accounts", key=admin, body=ANA, Idempotency_Key="k")
    assert first.json["password"]
    other = made.begun("admin")
    answer = await made.ask("POST", "/accounts", key=other, body=ANA, Idempotency_Key="k")
    assert (answer.status, answer.code) == (409, "account.exists")


async def test_who_was_bounded_meanwhile_is_told_no_answer_again(made: Service, admin: str) -> None:
    made.add("boss", AccountRole.ADMIN)
    await made.ask("POST", "/accounts", key=admin, body=ANA, Idempotency_Key="k")
    changed = await made.ask("PATCH", "/accounts/admin", key=admin, body={"services": ["mail"]})
    assert changed.status == 200, changed.text
    answer = await made.ask("POST", "/accounts", key=admin, body=ANA, Idempotency_Key="k")
    assert (answer.status, answer.code) == (403, "scope.every_service")


async def test_what_was_refused_may_be_tried_again(made: Service, admin: str) -> None:
    bad = {**ANA, "password": "short"}
    refused = await made.ask("POST", "/accounts", key=admin, body=bad, Idempotency_Key="k")
    assert refused.status == 422
    added = await made.ask("POST", "/accounts", key=admin, body=ANA, Idempotency_Key="k")
    assert added.status == 201


async def test_who_may_not_gets_no_answer_again(made: Service, admin: str) -> None:
    await made.ask("POST", "/accounts", key=admin, body=ANA, Idempotency_Key="k")
    assert (await made.ask("DELETE", "/session", key=admin)).status == 204
    again = await made.ask("POST", "/accounts", key=admin, body=ANA, Idempotency_Key="k")
    assert (again.status, again.code) == (401, "session.over")


@pytest.mark.parametrize("key", ["", "a b", "ñ", "x" * 201])
async def test_a_key_that_is_none_is_refused(made: Service, admin: str, key: str) -> None:
    answer = await made.ask("POST", "/accounts", key=admin, body=ANA, Idempotency_Key=key)
    assert (answer.status, answer.code) == (400, "idempotency.key")


def sent(size: int = 1) -> Sent:
    return Sent(status=201, headers={}, body=b"x" * size)


def test_the_second_of_two_at_once_is_told_to_wait() -> None:
    answers = Answers()
    assert answers.begin(NAME, "same", 0) is None
    with pytest.raises(Refused) as refused:
        answers.begin(NAME, "same", 1)
    assert refused.value.code == "idempotency.busy"
    answers.end(NAME, sent())
    assert answers.begin(NAME, "same", 2) == sent()


def test_an_answer_is_kept_for_a_day() -> None:
    answers = Answers()
    answers.begin(NAME, "same", 0)
    answers.end(NAME, sent())
    assert answers.begin(NAME, "same", KEPT_S - 1) == sent()
    assert answers.begin(NAME, "same", KEPT_S) is None


def test_what_is_under_way_is_never_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "_MOST_ANSWERS", 2)
    answers = Answers()
    answers.begin(NAME, "same", 0)
    for number in range(5):
        name = Key(account="ana", text=str(number))
        answers.begin(name, "same", KEPT_S * (number + 1))
        answers.end(name, sent())
    with pytest.raises(Refused, match=r"idempotency\.busy"):
        answers.begin(NAME, "same", KEPT_S * 9)
    assert list(answers._kept) == [NAME], "what is sent and old is forgotten"


def test_what_is_kept_is_bounded_in_number_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "_MOST_ANSWERS", 3)
    monkeypatch.setattr(idempotency, "_MOST_BYTES", 1_000)
    answers = Answers()
    for number in range(10):
        name = Key(account="ana", text=str(number))
        answers.begin(name, "same", number)
        answers.end(name, sent(900 if number == 9 else 10))
    assert len(answers._kept) == 3
    answers.begin(NAME, "same", 10)
    answers.end(NAME, sent(900))
    answers.begin(Key(account="ana", text="last"), "same", 11)
    assert answers._bytes <= 1_000
