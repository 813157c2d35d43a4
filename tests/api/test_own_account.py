"""One's own account over HTTP: in a session alone, and with what is said once said once."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from monitor.api.table import OPERATIONS
from monitor.domain.accounts.permissions import AccountRole, Scope
from tests.accounts.accounts import code_of
from tests.api.service import PASSWORD, Answered, Service, service
from tests.api.test_table import example

NEW = "a whole new sentence"
TYPED = {"password": PASSWORD}


async def enrolled(made: Service, key: str) -> tuple[bytes, Answered]:
    """A second factor set up, and the clock a minute on: its seed, and the answer."""
    begun = (await made.ask("POST", "/account/second-factor", key=key)).json
    seed = base64.b32decode(begun["secret"])
    body = {
        **TYPED, "enrolment": begun["enrolment"], "new_code": code_of(seed, made.world.clock.now()),
    }  # fmt: skip
    done = await made.ask("POST", "/account/second-factor/confirm", key=key, body=body)
    assert done.status == 200, done.text
    made.world.clock.advance(60)
    return seed, done


async def test_a_token_may_nothing_of_it(made: Service) -> None:
    key = made.key_of(AccountRole.ADMIN)
    in_person = [operation for operation in OPERATIONS if operation.in_person]
    assert {operation.path.split("/")[1] for operation in in_person} == {"account"}
    for operation in in_person:
        answer = await made.ask(operation.method, example(operation), key=key)
        assert (answer.status, answer.code) == (403, "session.in_person"), operation.name


async def test_one_reads_what_one_is(made: Service) -> None:
    key = made.session_of(AccountRole.OPERATOR)
    shown = (await made.ask("GET", "/account", key=key)).json
    assert (shown["name"], shown["roles"], shown["services"]) == ("operator", ["operator"], None)
    assert (shown["has_second_factor"], shown["must_enrol"]) == (False, False)
    _, done = await enrolled(made, key)
    shown = (await made.ask("GET", "/account", key=done.json["key"])).json
    assert (shown["has_second_factor"], shown["recovery_codes_left"]) == (True, 10)


async def test_a_new_password_gives_the_session_another_key(made: Service) -> None:
    key = made.session_of(AccountRole.OPERATOR)
    other = made.begun("operator")
    token = made.token("operator", Scope.STATE_READ)
    body = {**TYPED, "new_password": NEW}
    changed = await made.ask("POST", "/account/password", key=key, body=body)
    assert changed.status == 200, changed.text
    assert changed.json["sessions_ended"] == 1
    assert [found["id"] for found in changed.json["tokens"]] == [token.split("_")[1]]
    for over in (key, other):
        assert (await made.ask("GET", "/session", key=over)).code == "session.over"
    assert (await made.ask("GET", "/session", key=changed.json["key"])).status == 200
    assert (await made.ask("GET", "/session", key=token)).status == 200
    begun = await made.ask("POST", "/session", body={"name": "operator", "password": NEW})
    assert begun.status == 201


async def test_a_wrong_password_is_refused_and_the_session_goes_on(made: Service) -> None:
    key = made.session_of(AccountRole.OPERATOR)
    body = {"password": "wrong horse battery", "new_password": NEW}
    wrong = await made.ask("POST", "/account/password", key=key, body=body)
    assert (wrong.status, wrong.code) == (403, "password.wrong")
    for _ in range(4):
        await made.ask("POST", "/account/password", key=key, body=body)
    waits = await made.ask("POST", "/account/password", key=key, body=body)
    assert (waits.status, waits.code) == (429, "signin.wait")
    assert int(waits.headers["Retry-After"]) > 0
    assert (await made.ask("GET", "/account", key=key)).status == 200


async def test_a_second_factor_is_set_up_used_renewed_and_removed(made: Service) -> None:
    key = made.session_of(AccountRole.OPERATOR)
    seed, done = await enrolled(made, key)
    assert (await made.ask("GET", "/account", key=key)).code == "session.over"
    key, codes = done.json["key"], done.json["recovery_codes"]
    signing_in = {"name": "operator", "password": PASSWORD}
    assert (await made.ask("POST", "/session", body=signing_in)).code == "signin.refused"
    opened = await made.ask("POST", "/session", body={**signing_in, "code": codes[0]})
    assert opened.status == 201
    proof = {**TYPED, "code": codes[1]}
    renewed = await made.ask("POST", "/account/recovery-codes", key=key, body=proof)
    assert (renewed.status, len(renewed.json["recovery_codes"])) == (200, 10)
    again = await made.ask("POST", "/account/recovery-codes", key=key, body=proof)
    assert (again.status, again.code) == (403, "proof.wrong")
    proof = {**TYPED, "code": code_of(seed, made.world.clock.now())}
    removed = await made.ask("DELETE", "/account/second-factor", key=key, body=proof)
    assert removed.status == 200, removed.text
    shown = await made.ask("GET", "/account", key=removed.json["key"])
    assert not shown.json["has_second_factor"]


async def test_the_seed_comes_as_text_as_an_address_and_as_a_picture_of_it(made: Service) -> None:
    key = made.session_of(AccountRole.OPERATOR)
    begun = (await made.ask("POST", "/account/second-factor", key=key)).json
    address = urlsplit(begun["otpauth"])
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert parse_qs(address.query)["secret"] == [begun["secret"]]
    drawn = ET.fromstring(begun["svg"])  # noqa: S314 - our own
    assert drawn.tag == "svg"
    assert {element.tag for element in drawn.iter()} == {"svg", "g", "path"}
    assert "style" not in begun["svg"], "a page's policy allows none inside"


@pytest.mark.parametrize("enrolment", ["", "AAAA", "Ä", "A" * 301, "\x00"])
async def test_what_is_no_enrolment_is_refused(made: Service, enrolment: str) -> None:
    key = made.session_of(AccountRole.OPERATOR)
    body = {**TYPED, "enrolment": enrolment, "new_code": "123456"}
    answer = await made.ask("POST", "/account/second-factor/confirm", key=key, body=body)
    assert answer.code in ("second_factor.begin_again", "request.invalid")


async def test_one_ends_ones_own_sessions_and_nobody_elses(made: Service) -> None:
    key = made.session_of(AccountRole.OPERATOR)
    other, evas = made.begun("operator"), made.session_of(AccountRole.VIEWER)
    listed = (await made.ask("GET", "/account/sessions", key=key)).json["sessions"]
    assert sorted(session["is_current"] for session in listed) == [False, True]
    (away,) = [session["id"] for session in listed if not session["is_current"]]
    (evas_id,) = [
        session["id"]
        for session in (await made.ask("GET", "/account/sessions", key=evas)).json["sessions"]
    ]
    refused = await made.ask("DELETE", f"/account/sessions/{evas_id}", key=key)
    assert (refused.status, refused.code) == (404, "name.unknown")
    assert evas_id not in refused.json["fields"]["known"]
    ended = await made.ask("DELETE", f"/account/sessions/{away}", key=key)
    assert (ended.status, ended.text) == (204, "")
    assert (await made.ask("GET", "/session", key=other)).code == "session.over"
    assert (await made.ask("GET", "/session", key=evas)).status == 200


async def test_who_has_to_set_up_a_second_factor_may_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    roles = frozenset({AccountRole.ADMIN})
    async with service(tmp_path / "own", two_factor_roles=roles) as own:
        key = own.session_of(AccountRole.ADMIN)
        shown = (await own.ask("GET", "/session", key=key)).json
        assert (shown["must_enrol"], shown["scopes"]) == (True, [])
        for operation in OPERATIONS:
            if operation.needs_sign_in and not operation.enrols:
                answer = await own.ask(operation.method, example(operation), key=key)
                assert (answer.status, answer.code) == (403, "second_factor.required"), (
                    operation.name
                )
                # One may ask sixty times in ten seconds, and there is more to ask.
                own.world.clock.advance(1)
        own.world.clock.advance(60)
        _, done = await enrolled(own, key)
        listed = await own.ask("GET", "/accounts", key=done.json["key"])
        assert listed.status == 200


def test_what_is_open_before_a_second_factor_is_a_short_list() -> None:
    assert {operation.name for operation in OPERATIONS if operation.enrols} == {
        "show_session", "end_session", "show_own_account", "change_own_password",
        "begin_second_factor", "confirm_second_factor", "remove_second_factor",
        "list_own_sessions", "end_own_session",
    }  # fmt: skip
