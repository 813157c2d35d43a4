"""Signing in at a provider, put together: its adapter, the use case, and what the console lends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog
from aiohttp import hdrs, web

from monitor.accounts.codes import Codes
from monitor.accounts.provider_sign_in import ProviderSignIn
from monitor.accounts.session_keys import SESSION_S
from monitor.accounts.sign_in import network_of
from monitor.api.client_address import client_address
from monitor.api.limits import RateLimit, Threads
from monitor.api.ports import Backend
from monitor.api.problems import language_of, status_of
from monitor.domain.catalogue import Console, OidcProvider
from monitor.domain.refusals import Refused
from monitor.journal.ports import JournalError
from monitor.oidc.documents import Documents
from monitor.oidc.handlers import CALLBACK, AtProvider, OidcHandlers
from monitor.oidc.pages import code_page, refused_page

T = TypeVar("T")
REQUESTS = 30
_THREADS = 2
_AT_ONCE = 8
_SAME_SITE = ("same-origin", "none")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
}


def add_oidc(
    app: web.Application, backend: Backend, console: Console, allowed: Callable[[], Iterable[str]]
) -> None:
    """Routes to sign in at the provider of the configuration, where there is one. `allowed` are
    the networks that are not public and may be reached."""
    if console.oidc is None:
        return
    door = ConsoleDoor(backend)
    provider = _provider(console, console.oidc, backend, allowed)
    app.on_cleanup.append(door.close)
    if provider is None:
        app.router.add_get("/oidc/start", door.without_extra)
        return
    sign_in = ProviderSignIn(
        journal=backend.writing,
        codes=Codes(second_factor=backend.second_factor, sealer=backend.sealer),
        randomness=backend.randomness,
        clock=backend.clock,
        throttle=backend.throttle,
        rules=console.oidc.rules,
    )
    OidcHandlers(provider, sign_in, door, backend.clock).add_to(app)


def _provider(
    console: Console,
    settings: OidcProvider,
    backend: Backend,
    allowed: Callable[[], Iterable[str]],
) -> AtProvider | None:
    """None without the libraries that it needs; whoever has a password does without."""
    try:
        from monitor.oidc.provider import Provider
    except ImportError as error:
        structlog.get_logger().error(
            "oidc.no_extra", missing=error.name, hint="pip install 'estado[oidc]'",
            meaning="nobody can sign in at the provider; passwords open as before",
        )  # fmt: skip
        return None
    home = console.public_url or f"http://{_bracketed(console.host)}:{console.port}"
    return Provider(
        settings=settings,
        redirect_uri=f"{home}{CALLBACK}",
        home_uri=f"{home}/",
        documents=Documents(issuer=settings.issuer, allowed=allowed, ca_file=settings.ca_file),
        clock=backend.clock,
    )


class ConsoleDoor:
    """Implements `monitor.oidc.handlers.Door`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._threads = Threads(threads=_THREADS, at_once=_AT_ONCE)
        self._rate = RateLimit(most=REQUESTS)
        self.is_secure = backend.public_url is not None
        self._cookie = "__Host-estado" if self.is_secure else "estado-session"

    async def close(self, _: web.Application) -> None:
        self._threads.close()

    def address(self, request: web.Request) -> str:
        peer = request.transport.get_extra_info("peername") if request.transport else None
        return client_address(
            peer[0] if peer else "",
            request.headers.getall("X-Forwarded-For", []),
            self._backend.trusted_proxies,
        )

    def admit(self, request: web.Request) -> None:
        network = network_of(self.address(request))
        self._rate.take(network, self._backend.clock.monotonic())
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        if request.method == hdrs.METH_POST and site not in _SAME_SITE:
            raise Refused("request.bad")

    async def on_thread(self, work: Callable[[], T]) -> T:
        """Raises Refused where the journal is away."""
        try:
            return await self._threads.run(work)
        except JournalError as error:
            structlog.get_logger().error("api.journal_away", error=str(error))
            raise Refused("journal.away", seconds=5) from error

    def own_path(self, wanted: str) -> str:
        """
        >>> door = ConsoleDoor.own_path
        >>> door(None, "/incidents?x=1"), door(None, "//evil.example"), door(None, "https://evil")
        ('/incidents?x=1', '/', '/')
        """
        is_path = wanted.startswith("/") and not wanted.startswith("//")
        is_plain = wanted.isprintable() and wanted.isascii() and "\\" not in wanted
        return wanted if is_path and is_plain else "/"

    def opened(self, request: web.Request, key: str, to: str) -> web.StreamResponse:
        response = web.Response(status=303, headers={hdrs.LOCATION: to})
        response.set_cookie(
            self._cookie, key, path="/", httponly=True, secure=self.is_secure, samesite="Lax",
            max_age=SESSION_S,
        )  # fmt: skip
        return response

    def code_page(
        self, request: web.Request, ticket: str, refused: Refused | None
    ) -> web.StreamResponse:
        status = 200 if refused is None else int(status_of(refused))
        return _page(code_page(ticket, refused, _language(request)), status)

    def refused(self, request: web.Request, refused: Refused) -> web.StreamResponse:
        return _page(refused_page(refused, _language(request)), int(status_of(refused)))

    async def without_extra(self, request: web.Request) -> web.StreamResponse:
        return self.refused(request, Refused("oidc.no_extra"))


def _page(text: str, status: int) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)


def _language(request: web.Request) -> str:
    return language_of(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
