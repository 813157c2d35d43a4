"""A door elsewhere: operations of its API, asked with a credential. What it refuses is refused here
by the same code, so that the terminal words it as it words its own refusals."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from monitor.client.address import DoorAddress
from monitor.client.exchange import Exchange, Received, Sent, Streamed
from monitor.client.faults import (
    DoorError,
    Later,
    Lost,
    NoEstado,
    NotAsked,
    SignInNeeded,
    TimedOut,
    Unreachable,
)
from monitor.client.problems import Problem, problem_of
from monitor.client.reading import Fields, parsed
from monitor.client.server_sent import ServerSent, server_sent
from monitor.domain.refusals import Refused
from monitor.domain.untrusted_text import visible

TITLE = "Estado del Servicio"
"""What the description of the API is called."""
_BUSY = "idempotency.busy"
_BUSY_S = 1.0
_MOST_WAITS = 10
_WHOLE, _WHOLE_S = 100_000_000, 300.0
_EVENTS = "text/event-stream"
_SILENT_S = 60.0
"""A door gives a sign of life every quarter of a minute."""
_LONGEST_PROBLEM = 100_000
_OPENS_NOTHING = frozenset({"signin.needed", "token.invalid", "key.invalid", "session.over"})
_OF_WHAT_WAS_ASKED = frozenset({"probe.failed"})
"""Answered as a fault of the door's, and no word of the door."""
_AWAY = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE,
                   HTTPStatus.GATEWAY_TIMEOUT})  # fmt: skip


class Asks(Protocol):
    def ask(self, sent: Sent) -> Received:
        """Raises Unreachable, Lost, TimedOut or NoEstado."""
        ...


class Door:
    """Each method raises Refused as a use case does, and DoorError."""

    def __init__(
        self,
        address: DoorAddress,
        credential: str | None,
        exchange: Asks | None = None,
        wait: Callable[[float], None] = time.sleep,
        *,
        origin: str = "",
    ) -> None:
        """`origin` is where the credential came from, where that is not a login."""
        self._origin = origin
        self.address = address
        self._credential = credential
        self._exchange = exchange or Exchange(address)
        self._wait = wait

    @cached_property
    def session(self) -> Fields:
        """Who asks, and what they may; asked for once."""
        return self.get("/session")

    def require_estado(self) -> None:
        """Ask what nobody needs to sign in for. Raises DoorError where it is no door of estado, so
        that no password is typed for another."""
        title = self.get("/openapi.json").one("info").text("title")
        if title != TITLE:
            raise self._no_estado(f"it is called {title}")

    def get(self, path: str, **query: str) -> Fields:
        return self._answered("GET", path, query=query)

    def pages(self, path: str, cursor: str, **query: str) -> Iterator[Fields]:
        """Each page of a list whose answers say in `next_CURSOR` from where the next one goes on.
        Raises NoEstado where one leads back to where another began."""
        page = self.get(path, **query)
        begun: set[str] = set()
        while (following := page.place_or_none(f"next_{cursor}")) is not None:
            yield page
            if following in begun:
                raise self._no_estado(f"the pages of {path} come round to {following}")
            begun.add(following)
            page = self.get(path, **{**query, cursor: following})
        yield page

    def get_whole(self, path: str) -> Fields:
        """What may be large: a report with the contracts of a year, ten thousand checks."""
        sent = Sent(
            method="GET", path=self.address.path(path),
            headers=self._headers(None, None, is_once=False), longest_s=_WHOLE_S, largest=_WHOLE,
        )  # fmt: skip
        return self._understood(self._asked(sent, may_repeat=True))

    def post(self, path: str, body: Mapping[str, Any], *, revision: int | None = None) -> Fields:
        """What creates something: once, also where it has to be sent twice."""
        return self._answered("POST", path, body=body, revision=revision, is_once=True)

    def act(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        revision: int | None = None,
        longest_s: float | None = None,
    ) -> Fields:
        """A POST that is not sent twice."""
        return self._answered("POST", path, body=body, revision=revision, longest_s=longest_s)

    def upload(
        self, path: str, content: bytes, media_type: str, *, longest_s: float, **query: str
    ) -> Fields:
        """A POST of a file, which is not sent twice."""
        sent = Sent(
            method="POST",
            path=self.address.path(_below(path, query)),
            headers={**self._headers(None, None, is_once=False), "Content-Type": media_type},
            body=content,
            longest_s=longest_s,
        )
        return self._understood(self._asked(sent, may_repeat=False))

    def patch(self, path: str, body: Mapping[str, Any], *, revision: int | None = None) -> Fields:
        return self._answered("PATCH", path, body=body, revision=revision)

    def delete(self, path: str, *, revision: int | None = None, **query: str) -> Fields:
        return self._answered("DELETE", path, query=query, revision=revision)

    def delete_by(self, path: str, body: Mapping[str, Any]) -> Fields:
        """What is taken away by a proof, which stands in no address."""
        return self._answered("DELETE", path, body=body)

    def follow(
        self, path: str, after: str, opens: Callable[..., AbstractContextManager[Streamed]]
    ) -> Generator[ServerSent, None, None]:
        """Server-sent events, behind the last `id` that came; without one, from now on. Raises
        Unreachable once they end. `opens` is `Exchange.stream`."""
        headers = {**self._headers(None, None, is_once=False), "Accept": _EVENTS}
        if after:
            headers["Last-Event-ID"] = after
        sent = Sent(method="GET", path=self.address.path(path), headers=headers)
        with opens(sent, silent_s=_SILENT_S) as streamed:
            if _media(streamed) != _EVENTS:
                raise self._refused_stream(streamed)
            try:
                yield from server_sent(streamed.lines)
            except ValueError as error:
                raise self._no_estado("its events are no UTF-8") from error

    def ended(self, code: str, detail: str) -> Exception:
        """Why it ends a stream, as it would have refused to begin one."""
        return self._refused(
            Problem(status=HTTPStatus.FORBIDDEN, code=code, detail=detail, fields={})
        )

    def _refused_stream(self, streamed: Streamed) -> Exception:
        """A problem; its whole body is read, for it is small."""
        body = bytearray()
        with suppress(Unreachable):
            for line in streamed.lines:
                body += line
                if len(body) > _LONGEST_PROBLEM:
                    break
        received = Received(status=streamed.status, headers=streamed.headers, body=bytes(body))
        try:
            self._understood(received)
        except (DoorError, Refused) as error:
            return error
        return self._no_estado("it sends no events")

    def _answered(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        revision: int | None = None,
        is_once: bool = False,
        longest_s: float | None = None,
    ) -> Fields:
        sent = Sent(
            method=method,
            path=self.address.path(_below(path, query)),
            headers=self._headers(body, revision, is_once=is_once),
            body=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            longest_s=longest_s,
        )
        return self._understood(self._asked(sent, may_repeat=is_once or method == "GET"))

    def _headers(self, body: object, revision: int | None, *, is_once: bool) -> Mapping[str, str]:
        headers = {"Accept": "application/json", "Accept-Language": "en", "User-Agent": "estado"}
        if self._credential is not None:
            headers["Authorization"] = f"Bearer {self._credential}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        if revision is not None:
            headers["If-Match"] = f'"{revision}"'
        if is_once:
            headers["Idempotency-Key"] = os.urandom(16).hex()
        return headers

    def _asked(self, sent: Sent, *, may_repeat: bool) -> Received:
        """Once more after a connection that was lost, where that does nothing twice."""
        try:
            return self._exchange.ask(sent)
        except Lost as error:
            if not may_repeat:
                raise _unknown(error) from error
        except Unreachable as error:
            raise (_unknown(error) if _may_be_done(sent, error) else error) from error
        try:
            return self._asked_again(sent)
        except Unreachable as error:
            raise (error if sent.method == "GET" else _unknown(error)) from error

    def _asked_again(self, sent: Sent) -> Received:
        """The first may still be under way."""
        for _ in range(_MOST_WAITS):
            answer = self._exchange.ask(sent)
            problem = problem_of(answer)
            if problem is None or problem.code != _BUSY:
                return answer
            self._wait(_BUSY_S)
        return self._exchange.ask(sent)

    def _understood(self, answer: Received) -> Fields:
        problem = problem_of(answer)
        if problem is not None:
            raise self._refused(problem)
        if 300 <= answer.status < 400:
            raise self._sent_on(answer)
        if answer.status in _AWAY:
            raise Unreachable(
                f"the web server at {self.address.url} answers {answer.status}: what stands behind "
                "it is away"
            )
        if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise NotAsked(
                f"the web server at {self.address.url} takes no file of that size "
                "(nginx: client_max_body_size)"
            )
        if answer.status == HTTPStatus.NO_CONTENT:
            return Fields({})
        if not 200 <= answer.status < 300 or not _is_json(answer):
            raise self._no_estado(f"{answer.status}, {_media(answer) or 'without a type'}")
        try:
            return Fields.of(parsed(answer.body))
        except ValueError as error:
            raise self._no_estado("its answer is no JSON") from error

    def _refused(self, problem: Problem) -> Exception:
        url = self.address.url
        if problem.code in _OPENS_NOTHING:
            return SignInNeeded(f"{problem.sentence}{self._way_out}")
        if problem.code in _OF_WHAT_WAS_ASKED:
            return problem.refusal
        if problem.status == HTTPStatus.TOO_MANY_REQUESTS or problem.status >= 500:
            return Later(f"the door at {url} says: {problem.sentence}")
        if problem.code == "request.unknown_path":
            return NoEstado(f"the door at {url} is of another version: {problem.sentence}")
        return problem.refusal

    @property
    def _way_out(self) -> str:
        """A login helps nobody whose token of the environment goes on being sent."""
        if self._origin:
            return (
                f": it came from {self._origin}, which wins over estado login as long as it is set"
            )
        return f"; sign in again: estado login --url {self.address.url}"

    def _sent_on(self, answer: Received) -> DoorError:
        where = _origin(answer.headers.get("location", ""))
        return NoEstado(
            f"{self.address.url} sends on to {where or 'elsewhere'}: the credential does not "
            "follow. If the door is there, name it: --url"
        )

    def _no_estado(self, why: str) -> NoEstado:
        return NoEstado(f"what answers at {self.address.url} is no door of estado: {why}")


def step(name: str) -> str:
    """A name as one step of a path, whatever is in it.

    >>> step("../k3f9a2?x")
    '..%2Fk3f9a2%3Fx'
    """
    return quote(name, safe="")


def _below(path: str, query: Mapping[str, str] | None) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _may_be_done(sent: Sent, error: Unreachable) -> bool:
    return sent.method != "GET" and isinstance(error, TimedOut)


def _unknown(error: Unreachable) -> Unreachable:
    return Unreachable(f"{error}. It may be done or not: look before you type it again")


def _media(answer: Received | Streamed) -> str:
    return visible(answer.headers.get("content-type", "").partition(";")[0].strip())


def _is_json(answer: Received) -> bool:
    return _media(answer).lower() == "application/json"


def _origin(location: str) -> str:
    """Where a redirect leads to, without its path, which may hold a secret."""
    try:
        parts = urlsplit(location)
    except ValueError:
        return ""
    return visible(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}") if parts.netloc else ""
