"""Whatever a client sends, the answer is a problem that says what is wrong; never a traceback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from pydantic import model_validator
from structlog.testing import capture_logs
from yarl import URL

from monitor.api import app, problems
from monitor.api.operation import Answer, Call, Operation
from monitor.api.requests import limits
from monitor.api.requests import request as incoming
from monitor.api.requests.limits import REQUESTS, WINDOW_S, WRONG_KEYS
from monitor.api.resources.incidents import NewUpdate
from monitor.api.schema import Body, Document
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.refusals import Refused
from monitor.i18n.refusals import sentence_in
from monitor.journal.ports import JournalError
from tests.api.service import PASSWORD, Service, service
from tests.support.patience import PATIENCE_S

PROBLEM = "application/problem+json"


@pytest.fixture
def key(made: Service) -> str:
    return made.key_of(AccountRole.OPERATOR)


def errors_of(problem: Any) -> dict[str, str]:
    return {e.get("pointer", e.get("parameter")): e["detail"] for e in problem["errors"]}


async def test_nobody_asks_without_a_key(made: Service) -> None:
    for answer in (
        await made.ask("GET", "/state"),
        await made.ask("GET", "/state", Authorization="Basic YTpi"),
        await made.ask("GET", "/state", Authorization="Bearer"),
    ):
        assert (answer.status, answer.code) == (401, "signin.needed")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="estado"'


@pytest.mark.parametrize("key", ["estado_", "estado_aaaaaaaa_b", "estado__", "x", "a" * 512])
async def test_a_key_that_was_never_made_opens_nothing(made: Service, key: str) -> None:
    answer = await made.ask("GET", "/state", key=key)
    assert answer.status == 401
    assert answer.code in ("token.invalid", "key.invalid")
    assert answer.code == "token.invalid" or "estado_" in answer.json["detail"]
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"#/text": "Field required"}),
        ({"text": {}}, {"#/text/es": "Field required"}),
        (
            {"text": {"es": 7, "en": None, "fr": "non"}, "phase": "gone", "extra": 1},
            {
                "#/text/es": "Input should be a valid string",
                "#/text/fr": "unknown field; there are es, en",
                "#/phase": "Input should be 'investigating', 'identified', 'monitoring' or "
                "'resolved'",
                "#/extra": "unknown field; did you mean text?",
            },
        ),
        ([], {"#": "Input should be an object"}),
        ("text", {"#": "Input should be an object"}),
    ],
)
async def test_a_body_that_is_not_as_wanted_is_told_field_by_field(
    made: Service, key: str, body: object, wrong: dict[str, str]
) -> None:
    answer = await made.ask("POST", f"/incidents/{made.fall('web')}/updates", key=key, body=body)
    assert (answer.status, answer.code) == (422, "request.invalid")
    assert errors_of(answer.json) == wrong
    assert answer.json["fields"] == {"count": len(wrong)}


async def test_a_problem_repeats_no_secret(made: Service) -> None:
    answer = await made.ask("POST", "/session", body={"name": "ana", "password": ["hunter2"]})
    assert (answer.status, answer.code) == (422, "request.invalid")
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("days=0", {"days": "Input should be greater than or equal to 1"}),
        (
            "days=x",
            {"days": "Input should be a valid integer, unable to parse string as an integer"},
        ),
        ("dayz=3", {"dayz": "unknown parameter; did you mean days?"}),
        ("open=maybe", {"open": 'want true or false, got "maybe"'}),
        ("days=3&days=4", {"days": "given twice"}),
    ],
)
async def test_a_parameter_that_is_not_as_wanted_is_told(
    made: Service, key: str, query: str, wrong: dict[str, str]
) -> None:
    answer = await made.ask("GET", f"/incidents?{query}", key=key)
    assert (answer.status, answer.code) == (422, "request.invalid")
    assert errors_of(answer.json) == wrong


async def test_a_parameter_of_an_operation_without_any_is_told(made: Service, key: str) -> None:
    answer = await made.ask("GET", "/state?now=1", key=key)
    assert (answer.status, answer.code) == (422, "request.invalid")
    assert errors_of(answer.json) == {"now": "unknown parameter; there is none"}
    assert answer.json["detail"] == "1 field is not as wanted: see errors"


@pytest.mark.parametrize(
    "data", [b"{", b"\xff", b'{"text": {"es": "\\ud800"}}', b"[" * 5_000, b"NaN,", b"{'text': 1}"]
)
async def test_what_is_no_json_is_a_bad_request(made: Service, key: str, data: bytes) -> None:
    answer = await made.ask(
        "POST", "/incidents/k3f9a2/updates", key=key, data=data, Content_Type="application/json"
    )
    assert (answer.status, answer.code) == (400, "request.no_json")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "nonsense"])
async def test_another_type_than_json_is_not_read(made: Service, key: str, kind: str) -> None:
    answer = await made.ask(
        "POST", "/incidents/k3f9a2/updates", key=key, data=b"{}", Content_Type=kind
    )
    assert (answer.status, answer.code) == (415, "request.media_type")
    assert kind in answer.json["detail"]


async def test_a_body_without_end_is_not_read(made: Service, key: str) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536

    for data in (b" " * (incoming.LARGEST_BODY + 1), endless()):
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        async with ClientSession() as session:
            url = made.client.make_url("/api/v1/incidents/k3f9a2/updates")
            async with session.post(url, data=data, headers=headers) as answer:
                assert (answer.status, answer.content_type) == (413, PROBLEM)
                assert (await answer.json())["code"] == "request.too_large"


@pytest.mark.parametrize("size", [incoming.LARGEST_OF_STRANGERS + 1, 1_000_000])
async def test_who_has_not_signed_in_sends_little(made: Service, size: int) -> None:
    start = b'{"name": "ana", "password": "x"'
    headers = {"Content_Type": "application/json"}
    large = start + b" " * (size - len(start) - 1) + b"}"
    over = await made.ask("POST", "/session", data=large, **headers)
    assert (over.status, over.code) == (413, "request.too_large")
    assert "16000" in over.json["detail"].replace(",", "").replace(" ", "")
    fits = start + b" " * (incoming.LARGEST_OF_STRANGERS - len(start) - 1) + b"}"
    assert (await made.ask("POST", "/session", data=fits, **headers)).code == "signin.refused"


class Told(Body):
    @model_validator(mode="before")
    @classmethod
    def _note(cls, found: object) -> object:
        READ_ON.append(threading.current_thread().name)
        return found


READ_ON: list[str] = []


async def test_a_body_is_read_beside_the_event_loop(tmp_path: Path) -> None:
    told = Operation(
        method="POST", path="/told", name="told", summary="", handle=lambda _: Answer(),
        needs_sign_in=False, body=Told, status=204,
    )  # fmt: skip
    READ_ON.clear()
    async with service(tmp_path, operations=(told,)) as made:
        assert (await made.ask("POST", "/told", body={})).status == 204
    assert [name.partition("_")[0] for name in READ_ON] == ["api"]


async def test_mistakes_beyond_number_are_counted_and_not_listed(
    made: Service, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[object] = []
    field = problems._field

    def noted(*found: Any, **rest: Any) -> dict[str, str]:
        built.append(found)
        return field(*found, **rest)

    monkeypatch.setattr(problems, "_field", noted)
    url = "/incidents/k3f9a2/updates"
    many = await made.ask("POST", url, key=key, body={f"k{n}": 0 for n in range(3_000)})
    assert (many.status, many.code) == (422, "request.invalid")
    assert many.json["fields"]["count"] == 3_001
    assert errors_of(many.json) == {"#": "3001 mistakes are too many to be listed"}
    assert not built
    some = await made.ask("POST", url, key=key, body={f"k{n}": 0 for n in range(900)})
    assert len(some.json["errors"]) == len(built) == 100


@pytest.mark.parametrize("colon", [":", " :", "\n\t\r :"])
@pytest.mark.parametrize("around", ["{%s}", '{"text": {%s}}', '{"components": {%s}}'])
async def test_a_body_of_more_fields_than_any_has_is_not_even_validated(
    made: Service, key: str, monkeypatch: pytest.MonkeyPatch, around: str, colon: str
) -> None:
    def validated(*_: object) -> None:
        raise AssertionError("it takes a second, in which nothing else goes on")

    monkeypatch.setattr(NewUpdate, "model_validate_json", validated)
    fields = ",".join(f'"{n}"{colon}0' for n in range(60_000))
    content = (around % fields).encode()
    url, json_type = "/incidents/k3f9a2/updates", {"Content_Type": "application/json"}
    many = await made.ask("POST", url, key=key, data=content, **json_type)
    assert (many.status, many.code) == (422, "request.invalid")
    assert many.json["fields"]["count"] >= 60_000
    (said,) = errors_of(many.json).values()
    assert said.endswith("fields are more than any body has")


async def test_a_text_full_of_quoted_names_is_no_field(made: Service) -> None:
    key, fell = made.key_of(AccountRole.OPERATOR), made.fall("web")
    words = '{"a": 1}\n' * 400
    body = {"text": {"es": words, "en": words}, "title": {"es": "Corte", "en": "Outage"}}
    done = await made.ask("POST", f"/incidents/{fell}/updates", key=key, body=body)
    assert done.status == 201, done.text


async def test_a_name_as_long_as_a_book_is_compared_to_none_of_ours(
    made: Service, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []

    def near(wanted: str, known: Sequence[str], n: int) -> list[str]:
        compared.append(wanted)
        return []

    monkeypatch.setattr(problems, "get_close_matches", near)
    answer = await made.ask("POST", "/incidents/k3f9a2/updates", key=key, body={"t" * 900_000: 0})
    assert answer.code == "request.invalid"
    assert not compared


async def test_a_body_that_does_not_come_holds_nothing(
    made: Service, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming.read_body, "__kwdefaults__", {"limit_s": 0.05})
    reader, writer = await asyncio.open_connection("127.0.0.1", made.client.port)
    writer.write(
        b"POST /api/v1/incidents/k3f9a2/updates HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n"
        b"Authorization: Bearer " + key.encode() + b"\r\nContent-Type: application/json\r\n\r\n{"
    )
    answer = await asyncio.wait_for(reader.readuntil(b"request.too_slow"), PATIENCE_S)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"Connection: close" in answer
    writer.close()
    await writer.wait_closed()


async def test_a_token_that_is_revoked_while_its_body_comes_writes_nothing(
    made: Service, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fell, body = made.fall("web"), b'{"text": {"es": "Hola."}}'
    is_read, read = asyncio.Event(), incoming.read_body

    async def told(request: web.Request, *, most: int) -> bytes:
        is_read.set()
        return await read(request, most=most)

    monkeypatch.setattr(app, "read_body", told)
    reader, writer = await asyncio.open_connection("127.0.0.1", made.client.port)
    writer.write(
        b"POST /api/v1/incidents/%s/updates HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        b"Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % (fell.encode(), key.encode(), len(body))
    )
    await asyncio.wait_for(is_read.wait(), PATIENCE_S)
    made.tokens().revoke(key.split("_")[1])
    writer.write(body)
    answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    assert b"token.invalid" in answer
    (incident,) = made.incidents()
    assert len(incident.updates) == 1
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("tag", ["3", 'w/"3"', '"x"', '"1", "2"', ""])
async def test_an_entity_tag_that_is_none_is_refused(made: Service, key: str, tag: str) -> None:
    answer = await made.ask(
        "POST", f"/incidents/{made.fall('web')}/updates", key=key,
        body={"text": {"es": "Hola."}}, If_Match=tag,
    )  # fmt: skip
    assert (answer.status, answer.code) == (400, "request.if_match")


async def test_a_weak_entity_tag_names_the_same_revision(made: Service, key: str) -> None:
    path, body = f"/incidents/{made.fall('web')}/updates", {"text": {"es": "Hola."}}
    stale = await made.ask("POST", path, key=key, body=body, If_Match='W/"77"')
    assert (stale.status, stale.json["fields"]["seen"]) == (412, 77)


async def test_an_entity_tag_where_nothing_has_one_is_refused(made: Service, key: str) -> None:
    answer = await made.ask("GET", "/session", key=key, If_Match='"3"')
    assert (answer.status, answer.code) == (400, "request.no_revision")


async def test_a_time_without_offset_is_told_what_is_wanted(made: Service, key: str) -> None:
    words = {"es": "Cambio de disco"}
    body = {"title": words, "impact": words, "components": ["web"],
            "start": "2026-12-01T02:00:00", "end": 7}  # fmt: skip
    answer = await made.ask("POST", "/maintenance", key=key, body=body)
    want = "want a time with offset such as 2026-12-01T02:00:00-03:00, got "
    assert errors_of(answer.json)["#/start"] == f'{want}"2026-12-01T02:00:00"'


async def test_an_unknown_address_is_a_problem(made: Service, key: str) -> None:
    for path in ("/nothing", "/incidents/a/b/c", "/accounts/"):
        answer = await made.ask("GET", path, key=key)
        assert (answer.status, answer.code) == (404, "request.unknown_path")


@pytest.mark.parametrize("name", ["a%00b", "%1b", "a" * 101, "%0a"])
async def test_a_name_that_nothing_can_have_is_looked_for_nowhere(
    made: Service, key: str, name: str
) -> None:
    url = URL(f"http://127.0.0.1:{made.client.port}/api/v1/incidents/{name}", encoded=True)
    headers = {"Authorization": f"Bearer {key}"}
    async with ClientSession() as session, session.get(url, headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, "request.unknown_path")


async def test_a_header_that_is_no_text_breaks_nothing(made: Service) -> None:
    made.add("ana", AccountRole.VIEWER)
    body = b'{"name": "ana", "password": "' + PASSWORD.encode() + b'"}'
    reader, writer = await asyncio.open_connection("127.0.0.1", made.client.port)
    writer.write(
        b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\nUser-Agent: a\xff\xfeb\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    assert answer.startswith(b"HTTP/1.1 201 "), answer
    writer.close()
    await writer.wait_closed()


async def test_an_unknown_method_is_told_which_there_are(made: Service, key: str) -> None:
    answer = await made.ask("PUT", "/session", key=key)
    assert (answer.status, answer.code) == (405, "request.method")
    assert answer.headers["Allow"] == "DELETE, GET, POST"


async def test_what_no_http_is_gets_no_traceback(made: Service) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", made.client.port)
    writer.write(b"GET /api/v1/\x00 HTTP/9\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    assert b" 400 " in answer.splitlines()[0]
    assert b"Traceback" not in answer
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("accepted", "language", "said"),
    [
        ("es-AR,es;q=0.9", "es", "falta el alcance incidents:write"),
        ("en", "en", "the scope incidents:write is missing"),
        ("fr", "en", "the scope incidents:write is missing"),
    ],
)
async def test_a_problem_speaks_the_clients_language(
    made: Service, accepted: str, language: str, said: str
) -> None:
    key = made.key_of(AccountRole.VIEWER)
    answer = await made.ask(
        "POST", "/incidents/k3f9a2/updates", key=key, body={}, Accept_Language=accepted
    )
    assert (answer.status, answer.code) == (403, "scope.missing")
    assert (answer.headers["Content-Language"], answer.json["detail"]) == (language, said)


async def test_what_there_is_not_is_told_in_spanish_too(made: Service, key: str) -> None:
    answer = await made.ask("GET", "/incidents/zzzzzz", key=key, Accept_Language="es")
    assert answer.headers["Content-Language"] == "es"
    assert answer.json["detail"] == "no hay ningún incidente zzzzzz; todavía no hay nada"
    assert answer.json["fields"]["kind"] == "incident"


def test_what_has_no_spanish_is_told_in_english() -> None:
    refused = Refused("extension.full", most=3)
    assert sentence_in(refused, "es") == ("extension.full: most=3", "en")


async def test_every_answer_is_kept_by_nobody_and_read_as_what_it_is(
    made: Service, key: str
) -> None:
    for path in ("/state", "/nothing", "/openapi.json"):
        headers = (await made.ask("GET", path, key=key)).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in headers
        assert "Server" not in headers


async def test_a_key_has_its_share_of_requests_and_no_more(made: Service, key: str) -> None:
    for _ in range(REQUESTS):
        assert (await made.ask("GET", "/session", key=key)).status == 200
    over = await made.ask("GET", "/session", key=key)
    assert (over.status, over.code, over.headers["Retry-After"]) == (429, "request.too_many", "1")
    assert (await made.ask("GET", "/session", key=made.key_of(AccountRole.VIEWER))).status == 200
    made.world.clock.advance(WINDOW_S / REQUESTS)
    assert (await made.ask("GET", "/session", key=key)).status == 200
    assert (await made.ask("GET", "/session", key=key)).status == 429


async def test_keys_that_open_nothing_run_out_and_push_no_other_out(
    made: Service, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_MOST_KEYS", 5)
    for _ in range(REQUESTS):
        await made.ask("GET", "/session", key=key)
    for number in range(WRONG_KEYS):
        assert (await made.ask("GET", "/session", key=f"estado_{number}_x")).status == 401
    over = await made.ask("GET", "/session", key="estado_more_x")
    assert (over.status, over.code, over.headers["Retry-After"]) == (429, "request.too_many", "1")
    assert (await made.ask("GET", "/session", key=key)).status == 429, "its requests count still"
    made.world.clock.advance(WINDOW_S / REQUESTS)
    assert (await made.ask("GET", "/session", key=key)).status == 200, "no wrong key hinders it"
    made.world.clock.advance(WINDOW_S)
    assert (await made.ask("GET", "/session", key="estado_more_x")).status == 401


async def test_a_read_waits_for_no_writer_and_its_use_is_written_once_that_is_done(
    made: Service, key: str
) -> None:
    token = key.split("_")[1]
    async with asyncio.timeout(8):
        with made.world.journal.transaction() as tx:
            tx.accounts.touch_session("nobody's", made.world.clock.now())
            for _ in range(20):
                assert (await made.ask("GET", "/session", key=key)).status == 200
    await made.until_used(token)


async def test_more_at_once_than_it_can_take_are_told_to_come_back(tmp_path: Path) -> None:
    loop, may_end = asyncio.get_running_loop(), threading.Event()
    begun: asyncio.Queue[None] = asyncio.Queue()

    def wait(_: Call) -> Answer:
        loop.call_soon_threadsafe(begun.put_nowait, None)
        may_end.wait(PATIENCE_S)
        return Answer()

    slow = Operation(
        method="GET", path="/slow", name="slow", summary="", handle=wait, needs_sign_in=False,
        status=204,
    )  # fmt: skip
    async with service(tmp_path, operations=(slow,), at_once=2) as made:
        held = [asyncio.create_task(made.ask("GET", "/slow")) for _ in range(2)]
        for _ in held:
            await begun.get()
        over = await made.ask("GET", "/slow")
        assert (over.status, over.code, over.headers["Retry-After"]) == (503, "request.busy", "1")
        may_end.set()
        assert [a.status for a in await asyncio.gather(*held)] == [204, 204]
        assert (await made.ask("GET", "/slow")).status == 204


class Odd(Document):
    number: int


async def test_what_breaks_is_logged_and_told_without_its_reason(tmp_path: Path) -> None:
    def broken(_: Call) -> Answer:
        raise LookupError("the secret reason")

    def away(_: Call) -> Answer:
        raise JournalError("postgresql://estado:***@db")

    table = tuple(
        Operation(
            method="GET", path=f"/{name}", name=name, summary="", handle=handle,
            needs_sign_in=False, answer=Odd,
        )
        for name, handle in (("broken", broken), ("away", away))
    )  # fmt: skip
    async with service(tmp_path, operations=table) as made:
        with capture_logs() as logs:
            failed = await made.ask("GET", "/broken")
        assert (failed.status, failed.code) == (500, "request.failed")
        (log,) = [log for log in logs if log["event"] == "api.failed"]
        assert str(log["exc_info"]) == "the secret reason"
        with capture_logs() as logs:
            away_ = await made.ask("GET", "/away")
        assert [log["event"] for log in logs] == ["api.journal_away"]
        assert (away_.status, away_.code) == (503, "journal.away")
        assert "Retry-After" in away_.headers
        assert "secret" not in failed.text
        assert "postgresql" not in away_.text
