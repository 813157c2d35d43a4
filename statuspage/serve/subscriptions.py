"""Forms of visitors who ask to be told: read, judged by themselves alone, and put into the inbox.

Nothing is looked up, so that known and unknown addresses get the same answer in the same time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

import structlog
from aiohttp import hdrs, web

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.leaky_bucket import Limit
from monitor.domain.subscriptions.contact import EMAIL, SLACK, TYPED, Contact, read_contact
from monitor.domain.subscriptions.links import BadLink, LinkExpired, Links, Purpose
from monitor.domain.subscriptions.mail_address import BadAddress
from monitor.domain.subscriptions.note import STATUS, Note
from monitor.domain.subscriptions.subscription import Severity, Wanted
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
    incident_path,
    may_be_of_subscribers,
    subscribe_path,
    subscription_note_path,
    unsubscribe_path,
)
from monitor.i18n.languages import Lang
from monitor.i18n.words import SUBSCRIBERS
from monitor.inbox.ports import InboxFull, InboxUnavailable
from statuspage.publish.rendered import HTML
from statuspage.serve.filled_form import Filled, filled_form, filled_page
from statuspage.serve.forms import Appending, Buckets, Pages, is_own, network_of, read_body
from statuspage.serve.responder import Request as PageRequest
from statuspage.serve.responses import Response, see_other
from statuspage.serve.snapshot import SECURITY

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
    subscription is answered in place: mail programs that do it follow nowhere (RFC 8058). A form
    that is not taken comes back filled in."""

    note: Note
    is_elsewhere: bool = False
    filled: Filled | None = None
    """The form, where it can be corrected."""


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
        if outcome.filled is not None:
            again = await _again(outcome.note, outcome.filled, Lang(form.locale), pages)
            if again is not None:
                return again
        return pages.answer(replace(asked, method=hdrs.METH_GET, path=path))

    async def take(self, form: FormRoute, request: web.Request, page: str = "") -> Outcome:
        """What became of it; it is in the inbox where the note says so. `page` is where it was
        sent, as `Pages` has it."""
        if form.kind is not FormKind.REQUEST:
            note = await self._note_of(self._followed(form))
            return Outcome(note=note, is_elsewhere=note is Note.CONFIRMED)
        if not is_own(request.headers, request.host):
            # What another page had sent is not shown on ours.
            return Outcome(note=Note.FOREIGN)
        filled = filled_form(await read_body(request, MOST_BYTES))
        note = await self._note_of(self._requested(filled, form, request, page))
        is_taken = note in (Note.RECEIVED, Note.RECEIVED_ELSEWHERE)
        return Outcome(
            note=note, is_elsewhere=is_taken, filled=None if is_taken else filled or Filled()
        )

    async def _note_of(self, taken: Awaitable[Note]) -> Note:
        try:
            return await taken
        except InboxFull:
            self._log.warning("page.inbox_full")
        except InboxUnavailable as error:
            self._log.error("page.inbox_failed", error=str(error))
        return Note.FULL

    async def _requested(
        self, filled: Filled | None, form: FormRoute, request: web.Request, page: str
    ) -> Note:
        now = self._clock.monotonic()
        network = network_of(self._client_of(request))
        if not self._by_network.takes(network, now) or not self._in_total.takes("", now):
            return Note.TOO_MANY
        if filled is None:
            return Note.BAD_FORM
        try:
            asked = request_of(filled, form.locale)
        except BadHook:
            return Note.BAD_HOOK
        except BadAddress:
            return Note.BAD_ADDRESS
        except ValueError:
            return Note.BAD_FORM
        is_mail = asked.contact.kind == EMAIL
        if not is_mail and not self._by_receiver.takes(_receiver(asked.contact), now):
            return Note.TOO_MANY
        # Without the key it is the company's page, as it was before brands had any.
        of_page = {"page": page} if page else {}
        await self._append(REQUESTED, {**body_of(asked), **of_page})
        return Note.RECEIVED if is_mail else Note.RECEIVED_ELSEWHERE

    async def _followed(self, form: FormRoute) -> Note:
        """A button behind a link. Its proof is in its address: no other page can have it sent."""
        links, is_confirming = self._links(), form.kind is FormKind.CONFIRM
        if links is None:
            return Note.FULL
        purpose = Purpose.CONFIRM if is_confirming else Purpose.MANAGE
        try:
            subscription = links.read(purpose, form.token, self._clock.now())
        except BadLink:
            return Note.BAD_LINK
        except LinkExpired:
            return Note.EXPIRED
        # Pressed again and again it means the same, and fills no inbox.
        if self._by_link.takes((purpose, subscription), self._clock.monotonic()):
            kind = CONFIRMED if is_confirming else UNSUBSCRIBED
            await self._append(kind, about(subscription))
        return Note.CONFIRMED if is_confirming else Note.ENDED


async def _again(note: Note, filled: Filled, lang: Lang, pages: Pages) -> Response | None:
    """The page of the form with what was typed; None where it is there no more."""
    path = subscribe_path(lang)
    if filled.incident:
        path = incident_path(IncidentId(filled.incident), lang)
    content = filled_page(await pages.plain(path), filled, note, SUBSCRIBERS[lang].notes[note])
    if content is None:
        return None
    headers = (
        ("Content-Type", HTML),
        ("Content-Language", lang.value),
        ("Cache-Control", "no-store"),
        *SECURITY,
    )
    return Response(STATUS[note], headers, content)


def request_of(filled: Filled, locale: str) -> Request:
    """What it asks for. Raises BadAddress, BadHook, or ValueError where it is no form of ours."""
    wanted = Wanted(
        components=tuple(ComponentId(_slug(c)) for c in dict.fromkeys(filled.components)),
        incident=IncidentId(_slug(filled.incident)) if filled.incident else None,
        severity=Severity(filled.severity),
    )
    return Request(contact=_contact(filled), wanted=wanted, locale=locale)


def _contact(filled: Filled) -> Contact:
    """Raises BadAddress, BadHook, ValueError."""
    if filled.kind not in TYPED:
        raise ValueError("no way of telling whose address is typed")
    try:
        return read_contact(filled.kind, filled.address)
    except BadAddress as error:
        if filled.kind == EMAIL:
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
