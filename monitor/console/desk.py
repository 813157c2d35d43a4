"""From a browser's request to a screen's answer: who asks, from which page, and how often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode

import structlog
from aiohttp import hdrs, web

from monitor.accounts.sign_in.sign_in import network_of
from monitor.api.app import STREAMS
from monitor.api.caller import Caller, authorizer_of, caller_of
from monitor.api.operation import Call
from monitor.api.ports import Backend
from monitor.api.problems import retry_headers, status_of
from monitor.api.requests.client_address import client_of
from monitor.api.requests.limits import OneAtATime, RateLimit, Threads
from monitor.api.requests.request import read_body
from monitor.api.resources.events import LIST_EVENTS
from monitor.console.browser.form import TYPE, Form
from monitor.console.browser.once import Once, key_of
from monitor.console.browser.origin import Origin
from monitor.console.browser.session_cookie import set_session
from monitor.console.language import COOKIE, bare_speech, lang_of
from monitor.console.rendering import rendered, rendered_problem
from monitor.console.screens.nowhere import RefusedPage, nowhere
from monitor.console.speech import Speech
from monitor.console.visit import Later, Page, Redirect, Screen, Shown, Visit, is_token_of
from monitor.domain.change import Via
from monitor.domain.refusals import Refused, require_scope
from monitor.i18n.words import operators_lang
from monitor.journal.ports import JournalError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
AT_ONCE = 32
REQUESTS = 120
_THREADS = 4
_SIGN_INS = 2
_SIGN_INS_AT_ONCE = 6
_RETRY_S = 5
_LONGEST_NAME = 200
_SMALL = 16_384
"""Bytes of a form that needs no sign-in."""
_YEAR_S = 365 * 86_400
_SIGNED_OUT = ("session.over", "key.invalid", "signin.needed")


class Desk:
    """What the requests share."""

    def __init__(
        self, backend: Backend, at_once: int = AT_ONCE, screens: Sequence[Screen] = ()
    ) -> None:
        """`screens` are those that a mistyped path may lead to."""
        self._backend = backend
        self._nowhere = Screen(
            method=hdrs.METH_GET, path="", handle=partial(nowhere, screens=screens),
            needs_sign_in=False,
        )  # fmt: skip
        self._origin = Origin(public_url=backend.public_url)
        self._threads = Threads(threads=_THREADS, at_once=at_once)
        self._sign_ins = Threads(threads=_SIGN_INS, at_once=_SIGN_INS_AT_ONCE)
        self._writes = Threads(threads=_THREADS, at_once=at_once)
        self._long = Threads(threads=1, at_once=2)
        self._rate = RateLimit(most=REQUESTS)
        self._by_session = RateLimit(most=REQUESTS)
        self._last_uses = OneAtATime(JournalError)
        self._once = Once()

    async def close(self, _: web.Application) -> None:
        self._once.close()
        self._threads.close()
        self._sign_ins.close()
        self._writes.close()
        self._long.close()
        self._backend.effects.close()
        self._last_uses.close()

    def handler(self, screen: Screen) -> Handler:
        return partial(self._answer, screen)

    async def _answer(self, screen: Screen, request: web.Request) -> web.StreamResponse:
        """No error leaves but as a page."""
        try:
            self._admit(request)
            form = await self._form(screen, request)
            made = partial(self._made, screen, request, form)
            sent = request.cookies.get(self._origin.cookie, "")
            key = key_of(sent, request.path, form) if screen.needs_sign_in else None
            if key is None:
                return await made()
            may_again = partial(self._may_again, screen, request)
            return await self._once.run(key, self._backend.clock.monotonic, made, may_again)
        except Exception as error:  # noqa: BLE001 - what broke is logged, and the others are served
            answer = self._problem(request, _refusal_of(error, request))
            if isinstance(error, Refused) and error.code in (
                "request.too_large",
                "request.too_slow",
            ):
                # What is left of the body would be taken for the next request.
                answer.force_close()
            return answer

    async def _made(self, screen: Screen, request: web.Request, form: bytes) -> web.StreamResponse:
        threads = self._threads_for(screen)
        answer = await threads.run(partial(self._shown, screen, request, form))
        if isinstance(answer, web.Response):
            return answer
        later, visit = answer
        try:
            shown, visit = await self._awaited(screen, later, visit)
        except Refused as error:
            return await threads.run(partial(self._refused, error, visit))
        return await threads.run(partial(self._response, shown, visit))

    async def _may_again(self, screen: Screen, request: web.Request) -> bool:
        """Whether who sends a form again may still do what it does."""
        visit = await self._threads.run(partial(self._visit, screen, request))
        if visit.caller is None or (visit.caller.must_enrol and not screen.enrols):
            return False
        return screen.scope is None or visit.may(screen.scope)

    async def nowhere(self, request: web.Request, allowed: str = "") -> web.StreamResponse:
        """What a browser is shown where there is no page: the bar, and the nearest screen.
        `allowed` are the methods of a path that takes others."""
        try:
            self._admit(request)
            answer = await self._threads.run(partial(self._no_page, request))
            if allowed:
                answer.set_status(HTTPStatus.METHOD_NOT_ALLOWED)
                answer.headers[hdrs.ALLOW] = allowed
            return answer
        except Exception as error:  # noqa: BLE001 - as `_answer`
            return self._problem(request, _refusal_of(error, request))

    async def events(self, request: web.Request) -> web.StreamResponse:
        """What changed, as a page's own script hears it: the API's stream, by the session's cookie.
        Raises Refused."""
        self._admit(request)
        key = request.cookies.get(self._origin.cookie, "")
        again = partial(_listener, key, self._address(request))
        caller = await self._threads.run(partial(again, self._backend))
        self._note_use(caller)
        after = request.headers.get("Last-Event-ID") or request.query.get("after")
        return await request.app[STREAMS].serve(request, caller, again, after)

    def _admit(self, request: web.Request) -> None:
        """Raises Refused before anything of it is read."""
        self._origin.require_host(request.headers.get(hdrs.HOST, ""))
        if request.method == hdrs.METH_POST:
            self._origin.require_own(request.headers, request.headers.get(hdrs.HOST, ""))
        names = request.match_info.values()
        if not all(name.isprintable() and len(name) <= _LONGEST_NAME for name in names):
            raise Refused("request.unknown_path", path=request.path[:_LONGEST_NAME])
        key, now = request.cookies.get(self._origin.cookie, ""), self._backend.clock.monotonic()
        # A colleague behind the same address uses nothing up for whoever has a session.
        is_known = bool(key) and self._by_session.has(key)
        if is_known:
            self._by_session.take(key, now)
        else:
            self._rate.take(network_of(self._address(request)), now)

    async def _form(self, screen: Screen, request: web.Request) -> bytes:
        """Parsed on a thread: a large one takes long. A stranger's is a small one."""
        if request.method != hdrs.METH_POST:
            return b""
        if request.content_type != TYPE:
            raise Refused("request.bad")
        if not screen.needs_sign_in and (request.content_length or _SMALL + 1) > _SMALL:
            raise Refused("request.too_large", most=_SMALL)
        return await read_body(request)

    def _threads_for(self, screen: Screen) -> Threads:
        """What reads does not wait for what writes, which may wait for other writers."""
        if screen.is_long:
            return self._long
        if screen.hashes:
            return self._sign_ins
        return self._writes if screen.method == hdrs.METH_POST else self._threads

    async def _awaited(self, screen: Screen, later: Later, visit: Visit) -> tuple[Shown, Visit]:
        try:
            return await later.shown(), visit
        except Refused as error:
            if screen.again is None:
                raise
            return await self._threads.run(partial(_again, screen, visit.refused(error)))

    def _shown(
        self, screen: Screen, request: web.Request, content: bytes
    ) -> web.Response | tuple[Later, Visit]:
        """On a thread. What only reads, reads one moment."""
        if screen.method != hdrs.METH_GET:
            return self._decided(screen, request, content)
        with self._backend.reading.moment():
            return self._decided(screen, request, content)

    def _decided(
        self, screen: Screen, request: web.Request, content: bytes
    ) -> web.Response | tuple[Later, Visit]:
        visit = self._visit(screen, request)
        try:
            if screen.needs_sign_in and visit.caller is None:
                raise Refused("signin.needed")
            # A stranger's form is not even parsed.
            visit = replace(visit, form=Form.read(content))
            if visit.caller is not None and visit.caller.must_enrol and not screen.enrols:
                return _see_other("/account")
            self._permit(screen, visit)
            shown, visit = self._handled(screen, visit)
        except Refused as error:
            if error.code in _SIGNED_OUT:
                return self._to_sign_in(screen, request)
            if visit.caller is None:
                raise
            return self._refused(error, visit)
        if "HX-Request" not in request.headers:
            # What a page asks for by itself is no use by anybody.
            self._note_use(visit.caller)
        return (shown, visit) if isinstance(shown, Later) else self._response(shown, visit)

    def _visit(self, screen: Screen, request: web.Request) -> Visit:
        """Who asks, if he is signed in."""
        key, address = request.cookies.get(self._origin.cookie, ""), self._address(request)
        caller: Caller | None = None
        if key:
            try:
                caller = caller_of(self._backend, key, address, Via.CONSOLE)
                if not self._by_session.has(key):
                    self._by_session.fill(key, self._backend.clock.monotonic())
            except Refused:
                self._by_session.forget(key)
                key = ""
        call = Call(
            backend=self._backend, caller=caller, path=dict(request.match_info), address=address,
            user_agent=_printable(request.headers.get(hdrs.USER_AGENT, "")),
        )  # fmt: skip
        return Visit(
            call=call,
            speech=self._speech(request, call),
            path=_page_of(screen, request),
            query=_query_of(request),
            session_key=key,
        )

    def _speech(self, request: web.Request, call: Call) -> Speech:
        lang = lang_of(request, operators_lang(call.catalogue.page))
        return Speech(lang=lang, zone=call.catalogue.zone, now=self._backend.clock.now())

    def _permit(self, screen: Screen, visit: Visit) -> None:
        """Raises Refused. A form of somebody who is signed in carries his session's token."""
        if screen.scope is not None:
            require_scope(visit.actor, screen.scope)
        is_form = screen.method == hdrs.METH_POST and visit.caller is not None
        if is_form and not is_token_of(visit.session_key, visit.form.text("token")):
            raise Refused("request.foreign")

    def _handled(self, screen: Screen, visit: Visit) -> tuple[Shown | Later, Visit]:
        """What is shown, and the visit that it is shown to: a form that was refused comes back with
        the reason."""
        try:
            return screen.handle(visit), visit
        except JournalError as error:
            # What was typed is not lost because others hold the journal.
            if screen.again is None:
                raise
            structlog.get_logger().error("console.journal_away", error=str(error))
            return _again(screen, visit.refused(Refused("journal.away", seconds=_RETRY_S)))
        except Refused as error:
            if screen.again is None or error.code in _SIGNED_OUT:
                raise
            return _again(screen, visit.refused(error))

    def _no_page(self, request: web.Request) -> web.Response:
        """On a thread."""
        visit = self._visit(self._nowhere, request)
        shown, visit = self._handled(self._nowhere, visit)
        if isinstance(shown, Later):
            raise TypeError("a page that there is not takes no time")
        return self._response(shown, visit)

    def _to_sign_in(self, screen: Screen, request: web.Request) -> web.Response:
        to = "/sign-in"
        page = _page_of(screen, request)
        if page != "/":
            to = f"/sign-in?{urlencode({'next': page})}"
        if "HX-Request" in request.headers:
            # A part of a page is asked for: the whole page has to go.
            return web.Response(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": to})
        return _see_other(to)

    def _response(self, shown: Shown, visit: Visit) -> web.Response:
        if isinstance(shown, Redirect):
            return self._redirect(shown)
        if isinstance(shown, Page):
            if shown.session_key:
                # Its forms are of the session that goes on.
                visit = replace(visit, session_key=shown.session_key)
            page = web.Response(
                status=shown.status,
                body=rendered(shown, visit),
                content_type="text/html",
                charset="utf-8",
                headers={"Content-Language": visit.speech.lang},
            )
            set_session(page, self._origin, shown.session_key)
            return page
        disposition = f'attachment; filename="{shown.name}"'
        return web.Response(
            body=shown.content, content_type=shown.media_type,
            charset="utf-8" if shown.is_text else None,
            headers={"Content-Disposition": disposition},
        )  # fmt: skip

    def _refused(self, refused: Refused, visit: Visit) -> web.Response:
        """Why a screen is not shown to somebody who is signed in: the bar leads on."""
        page = Page(
            template="refused.html", title=visit.words.problem, status=status_of(refused),
            page=RefusedPage(why=visit.speech.refusal(refused)),
        )  # fmt: skip
        response = self._response(page, visit)
        response.headers.update(retry_headers(refused))
        return response

    def _redirect(self, shown: Redirect) -> web.Response:
        response = _see_other(shown.to)
        set_session(response, self._origin, shown.session_key)
        secure = self._origin.is_secure
        if shown.language:
            response.set_cookie(
                COOKIE, shown.language, path="/", secure=secure, samesite="Lax",
                max_age=_YEAR_S,
            )  # fmt: skip
        return response

    def _problem(self, request: web.Request, refused: Refused) -> web.Response:
        """What is wrong, on a page of its own, where who asks is not known or the journal may be
        away: nothing of it is read."""
        speech = bare_speech(request, self._backend.clock.now())
        status = status_of(refused)
        return web.Response(
            status=status, body=rendered_problem(refused, speech), content_type="text/html",
            charset="utf-8", headers={"Content-Language": speech.lang, **retry_headers(refused)},
        )  # fmt: skip

    def _note_use(self, caller: Caller | None) -> None:
        """Beside the answer, which does not wait for writers."""
        if caller is not None and caller.last_use is not None:
            self._last_uses.begin(partial(authorizer_of(self._backend).note, caller.last_use))

    def _address(self, request: web.Request) -> str:
        return client_of(request, self._backend.trusted_proxies)


def _listener(key: str, address: str, backend: Backend) -> Caller:
    """Who listens, looked up again as long as he does. Raises Refused."""
    caller = caller_of(backend, key, address, Via.CONSOLE)
    LIST_EVENTS.require_permitted(caller)
    return caller


def _again(screen: Screen, refused: Visit) -> tuple[Page, Visit]:
    """The page whose form was refused, with the reason and with what was typed."""
    if screen.again is None or refused.refusal is None:
        raise TypeError("nothing was refused")
    return replace(screen.again(refused), status=int(status_of(refused.refusal))), refused


def _page_of(screen: Screen, request: web.Request) -> str:
    """Where the page that is shown can be had by GET."""
    if request.method != hdrs.METH_POST:
        return request.path_qs
    return screen.back.format(**request.match_info) if screen.back else request.path


def _see_other(to: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: to})


def _query_of(request: web.Request) -> Mapping[str, str]:
    """The first of each; a control character stands for nothing that anybody types."""
    return {name: _printable(request.query[name])[:_LONGEST_NAME] for name in request.query}


def _refusal_of(error: Exception, request: web.Request) -> Refused:
    log = structlog.get_logger()
    match error:
        case Refused():
            return error
        case JournalError():
            log.error("console.journal_away", error=str(error))
            return Refused("journal.away", seconds=_RETRY_S)
        case web.HTTPException():
            return Refused("request.bad")
        case _:
            log.error("console.failed", path=_printable(request.path), exc_info=error)
            return Refused("request.failed")


def _printable(header: str) -> str:
    return "".join(c for c in header if c.isprintable())
