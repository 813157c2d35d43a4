"""An operation as a value: routes, the check of scopes and the OpenAPI document are made of it."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO, TypeVar
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic_core import PydanticSerializationError

from monitor.api.caller import Caller
from monitor.api.parts import kind_for
from monitor.api.ports import Backend
from monitor.api.schema import Body, Document, Parameters, Upload
from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import Actor
from monitor.domain.refusals import Refused, require_scope

ROOT = "/api/v1"
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, as its operation needs it. `revision` is what If-Match names."""

    backend: Backend
    address: str
    user_agent: str = ""
    caller: Caller | None = None
    path: Mapping[str, str]
    query: Parameters | None = None
    body: Body | None = None
    file: BinaryIO | None = None
    revision: int | None = None

    @property
    def known(self) -> Caller:
        if self.caller is None:
            raise LookupError("an operation that needs no sign-in asked who calls")
        return self.caller

    @property
    def actor(self) -> Actor:
        return self.known.actor

    @cached_property
    def catalogue(self) -> Catalogue:
        """What is in force, read once. Raises JournalError."""
        return self.backend.catalogue()

    @property
    def zone(self) -> ZoneInfo:
        return self.catalogue.zone

    def own_kind(self, kind: str) -> str:
        """A kind of written part, as this account sees it."""
        if self.actor.services is None:
            return kind
        backend = self.backend
        configuration = backend.source.catalogues().present(backend.clock.now()).number
        return kind_for(kind, self.actor.services, configuration)

    def sent(self, kind: type[_T]) -> _T:
        """The body, which was read as this kind."""
        if not isinstance(self.body, kind):
            raise TypeError(f"want {kind.__name__}, got {type(self.body).__name__}")
        return self.body

    @property
    def uploaded(self) -> BinaryIO:
        """The file that was sent, at its start."""
        if self.file is None:
            raise LookupError("an operation that takes no file asked for it")
        return self.file

    def asked(self, kind: type[_T]) -> _T:
        """The query, which was read as this kind."""
        if not isinstance(self.query, kind):
            raise TypeError(f"want {kind.__name__}, got {type(self.query).__name__}")
        return self.query


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredFile:
    """A file to be kept under a name, which holds nothing that a header may not."""

    content: bytes
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`revision` becomes the entity tag; `csv` makes the same as rows, for who asks for them.
    `content` is JSON that is written already; `file` is of the operation's `file_type`. `later`:
    the answer is still to come, on the event loop, and takes no thread meanwhile; `stream` answers
    there by itself."""

    document: Document | None = None
    content: bytes | None = None
    revision: int | None = None
    csv: Callable[[], bytes] | None = None
    file: AnsweredFile | None = None
    later: Callable[[], Awaitable[Answer]] | None = None
    stream: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None


def encoded(document: Document | None) -> bytes:
    """As UTF-8. A target may have said half a surrogate pair, which is no character: a question
    mark stands for it, and nothing else of the answer suffers."""
    if document is None:
        return b""
    try:
        return document.model_dump_json().encode()
    except PydanticSerializationError:
        whole = json.dumps(document.model_dump(), ensure_ascii=False)
        return whole.encode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`scope` None: any account may. `current` answers with the document that a stale revision is
    of. What `creates` takes an Idempotency-Key."""

    method: str
    path: str
    name: str
    summary: str
    handle: Callable[[Call], Answer]
    scope: Scope | None = None
    needs_sign_in: bool = True
    query: type[Parameters] | None = None
    body: type[Body] | None = None
    upload: Upload | None = None
    """Its body is a file; it may take long."""
    answer: type[Document] | None = None
    status: int = 200
    creates: bool = False
    current: Callable[[Call], Answer] | None = None
    file_type: str | None = None
    """The media type of what it answers with where that is no JSON."""
    has_csv: bool = False
    has_revision: bool = False
    """Its answer has an entity tag."""
    streams: bool = False
    """Who asks for events (text/event-stream) gets them as they come."""
    signs_in: bool = False
    """It hashes a password for whoever asks: few at a time."""
    in_person: bool = False
    """In a session alone: no token does it."""
    enrols: bool = False
    """Open to who has to set up a second factor before anything else."""

    def require_permitted(self, caller: Caller) -> None:
        """Raises Refused."""
        if caller.must_enrol and not self.enrols:
            raise Refused("second_factor.required")
        if self.in_person and caller.session is None:
            raise Refused("session.in_person")
        if self.scope is not None:
            require_scope(caller.actor, self.scope)

    @property
    def url(self) -> str:
        return f"{ROOT}{self.path}"

    @property
    def path_names(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)
