"""The API as an application: each operation of the table a route, and every error a problem."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import BinaryIO

import structlog
from aiohttp import hdrs, web

from monitor.accounts.sign_in.sign_in import network_of
from monitor.api.caller import Caller, authorizer_of, bearer_of, caller_of
from monitor.api.events.streams import STREAM_LIMITS, StreamLimits, Streams
from monitor.api.operation import Answer, Call, Operation, encoded
from monitor.api.ports import Backend
from monitor.api.problems import problem
from monitor.api.requests.client_address import client_of
from monitor.api.requests.idempotency import Answers, Key, Sent, fingerprint_of
from monitor.api.requests.limits import WRONG_KEYS, OneAtATime, RateLimit, Threads
from monitor.api.requests.request import (
    LARGEST_BODY,
    LARGEST_OF_STRANGERS,
    parsed_body,
    parsed_query,
    read_body,
    require_media_type,
    revision_of,
    wants_csv,
    wants_stream,
)
from monitor.api.requests.upload import AT_ONCE as UPLOADS_AT_ONCE
from monitor.api.requests.upload import Uploads
from monitor.api.resources.events import EventsQuery
from monitor.api.table import OPERATIONS
from monitor.domain.refusals import Refused, Stale
from monitor.journal.ports import JournalError

AT_ONCE = 8
_THREADS = 4
_SIGN_INS = 2
_SIGN_INS_AT_ONCE = 6
_PAPERS_AT_ONCE = 4
_LONGEST_NAME = 100
_RETRY_S = 5
_LAST_EVENT = "Last-Event-ID"
_OPENS_NOTHING = ("token.invalid", "session.over", "key.invalid")
STREAMS = web.AppKey("streams", Streams)
"""Where other doors of the application find the streams: all of them share their bounds."""
_CALLER = web.RequestKey("caller", Caller)
"""Where a request keeps who was found to call."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
Later = Callable[[], Awaitable[web.StreamResponse]]
"""An answer that is still to come, without a thread."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_api_app(
    backend: Backend,
    operations: Sequence[Operation] = OPERATIONS,
    *,
    at_once: int = AT_ONCE,
    fault: Callable[[], str] = lambda: "",
    stream_limits: StreamLimits = STREAM_LIMITS,
) -> web.Application:
    """`fault` says what is wrong with the role itself, for whoever asks for its health."""
    streams = Streams(backend, stream_limits)
    desk = _Desk(backend, at_once, streams)
    app = web.Application(middlewares=[_guard], client_max_size=LARGEST_BODY)
    app.on_response_prepare.append(_add_headers)
    for operation in operations:
        app.router.add_route(operation.method, operation.url, desk.handler(operation))
    app.router.add_get("/healthz", partial(_health, fault), allow_head=False)
    app[STREAMS] = streams
    app.on_shutdown.append(streams.close)
    app.cleanup_ctx.append(streams.running)
    app.on_cleanup.append(desk.close)
    return app


class _Desk:
    """What the requests share."""

    def __init__(self, backend: Backend, at_once: int, streams: Streams) -> None:
        self._backend = backend
        self._streams = streams
        self._threads = Threads(threads=_THREADS, at_once=at_once)
        self._sign_ins = Threads(threads=_SIGN_INS, at_once=_SIGN_INS_AT_ONCE)
        self._rate = RateLimit()
        """Of keys that opened something: whatever else is tried pushes none of them out."""
        self._by_address = RateLimit()
        self._wrong_keys = RateLimit(most=WRONG_KEYS)
        self._long = Threads(threads=1, at_once=2 * UPLOADS_AT_ONCE)
        self._papers = Threads(threads=1, at_once=_PAPERS_AT_ONCE)
        """Whoever holds a link may have paper made, and keeps no thread from who signs in."""
        self._uploads = Uploads(at_once=UPLOADS_AT_ONCE)
        self._last_uses = OneAtATime(JournalError)
        self._answers = Answers()

    async def close(self, _: web.Application) -> None:
        self._threads.close()
        self._sign_ins.close()
        self._long.close()
        self._papers.close()
        self._backend.effects.close()
        self._backend.forecasts.close()
        self._last_uses.close()

    def handler(self, operation: Operation) -> Handler:
        return partial(self._answer, operation)

    async def _answer(self, operation: Operation, request: web.Request) -> web.StreamResponse:
        _require_names(request)
        key = self._key_of(operation, request)
        is_counted = key is None or self._rate.has(key)
        try:
            if key is not None and operation.streams and wants_stream(request):
                return await self._stream(operation, request, key, is_counted=is_counted)
            return await self._answer_to(operation, request, key)
        except Refused as error:
            if key is not None and error.code in _OPENS_NOTHING:
                self._count_wrong(key, request)
            raise
        finally:
            self._count_right(key, request, is_counted=is_counted)

    def _threads_of(self, operation: Operation) -> Threads:
        if operation.signs_in:
            return self._sign_ins
        return self._threads if operation.file_type is None else self._papers

    async def _stream(
        self, operation: Operation, request: web.Request, key: str, *, is_counted: bool
    ) -> web.StreamResponse:
        """Counted and noted when it begins: it may go on for days."""
        query = parsed_query(operation, request)
        caller = await self._threads.run(partial(self._permitted, operation, request, key))
        self._count_right(key, request, is_counted=is_counted)
        if caller is None or not isinstance(query, EventsQuery):
            raise TypeError("a stream is of events, and for who signs in")
        again = partial(self._permitted_again, operation, self._address(request), key)
        after = request.headers.get(_LAST_EVENT) or query.after
        return await self._streams.serve(request, caller, again, after)

    async def _answer_to(
        self, operation: Operation, request: web.Request, key: str | None
    ) -> web.StreamResponse:
        if operation.body is not None or operation.upload is not None:
            # Who may not is told so before anything is read; who may is looked up again below, for
            # a body may take its time.
            await self._threads.run(partial(self._permitted, operation, request, key))
        if operation.upload is not None:
            work = self._work(operation, request, key)
            received = await self._uploads.receive(operation.upload, request)
            return await _finished(await self._long.run(partial(received.used_by, work)))
        if operation.body is not None:
            require_media_type(request)
        most = LARGEST_BODY if operation.needs_sign_in else LARGEST_OF_STRANGERS
        content = await read_body(request, most=most) if operation.body is not None else b""
        work = self._work(operation, request, key, content)
        threads = self._threads_of(operation)

        async def answer() -> web.StreamResponse:
            return await _finished(await threads.run(work))

        return await self._once(operation, request, key, content, answer)

    def _work(
        self, operation: Operation, request: web.Request, key: str | None, content: bytes = b""
    ) -> Callable[..., web.Response | Later]:
        """What answers, on a thread, where the body is read too. Raises Refused where the request
        is not as wanted."""
        query = parsed_query(operation, request)
        revision = revision_of(operation, request)

        def work(file: BinaryIO | None = None) -> web.Response | Later:
            if operation.method != hdrs.METH_GET:
                return answered(file)
            with self._backend.reading.moment():
                return answered(file)

        def answered(file: BinaryIO | None) -> web.Response | Later:
            caller = self._permitted(operation, request, key)
            body = parsed_body(operation, content)
            call = Call(
                backend=self._backend, caller=caller, path=dict(request.match_info), query=query,
                body=body, file=file, revision=revision, address=self._address(request),
                user_agent=_printable(request.headers.get(hdrs.USER_AGENT, "")),
            )  # fmt: skip
            return _answered(operation, call, request)

        return work

    def _key_of(self, operation: Operation, request: web.Request) -> str | None:
        """The token or the session's key; None where none is needed. Counted, but for a key that
        is not known to open anything: it needs room for one more that does not. Raises Refused."""
        now, network = self._backend.clock.monotonic(), network_of(self._address(request))
        if not operation.needs_sign_in:
            self._by_address.take(network, now)
            return None
        key = bearer_of(request.headers.get(hdrs.AUTHORIZATION))
        if key is None:
            raise Refused("signin.needed")
        if self._rate.has(key):
            self._rate.take(key, now)
        else:
            self._wrong_keys.require(network, now)
        return key

    def _count_right(self, key: str | None, request: web.Request, *, is_counted: bool) -> None:
        """Once for a request whose key opened something."""
        caller = request.get(_CALLER)
        if key is None or caller is None:
            return
        del request[_CALLER]
        if not is_counted:
            self._rate.fill(key, self._backend.clock.monotonic())
        self._note_use(caller)

    def _count_wrong(self, key: str, request: web.Request) -> None:
        self._rate.forget(key)
        network = network_of(self._address(request))
        self._wrong_keys.fill(network, self._backend.clock.monotonic())

    def _note_use(self, caller: Caller) -> None:
        """Beside the answer, which does not wait for writers; what is left out comes with the next
        request."""
        if caller.last_use is not None:
            write = authorizer_of(self._backend).note
            self._last_uses.begin(partial(write, caller.last_use))

    def _permitted(
        self, operation: Operation, request: web.Request, key: str | None
    ) -> Caller | None:
        """On a thread. Raises Refused."""
        if key is None:
            return None
        caller = caller_of(self._backend, key, self._address(request))
        request[_CALLER] = caller
        operation.require_permitted(caller)
        return caller

    def _permitted_again(
        self, operation: Operation, address: str, key: str, backend: Backend
    ) -> Caller:
        """The same, of a request that goes on. Raises Refused."""
        caller = caller_of(backend, key, address)
        operation.require_permitted(caller)
        return caller

    def _address(self, request: web.Request) -> str:
        return client_of(request, self._backend.trusted_proxies)

    async def _once(
        self,
        operation: Operation,
        request: web.Request,
        key: str | None,
        content: bytes,
        answer: Callable[[], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Once for each Idempotency-Key, where one is given."""
        header = request.headers.get("Idempotency-Key")
        if header is None or not operation.creates:
            return await answer()
        caller = await self._threads.run(partial(self._permitted, operation, request, key))
        name = Key.of(caller, header)
        fingerprint = fingerprint_of(request.method, request.path, content)
        before = self._answers.begin(name, fingerprint, self._backend.clock.monotonic())
        if before is not None:
            return _again(before)
        sent = None
        try:
            made = await answer()
            sent = _sent(made)
        finally:
            self._answers.end(name, sent)
        return made


def _answered(operation: Operation, call: Call, request: web.Request) -> web.Response | Later:
    """On a thread."""
    try:
        answer = operation.handle(call)
    except Stale as error:
        current = None
        if operation.current is not None:
            with suppress(Refused):
                current = operation.current(call)
        return problem(error, request.headers.get(hdrs.ACCEPT_LANGUAGE, ""), current)
    if answer.later is not None:
        return partial(_answered_later, operation, answer.later)
    if answer.stream is not None:
        return partial(answer.stream, request)
    return _response(operation, answer, is_csv=operation.has_csv and wants_csv(request))


async def _answered_later(
    operation: Operation, later: Callable[[], Awaitable[Answer]]
) -> web.Response:
    return _response(operation, await later(), is_csv=False)


async def _finished(answer: web.Response | Later) -> web.StreamResponse:
    return answer if isinstance(answer, web.Response) else await answer()


def _response(operation: Operation, answer: Answer, *, is_csv: bool) -> web.Response:
    headers = {} if answer.revision is None else {"ETag": f'"{answer.revision}"'}
    if is_csv and answer.csv is not None:
        return web.Response(
            body=answer.csv(), content_type="text/csv", charset="utf-8", headers=headers
        )
    if answer.file is not None:
        headers["Content-Disposition"] = f'attachment; filename="{answer.file.name}"'
        return web.Response(
            body=answer.file.content, content_type=operation.file_type or "", headers=headers
        )
    if answer.content is None and answer.document is None:
        return web.Response(status=204, headers=headers)
    body = answer.content or encoded(answer.document)
    return web.Response(
        status=operation.status, body=body, content_type="application/json", headers=headers
    )


def _sent(response: web.StreamResponse) -> Sent | None:
    """What is kept of an answer; nothing of one that created nothing."""
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return None
    if response.status >= 300:
        return None
    names = (hdrs.ETAG, hdrs.CONTENT_TYPE)
    kept = {str(n): response.headers[n] for n in names if n in response.headers}
    return Sent(status=response.status, headers=kept, body=response.body)


def _again(sent: Sent) -> web.Response:
    headers = {**sent.headers, "Idempotency-Replayed": "true"}
    return web.Response(status=sent.status, body=sent.body, headers=headers)


async def _health(fault: Callable[[], str], request: web.Request) -> web.Response:
    words = fault()
    return web.Response(status=503 if words else 200, text=words or "well")


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No error leaves but as a problem."""
    try:
        return await handler(request)
    except Exception as error:  # noqa: BLE001 - what broke is logged, and the others are served
        refused = _refusal(error, request)
        answer = problem(refused, request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
        if refused.code in ("request.too_large", "request.too_slow"):
            # What is left of the body would be taken for the next request.
            answer.force_close()
        return answer


def _refusal(error: Exception, request: web.Request) -> Refused:
    log = structlog.get_logger()
    match error:
        case Refused():
            return error
        case web.HTTPNotFound():
            return _unknown(request)
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            return Refused("request.method", path=_printable(request.path), allowed=allowed)
        case web.HTTPRequestEntityTooLarge():
            return Refused("request.too_large", most=LARGEST_BODY)
        case web.HTTPException():
            return Refused("request.bad")
        case JournalError():
            log.error("api.journal_away", error=str(error))
            return Refused("journal.away", seconds=_RETRY_S)
        case _:
            log.error("api.failed", path=request.path, exc_info=error)
            return Refused("request.failed")


def _require_names(request: web.Request) -> None:
    """Raises Refused for a name that nothing can have; a database may not even take it."""
    names = request.match_info.values()
    if not all(name.isprintable() and len(name) <= _LONGEST_NAME for name in names):
        raise _unknown(request)


def _unknown(request: web.Request) -> Refused:
    return Refused("request.unknown_path", path=_printable(request.path)[:_LONGEST_NAME])


def _printable(header: str) -> str:
    """A header may hold bytes that are no text."""
    return "".join(c for c in header if c.isprintable())


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    with suppress(KeyError):
        del response.headers[hdrs.SERVER]
