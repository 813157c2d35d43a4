"""A provider that is away, hangs or leads astray costs whoever signs in there, and nobody else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from monitor.oidc import documents
from tests.api.service import PASSWORD
from tests.oidc.lying_provider import SECRET, lying_provider
from tests.oidc.stage import Stage, stage
from tests.support.clock import START
from tests.support.patience import PATIENCE_S

WELL_KNOWN = "/.well-known/openid-configuration"


async def password_opens(made: Stage) -> None:
    body = {"name": "boss", "password": PASSWORD}
    assert (await made.service.ask("POST", "/session", body=body)).status == 201


def failing(
    path: str, answer: Callable[[], web.Response]
) -> Callable[[web.Request], web.Response | None]:
    return lambda request: answer() if request.path == path else None


async def test_while_it_is_away_passwords_open_and_one_is_told_in_a_sentence(made: Stage) -> None:
    made.provider.reply = failing(WELL_KNOWN, lambda: web.Response(status=502))
    seen = await made.browser().get("/oidc/start", Accept_Language="es-AR")
    assert seen.status == 503
    assert "El proveedor no responde: pruebe de nuevo o entre con una contraseña." in seen.text
    await password_opens(made)


async def test_who_comes_while_it_is_away_is_told_at_once_and_it_is_asked_again_soon(
    made: Stage,
) -> None:
    made.provider.reply = failing(WELL_KNOWN, lambda: web.Response(status=502))
    for _ in range(5):
        assert (await made.browser().get("/oidc/start")).status == 503
    assert made.provider.asked[WELL_KNOWN] == 1
    made.provider.reply = lambda request: None
    made.service.world.clock.advance(5)
    assert (await made.browser().get("/oidc/start")).status == 303


async def test_its_document_is_kept_and_an_old_one_is_better_than_none(made: Stage) -> None:
    for _ in range(3):
        assert (await made.signed_in(made.browser())).status == 303
    assert (made.provider.asked[WELL_KNOWN], made.provider.asked["/jwks"]) == (1, 1)
    made.provider.reply = failing(WELL_KNOWN, lambda: web.Response(status=502))
    made.service.world.clock.advance(7_200)
    assert (await made.signed_in(made.browser())).status == 303


@pytest.mark.parametrize("path", [WELL_KNOWN, "/token", "/jwks"])
async def test_one_that_hangs_holds_nobody_for_long(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents.Documents, "ask", quick(documents.Documents.ask))
    async with stage(tmp_path) as made:
        made.add("ana", subject="7f3a")
        made.provider.hangs_at = path
        browser = made.browser()
        async with asyncio.timeout(PATIENCE_S):
            started = await browser.get("/oidc/start")
            if path == WELL_KNOWN:
                assert started.status == 503
            else:
                assert (await made.back(browser, started.location)).status == 503
            await password_opens(made)


def quick(ask: Callable[..., object]) -> Callable[..., object]:
    """The same with a limit that a test can wait for."""

    def asked(self: documents.Documents, wanted: documents.Asked) -> object:
        return ask(replace(self, timeout_s=0.3), wanted)

    return asked


ODD: dict[str, Callable[[], web.Response]] = {
    "a redirect": lambda: web.Response(status=302, headers={"Location": "/elsewhere"}),
    "no JSON": lambda: web.Response(text="<html>"),
    "a list": lambda: web.json_response([]),
    "deep": lambda: web.Response(text="[" * 100_000),
    "too much": lambda: web.Response(body=b" " * 300_000),
    "no UTF-8": lambda: web.Response(body=b'{"a": "\xff"}'),
    "an error": lambda: web.Response(status=500),
    "nothing": lambda: web.Response(),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("path", [WELL_KNOWN, "/token", "/jwks"])
async def test_whatever_it_answers_is_an_error_of_its_own(made: Stage, path: str, odd: str) -> None:
    made.provider.reply = failing(path, ODD[odd])
    browser = made.browser()
    seen = await browser.get("/oidc/start")
    if path != WELL_KNOWN:
        seen = await made.back(browser, seen.location)
    assert seen.status == 503, seen.text
    assert made.provider.asked["/elsewhere"] == 0, "no redirect is followed"
    await password_opens(made)


@pytest.mark.parametrize(
    "answer",
    [{"id_token": None}, {"id_token": 7}, {"access_token": None}, {"token_type": "mac"},
     {"error": "server_error"}],
)  # fmt: skip
async def test_an_answer_that_lacks_something_opens_nothing(
    made: Stage, answer: dict[str, object]
) -> None:
    made.provider.answer = answer
    seen = await made.signed_in(made.browser())
    assert (seen.status, seen.set_cookies) == (502, ())


async def test_one_that_calls_itself_otherwise_is_not_the_one(made: Stage) -> None:
    made.provider.metadata["issuer"] = "https://other.example"
    assert (await made.browser().get("/oidc/start")).status == 502


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "ftp://id.example/", "//evil.example", "", 7, None]
)
async def test_no_browser_is_sent_to_what_is_no_web_address(made: Stage, address: object) -> None:
    made.provider.metadata["authorization_endpoint"] = address
    seen = await made.browser().get("/oidc/start")
    assert (seen.status, seen.location) == (502, "")


@pytest.mark.parametrize("name", ["token_endpoint", "jwks_uri", "userinfo_endpoint"])
async def test_its_document_leads_us_to_no_machine_inside(tmp_path: Path, name: str) -> None:
    """It was written by somebody else than our configuration: another address of this machine
    stands for one inside the network."""
    async with lying_provider(lambda: START) as inside:
        there = inside.base.replace("127.0.0.1", "localhost")
        for allowed in ((), ("127.0.0.0/8", "::1/128")):
            folder = tmp_path / f"allowed-{len(allowed)}"
            folder.mkdir()
            async with stage(folder, allowed=allowed) as made:
                made.add("ana", subject="7f3a")
                made.provider.metadata[name] = f"{there}/inside"
                seen = await made.signed_in(made.browser())
                assert seen.status in (502, 503), seen.text
                assert inside.asked["/inside"] == bool(allowed)


async def test_the_log_says_why_and_no_secret(
    made: Stage, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    made.provider.reply = failing("/token", lambda: web.Response(status=500))
    browser = made.browser()
    location = await browser.start()
    answer = made.provider.signed_in(location)
    await browser.get("/oidc/callback", answer)
    ours = [record for record in caplog.records if record.name != "aiohttp.access"]
    said = "".join(record.getMessage() for record in ours) + "".join(capsys.readouterr())
    assert "status 500" in said
    assert SECRET not in said
    assert answer["code"] not in said
    assert answer["state"] not in said
