"""From a request to a response, over bytes in memory: pure, quick, and without text of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Protocol

from monitor.domain.incidents.incident import IncidentId
from monitor.domain.maintenance import MaintenanceId
from monitor.domain.time.age import ClockReading
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import (
    NEGOTIATED,
    history_path,
    in_other_language,
    incident_path,
    maintenance_path,
    mark_of,
)
from statuspage.serve.archive import NO_ARCHIVE, Archive
from statuspage.serve.negotiate import best_encoding, best_language
from statuspage.serve.responses import JSON, Response, refusal
from statuspage.serve.snapshot import API, SECURITY, Address, Body, Snapshot

HEALTH = "/healthz"
METHODS = ("GET", "HEAD")
_NOT_FOUND = "/404"
_NO_STORE = ("Cache-Control", "no-store")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What matters of a request. The path is percent-encoded and without its query; `host` is what
    the client asked for, as it wrote it."""

    method: str
    path: str
    host: str = ""
    cookie: str = ""
    accept_encoding: str = ""
    accept_language: str = ""
    if_none_match: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotCache:
    """What there is to serve: the newest publication, and the page for when there is none."""

    unpublished: bytes
    snapshot: Snapshot | None = None
    archive: Archive = NO_ARCHIVE
    """Pages of what is over; the publication goes before them."""

    def answer(self, request: Request, now: ClockReading) -> Response:
        if request.method not in METHODS:
            return refusal(405, request.path, ("Allow", ", ".join(METHODS)))
        if request.path == HEALTH:
            return _health(self.snapshot, now)
        if self.snapshot is None:
            return self._unpublished(request)
        address = self.snapshot.addresses.get(request.path)
        if address is None:
            return self._not_live(request, self.snapshot, now)
        if address.entry.alternates:
            other = _other_language(request, address)
            if other:
                return redirect(302, other)
        return _respond(request, address, now.at, is_stale=self.snapshot.is_stale(now))

    def _not_live(self, request: Request, snapshot: Snapshot, now: ClockReading) -> Response:
        """From the archive, unless it became private since; else that there is no such page."""
        path = request.path
        if mark_of(path) in snapshot.gone:
            return _gone(request, snapshot, now)
        archived = self.archive.pages.get(path)
        if archived is not None:
            return _respond(request, archived, now.at, is_stale=False)
        if path in self.archive.withheld:
            return refusal(503, path, ("Retry-After", "10"))
        if path in self.archive.moved:
            return redirect(302, self.archive.moved[path])
        if mark_of(path) in self.archive.gone:
            return _gone(request, snapshot, now)
        return _not_published(request, snapshot, self.archive, now)

    def _unpublished(self, request: Request) -> Response:
        if request.path.startswith(API):
            return refusal(503, request.path, ("Retry-After", "10"))
        headers = (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Retry-After", "10"),
            _NO_STORE,
            *SECURITY,
        )
        return Response(503, headers, self.unpublished)


class _Addressed(Protocol):
    """An address of the publication or of the archive."""

    @property
    def status(self) -> int: ...
    @property
    def fresh_encodings(self) -> tuple[str, ...]: ...
    @property
    def stale_encodings(self) -> tuple[str, ...]: ...
    def body(self, encoding: str, *, is_stale: bool, now: Second) -> Body: ...


def _respond(request: Request, address: _Addressed, now: Second, *, is_stale: bool) -> Response:
    offered = address.stale_encodings if is_stale else address.fresh_encodings
    encoding = best_encoding(request.accept_encoding, offered)
    body = address.body(encoding, is_stale=is_stale, now=now)
    status = address.status
    if request.if_none_match and status == 200 and _is_known(request.if_none_match, body):
        return Response(304, body.headers)
    return Response(status, body.headers + body.body_headers, body.content)


def _is_known(if_none_match: str, body: Body) -> bool:
    """Compared weakly, as RFC 9110 (13.1.2) requires for this header."""
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in ("*", body.etag) for tag in tags)


def _other_language(request: Request, address: Address) -> str:
    """The path in the client's language; empty where the address itself is in it."""
    entry = address.entry
    wanted = best_language(request.accept_language, (entry.language or "", *entry.alternates))
    return entry.alternates.get(wanted, "")


def _not_published(
    request: Request, snapshot: Snapshot, archive: Archive, now: ClockReading
) -> Response:
    """A redirect where the address is Statuspage's, or exists with or without its last slash;
    status 410 where what it led to was public once, and 503 where nobody can tell; else, but for
    the API, the page that says that there is none."""
    moved = _of_statuspage(request.path, snapshot)
    there = next((path for path in moved if path in snapshot.addresses or path in archive), "")
    if there:
        return redirect(308, there)
    if any(mark_of(path) in snapshot.gone or mark_of(path) in archive.gone for path in moved):
        return _gone(request, snapshot, now)
    elsewhere = _in_default_language(request.path, snapshot)
    if elsewhere in snapshot.addresses or elsewhere in archive:
        # The language may be published again.
        return redirect(302, elsewhere)
    other_path = request.path.rstrip("/") if request.path.endswith("/") else request.path + "/"
    if other_path in snapshot.addresses or other_path in archive:
        return redirect(308, other_path)
    if request.path.startswith(API):
        return refusal(404, request.path)
    if not archive.is_whole:
        # It may be on a page that cannot be read: that there is none would be remembered.
        return refusal(503, request.path, ("Retry-After", "10"))
    return _no_such_page(request, snapshot, now)


def _no_such_page(request: Request, snapshot: Snapshot, now: ClockReading) -> Response:
    """In the language of the address, else in the default one."""
    first = request.path.split("/", 2)[1] if request.path.startswith("/") else ""
    missing = snapshot.addresses.get(f"/{first}{_NOT_FOUND}")
    address = missing or snapshot.addresses[_NOT_FOUND]
    return _respond(request, address, now.at, is_stale=snapshot.is_stale(now))


def _gone(request: Request, snapshot: Snapshot, now: ClockReading) -> Response:
    """Whoever follows an old link reads what he reads where nothing ever was; a picture, a feed or
    a calendar has no words."""
    if "." in request.path.rstrip("/").rpartition("/")[2]:
        return refusal(410, request.path)
    return replace(_no_such_page(request, snapshot, now), status=410)


def _of_statuspage(path: str, snapshot: Snapshot) -> tuple[str, ...]:
    """Where what has that address in Statuspage may be here, in the default language."""
    root = snapshot.addresses.get(NEGOTIATED)
    locale = (root.entry.language if root is not None else None) or ""
    if not locale:
        return ()
    if path.rstrip("/") == "/history":
        return (history_path(locale),)
    if not path.startswith("/incidents/"):
        return ()
    wanted = path.removeprefix("/incidents/").rstrip("/")
    return (
        maintenance_path(MaintenanceId(wanted), locale),
        incident_path(IncidentId(wanted), locale),
    )


def _in_default_language(path: str, snapshot: Snapshot) -> str:
    """Where a page of a language that is published no more goes on; empty where there is none."""
    root = snapshot.addresses.get(NEGOTIATED)
    locale = (root.entry.language if root is not None else None) or ""
    return in_other_language(path, locale) if locale else ""


def redirect(status: int, location: str) -> Response:
    """To another address of the page."""
    headers = (
        ("Location", location),
        ("Vary", "Accept-Language"),
        ("Cache-Control", "no-cache"),
        *SECURITY,
    )
    return Response(status, headers)


def _health(snapshot: Snapshot | None, now: ClockReading) -> Response:
    """For machines: the role answers, and how old its data is."""
    health = {
        "status": "ok",
        "published": snapshot.number if snapshot else None,
        "data_at": int(snapshot.taken.at) if snapshot else None,
        "stale": snapshot.is_stale(now) if snapshot else None,
    }
    headers = (("Content-Type", JSON), _NO_STORE, *SECURITY)
    return Response(200, headers, json.dumps(health).encode())
