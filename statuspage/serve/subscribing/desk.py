"""Forms of visitors who ask to be told: read, judged by themselves alone, and put into the inbox.

Nothing is looked up, so that known and unknown addresses get the same answer in the same time.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

import structlog
from aiohttp import hdrs, web

from monitor.domain.incidents.incident import IncidentId
from monitor.domain.leaky_bucket import Limit
from monitor.domain.subscriptions.contact import EMAIL, WEBHOOK, Contact
from monitor.domain.subscriptions.links import BadLink, LinkExpired, Links, Purpose
from monitor.domain.subscriptions.mail_address import BadAddress
from monitor.domain.subscriptions.note import STATUS, Note
from monitor.domain.subscriptions.wishes import (
    CONFIRMED,
    REQUESTED,
    UNSUBSCRIBED,
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
from statuspage.publish.rendered import HTML, JSON
from statuspage.serve.forms import (
    Appending,
    Buckets,
    Pages,
    is_json,
    is_own,
    network_of,
    read_body,
    wants_json,
)
from statuspage.serve.responder import Request as PageRequest
from statuspage.serve.responses import Response, see_other
from statuspage.serve.snapshot import SECURITY
from statuspage.serve.subscribing.filled_form import Filled, filled_page
from statuspage.serve.subscribing.form_reading import BadHook, read_filled, request_of

MOST_BYTES = 32 * 1024
"""Of a form: the address, and the ids of two hundred components."""
BY_NETWORK = Limit(most=30, window_s=3_600)
"""Requests of one network: an office behind one address has many customers in it."""
IN_TOTAL = Limit(most=3_000, window_s=3_600)
BY_RECEIVER = Limit(most=60, window_s=3_600)
"""Requests to one host, whatever stands behind its name: each has us send it something once."""
BY_LINK = Limit(most=5, window_s=3_600)

STATUSPAGES = "/api/v2/subscribers.json"
"""Where Statuspage's clients send a form."""


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
    is_statuspages: bool = False
    """It is read, and answered, as Statuspage's clients expect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`is_elsewhere`: the browser is sent on, so that a reload sends nothing again. What ends a
    subscription is answered in place: mail programs that do it follow nowhere (RFC 8058). A form
    that is not taken comes back filled in."""

    note: Note
    is_elsewhere: bool = False
    filled: Filled | None = None
    """What the form was sent with; None where it was a link's button, or another page sent it."""


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
        if wants_json(sent):
            return _as_json(outcome.note, form.locale)
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
        filled = read_filled(
            await read_body(request, MOST_BYTES),
            is_json=is_json(request),
            is_statuspages=form.is_statuspages,
        )
        note = await self._note_of(self._requested(filled, form, request, page))
        is_taken = note in (Note.RECEIVED, Note.RECEIVED_ELSEWHERE)
        return Outcome(note=note, is_elsewhere=is_taken, filled=filled or Filled())

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
            # A program has no language: it is told in the page's own.
            asked = request_of(filled, "" if form.is_statuspages else form.locale)
        except BadHook:
            return Note.BAD_HOOK
        except BadAddress:
            return Note.BAD_ADDRESS
        except ValueError:
            return Note.BAD_FORM
        is_mail = asked.contact.kind == EMAIL
        if not is_mail and not self._by_receiver.takes(_receiver(asked.contact), now):
            return Note.TOO_MANY
        await self._append(REQUESTED, body_of(replace(asked, page=page or None)))
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


class SubscribersApi:
    """The form as Statuspage's clients send it, where the page of that language is published."""

    def __init__(self, desk: SubscriptionDesk, lang: Lang) -> None:
        self._desk = desk
        self._form = FormRoute(
            kind=FormKind.REQUEST, locale=lang.value, page=subscribe_path(lang),
            is_statuspages=True,
        )  # fmt: skip

    def page_of(self, path: str) -> str:
        """As the port says."""
        return self._form.page if path == STATUSPAGES else ""

    async def answer(self, sent: web.Request, asked: PageRequest, pages: Pages) -> Response:
        """As the port says. Nobody gets an id: what is sent to the address has the link that ends
        it."""
        outcome = await self._desk.take(self._form, sent, pages.page)
        if outcome.filled is None or not outcome.is_elsewhere:
            return _as_json(outcome.note, self._form.locale)
        to = request_of(outcome.filled, "").contact
        told = {
            "mode": to.kind,
            "email": to.address if to.kind == EMAIL else None,
            "endpoint": None if to.kind == EMAIL else to.address,
            "page": json.loads(await pages.plain("/api/v2/status.json"))["page"],
        }
        return _json_response(STATUS[outcome.note], told)


def _as_json(note: Note, locale: str) -> Response:
    """The same for each address, known or not."""
    said = SUBSCRIBERS[Lang(locale)].notes[note]
    message = ". ".join(filter(None, (said.title, said.lead)))
    told = {"status": note.value, "message": message}
    return _json_response(STATUS[note], told)


def _json_response(status: int, told: Mapping[str, object]) -> Response:
    headers = (("Content-Type", JSON), ("Cache-Control", "no-store"), *SECURITY)
    return Response(status, headers, json.dumps(told, ensure_ascii=False).encode())


def _receiver(contact: Contact) -> str:
    """Who is asked: of Slack, whose host all share, the hook itself."""
    return urlsplit(contact.mailbox).netloc if contact.kind == WEBHOOK else contact.mailbox
