"""What every endpoint needs: where answers come from, and what a request is about."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from aiohttp import web

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import LocationId
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Interval, Second
from monitor.history.http import csv_answers
from monitor.history.http.answers import Body, encoded
from monitor.history.http.concurrency_limit import ConcurrencyLimit
from monitor.history.http.parameters import Query, check_of, locations_of, query_of, wants_csv
from monitor.history.queries import OpenStore
from monitor.history.uptime import Uptime
from monitor.i18n.formats import iso


class Source(Protocol):
    """What answers are made from, as it is at each request."""

    def catalogues(self) -> Catalogues: ...

    def store(self) -> OpenStore:
        """Raises StoreUnavailable with the reason why no store is open."""
        ...

    def uptime(
        self,
        check: Check,
        location: LocationId | None,
        span: Interval,
        intervals: Sequence[Interval],
        now: Second,
    ) -> Uptime:
        """As `monitor.history.uptime.uptime_of`; called on a thread. Raises JournalError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryHandler:
    source: Source
    clock: Clock
    limit: ConcurrencyLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What all requests about one check have in common."""

    query: Query
    is_csv: bool
    check: Check
    locations: tuple[LocationId, ...]
    zone: ZoneInfo
    now: Second

    @classmethod
    def of(cls, request: web.Request, handler: QueryHandler, *known: str) -> Parameters:
        """`known` are the parameters besides `location` and `format`. Raises Problem."""
        query = query_of(request, *known, "location")
        now, catalogues = handler.clock.now(), handler.source.catalogues()
        check = check_of(request, catalogues, now)
        return cls(
            query=query,
            is_csv=wants_csv(request, query),
            check=check,
            locations=locations_of(query, check),
            zone=catalogues.present(now).catalogue.zone,
            now=now,
        )

    def head(self, span: Interval, **more: object) -> Body:
        """What an answer is about; `to` is exclusive."""
        return {
            "check": self.check.id,
            "component": self.check.component,
            "locations": list(self.locations),
            "from": iso(span.start, self.zone),
            "to": iso(span.end, self.zone),
            "zone": self.zone.key,
            **more,
        }


async def respond(
    body: Mapping[str, object],
    columns: Sequence[str],
    rows: Sequence[Mapping[str, object]],
    *,
    is_csv: bool,
) -> web.Response:
    """The body as JSON, or its rows as CSV; encoded on a thread beside the event loop."""
    if is_csv:
        content = await asyncio.to_thread(csv_answers.table, columns, rows)
        return web.Response(body=content, content_type=csv_answers.MEDIA_TYPE, charset="utf-8")
    return json_response(await asyncio.to_thread(encoded, body))


def json_response(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json", charset="utf-8")
