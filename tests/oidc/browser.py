"""A browser as far as signing in needs one: cookies, kept as the server says, and no redirects."""

from __future__ import annotations

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from aiohttp.test_utils import TestClient

SESSION, BINDING = "__Host-estado", "__Host-estado-oidc"


@dataclass(frozen=True, slots=True)
class Seen:
    status: int
    location: str
    text: str
    set_cookies: tuple[str, ...]
    headers: dict[str, str]


@dataclass
class Browser:
    client: TestClient[Any, Any]
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, query: dict[str, str] | None = None, **headers: str) -> Seen:
        full = f"{path}?{urlencode(query)}" if query else path
        return await self._asked("GET", full, None, headers)

    async def post(self, path: str, form: dict[str, str], **headers: str) -> Seen:
        return await self._asked("POST", path, form, {"Sec_Fetch_Site": "same-origin"} | headers)

    async def start(self, to: str = "/") -> str:
        """Where it is sent to sign in."""
        seen = await self.get("/oidc/start", {"next": to})
        assert seen.status == 303, seen.text
        return seen.location

    async def _asked(
        self, method: str, path: str, form: dict[str, str] | None, headers: dict[str, str]
    ) -> Seen:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        async with self.client.request(
            method, path, data=form, headers=sent, allow_redirects=False
        ) as found:
            lines = tuple(found.headers.getall("Set-Cookie", []))
            for line in lines:
                for name, morsel in SimpleCookie(line).items():
                    self.cookies[name] = morsel.value
            location = found.headers.get("Location", "")
            return Seen(found.status, location, await found.text(), lines, dict(found.headers))
