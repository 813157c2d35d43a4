"""A page that is shown to holders of a signed link alone.

A browser opens the link once and gets a cookie; programs, which hold none, have the link before the
address of a feed, a calendar, a badge or the API. Each request is judged by itself: what is revoked
or over opens nothing from the next one on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from monitor.domain.customers.page_links import PageLink
from monitor.domain.time.clock import Clock, read_clock
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import ACCESS, is_for_other_hosts
from statuspage.serve.private.closed import LINK_PAGES, closed_answer, subscribers_answer
from statuspage.serve.private.door import Door
from statuspage.serve.responder import METHODS, Request, SnapshotCache
from statuspage.serve.responses import Response, refusal, see_other
from statuspage.serve.sites import SeenPage

_MOST_TRIED = 4
"""Cookies of one name that are looked at: another host of the domain may have set one more."""
_COOKIE = "estado-page"


class ServedPage(SeenPage, Protocol):
    """What is published, whoever asks."""

    @property
    def cache(self) -> SnapshotCache: ...


class PrivatePage:
    """`door` says which links are in force now. The page `is_secure` where its address is https."""

    def __init__(
        self, served: ServedPage, door: Callable[[], Door], clock: Clock, *, is_secure: bool
    ) -> None:
        self._served = served
        self._door = door
        self._clock = clock
        # Browsers take a name with this prefix from that very host alone, and over https.
        self._cookie = f"__Host-{_COOKIE}" if is_secure else _COOKIE
        self._attributes = "; HttpOnly; SameSite=Lax" + ("; Secure" if is_secure else "")
        self._opened = _Opened(served)
        self._closed = _Closed(served, self._is_stale)

    def seen_by(self, request: Request) -> SeenPage:
        """As the port says."""
        now = self._now()
        if request.path.startswith(f"{ACCESS}/"):
            return self._by_link(request.path, now)
        tokens = _cookies(request.cookie, self._cookie)
        if any(self._opened_by(token, now) is not None for token in tokens):
            return self._opened
        return self._closed

    def _by_link(self, path: str, now: Second) -> SeenPage:
        token, slash, rest = path.removeprefix(f"{ACCESS}/").partition("/")
        link, wanted = self._opened_by(token, now), slash + rest
        if link is None:
            return self._closed
        if is_for_other_hosts(wanted):
            return _ByLink(self._served, f"{ACCESS}/{token}")
        is_there = self._served.has(wanted) or wanted in self._served.cache.archive
        onward = wanted if is_there else "/"
        lasts = f"Max-Age={link.until - now}; Path=/{self._attributes}"
        return _Entering(self._served, onward, f"{self._cookie}={token}; {lasts}")

    def _opened_by(self, token: str, now: Second) -> PageLink | None:
        return self._door().opened_by(token, self._served.page, now)

    def _now(self) -> Second:
        """Where the clock has been set back, not before what is shown was published: else a link
        that is over would open again."""
        snapshot = self._served.cache.snapshot
        return max(self._clock.now(), snapshot.taken.at if snapshot is not None else Second(0))

    def _is_stale(self) -> bool | None:
        snapshot = self._served.cache.snapshot
        return None if snapshot is None else snapshot.is_stale(read_clock(self._clock))


@dataclass(frozen=True, slots=True)
class _Seen(ABC):
    """Of the page, what one who asks may see."""

    served: ServedPage

    @property
    def page(self) -> str:
        return self.served.page

    @abstractmethod
    def answer(self, request: Request) -> Response: ...

    def published(self, request: Request) -> Response:
        return self.answer(request)

    def has(self, path: str) -> bool:
        return False

    def finished(self, response: Response) -> Response:
        return guarded(response)


@dataclass(frozen=True, slots=True)
class _Opened(_Seen):
    """For who has a link."""

    def answer(self, request: Request) -> Response:
        return guarded(self.served.answer(request))

    def published(self, request: Request) -> Response:
        return guarded(self.served.published(request))

    def has(self, path: str) -> bool:
        return self.served.has(path)


@dataclass(frozen=True, slots=True)
class _ByLink(_Seen):
    """For a program, whose address begins with the link. Where it is sent on, that does too."""

    prefix: str

    def answer(self, request: Request) -> Response:
        path = request.path.removeprefix(self.prefix)
        response = guarded(self.served.answer(replace(request, path=path)))
        headers = tuple(
            (name, f"{self.prefix}{value}" if name == "Location" else value)
            for name, value in response.headers
        )
        return Response(response.status, headers, response.content)


@dataclass(frozen=True, slots=True)
class _Entering(_Seen):
    """The link itself: to open it again does the same again, for mail programs open it first."""

    onward: str
    cookie: str

    def answer(self, request: Request) -> Response:
        if request.method not in METHODS:
            return guarded(refusal(405, request.path, ("Allow", ", ".join(METHODS))))
        response = see_other(self.onward)
        headers = (*response.headers, ("Set-Cookie", self.cookie))
        return guarded(Response(response.status, headers))


@dataclass(frozen=True, slots=True)
class _Closed(_Seen):
    """For everybody else."""

    is_stale: Callable[[], bool | None]

    def answer(self, request: Request) -> Response:
        answered = subscribers_answer(request) if self._takes_subscribers() else None
        return guarded(answered or closed_answer(request, is_stale=self.is_stale()))

    def has(self, path: str) -> bool:
        return path in LINK_PAGES and self.served.has(path)

    def _takes_subscribers(self) -> bool:
        return any(map(self.has, LINK_PAGES))


def guarded(response: Response) -> Response:
    """For that client alone: in no cache and no search engine, and read by no other page."""
    kept = [(n, v) for n, v in response.headers if n not in _REPLACED]
    said = dict(response.headers)
    caching = "private, no-store"
    if "no-transform" in said.get("Cache-Control", ""):
        caching += ", no-transform"
    vary = [v for v in said.get("Vary", "").split(", ") if v and v != "Cookie"]
    ours = (
        ("Cache-Control", caching),
        ("Vary", ", ".join([*vary, "Cookie"])),
        ("X-Robots-Tag", "noindex"),
    )
    return Response(response.status, (*kept, *ours), response.content)


_REPLACED = frozenset(("Cache-Control", "Vary", "X-Robots-Tag", "Access-Control-Allow-Origin"))


def _cookies(header: str, wanted: str) -> Iterator[str]:
    """The values of cookies of that name."""
    tried = 0
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == wanted and tried < _MOST_TRIED:
            tried += 1
            yield value
