"""The history server: its URLs, the headers of every answer, and errors answered as problems."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from functools import cache

import structlog
from aiohttp import hdrs, web

from monitor.domain.time.clock import Clock
from monitor.history.http import csv_answers
from monitor.history.http.answers import check_body
from monitor.history.http.concurrency_limit import ConcurrencyLimit
from monitor.history.http.handler import QueryHandler, Source, respond
from monitor.history.http.latency import latency
from monitor.history.http.parameters import query_of, wants_csv
from monitor.history.http.problems import Problem, away, shown
from monitor.history.http.results import results
from monitor.history.http.uptime import uptime
from monitor.journal.ports import JournalError
from monitor.results.stores.ports import StoreMisconfigured, StoreUnavailable
from monitor.runtime.http.hosts import is_ours

ROOT = "/api/v1/checks"
_ENDPOINTS = {"results": results, "latency": latency, "uptime": uptime}
_LARGEST_BODY = 1024
_RETRY_AFTER_S = 10.0
_DEPRECATED_SINCE = 1_795_996_800
"""2026-11-30: accounts ask the same of the API, at the same paths."""
_HEADERS = {
    "Deprecation": f"@{_DEPRECATED_SINCE}",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_history_app(
    source: Source, clock: Clock, names: Collection[str] = (), limit: ConcurrencyLimit | None = None
) -> web.Application:
    """`names` are our host names besides addresses, localhost and single words."""
    query_handler = QueryHandler(source=source, clock=clock, limit=limit or ConcurrencyLimit())
    warn_once = cache(_warn)

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            _require_ours(request, names)
            warn_once()
            return await handler(request)
        except Problem as problem:
            return problem.response()
        except web.HTTPNotFound:
            return _unknown_path(request).response()
        except web.HTTPMethodNotAllowed as error:
            return _no_such_method(error).response()
        except StoreUnavailable as error:
            return away("store-away", str(error), error.retry_after or _RETRY_AFTER_S).response()
        except StoreMisconfigured as error:
            return away("store-away", str(error), _RETRY_AFTER_S).response()
        except JournalError as error:
            return away("journal-away", str(error), _RETRY_AFTER_S).response()

    app = web.Application(middlewares=[guard], client_max_size=_LARGEST_BODY)
    app.on_response_prepare.append(_add_headers)
    app.router.add_get(ROOT, _bound(query_handler, _checks), allow_head=False)
    for name, endpoint in _ENDPOINTS.items():
        app.router.add_get(
            f"{ROOT}/{{check}}/{name}", _bound(query_handler, endpoint), allow_head=False
        )
    return app


def _warn() -> None:
    structlog.get_logger().warning(
        "history.deprecated_address", hint="ask operations.console, with a token; see docs/api.md"
    )


def _bound(
    query_handler: QueryHandler,
    endpoint: Callable[[web.Request, QueryHandler], Awaitable[web.StreamResponse]],
) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await endpoint(request, query_handler)

    return handle


async def _checks(request: web.Request, query_handler: QueryHandler) -> web.Response:
    query = query_of(request)
    catalogue = query_handler.source.catalogues().present(query_handler.clock.now()).catalogue
    rows = [check_body(check) for check in catalogue.checks]
    is_csv = wants_csv(request, query)
    return await respond({"checks": rows}, csv_answers.CHECKS, rows, is_csv=is_csv)


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


def _require_ours(request: web.Request, names: Collection[str]) -> None:
    host = request.headers.get(hdrs.HOST)
    if host is not None and not is_ours(host, names):
        raise Problem(
            "strange-host", 421,
            "ask by an address, by localhost, by a name without a dot, or by the name in "
            f"operations.history; this request asks {shown(host)}",
        )  # fmt: skip


def _unknown_path(request: web.Request) -> Problem:
    each = ", ".join(f"{ROOT}/ID/{name}" for name in _ENDPOINTS)
    return Problem("unknown-path", 404, f"there are {ROOT} and, for each check, {each}")


def _no_such_method(error: web.HTTPMethodNotAllowed) -> Problem:
    allowed = ", ".join(sorted(error.allowed_methods))
    return Problem(
        "method-not-allowed", 405, "the history is read: ask with GET",
        headers={"Allow": allowed},
    )  # fmt: skip
