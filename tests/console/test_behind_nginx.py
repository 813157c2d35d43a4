"""The console behind a real nginx with TLS, which is set up as the manual says."""

from __future__ import annotations

import io
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from monitor.api.events.streams import StreamLimits
from monitor.domain.accounts.permissions import AccountRole
from tests.api.event_stream import Listener
from tests.api.service import PASSWORD, Service, service
from tests.console.browser import chromium, opened
from tests.support.nginx_proxy import PUBLIC_HOST, manuals_nginx

PUBLIC = f"https://{PUBLIC_HOST}"
COOKIE = "__Host-estado"
QUICK = StreamLimits(poll_s=0.02, recheck_s=0.05)
NGINX, CLIENT, FORGED = "127.0.0.1", "127.0.0.9", "198.51.100.9"
TRUSTS = (f"{NGINX}/32",)
OWN = {"Origin": PUBLIC, "Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True, slots=True)
class Outside:
    """What somebody at another address reaches: nginx alone."""

    made: Service
    port: int
    session: aiohttp.ClientSession

    async def asks(self, method: str, path: str, **given: Any) -> aiohttp.ClientResponse:
        headers = {"Host": PUBLIC_HOST, **given.pop("headers", {})}
        url = f"https://{NGINX}:{self.port}{path}"
        answer = await self.session.request(
            method, url, headers=headers, allow_redirects=False, **given
        )
        await answer.read()
        return answer

    async def signs_in(self, to: str = "", **headers: str) -> aiohttp.ClientResponse:
        fields = {"name": "ana", "password": PASSWORD, "next": to}
        return await self.asks("POST", "/sign-in", data=fields, headers={**OWN, **headers})

    async def address(self, **headers: str) -> str:
        """From where the product thinks that it was signed in."""
        sent = {"name": "ana", "password": PASSWORD}
        begun = await self.asks("POST", "/api/v1/session", json=sent, headers=headers)
        key = (await begun.json())["key"]
        seen = await self.made.ask("GET", "/account/sessions", key=key)
        (found,) = [one["address"] for one in seen.json["sessions"] if one["is_current"]]
        return str(found)


@asynccontextmanager
async def outside(folder: Path, trusted: tuple[str, ...] = TRUSTS) -> AsyncIterator[Outside]:
    (folder / "nginx").mkdir()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    async with service(
        folder, with_pages=True, public_url=PUBLIC, trusted_proxies=trusted, stream_limits=QUICK
    ) as made:
        made.add("ana", AccountRole.OPERATOR)
        upstream = made.client.server.port
        assert upstream is not None
        connector = aiohttp.TCPConnector(ssl=context, local_addr=(CLIENT, 0), force_close=True)
        with manuals_nginx(folder / "nginx", upstream) as port:
            jar = aiohttp.DummyCookieJar()
            async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:
                yield Outside(made, port, session)


async def test_the_cookie_is_the_hosts_own_and_signing_in_leads_to_what_was_asked_for(
    tmp_path: Path,
) -> None:
    async with outside(tmp_path) as there:
        asked = await there.asks("GET", "/maintenance?past=1")
        assert asked.status == 303
        form = await (await there.asks("GET", asked.headers["Location"])).text()
        to = re.search(r'name="next" value="([^"]+)"', form)
        assert to is not None
        done = await there.signs_in(to[1])
        assert done.status == 303
        # Relative: what stands in front knows the scheme and the port, which we do not.
        assert done.headers["Location"] == "/maintenance?past=1"
        said = done.headers["Set-Cookie"]
        assert re.fullmatch(rf"{COOKIE}=[\w-]{{43}}(; [^;]+)+", said)
        given = {part.strip() for part in said.split(";")[1:]}
        assert {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"} <= given
        assert not any(part.lower().startswith("domain") for part in given)
        key = done.cookies[COOKIE].value
        shown = await there.asks("GET", "/maintenance", headers={"Cookie": f"{COOKIE}={key}"})
        assert shown.status == 200
        for other in ("estado-session", "estado", "__Secure-estado"):
            refused = await there.asks("GET", "/", headers={"Cookie": f"{other}={key}"})
            assert refused.status == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": f"http://{PUBLIC_HOST}"},
        {"Origin": f"{PUBLIC}:8443"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": f"https://{NGINX}"},
    ],
    ids=lambda headers: headers["Origin"],
)
async def test_a_form_of_another_origin_is_refused_there_too(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    async with outside(tmp_path) as there:
        assert (await there.signs_in(**headers)).status == 403
        assert (await there.signs_in()).status == 303


async def test_a_foreign_name_that_leads_to_nginx_is_not_served(tmp_path: Path) -> None:
    async with outside(tmp_path) as there:
        for host in ("evil.example", f"{PUBLIC_HOST}.evil.example"):
            assert (await there.asks("GET", "/sign-in", headers={"Host": host})).status == 421


@pytest.mark.parametrize("header", ["", FORGED, f"{FORGED}, {NGINX}", f"{NGINX}, {NGINX}", "x"])
async def test_the_client_is_whom_a_trusted_nginx_serves_whatever_it_was_told(
    tmp_path: Path, header: str
) -> None:
    async with outside(tmp_path) as there:
        assert await there.address(**{"X-Forwarded-For": header} if header else {}) == CLIENT


async def test_nobody_is_believed_who_is_not_named_as_trusted(tmp_path: Path) -> None:
    async with outside(tmp_path, trusted=()) as there:
        assert await there.address(**{"X-Forwarded-For": FORGED}) == NGINX
    direct = tmp_path / "direct"
    direct.mkdir()
    async with service(direct, trusted_proxies=("192.0.2.1/32",)) as made:
        made.add("ana", AccountRole.OPERATOR)
        sent = {"name": "ana", "password": PASSWORD}
        begun = await made.ask("POST", "/session", body=sent, X_Forwarded_For=FORGED)
        seen = await made.ask("GET", "/account/sessions", key=begun.json["key"])
        assert [one["address"] for one in seen.json["sessions"]] == [NGINX]


async def test_a_contracts_file_of_megabytes_comes_through(tmp_path: Path) -> None:
    async with outside(tmp_path) as there:
        headers = {
            "Authorization": f"Bearer {there.made.key_of(AccountRole.BILLING)}",
            "Content-Type": "text/csv",
        }
        path = "/api/v1/contracts/import?dry_run=true"
        answer = await there.asks(
            "POST", path, data=io.BytesIO(b"nothing\n" * 500_000), headers=headers
        )
        assert (answer.status, (await answer.json())["code"]) == (422, "contracts.invalid")


async def test_events_come_at_once_through_tls_by_the_session_s_cookie(tmp_path: Path) -> None:
    async with outside(tmp_path) as there:
        key = (await there.signs_in()).cookies[COOKIE].value
        headers = {
            "Host": PUBLIC_HOST, "Cookie": f"{COOKIE}={key}", "Accept": "text/event-stream",
        }  # fmt: skip
        url = f"https://{NGINX}:{there.port}/events"
        async with there.session.get(url, headers=headers) as answer:
            assert answer.status == 200
            listener = Listener(answer)
            for number in range(3):
                there.made.note(("incident.updated", str(number)))
                assert (await listener.event()).data["subject"] == str(number)


@pytest.mark.browser
@pytest.mark.timeout(300)
async def test_a_real_browser_uses_it_over_http_2(tmp_path: Path) -> None:
    async with outside(tmp_path) as there:
        leads = f"--host-resolver-rules=MAP {PUBLIC_HOST}:443 {NGINX}:{there.port}"
        async with chromium(leads) as browser, opened(browser, trusts_all=True) as (page, troubles):
            await page.goto(f"{PUBLIC}/incidents")
            await page.fill("#name", "ana")
            await page.fill("#password", PASSWORD)
            await page.click("main button")
            await page.wait_for_url(f"{PUBLIC}/incidents")
            assert await page.evaluate(_PROTOCOL) == "h2"
            (cookie,) = [c for c in await page.context.cookies() if c["name"] == COOKIE]
            assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
            await page.goto(f"{PUBLIC}/")
            incident = there.made.fall("web")
            await page.wait_for_selector(f"#live a[href='/incidents/{incident}']")
            assert troubles == []


_PROTOCOL = "() => performance.getEntriesByType('navigation')[0].nextHopProtocol"
