"""The browser's way to a provider and back: `/oidc/start`, `/oidc/callback`, and a code between the
two sessions where the account has a second factor here.

What comes back is answered once, in the browser in which it began: the key of the pair is in the
address, the other half in a cookie that no other site's page can set or send.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Protocol, TypeVar
from urllib.parse import parse_qsl

import structlog
from aiohttp import hdrs, web

from monitor.accounts.sign_in.provider_sign_in import CodeNeeded, ProviderSignIn, Visitor
from monitor.domain.accounts.identity import Identity
from monitor.domain.refusals import Refused
from monitor.domain.time.clock import Clock
from monitor.oidc.errors import ProviderAway, ProviderError
from monitor.oidc.started import STARTED_S, OncePerBrowser, Started

T = TypeVar("T")
CALLBACK = "/oidc/callback"
AT_ONCE = 8
_RETRY_S = 5
_LONGEST = 2_000
_SLOWEST_FORM_S = 10.0
_LARGEST_FORM = 16_000
_MOST_FIELDS = 20
_FORM_TYPE = "application/x-www-form-urlencoded"
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class AtProvider(Protocol):
    """Methods raise `monitor.oidc.errors.ProviderError`."""

    async def address(self, state: str, started: Started) -> str: ...

    async def identity(self, code: str, started: Started) -> Identity: ...

    async def require_issuer(self, said: str | None) -> None: ...

    async def sign_out_address(self) -> str | None: ...


class Door(Protocol):
    """What the console lends: who asks, threads for the journal, its pages and its cookie."""

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by https."""
        ...

    def address(self, request: web.Request) -> str:
        """The client's."""
        ...

    def admit(self, request: web.Request) -> None:
        """Raises Refused: too many, or a form of another site."""
        ...

    async def on_thread(self, work: Callable[[], T]) -> T: ...

    def own_path(self, wanted: str) -> str:
        """A path of ours to go on to, whatever was wanted."""
        ...

    def opened(self, request: web.Request, key: str, to: str) -> web.StreamResponse:
        """Somebody is signed in: the session's key into its cookie, and on to the page."""
        ...

    def code_page(
        self, request: web.Request, ticket: str, refused: Refused | None
    ) -> web.StreamResponse:
        """A form that posts `ticket` and `code` to /oidc/code."""
        ...

    def refused(self, request: web.Request, refused: Refused) -> web.StreamResponse: ...


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Waiting:
    """The provider has said who it is; a code of the second factor here is awaited."""

    browser: str
    identity: Identity
    to: str


class OidcHandlers:
    def __init__(
        self, provider: AtProvider, sign_in: ProviderSignIn, door: Door, clock: Clock
    ) -> None:
        self._provider = provider
        self._sign_in = sign_in
        self._door = door
        self._clock = clock
        self._started: OncePerBrowser[Started] = OncePerBrowser()
        self._waiting: OncePerBrowser[_Waiting] = OncePerBrowser()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._log = structlog.get_logger()
        # `__Host-`: no other host and no other path of ours can have set it.
        self._cookie = "__Host-estado-oidc" if door.is_secure else "estado-oidc"

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/oidc/start", self._guarded(self._start), allow_head=False)
        app.router.add_get(CALLBACK, self._guarded(self._callback), allow_head=False)
        app.router.add_post("/oidc/code", self._guarded(self._code))
        app.router.add_get("/oidc/sign-out", self._guarded(self._sign_out), allow_head=False)

    def _guarded(self, handler: _Handler) -> _Handler:
        """No error leaves but as a page, which says nothing of what the provider said."""

        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                self._door.admit(request)
                return await handler(request)
            except Refused as refused:
                response = self._door.refused(request, refused)
                if refused.code in ("request.too_large", "request.too_slow"):
                    # What is left of the body would be taken for the next request.
                    response.force_close()
                return response
            except ProviderError as error:
                return self._door.refused(request, self._told(error))

        return answer

    async def _start(self, request: web.Request) -> web.StreamResponse:
        state, browser = _random(), self._browser(request) or _random()
        started = Started(
            browser=browser, nonce=_random(), verifier=_random(),
            to=self._door.own_path(request.query.get("next", "/")[:_LONGEST]),
        )  # fmt: skip
        address = await self._asked(partial(self._provider.address, state, started))
        self._started.put(state, started, self._clock.monotonic())
        response = _to(address)
        response.set_cookie(
            self._cookie, browser, path="/", httponly=True, secure=self._door.is_secure,
            samesite="Lax", max_age=int(STARTED_S),
        )  # fmt: skip
        return response

    async def _callback(self, request: web.Request) -> web.StreamResponse:
        query = _once_each(request)
        browser, now = self._browser(request), self._clock.monotonic()
        started = self._started.take(query.get("state", ""), browser, now)
        if started is None:
            raise Refused("oidc.begin_again")
        await self._asked(partial(self._provider.require_issuer, query.get("iss")))
        if "error" in query or not query.get("code"):
            said = _plain(query.get("error", ""))
            self._log.info("oidc.not_signed_in", error=said)
            raise Refused("oidc.not_signed_in")
        code = query["code"][:_LONGEST]
        identity = await self._asked(partial(self._provider.identity, code, started))
        waiting = _Waiting(browser=browser, identity=identity, to=started.to)
        return await self._opened(request, waiting, code="")

    async def _code(self, request: web.Request) -> web.StreamResponse:
        form = await _posted(request)
        ticket, code = form.get("ticket", ""), form.get("code", "")[:100]
        browser = self._browser(request)
        waiting = self._waiting.take(ticket, browser, self._clock.monotonic())
        if waiting is None:
            raise Refused("oidc.begin_again")
        return await self._opened(request, waiting, code=code)

    async def _opened(
        self, request: web.Request, waiting: _Waiting, *, code: str
    ) -> web.StreamResponse:
        visitor = Visitor(
            identity=waiting.identity, code=code, address=self._door.address(request),
            user_agent=_plain(request.headers.get(hdrs.USER_AGENT, "")),
        )  # fmt: skip
        try:
            key = await self._door.on_thread(partial(self._sign_in.sign_in, visitor))
        except CodeNeeded:
            return self._code_page(request, waiting, None)
        except Refused as refused:
            if refused.code not in ("signin.code", "signin.wait"):
                raise
            return self._code_page(request, waiting, refused)
        return self._door.opened(request, key, waiting.to)

    def _code_page(
        self, request: web.Request, waiting: _Waiting, refused: Refused | None
    ) -> web.StreamResponse:
        ticket = _random()
        self._waiting.put(ticket, waiting, self._clock.monotonic())
        return self._door.code_page(request, ticket, refused)

    async def _sign_out(self, request: web.Request) -> web.StreamResponse:
        """At the provider, which asks whether that is meant; the session here ends by its form."""
        address = await self._asked(self._provider.sign_out_address)
        return _to(address or "/")

    async def _asked(self, work: Callable[[], Awaitable[T]]) -> T:
        """Few at once: a provider that hangs holds no more than that. Raises Refused."""
        if self._at_once.locked():
            raise Refused("request.busy", seconds=_RETRY_S)
        async with self._at_once:
            return await work()

    def _browser(self, request: web.Request) -> str:
        """Tabs of one browser share it, so that several may be under way in it."""
        found = request.cookies.get(self._cookie, "")
        return found if _KEY.fullmatch(found) else ""

    def _told(self, error: ProviderError) -> Refused:
        is_away = isinstance(error, ProviderAway)
        self._log.error("oidc.away" if is_away else "oidc.untrusted", why=str(error))
        return Refused("oidc.away", seconds=_RETRY_S) if is_away else Refused("oidc.untrusted")


async def _posted(request: web.Request) -> Mapping[str, str]:
    """The form of a ticket and a code: of few and short fields, read before anybody is known.
    Raises Refused."""
    if request.content_type != _FORM_TYPE:
        raise Refused("request.bad")
    content = await _content(request)
    try:
        return dict(parse_qsl(content.decode("ascii"), max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise Refused("request.bad") from error


async def _content(request: web.Request) -> bytes:
    """Raises Refused where it is too large or too slow."""
    found = bytearray()
    try:
        async with asyncio.timeout(_SLOWEST_FORM_S):
            async for chunk in request.content.iter_any():
                found += chunk
                if len(found) > _LARGEST_FORM:
                    raise Refused("request.too_large", most=_LARGEST_FORM)
    except TimeoutError as error:
        raise Refused("request.too_slow", limit_s=int(_SLOWEST_FORM_S)) from error
    except web.RequestPayloadError as error:
        raise Refused("request.bad") from error
    return bytes(found)


def _random() -> str:
    return secrets.token_urlsafe(32)


def _once_each(request: web.Request) -> Mapping[str, str]:
    """Of what is said twice, one might be checked and the other used. Raises Refused."""
    if any(len(request.query.getall(name)) > 1 for name in request.query):
        raise Refused("oidc.begin_again")
    return dict(request.query)


def _to(address: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: address})


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:200]
