"""An update as a message of a chat: short parts, whose markup is each chat's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.catalogue import Page
from monitor.domain.subscriptions.links import Links, Purpose
from monitor.domain.subscriptions.subscription import CONFIRM_WITHIN_S, Subscription
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import confirm_path, unsubscribe_path
from monitor.i18n.formats import Lang
from monitor.i18n.words import SUBSCRIBERS
from monitor.subscribers.channels.kind import Update, lang_of

_LONGEST, _LONGEST_LINE = 2_600, 400
"""Of a body, and of its title and its list of components: chats refuse or cut a message of more
than about 4 000 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One paragraph, plain text; a link where it has an address."""

    text: str
    url: str = ""
    is_title: bool = False


class Encoding(Protocol):
    def __call__(self, parts: Sequence[Part], address: str, /) -> bytes:
        """The request's body that has the chat show these parts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatWriter:
    """Writes for one kind of chat (`Writer`)."""

    page: Page
    links: Links
    encoded: Encoding

    def confirmation(self, asked: Subscription, address: str, now: Second) -> bytes:
        lang = lang_of(asked)
        words, name = SUBSCRIBERS[lang], self.page.name.in_locale(lang)
        until = Second(asked.created_at + CONFIRM_WITHIN_S)
        token = self.links.token(Purpose.CONFIRM, asked.id, until)
        parts = (
            Part(text=words.confirm_elsewhere.format(x=name)),
            Part(text=words.confirm_button, url=self._url(confirm_path(lang, token))),
            Part(text=words.confirm_elsewhere_closing),
        )
        return self.encoded(parts, address)

    def update(self, update: Update, to: Subscription, address: str) -> bytes:
        lang = lang_of(to)
        said, words = update.said_in(lang), SUBSCRIBERS[lang]
        components = words.components.format(c=_shortened(said.components, _LONGEST_LINE))
        parts = (
            Part(text=_shortened(said.subject, _LONGEST_LINE), is_title=True),
            *(Part(text=one) for one in _shortened(said.body, _LONGEST).split("\n\n")),
            *((Part(text=components),) if said.components else ()),
            Part(text=words.see, url=said.url),
            Part(text=words.end_title, url=self.unsubscribe(to, lang)),
        )
        return self.encoded(parts, address)

    def unsubscribe(self, to: Subscription, lang: Lang) -> str:
        token = self.links.token(Purpose.MANAGE, to.id, Second(0))
        return self._url(unsubscribe_path(lang, token))

    def _url(self, path: str) -> str:
        return self.page.url.rstrip("/") + path


def _shortened(text: str, longest: int) -> str:
    """What is too long for a chat ends where the page, which is linked, has the rest."""
    return text if len(text) <= longest else text[:longest].rstrip() + "…"
