"""How a door's answers are understood: as refusals of our own, and once where it would matter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from monitor.cli.refusals import typed_refusal
from monitor.client.address import door_address
from monitor.client.door import Door, step
from monitor.client.exchange import Received, Sent
from monitor.client.faults import DoorError, Later, Lost, NoEstado, NotAsked, SignInNeeded, TimedOut
from monitor.client.reading import Fields
from monitor.domain.refusals import NotFound, Refused, Stale, no_such
from monitor.domain.time.interval import Second

URL = "https://estado.example"
WORDS = {"text": {"es": "Hola."}}
JSON = "application/json"


class Answering:
    """An exchange that gives or raises one after the other, the last one again and again."""

    def __init__(self, *outcomes: Received | Exception) -> None:
        self.outcomes = list(outcomes)
        self.sent: list[Sent] = []
        self.waited: list[float] = []

    def ask(self, sent: Sent) -> Received:
        self.sent.append(sent)
        found = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(found, Exception):
            raise found
        return found

    def door(self, key: str | None = "secret") -> Door:
        return Door(door_address(URL), key, self, self.waited.append)


def answer(content: object, status: int = 200, media: str = JSON, **headers: str) -> Received:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Received(status=status, headers={"content-type": media, **headers}, body=body)


def problem(
    status: int, code: str, fields: Mapping[str, Any] | None = None, detail: str = "", **also: Any
) -> Received:
    content = {"status": status, "code": code, "detail": detail, "fields": fields or {}, **also}
    return answer(content, status, "application/problem+json")


@pytest.mark.parametrize(
    ("made", "status", "kind"),
    [
        (Refused("incident.still_down", names="web"), 409, Refused),
        (Refused("scope.missing", scope="incidents:write"), 403, Refused),
        (Refused("token.beyond_owner", owner="ana", scopes=["audit:read"]), 422, Refused),
        (Refused("maintenance.short_notice", wanted_s=3_600, given_s=60), 409, Refused),
        (no_such("incident", "k3f9b2", ["k3f9a2"]), 404, NotFound),
        (no_such("incident", "k3f9b2", []), 404, NotFound),
        (Stale("revision.stale", kind="incident", id="k3f9a2", seen=1, current=2), 412, Stale),
    ],
    ids=lambda value: getattr(value, "code", ""),
)
def test_a_refusal_there_is_the_same_refusal_here(
    made: Refused, status: int, kind: type[Refused]
) -> None:
    asking = Answering(problem(status, made.code, made.fields, "said there"))
    with pytest.raises(Refused) as refused:
        asking.door().post("/incidents/k3f9a2/updates", WORDS)
    assert type(refused.value) is kind
    assert typed_refusal(refused.value) == typed_refusal(made)


@pytest.mark.parametrize(
    "found",
    [
        problem(409, "incident.newer_than_us", {}, "said there"),
        problem(409, "incident.still_down", {}, "said there"),
        problem(404, "name.unknown", {"kind": "incident", "near": ""}, "said there"),
        problem(403, "token.beyond_owner", {"owner": "ana", "scopes": 3}, "said there"),
    ],
)
def test_what_has_no_words_here_is_said_as_it_was_there(found: Received) -> None:
    with pytest.raises(Refused) as refused:
        Answering(found).door().get("/incidents")
    assert typed_refusal(refused.value) == "said there"


def test_each_field_that_is_not_as_wanted_is_said() -> None:
    errors = [{"pointer": "#/label", "detail": "too long"}, {"parameter": "days", "detail": "no"}]
    found = problem(422, "request.invalid", {"count": 2}, "2 fields are not", errors=errors)
    with pytest.raises(Refused) as refused:
        Answering(found).door().post("/tokens", {})
    assert typed_refusal(refused.value).splitlines() == [
        "2 fields are not", "label: too long", "days: no",
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["signin.needed", "token.invalid", "key.invalid", "session.over"])
def test_a_credential_that_opens_nothing_says_how_to_sign_in_again(code: str) -> None:
    with pytest.raises(SignInNeeded, match=rf"sign in again: estado login --url {URL}$"):
        Answering(problem(401, code)).door().get("/session")


def test_a_password_that_is_wrong_is_no_session_that_is_over() -> None:
    with pytest.raises(Refused) as refused:
        Answering(problem(401, "signin.refused")).door(None).act("/session", {})
    assert typed_refusal(refused.value) == "name, password or code is wrong"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (problem(429, "request.too_many", {"most": 60, "window_s": 10, "seconds": 4}), "wait 4 s"),
        (problem(503, "journal.away", {"seconds": 5}), "the journal cannot be read"),
        (problem(500, "request.failed"), "something broke"),
    ],
)
def test_what_may_work_later_is_told_apart(found: Received, words: str) -> None:
    with pytest.raises(Later, match=words):
        Answering(found).door().get("/state")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (answer(b"<html>", media="text/html"), "is no door of estado: 200, text/html"),
        (answer(b"<html>", 404, "text/html"), "is no door of estado: 404, text/html"),
        (answer(b"{", media=JSON), "its answer is no JSON"),
        (answer(b"[" * 100_000, media=JSON), "its answer is no JSON"),
        (answer(b"\xff", media=JSON), "its answer is no JSON"),
        (answer([1]), "not as this version wants it"),
        (answer(b"[]", 200, "application/problem+json"), "is no door of estado"),
        (answer(b"[]", 409, "application/problem+json"), "is no door of estado"),
        (problem(404, "request.unknown_path", {"path": "/x"}), "of another version"),
        (answer(b"", 302, location="https://evil.example:8443/login?next=/x"),
         r"sends on to https://evil\.example:8443: the credential does not follow"),
        (answer(b"", 308, location="/elsewhere"), "sends on to elsewhere"),
    ],
)  # fmt: skip
def test_what_is_no_door_of_estado_is_one_sentence(found: Received, words: str) -> None:
    asking = Answering(found)
    with pytest.raises(NoEstado, match=words) as refused:
        asking.door().get("/session")
    assert "\n" not in str(refused.value)
    assert len(asking.sent) == 1


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_web_server_before_a_door_that_is_away_says_so(status: int) -> None:
    with pytest.raises(DoorError, match=f"answers {status}: what stands behind it is away"):
        Answering(answer(b"<html>", status, "text/html")).door().get("/session")


def test_a_write_whose_connection_was_lost_is_sent_again_under_the_same_key() -> None:
    busy = problem(409, "idempotency.busy")
    asking = Answering(Lost("gone"), busy, busy, answer({"id": "k3f9a2"}, 201))
    assert asking.door().post("/incidents/k3f9a2/updates", WORDS).text("id") == "k3f9a2"
    assert len({sent.headers["Idempotency-Key"] for sent in asking.sent}) == 1
    assert len({sent.body for sent in asking.sent}) == 1
    assert asking.waited == [1.0, 1.0]


def test_another_write_has_another_key() -> None:
    asking = Answering(answer({}))
    door = asking.door()
    for _ in range(2):
        door.post("/tokens", {})
    assert len({sent.headers["Idempotency-Key"] for sent in asking.sent}) == 2


def test_what_is_lost_twice_is_given_up_and_nobody_claims_that_nothing_was_done() -> None:
    asking = Answering(Lost("gone"))
    with pytest.raises(DoorError, match="may be done or not: look before you type it again"):
        asking.door().post("/tokens", {})
    assert len(asking.sent) == 2


@pytest.mark.parametrize("error", [Lost("gone"), TimedOut("slow")])
def test_a_write_without_a_key_is_never_sent_twice(error: Exception) -> None:
    for write in ("act", "patch", "delete"):
        asking = Answering(error, answer({}))
        given: tuple[Any, ...] = ({},) if write == "patch" else ()
        with pytest.raises(DoorError, match="may be done or not"):
            getattr(asking.door(), write)("/accounts/ana", *given)
        assert len(asking.sent) == 1


def test_a_read_is_asked_again_and_changes_nothing() -> None:
    asking = Answering(Lost("gone"), answer({"a": 1}))
    assert asking.door().get("/state").number("a") == 1
    failing = Answering(Lost("gone"))
    with pytest.raises(Lost) as lost:
        failing.door().get("/state")
    assert str(lost.value) == "gone"


def test_a_revision_that_was_seen_goes_along() -> None:
    asking = Answering(answer({}))
    asking.door().patch("/accounts/ana", {}, revision=3)
    assert asking.sent[0].headers["If-Match"] == '"3"'
    asking.door().patch("/accounts/ana", {})
    assert "If-Match" not in asking.sent[1].headers


def test_nothing_that_a_terminal_acts_on_comes_through() -> None:
    evil = "\x1b]0;owned\x07\x9b2J\r"
    found = Answering(answer({"title": {"es": evil}, "x\x1b": [evil]})).door().get("/x")
    told = Answering(problem(409, "other.code", {}, evil, errors=[{"detail": evil}]))
    sent_on = Answering(answer(b"", 302, location=f"https://{evil}/"))
    media = Answering(answer(b"", 200, media=evil))
    said = [found.words("title").in_locale("es"), repr(found.found)]
    for asking in (told, sent_on, media):
        with pytest.raises((Refused, DoorError)) as refused:
            asking.door().get("/x")
        error = refused.value
        said.append(typed_refusal(error) if isinstance(error, Refused) else str(error))
    for text in said:
        assert not {"\x1b", "\x07", "\x9b", "\r"} & set(text)
    assert said[0] == "\\x1b]0;owned\\x07\\x9b2J\\x0d"


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (Fields.number, "1"), (Fields.number, True), (Fields.text, 1), (Fields.flag, 1),
        (Fields.second, "2026-04-16"), (Fields.second, "2026-04-16T14:08:30"),
        (Fields.second, "soon"), (Fields.words, {}), (Fields.words, {"es": 1}),
        (Fields.texts, ["a", 1]), (Fields.one, []), (Fields.each_words, [1]),
    ],
)  # fmt: skip
def test_a_field_of_another_form_is_named(read: Any, value: object) -> None:
    with pytest.raises(NoEstado, match="the field here of the door"):
        read(Fields({"here": value}), "here")


def test_a_time_is_a_second_whatever_its_offset() -> None:
    found = Fields({"a": "2026-04-16T14:08:30-03:00", "b": "2026-04-16T17:08:30Z"})
    assert found.second("a") == found.second("b") == Second(1_776_359_310)


def test_a_name_is_one_step_of_a_path() -> None:
    assert step("../accounts?x#y") == "..%2Faccounts%3Fx%23y"


def test_a_file_too_large_for_the_server_in_front_is_said_to_be_that() -> None:
    asked = Answering(answer(b"<html>", 413, "text/html"))
    with pytest.raises(NotAsked, match="takes no file of that size"):
        asked.door().upload("/contracts/import", b"x", "text/csv", longest_s=120.0, dry_run="true")
    (sent,) = asked.sent
    assert (sent.method, sent.path, sent.body) == (
        "POST", "/api/v1/contracts/import?dry_run=true", b"x",
    )  # fmt: skip
    assert (sent.headers["Content-Type"], sent.longest_s) == ("text/csv", 120.0)


def test_the_mistakes_of_a_file_come_with_their_lines() -> None:
    errors = [{"line": 3, "column": "net", "detail": "wanted a number, got x"}]
    refused = Answering(problem(422, "contracts.invalid", {"count": 1}, errors=errors))
    with pytest.raises(Refused) as found:
        refused.door().upload("/contracts/import", b"x", "text/csv", longest_s=120.0)
    assert found.value.code == "contracts.invalid"
    assert found.value.fields == {"count": 1, "errors": tuple(errors)}


def test_a_list_is_read_to_its_last_page() -> None:
    asking = Answering(
        answer({"rows": [{"n": 1}], "next_after": "a b"}), answer({"rows": [], "next_after": 7}),
        answer({"rows": [{"n": 2}], "next_after": None}),
    )  # fmt: skip
    pages = asking.door().pages("/rows", "after", limit="1")
    assert [row for page in pages for row in page.documents("rows")] == [{"n": 1}, {"n": 2}]
    asked = [sent.path.partition("?")[2] for sent in asking.sent]
    assert asked == ["limit=1", "limit=1&after=a+b", "limit=1&after=7"]


def test_a_door_whose_pages_never_end_holds_nobody() -> None:
    asking = Answering(answer({"next_after": "a"}), answer({"next_after": "b"}),
                       answer({"next_after": "a"}))  # fmt: skip
    with pytest.raises(NoEstado, match="come round to a"):
        list(asking.door().pages("/rows", "after"))
    assert len(asking.sent) == 3
