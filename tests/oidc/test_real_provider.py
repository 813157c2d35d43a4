"""Signing in at node-oidc-provider, a certified provider that runs as a process beside us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from monitor.accounts.elsewhere import Elsewhere
from monitor.domain.accounts.account import AccountName
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.catalogue import Console, GroupRoles, OidcProvider
from monitor.domain.secret import Secret
from monitor.roles.console.oidc import add_oidc
from monitor.runtime.system_clock import SystemClock
from tests.api.service import Service, service
from tests.oidc.browser import SESSION, Browser
from tests.oidc.stage import HOME
from tests.support.oidc_provider import CLIENT, RealProvider, path_and_query, real_provider

SETTINGS = OidcProvider(issuer="", client_id=CLIENT, client_secret=Secret("${OIDC_SECRET}"))
WITH_GROUPS = replace(
    SETTINGS,
    scopes=("openid", "email", "profile", "groups"),
    groups=(GroupRoles(name="ops", roles=frozenset({AccountRole.OPERATOR})),),
)


@pytest.fixture(scope="module")
def provider() -> Iterator[RealProvider]:
    with real_provider(f"{HOME}/oidc/callback", f"{HOME}/") as found:
        yield found


def console_of(provider: RealProvider, settings: OidcProvider) -> Console:
    return Console(oidc=replace(settings, issuer=provider.issuer), public_url=HOME)


async def account_of(made: Service, browser: Browser) -> str:
    shown = await made.ask("GET", "/session", key=browser.cookies[SESSION])
    return str(shown.json["account"])


async def test_one_is_bound_by_a_verified_address_and_opens_by_the_subject(
    tmp_path: Path, provider: RealProvider
) -> None:
    console = console_of(provider, SETTINGS)
    async with service(
        tmp_path, public_url=HOME, clock=SystemClock(),
        more=lambda app, backend: add_oidc(app, backend, console, tuple),
    ) as made:  # fmt: skip
        commands = made.add("boss", AccountRole.ADMIN)
        for name in ("ana", "unverified"):
            elsewhere = Elsewhere(issuer=provider.issuer, email=f"{name}@example.com")
            commands.add(name, roles=[AccountRole.VIEWER], has_password=False, elsewhere=elsewhere)
        browser = Browser(made.client)
        back = await provider.signed_in(await browser.start("/incidents"), "ana")
        assert back.startswith(f"{HOME}/oidc/callback?")
        seen = await browser.get(path_and_query(back))
        assert (seen.status, seen.location) == (303, "/incidents"), seen.text
        assert await account_of(made, browser) == "ana"
        assert (await browser.get(path_and_query(back))).status == 400, "it is used up"
        with made.world.journal.transaction() as tx:
            bound = tx.accounts.get(AccountName("ana"))
            assert bound is not None
            assert (bound.issuer, bound.subject) == (provider.issuer, "ana")
        other = Browser(made.client)
        back = await provider.signed_in(await other.start(), "unverified")
        assert (await other.get(path_and_query(back))).status == 403
        again = Browser(made.client)
        back = await provider.signed_in(await again.start(), "ana")
        assert (await again.get(path_and_query(back))).status == 303


async def test_a_member_of_a_group_gets_an_account_and_a_code_is_good_once(
    tmp_path: Path, provider: RealProvider
) -> None:
    console = console_of(provider, WITH_GROUPS)
    async with service(
        tmp_path, public_url=HOME, clock=SystemClock(),
        more=lambda app, backend: add_oidc(app, backend, console, tuple),
    ) as made:  # fmt: skip
        browser = Browser(made.client)
        back = await provider.signed_in(await browser.start(), "eva")
        assert (await browser.get(path_and_query(back))).status == 303
        assert await account_of(made, browser) == "eva"
        code = back.partition("code=")[2].partition("&")[0]
        fresh = await provider.signed_in(await browser.start(), "eva")
        state = fresh.partition("state=")[2].partition("&")[0]
        stolen = await browser.get("/oidc/callback", {
            "code": code, "state": state, "iss": provider.issuer,
        })  # fmt: skip
        assert (stolen.status, stolen.set_cookies) == (502, ())


async def test_the_way_out_leads_to_its_page(tmp_path: Path, provider: RealProvider) -> None:
    console = console_of(provider, SETTINGS)
    async with service(
        tmp_path, public_url=HOME, clock=SystemClock(),
        more=lambda app, backend: add_oidc(app, backend, console, tuple),
    ) as made:  # fmt: skip
        location = (await Browser(made.client).get("/oidc/sign-out")).location
        assert location.startswith(f"{provider.issuer}/session/end?")
        async with aiohttp.ClientSession() as session, session.get(location) as asked:
            assert asked.status == 200, "it knows us, and asks whether that is meant"
