"""To the provider and back: once, in one browser, to a page of ours, and nothing else gets in."""

from __future__ import annotations

import base64
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from monitor.console.provider import REQUESTS
from monitor.domain.accounts.account import AccountName
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.catalogue import Console, GroupRoles, OidcProvider
from monitor.domain.secret import Secret
from monitor.oidc.started import STARTED_S
from tests.accounts.accounts import code_of
from tests.api.service import PASSWORD, service
from tests.oidc.browser import BINDING, SESSION, Browser
from tests.oidc.lying_provider import CLIENT, SECRET
from tests.oidc.stage import HOME, Stage, stage
from tests.support.worlds import catalogue

SEED = b"s" * 20
PLAIN = OidcProvider(issuer="", client_id=CLIENT)


def query_of(location: str) -> dict[str, str]:
    return {name: found[0] for name, found in parse_qs(urlsplit(location).query).items()}


async def test_who_signs_in_there_is_signed_in_here_and_goes_on_where_he_was(made: Stage) -> None:
    browser = made.browser()
    seen = await made.signed_in(browser, "/incidents/k3f9?x=1")
    assert (seen.status, seen.location) == (303, "/incidents/k3f9?x=1")
    assert await made.account_of(browser) == "ana"
    (begun,) = made.changes("session.begun")
    assert (begun.actor, begun.via, begun.after) == ("ana", "console", {"opened_by": "provider"})


async def test_cookies_are_this_hosts_alone_and_no_scripts(made: Stage) -> None:
    browser = made.browser()
    started = await browser.get("/oidc/start")
    seen = await made.back(browser, started.location)
    for name, (line,) in ((BINDING, started.set_cookies), (SESSION, seen.set_cookies)):
        assert line.startswith(f"{name}=")
        parts = {part.strip().lower() for part in line.split(";")}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= parts
        assert not any(part.startswith("domain") for part in parts)


async def test_what_goes_along_to_the_provider_is_bound_and_has_no_secret(made: Stage) -> None:
    """The address is in histories and logs; where it leads back is configured, never a header."""
    evil = await made.browser().get("/oidc/start", Host="evil.example")
    assert (evil.location, evil.set_cookies) == ("", ())
    seen = await made.browser().get("/oidc/start", X_Forwarded_Host="evil.example")
    asked = query_of(seen.location)
    assert asked["redirect_uri"] == f"{HOME}/oidc/callback"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["scope"] == "openid email profile"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert SECRET not in seen.location
    assert quote(SECRET) not in seen.location


async def test_the_provider_knows_us_by_a_secret_and_by_the_verifier(made: Stage) -> None:
    location = await (browser := made.browser()).start()
    await made.back(browser, location)
    (form,) = made.provider.forms
    pair = base64.b64decode(made.provider.seen[0].removeprefix("Basic ")).decode()
    assert pair == f"{CLIENT}:{quote(SECRET, safe='')}"
    assert "client_secret" not in form
    assert form["code_verifier"] not in location


@pytest.mark.parametrize(
    "to",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
     "/\t/evil.example", "javascript:alert(1)", "/%0d\r\nSet-Cookie:x", "", "evil.example"],
)  # fmt: skip
async def test_nobody_is_sent_to_another_site_after_signing_in(made: Stage, to: str) -> None:
    seen = await made.signed_in(made.browser(), to)
    assert (seen.status, seen.location) == (303, "/")


async def test_what_came_back_once_does_not_come_back_again(made: Stage) -> None:
    browser = made.browser()
    answer = made.provider.signed_in(await browser.start())
    assert (await browser.get("/oidc/callback", answer)).status == 303
    again = await browser.get("/oidc/callback", answer)
    assert (again.status, again.set_cookies) == (400, ())
    assert len(made.provider.forms) == 1, "the code is not even tried"


async def test_a_code_that_was_used_elsewhere_opens_nothing(made: Stage) -> None:
    browser = made.browser()
    first = made.provider.signed_in(await browser.start())
    await browser.get("/oidc/callback", first)
    second = made.provider.signed_in(await browser.start())
    stolen = {"code": first["code"], "state": second["state"]}
    seen = await made.browser().get("/oidc/callback", stolen)
    assert seen.status == 400
    seen = await browser.get("/oidc/callback", stolen)
    assert (seen.status, seen.set_cookies) == (502, ())


async def test_a_code_of_another_sign_in_is_not_taken(made: Stage) -> None:
    """Injected by whoever saw it: the verifier of this browser's sign-in does not fit."""
    victims, attackers = made.browser(), made.browser()
    stolen = made.provider.signed_in(await victims.start())
    own = made.provider.signed_in(await attackers.start())
    seen = await attackers.get("/oidc/callback", {"code": stolen["code"], "state": own["state"]})
    assert (seen.status, seen.set_cookies) == (502, ())
    assert await made.account_of(attackers) is None


async def test_a_sign_in_ends_in_the_browser_in_which_it_began(made: Stage) -> None:
    """Else an attacker's page would sign a victim in as the attacker."""
    attackers, victims = made.browser(), made.browser()
    answer = made.provider.signed_in(await attackers.start())
    assert (await victims.get("/oidc/callback", answer)).status == 400
    await victims.start()
    assert (await victims.get("/oidc/callback", answer)).status == 400
    assert await made.account_of(victims) is None
    assert (await attackers.get("/oidc/callback", answer)).status == 303, "it is still its own"


@pytest.mark.parametrize(
    "query", ["", "state=x", "code=x", "state=x&code=y", "state=&code=", "state=%00&code=%ff"]
)
async def test_what_nobody_began_is_refused(made: Stage, query: str) -> None:
    browser = made.browser()
    await browser.start()
    seen = await browser.get(f"/oidc/callback?{query}")
    assert (seen.status, seen.set_cookies) == (400, ())


async def test_what_is_said_twice_is_refused(made: Stage) -> None:
    browser = made.browser()
    found = made.provider.signed_in(await browser.start())
    query = f"state={found['state']}&code=x&code={found['code']}"
    assert (await browser.get(f"/oidc/callback?{query}")).status == 400


async def test_it_takes_ten_minutes_at_most(made: Stage) -> None:
    browser = made.browser()
    location = await browser.start()
    made.service.world.clock.advance(STARTED_S)
    assert (await made.back(browser, location)).status == 400


async def test_two_tabs_of_a_browser_both_get_in(made: Stage) -> None:
    browser = made.browser()
    first, second = await browser.start("/a"), await browser.start("/b")
    assert (await made.back(browser, first)).location == "/a"
    assert (await made.back(browser, second)).location == "/b"


async def test_a_cookie_that_was_there_before_is_no_session_after(made: Stage) -> None:
    """Fixation: whoever set it knows it."""
    planted = "p" * 43
    browser = Browser(made.service.client, {SESSION: planted})
    await made.signed_in(browser)
    assert browser.cookies[SESSION] != planted
    assert await made.account_of(browser) == "ana"
    assert (await made.service.ask("GET", "/session", key=planted)).status == 401


async def test_who_says_no_there_is_told_so_and_nothing_of_it_is_repeated(made: Stage) -> None:
    browser = made.browser()
    state = query_of(await browser.start())["state"]
    seen = await browser.get(
        "/oidc/callback",
        {"state": state, "error": "access_denied", "error_description": "<script>alert(1)"},
    )
    assert seen.status == 403
    assert "script" not in seen.text
    assert "access_denied" not in seen.text
    assert "frame-ancestors 'none'" in seen.headers["Content-Security-Policy"]


async def test_another_providers_answer_is_refused(made: Stage) -> None:
    """Mix-up (RFC 9207)."""
    browser = made.browser()
    seen = await made.back(browser, await browser.start(), iss="https://other.example")
    assert (seen.status, seen.set_cookies) == (502, ())
    seen = await made.back(browser, await browser.start(), iss=made.provider.base)
    assert seen.status == 303


async def test_a_promised_issuer_may_not_be_missing(made: Stage) -> None:
    made.provider.metadata["authorization_response_iss_parameter_supported"] = True
    assert (await made.signed_in(made.browser())).status == 502


async def test_nobody_gets_in_whom_no_account_belongs_to(made: Stage) -> None:
    made.provider.person = {"sub": "somebody else"}
    browser = made.browser()
    seen = await made.signed_in(browser)
    assert (seen.status, seen.set_cookies) == (403, ())
    assert await made.account_of(browser) is None
    (refused,) = made.changes("session.refused")
    assert (refused.after["why"], refused.after["subject"]) == ("unknown", "somebody else")


@pytest.mark.parametrize("verified", [False, "true", 1, None])
async def test_an_address_that_is_not_verified_opens_nothing(
    tmp_path: Path, verified: object
) -> None:
    async with stage(tmp_path) as made:
        made.add("ana", email="ana@example.com")
        made.provider.person = {"sub": "1", "email": "ana@example.com"}
        if verified is not None:
            made.provider.person["email_verified"] = verified
        assert (await made.signed_in(made.browser())).status == 403
        made.provider.person |= {"email_verified": True, "sub": "2"}
        browser = made.browser()
        assert (await made.signed_in(browser)).status == 303
        assert await made.account_of(browser) == "ana"


async def test_what_it_says_beside_the_token_counts_if_it_is_about_the_same_person(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as made:
        made.add("ana", email="ana@example.com")
        about = {"email": "ana@example.com", "email_verified": True}
        made.provider.told = {"sub": "another", **about}
        made.provider.person = {"sub": "7f3a"}
        assert (await made.signed_in(made.browser())).status == 502
        made.provider.told = {"sub": "7f3a", **about}
        assert (await made.signed_in(made.browser())).status == 303
        assert made.provider.seen[-1] == "Bearer opaque"


@pytest.mark.parametrize(("signed", "beside"), [("ana", "x"), ("x", "ana")])
async def test_a_verified_mark_of_one_document_is_not_put_on_an_address_of_another(
    tmp_path: Path, signed: str, beside: str
) -> None:
    async with stage(tmp_path, replace(PLAIN, groups=(OPS,))) as made:
        made.add("ana", email="ana@example.com")
        made.provider.person = {"sub": "7f3a", "email": f"{signed}@example.com"}
        made.provider.told = {
            "sub": "7f3a", "email": f"{beside}@example.com", "email_verified": True,
        }  # fmt: skip
        assert (await made.signed_in(made.browser())).status == 403


OPS = GroupRoles(name="ops", roles=frozenset({AccountRole.OPERATOR}))


async def test_a_member_of_a_group_gets_an_account(tmp_path: Path) -> None:
    async with stage(tmp_path, replace(PLAIN, groups=(OPS,))) as made:
        made.provider.person = {"sub": "1", "preferred_username": "eva"}
        made.provider.told = {"sub": "1", "groups": ["staff"]}
        assert (await made.signed_in(made.browser())).status == 403
        made.provider.told = {"sub": "1", "groups": ["staff", "ops"]}
        browser = made.browser()
        assert (await made.signed_in(browser)).status == 303
        assert await made.account_of(browser) == "eva"


async def test_a_disabled_account_stays_out(made: Stage) -> None:
    browser = made.browser()
    await made.signed_in(browser)
    made.service.add("eva", AccountRole.ADMIN).disable("ana")
    assert await made.account_of(browser) is None
    assert (await made.signed_in(made.browser())).status == 403


def with_second_factor(made: Stage) -> None:
    with made.service.world.journal.transaction() as tx:
        account = tx.accounts.get(AccountName("ana"))
        assert account is not None
        sealed = made.service.backend.sealer.seal(SEED, account.name)
        tx.accounts.save(replace(account, totp_seed=sealed))


def ticket_in(text: str) -> str:
    return text.partition('name="ticket" value="')[2].partition('"')[0]


async def test_a_second_factor_here_is_asked_for_after_the_provider(made: Stage) -> None:
    with_second_factor(made)
    made.provider.person["amr"] = ["mfa"]
    browser = made.browser()
    page = await made.signed_in(browser, "/incidents")
    assert (page.status, SESSION in browser.cookies) == (200, False)
    wrong = await browser.post("/oidc/code", {"ticket": ticket_in(page.text), "code": "000000"})
    assert (wrong.status, SESSION in browser.cookies) == (401, False)
    code = code_of(SEED, made.service.world.clock.now())
    used = await browser.post("/oidc/code", {"ticket": ticket_in(page.text), "code": code})
    assert used.status == 400, "each form is sent once"
    seen = await browser.post("/oidc/code", {"ticket": ticket_in(wrong.text), "code": code})
    assert (seen.status, seen.location) == (303, "/incidents")
    assert await made.account_of(browser) == "ana"


async def test_the_form_for_the_code_is_of_its_browser_and_of_our_page(made: Stage) -> None:
    with_second_factor(made)
    browser, other = made.browser(), made.browser()
    await other.start()
    form = {
        "ticket": ticket_in((await made.signed_in(browser)).text),
        "code": code_of(SEED, made.service.world.clock.now()),
    }
    assert (await other.post("/oidc/code", form)).status == 400
    assert (await browser.post("/oidc/code", form, Sec_Fetch_Site="cross-site")).status == 403
    assert (await browser.post("/oidc/code", form)).status == 303


@pytest.mark.parametrize(
    ("more", "status"),
    [({"x": "y" * 16_000}, 413), ({f"k{n}": "1" for n in range(20)}, 400), ({}, 303)],
    ids=["large", "many fields", "as it is"],
)
async def test_the_form_for_the_code_is_small(
    made: Stage, more: dict[str, str], status: int
) -> None:
    with_second_factor(made)
    browser = made.browser()
    form = {
        "ticket": ticket_in((await made.signed_in(browser)).text),
        "code": code_of(SEED, made.service.world.clock.now()),
    }
    seen = await browser.post("/oidc/code", form | more)
    assert seen.status == status
    assert (seen.headers.get("Connection") == "close") is (status == 413)
    if status != 303:
        assert (await browser.post("/oidc/code", form)).status == 303, "nothing was used up"


async def test_what_the_provider_did_counts_where_it_is_said_to(tmp_path: Path) -> None:
    settings = replace(PLAIN, second_factor=frozenset({"mfa"}))
    async with stage(tmp_path, settings) as made:
        made.add("ana", subject="7f3a")
        with_second_factor(made)
        assert (await made.signed_in(made.browser())).status == 200
        made.provider.person["amr"] = ["pwd", "mfa"]
        assert (await made.signed_in(made.browser())).status == 303
        made.provider.person = {"sub": "7f3a", "acr": "mfa"}
        assert (await made.signed_in(made.browser())).status == 303
        made.provider.person = {"sub": "7f3a"}
        made.provider.told = {"sub": "7f3a", "amr": ["mfa"]}
        assert (await made.signed_in(made.browser())).status == 200, "it is not signed"


async def test_one_signs_out_there_as_well(made: Stage) -> None:
    seen = await made.browser().get("/oidc/sign-out")
    assert seen.location.startswith(f"{made.provider.base}/end?")
    assert query_of(seen.location) == {
        "client_id": CLIENT, "post_logout_redirect_uri": f"{HOME}/",
    }  # fmt: skip


async def test_a_provider_that_has_no_place_to_sign_out_is_left_alone(made: Stage) -> None:
    made.provider.has_sign_out = False
    assert (await made.browser().get("/oidc/sign-out")).location == "/"


async def test_an_address_begins_so_many_and_then_waits(made: Stage) -> None:
    browser = made.browser()
    answers = [(await browser.get("/oidc/start")).status for _ in range(REQUESTS + 1)]
    assert answers == [303] * REQUESTS + [429]


async def test_without_the_libraries_one_is_told_so_and_passwords_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "monitor.oidc.provider", None)
    async with stage(tmp_path) as made:
        made.service.add("eva", AccountRole.VIEWER)
        seen = await made.browser().get("/oidc/start", Accept_Language="es")
        assert seen.status == 503
        assert "falta aquí el extra oidc" in seen.text
        begun = await made.service.ask(
            "POST", "/session", body={"name": "eva", "password": PASSWORD}
        )
        assert begun.status == 201


async def test_without_a_secret_the_verifier_is_enough(tmp_path: Path) -> None:
    async with stage(tmp_path, PLAIN) as made:
        made.add("ana", subject="7f3a")
        assert (await made.signed_in(made.browser())).status == 303
        assert made.provider.forms[0]["client_id"] == CLIENT
        assert made.provider.seen == [None]


async def test_a_secret_that_is_not_there_is_an_error_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OIDC_SECRET")
    settings = replace(PLAIN, client_secret=Secret("${OIDC_SECRET}"))
    async with stage(tmp_path, settings) as made:
        made.add("ana", subject="7f3a")
        assert (await made.signed_in(made.browser())).status == 503


async def test_the_page_to_sign_in_leads_there_and_keeps_where_one_was(tmp_path: Path) -> None:
    company = catalogue()
    provider = replace(PLAIN, issuer="https://id.example/realms/staff")
    console = Console(oidc=provider, public_url=HOME)
    operations = replace(company.operations, console=console)
    async with service(
        tmp_path, catalogue=replace(company, operations=operations), with_pages=True,
        public_url=HOME,
    ) as made:  # fmt: skip
        page = await Browser(made.client).get("/sign-in?next=/incidents%3Fx=1")
        assert "/oidc/start?next=%2Fincidents%3Fx%3D1" in page.text
        assert "id.example" in page.text
