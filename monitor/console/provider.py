"""What the console lends to signing in at an OpenID provider: pages, cookie, limits, threads."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import structlog
from aiohttp import hdrs, web

from monitor.accounts.sign_in.sign_in import network_of
from monitor.api.ports import Backend
from monitor.api.problems import retry_headers, status_of
from monitor.api.requests.client_address import client_of
from monitor.api.requests.limits import RateLimit, Threads
from monitor.console.app import PAGE_HEADERS
from monitor.console.browser.origin import Origin, own_path
from monitor.console.browser.session_cookie import set_session
from monitor.console.language import bare_speech
from monitor.console.rendering import environment, rendered_problem
from monitor.console.speech import Speech
from monitor.domain.refusals import Refused
from monitor.i18n.provider_words import PROVIDER_WORDS
from monitor.journal.ports import JournalError
from statuspage.parts.assets import static_url

T = TypeVar("T")
REQUESTS = 30
_THREADS = 2
_AT_ONCE = 8
_RETRY_S = 5


class ProviderDoor:
    """Implements `monitor.oidc.handlers.Door`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._origin = Origin(public_url=backend.public_url)
        self._threads = Threads(threads=_THREADS, at_once=_AT_ONCE)
        self._rate = RateLimit(most=REQUESTS)

    async def close(self, _: web.Application) -> None:
        self._threads.close()

    @property
    def is_secure(self) -> bool:
        return self._origin.is_secure

    def address(self, request: web.Request) -> str:
        return client_of(request, self._backend.trusted_proxies)

    def admit(self, request: web.Request) -> None:
        host = request.headers.get(hdrs.HOST, "")
        self._origin.require_host(host)
        if request.method == hdrs.METH_POST:
            self._origin.require_own(request.headers, host)
        self._rate.take(network_of(self.address(request)), self._backend.clock.monotonic())

    async def on_thread(self, work: Callable[[], T]) -> T:
        """Raises Refused where the journal is away."""
        try:
            return await self._threads.run(work)
        except JournalError as error:
            structlog.get_logger().error("console.journal_away", error=str(error))
            raise Refused("journal.away", seconds=_RETRY_S) from error

    def own_path(self, wanted: str) -> str:
        return own_path(wanted)

    def opened(self, request: web.Request, key: str, to: str) -> web.StreamResponse:
        response = web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: to})
        set_session(response, self._origin, key)
        return response

    def code_page(
        self, request: web.Request, ticket: str, refused: Refused | None
    ) -> web.StreamResponse:
        speech = bare_speech(request, self._backend.clock.now())
        text = environment().get_template("console/provider_code.html").render(
            say=speech, w=PROVIDER_WORDS[speech.lang], console=speech.words.console, ticket=ticket,
            why=None if refused is None else speech.refusal(refused), static=static_url,
        )  # fmt: skip
        status = HTTPStatus.OK if refused is None else status_of(refused)
        return _page(text.encode(), status, speech, refused)

    def refused(self, request: web.Request, refused: Refused) -> web.StreamResponse:
        speech = bare_speech(request, self._backend.clock.now())
        return _page(rendered_problem(refused, speech), status_of(refused), speech, refused)

    async def without_extra(self, request: web.Request) -> web.StreamResponse:
        return self.refused(request, Refused("oidc.no_extra"))


def _page(
    content: bytes, status: HTTPStatus, speech: Speech, refused: Refused | None
) -> web.Response:
    more = {} if refused is None else retry_headers(refused)
    return web.Response(
        status=status, body=content, content_type="text/html", charset="utf-8",
        headers={"Content-Language": speech.lang, **PAGE_HEADERS, **more},
    )  # fmt: skip
