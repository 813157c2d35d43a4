"""A real OpenID provider (node-oidc-provider) as a process on loopback, and a person at it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import aiohttp

from tests.support.patience import PATIENCE_S
from tests.support.ports import free_ports
from tests.support.require import require, require_server

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "estado/oidc-provider"
_UNTESTED = "signing in at a real OpenID provider"
CLIENT, SECRET = "estado", "s3cret+with/odd=signs"


@dataclass(frozen=True, slots=True)
class RealProvider:
    issuer: str

    async def signed_in(self, location: str, name: str) -> str:
        """Somebody types a name and says yes to all that is asked: where that leads in the end,
        which is away from the provider."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            for prompt in ("", "login", "consent"):
                if prompt:
                    form = {"prompt": prompt, "login": name, "password": "x"}
                    async with session.post(location, data=form, allow_redirects=False) as found:
                        location = urljoin(location, found.headers["Location"])
                location = await self._followed(session, location)
        return location

    async def _followed(self, session: aiohttp.ClientSession, location: str) -> str:
        """Up to a page of the provider that asks something, or away from it."""
        while location.startswith(self.issuer):
            async with session.get(location, allow_redirects=False) as found:
                if "Location" not in found.headers:
                    return location
                location = urljoin(location, found.headers["Location"])
        return location


@contextmanager
def real_provider(redirect_uri: str, home_uri: str) -> Iterator[RealProvider]:
    node = require_server("node", _UNTESTED)
    is_installed = (_CACHE / "installed-lock.json").exists()
    require(is_installed, "node-oidc-provider (make oidc-provider)", _UNTESTED)
    (port,) = free_ports(1)
    command = [str(node), str(_CACHE / "provider.mjs"), str(port), redirect_uri, home_uri]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        late = threading.Timer(PATIENCE_S, process.kill)
        late.start()
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "listening\n"
            late.cancel()
            yield RealProvider(f"http://127.0.0.1:{port}")
        finally:
            late.cancel()
            process.kill()


def path_and_query(location: str) -> str:
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}"
