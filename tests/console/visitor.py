"""Somebody with a browser before the console, as far as HTTP tells: cookies, forms, redirects."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from monitor.domain.accounts.permissions import AccountRole
from tests.api.service import PASSWORD, Service

COOKIE = "estado-session"


@dataclass(frozen=True, slots=True)
class Seen:
    status: int
    headers: Mapping[str, str]
    text: str
    cookies: Mapping[str, str]

    @property
    def words(self) -> str:
        """What is read: no tags, no entities."""
        body = self.text.partition("<main")[2]
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())

    @property
    def location(self) -> str:
        assert self.status == 303, (self.status, self.text)
        return self.headers["Location"]

    def field(self, name: str) -> str:
        """The value of a hidden field."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, f"no field {name}"
        return html.unescape(found[1])


@dataclass(slots=True)
class Visitor:
    service: Service
    key: str = ""
    token: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"Accept-Language": "es"})

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.service.client.port}"

    async def sign_in(
        self, *roles: AccountRole, services: tuple[str, ...] = (), name: str = ""
    ) -> None:
        """As a new account with these roles, by the form."""
        name = name or "-".join([*roles, *services])
        self.service.add(name, *roles, services=services)
        seen = await self.post("/sign-in", {"name": name, "password": PASSWORD})
        self.key = seen.cookies[COOKIE]
        await self.take_token()

    async def take_token(self) -> None:
        self.token = (await self.get("/")).field("token")

    async def get(self, path: str, **headers: str) -> Seen:
        return await self._ask("GET", path, None, headers)

    async def post(
        self,
        path: str,
        fields: Mapping[str, str | Sequence[str]],
        *,
        token: str | None = None,
        **headers: str,
    ) -> Seen:
        """As the browser sends a form of ours. Headers by their names with _ for -; an empty one is
        not sent."""
        own = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        sent = {"token": self.token if token is None else token, **fields}
        return await self._ask("POST", path, urlencode(sent, doseq=True), {**own, **headers})

    async def _ask(
        self, method: str, path: str, content: str | None, headers: Mapping[str, str]
    ) -> Seen:
        given = {n.replace("_", "-"): v for n, v in {**self.headers, **headers}.items()}
        if content is not None:
            given.setdefault("Content-Type", "application/x-www-form-urlencoded")
        if self.key:
            given.setdefault("Cookie", f"{COOKIE}={self.key}")
        given = {name: value for name, value in given.items() if value}
        async with self.service.client.request(
            method,
            path,
            data=io.BytesIO(content.encode()) if content else None,
            headers=given,
            allow_redirects=False,
        ) as found:
            self.service.client.session.cookie_jar.clear()
            cookies = {name: morsel.value for name, morsel in found.cookies.items()}
            return Seen(found.status, found.headers, await found.text(), cookies)
