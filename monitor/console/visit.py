"""One request of somebody at the console, and what it is answered with."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from monitor.api.caller import Caller
from monitor.api.operation import Call
from monitor.api.ports import Backend
from monitor.console.browser.form import Form
from monitor.console.speech import Speech
from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import Actor
from monitor.domain.refusals import Refused
from monitor.i18n.forms.console import ConsoleWords


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """`session_key` is empty where nobody is signed in. `refusal` is why what was sent was not
    done, on the page that takes it again."""

    call: Call
    speech: Speech
    path: str
    query: Mapping[str, str]
    form: Form = field(default_factory=Form)
    session_key: str = ""
    refusal: Refused | None = None

    @property
    def backend(self) -> Backend:
        return self.call.backend

    @property
    def catalogue(self) -> Catalogue:
        return self.call.catalogue

    @property
    def actor(self) -> Actor:
        return self.call.actor

    @property
    def caller(self) -> Caller | None:
        return self.call.caller

    @property
    def words(self) -> ConsoleWords:
        return self.speech.words

    @property
    def name(self) -> str:
        """What the path names: an incident, an account, a check."""
        return self.call.path["id"]

    def may(self, scope: Scope) -> bool:
        return self.caller is not None and self.actor.may(scope)

    @property
    def token(self) -> str:
        """What forms of this session carry, and no other page can know."""
        return token_of(self.session_key) if self.session_key else ""

    def refused(self, refusal: Refused) -> Visit:
        return replace(self, refusal=refusal)


def token_of(session_key: str) -> str:
    return hmac.new(session_key.encode(), b"form", hashlib.sha256).hexdigest()


def is_token_of(session_key: str, sent: str) -> bool:
    return hmac.compare_digest(token_of(session_key).encode(), sent.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A template and the one value that it shows, as `page`. `session_key`: the session goes on
    under that key."""

    template: str
    title: str
    page: object
    status: int = 200
    session_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Go on there, by GET. `session_key` begins a session; empty, it ends the one there is."""

    to: str
    session_key: str | None = None
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    content: bytes
    media_type: str
    name: str
    is_text: bool = True


Shown = Page | Redirect | Download


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """What is shown is still to come, without a thread."""

    shown: Callable[[], Awaitable[Shown]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A route. `again` shows the page whose form was refused, with what was typed in it."""

    method: str
    path: str
    handle: Callable[[Visit], Shown | Later]
    scope: Scope | None = None
    needs_sign_in: bool = True
    again: Callable[[Visit], Page] | None = None
    hashes: bool = False
    """It hashes a password: few at a time."""
    is_long: bool = False
    """It may take half a minute: one at a time."""
    back: str = ""
    """Where the page of a form is had by GET; empty: at the same path."""
    enrols: bool = False
    """Also for who has to set up a second factor before anything else."""
