"""The configuration over HTTP: no secret leaves it, and a text that is sent in opens none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from monitor.config.revisions.application import Outcome, answer_request, pending_request
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.refusals import Refused
from monitor.domain.time.interval import Second
from monitor.roles.console.posted_checks import PostedChecks
from monitor.roles.core.configuration import store_revision
from tests.api.service import Answered, Service
from tests.credits.desk import CONFIG
from tests.support.worlds import T0

CANARY = "canary-5d1f"
HEAD = "page:\n  name: {es: Estado}\n"


@pytest.fixture
def operator(made: Service) -> str:
    return made.key_of(AccountRole.OPERATOR)


def put(made: Service, *texts: str) -> None:
    """As revisions, each an hour after the one before."""
    with made.world.journal.transaction() as tx:
        for number, text in enumerate(texts):
            store_revision(tx, text, Second(T0 + 3_600 * number), T0)


async def check(made: Service, key: str, text: str | bytes) -> Answered:
    data = text.encode() if isinstance(text, str) else text
    return await made.ask(
        "POST", "/configuration/check", key=key, data=data, Content_Type="application/yaml"
    )


async def test_values_have_their_lines_and_come_page_by_page(made: Service, operator: str) -> None:
    put(made, CONFIG)
    found = (await made.ask("GET", "/configuration?limit=3", key=operator)).json
    assert (found["revision"], found["file"], found["next_after"]) == (1, None, 3)
    assert found["values"][0] == {
        "path": "page.name.es", "line": 3, "value": "Estado del Servicio",
    }  # fmt: skip
    seen, after = list(found["values"]), found["next_after"]
    while after is not None:
        page = (await made.ask("GET", f"/configuration?limit=3&after={after}", key=operator)).json
        seen, after = seen + page["values"], page["next_after"]
    whole = (await made.ask("GET", "/configuration", key=operator)).json
    assert (whole["values"], whole["next_after"]) == (seen, None)


async def test_only_what_is_below_a_path_is_shown(made: Service, operator: str) -> None:
    put(made, CONFIG)
    path = "/configuration?under=services[0].components[1]"
    found = (await made.ask("GET", path, key=operator)).json["values"]
    assert found[0]["path"] == "services[0].components[1].id"
    assert all(one["path"].startswith("services[0].components[1].") for one in found)
    none = await made.ask("GET", "/configuration?under=service", key=operator)
    assert none.json["values"] == []


async def test_the_one_in_force_is_shown_and_each_other_by_its_number(
    made: Service, operator: str
) -> None:
    put(made, HEAD, HEAD.replace("Estado", "Otro"), HEAD.replace("Estado", "Nuevo"))
    made.world.clock.advance(3_700)
    present = (await made.ask("GET", "/configuration", key=operator)).json
    assert (present["revision"], present["values"][0]["value"]) == (2, "Otro")
    first = (await made.ask("GET", "/configuration?revision=1", key=operator)).json
    assert first["values"][0]["value"] == "Estado"
    answer = await made.ask("GET", "/configuration?revision=9", key=operator)
    assert (answer.status, answer.code) == (404, "revision.unknown")
    listed = (await made.ask("GET", "/configuration/revisions?limit=2", key=operator)).json
    assert [(r["revision"], r["is_in_force"]) for r in listed["revisions"]] == [
        (3, False), (2, True),
    ]  # fmt: skip
    before = listed["next_before"]
    rest = (await made.ask("GET", f"/configuration/revisions?before={before}", key=operator)).json
    assert [r["revision"] for r in rest["revisions"]] == [1]


async def test_no_byte_of_a_secret_leaves_it(
    made: Service, operator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{CANARY}-file\n", "utf-8")
    monkeypatch.setenv("ESTADO_CANARY", f"{CANARY}-variable")
    text = HEAD + (
        f"# {CANARY}\nstore: {{kind: influxdb, settings: {{token: '${{ESTADO_CANARY}}'}}}}\n"
        f"alerts:\n  routes:\n    - id: a\n      via:\n        - id: b\n          kind: webhook\n"
        f"          settings: {{secret: {{file: {file}}}, url: 'https://h.example/{CANARY}'}}\n"
    )
    put(made, text)
    for path in ("/configuration", "/configuration/revisions", "/configuration?under=alerts"):
        answer = await made.ask("GET", path, key=operator)
        assert answer.status == 200
        assert CANARY not in answer.text
    shown = (await made.ask("GET", "/configuration", key=operator)).text
    assert "${ESTADO_CANARY}" in shown
    assert str(file) in shown


async def test_a_text_is_checked_and_nothing_changes(made: Service, operator: str) -> None:
    before = made.changes()
    good = (await check(made, operator, CONFIG)).json
    assert (good["is_valid"], good["counts"]["checks"]) == (True, 2)
    assert any("there is no route" in warning for warning in good["warnings"])
    bad = (await check(made, operator, CONFIG.replace("interval: 60s", "intervall: 60s"))).json
    assert (bad["is_valid"], bad["error_count"], bad["counts"]) == (False, 2, {})
    assert bad["errors"][0]["line"] == 16
    assert made.changes() == before


async def test_a_text_that_names_a_file_or_a_variable_opens_neither(
    made: Service, operator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe that nobody writes to would hold whoever opened it for ever."""
    pipe, there = tmp_path / "pipe", tmp_path / "there"
    os.mkfifo(pipe)
    there.write_text(CANARY, "utf-8")
    monkeypatch.setenv("ESTADO_CANARY", CANARY)
    for secret in (f"{{file: {pipe}}}", f"{{file: {there}}}", "{file: /absent}",
                   '"${ESTADO_CANARY}"', '"${ABSENT}"', "{env: ESTADO_CANARY}"):  # fmt: skip
        text = CONFIG + (
            "alerts:\n  routes:\n    - id: a\n      via:\n        - id: b\n"
            "          kind: webhook\n          settings:\n"
            f"            secret: {secret}\n            url: https://h.example/\n"
        )
        answer = await check(made, operator, text)
        assert answer.status == 200, answer.text
        assert CANARY not in answer.text
        assert not any(w.startswith("target b") for w in answer.json["warnings"])


@pytest.mark.parametrize(
    "text",
    [
        "a: !include /etc/passwd\n",
        "a: !!python/object/apply:os.system [id]\n",
        "".join(
            [
                "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n",
                *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)),
            ]
        ),
        "[" * 5_000,
        "a: &a [*a]\n",
        b"\xff\xfe\x00a",
        b"",
        "just words",
    ],
)
async def test_a_text_that_is_made_to_harm_has_errors_and_no_more(
    made: Service, operator: str, text: str | bytes
) -> None:
    answer = await check(made, operator, text)
    assert (answer.status, answer.json["is_valid"]) == (200, False)
    assert answer.json["errors"]
    assert "root:" not in answer.text


async def test_a_check_without_end_is_ended(made: Service, tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_text("a: 1\n", "utf-8")
    slow = PostedChecks([sys.executable, "-c", "while True: pass"], limit_s=0.3)
    dead = PostedChecks([sys.executable, "-c", "raise SystemExit(3)"])
    for checks in (slow, dead):
        with file.open("rb") as opened, pytest.raises(Refused) as raised:
            checks.check(opened)
        assert raised.value.code == "configuration.unchecked"


async def test_an_admin_asks_the_core_and_sees_what_came_of_it(made: Service) -> None:
    key = made.session_of(AccountRole.ADMIN)
    asked = await made.ask("POST", "/configuration/apply", key=key)
    assert (asked.status, asked.json["state"]) == (202, "pending")
    path = asked.json["look_at"].removeprefix("/api/v1")
    again = await made.ask("POST", "/configuration/apply", key=key)
    assert (again.status, again.code) == (409, "configuration.pending")
    with made.world.journal.transaction() as tx:
        waiting = pending_request(tx)
        assert waiting is not None
        assert waiting == asked.json["id"]
        answer_request(tx, waiting, Outcome(revision=2, effective_from=T0, difference="+ x"), T0)
    found = (await made.ask("GET", path, key=key)).json
    assert (found["state"], found["revision"], found["difference"]) == ("applied", 2, "+ x")
    assert found["effective_from"].endswith("-03:00")
    for unknown in ("0", "x", "1", "9" * 18, "9" * 30):
        answer = await made.ask("GET", f"/configuration/applications/{unknown}", key=key)
        assert (answer.status, answer.code) == (404, "configuration.no_request")


async def test_a_bounded_account_reads_and_checks_none(made: Service) -> None:
    put(made, HEAD)
    key = made.key_of(AccountRole.ADMIN, services=("hosting",))
    for answer in (
        await made.ask("GET", "/configuration", key=key),
        await made.ask("GET", "/configuration/revisions", key=key),
        await check(made, key, HEAD),
        await made.ask("POST", "/configuration/apply", key=key),
        await made.ask("GET", "/configuration/applications/1", key=key),
    ):
        assert (answer.status, answer.code) == (403, "scope.every_service")
