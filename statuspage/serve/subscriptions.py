"""Forms of visitors who ask to be told: read, judged by themselves alone, and put into the inbox.

Nothing is looked up, so that known and unknown addresses get the same answer in the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

import structlog
from aiohttp import hdrs, web

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.leaky_bucket import Limit
from monitor.domain.subscriptions.contact import EMAIL, SLACK, TYPED, Contact, read_contact
from monitor.domain.subscriptions.links import BadLink, LinkExpired, Links, Purpose
from monitor.domain.subscriptions.mail_address import BadAddress
from monitor.domain.subscriptions.note import Note
from monitor.domain.subscriptions.subscription import MOST_COMPONENTS, Severity, Wanted
from monitor.domain.subscriptions.wishes import (
    CONFIRMED,
    REQUESTED,
    UNSUBSCRIBED,
    Request,
    about,
    body_of,
)
from monitor.domain.time.clock import Clock
from monitor.i18n.addresses import (
    confirm_path,
    may_be_of_subscribers,
    subscribe_path,
    subscription_note_path,
    unsubscribe_path,
)
from monitor.i18n.languages import Lang
from monitor.inbox.ports import InboxFull, InboxUnavailable
from statuspage.serve.forms import Appending, Buckets, Pages, is_own, network_of, read_body
from statuspage.serve.responder import Request as PageRequest
from statuspage.serve.responses import Response, see_other

MOST_BYTES = 32 * 1024
"""Of a form: the address, and the ids of two hundred components."""
BY_NETWORK = Limit(most=30, window_s=3_600)
"""Requests of one network: an office behind one address has many customers in it."""
IN_TOTAL = Limit(most=3_000, window_s=3_600)
BY_RECEIVER = Limit(most=60, window_s=3_600)
"""Requests to one host, whatever stands behind its name: each has us send it something once."""
BY_LINK = Limit(most=5, window_s=3_600)


class FormKind(StrEnum):
    REQUEST = "request"
    CONFIRM = "confirm"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRoute:
    """Where a form was sent: which page it is of, and the proof in its address."""

    kind: FormKind
    locale: str
    page: str
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`is_elsewhere`: the browser is sent on, so that a reload sends nothing again. What ends a
    subscription is answered in place: mail programs that do it follow nowhere (RFC 8058)."""

    note: Note
    is_elsewhere: bool = False


def route_of(path: str) -> FormRoute | None:
    """Which form is sent to an address; None where none is.

    >>> found = route_of("/en/subscribe/unsubscribe/abc")
    >>> found.kind.value, found.locale, found.page, found.token
    ('end', 'en', '/en/subscribe/unsubscribe', 'abc')
    """
    for locale in (lang.value for lang in Lang):
        if path == subscribe_path(locale):
            return FormRoute(kind=FormKind.REQUEST, locale=locale, page=path)
        for kind, of_locale in _LINKS.items():
            page = of_locale(locale)
            if path == page or path.startswith(f"{page}/"):
                token = path.removeprefix(page).removeprefix("/")
                return FormRoute(kind=kind, locale=locale, page=page, token=token)
    return None


def page_of_link(path: str) -> str:
    """The page that answers a link; any other path as it is."""
    if not may_be_of_subscribers(path):
        return path
    form = route_of(path)
    return path if form is None else form.page


_LINKS: Mapping[FormKind, Callable[[str], str]] = {
    FormKind.CONFIRM: confirm_path,
    FormKind.END: unsubscribe_path,
}


class BadHook(BadAddress):
    """No address of a webhook."""


class SubscriptionDesk:
    """Takes forms. `links` gives None while there is no key; `client_of` says who sent a form."""

    def __init__(
        self,
        append: Appending,
        links: Callable[[], Links | None],
        client_of: Callable[[web.Request], str],
        clock: Clock,
    ) -> None:
        self._append = append
        self._links = links
        self._client_of = client_of
        self._clock = clock
        self._by_network, self._by_link = Buckets(BY_NETWORK), Buckets(BY_LINK)
        self._in_total, self._by_receiver = Buckets(IN_TOTAL), Buckets(BY_RECEIVER)
        self._log = structlog.get_logger()

    def page_of(self, path: str) -> str:
        """As the port says."""
        form = route_of(path)
        return "" if form is None else form.page

    async def answer(self, sent: web.Request, asked: PageRequest, pages: Pages) -> Response:
        """As the port says."""
        form = route_of(asked.path)
        if form is None:
            raise ValueError(f"no form of subscribers is sent to {asked.path}")
        outcome = await self.take(form, sent, pages.page)
        path = subscription_note_path(outcome.note, form.locale)
        if outcome.is_elsewhere:
            return see_other(path)
        return pages.answer(replace(asked, method=hdrs.METH_GET, path=path))

    async def take(self, form: FormRoute, request: web.Request, page: str = "") -> Outcome:
        """What became of it; it is in the inbox where the note says so. `page` is where it was
        sent, as `Pages` has it."""
        try:
            return await self._taken(form, request, page)
        except InboxFull:
            self._log.warning("page.inbox_full")
        except InboxUnavailable as error:
            self._log.error("page.inbox_failed", error=str(error))
        return Outcome(note=Note.FULL)

    async def _taken(self, form: FormRoute, request: web.Request, page: str) -> Outcome:
        if form.kind is FormKind.REQUEST:
            return await self._requested(form, request, page)
        return await self._followed(form)

    async def _requested(self, form: FormRoute, request: web.Request, page: str) -> Outcome:
        if not is_own(request.headers, request.host):
            return Outcome(note=Note.FOREIGN)
        now = self._clock.monotonic()
        network = network_of(self._client_of(request))
        if not self._by_network.takes(network, now) or not self._in_total.takes("", now):
            return Outcome(note=Note.TOO_MANY)
        body = await read_body(request, MOST_BYTES)
        if body is None:
            return Outcome(note=Note.BAD_FORM)
        try:
            asked = read_form(body, form.locale)
        except BadHook:
            return Outcome(note=Note.BAD_HOOK)
        except BadAddress:
            return Outcome(note=Note.BAD_ADDRESS)
        except ValueError:
            return Outcome(note=Note.BAD_FORM)
        if asked.contact.kind == EMAIL:
            note = Note.RECEIVED
        elif self._by_receiver.takes(_receiver(asked.contact), now):
            note = Note.RECEIVED_ELSEWHERE
        else:
            return Outcome(note=Note.TOO_MANY)
        # Without the key it is the company's page, as it was before brands had any.
        of_page = {"page": page} if page else {}
        await self._append(REQUESTED, {**body_of(asked), **of_page})
        return Outcome(note=note, is_elsewhere=True)

    async def _followed(self, form: FormRoute) -> Outcome:
        """A button behind a link. Its proof is in its address: no other page can have it sent."""
        links, is_confirming = self._links(), form.kind is FormKind.CONFIRM
        if links is None:
            return Outcome(note=Note.FULL)
        purpose = Purpose.CONFIRM if is_confirming else Purpose.MANAGE
        try:
            subscription = links.read(purpose, form.token, self._clock.now())
        except BadLink:
            return Outcome(note=Note.BAD_LINK)
        except LinkExpired:
            return Outcome(note=Note.EXPIRED)
        # Pressed again and again it means the same, and fills no inbox.
        if self._by_link.takes((purpose, subscription), self._clock.monotonic()):
            kind = CONFIRMED if is_confirming else UNSUBSCRIBED
            await self._append(kind, about(subscription))
        if is_confirming:
            return Outcome(note=Note.CONFIRMED, is_elsewhere=True)
        return Outcome(note=Note.ENDED)


def read_form(body: bytes, locale: str) -> Request:
    """What it asks for. Raises BadAddress, BadHook, or ValueError where it is no form of ours."""
    fields = parse_qs(
        body.decode("utf-8"), max_num_fields=MOST_COMPONENTS + 10, keep_blank_values=True
    )
    incident = fields.get("incident", [""])[0]
    wanted = Wanted(
        components=tuple(ComponentId(_slug(c)) for c in dict.fromkeys(fields.get("component", []))),
        incident=IncidentId(_slug(incident)) if incident else None,
        severity=Severity(fields.get("severity", [Severity.ANY.value])[0]),
    )
    return Request(contact=_contact(fields), wanted=wanted, locale=locale)


def _contact(fields: Mapping[str, list[str]]) -> Contact:
    """Raises BadAddress, BadHook, ValueError."""
    kind = fields.get("kind", [EMAIL])[0]
    typed = fields.get("email" if kind == EMAIL else "address", [])
    if kind not in TYPED or len(typed) != 1:
        raise ValueError("a form names one address")
    try:
        return read_contact(kind, typed[0])
    except BadAddress as error:
        if kind == EMAIL:
            raise
        raise BadHook(str(error)) from error


def _receiver(contact: Contact) -> str:
    """Who is asked: of Slack, whose host all share, the hook itself."""
    return contact.mailbox if contact.kind == SLACK else urlsplit(contact.mailbox).netloc


def _slug(text: str) -> str:
    """An id of a component or an incident. Raises ValueError."""
    if not 0 < len(text) <= 64 or not text.isascii() or not text.isprintable():
        raise ValueError("no id")
    return text
