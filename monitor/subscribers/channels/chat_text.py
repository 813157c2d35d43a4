"""An update as a message of a chat: short parts, whose markup is each chat's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.subscriptions.links import Links, Purpose
from monitor.domain.subscriptions.subscription import CONFIRM_WITHIN_S, Subscription
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import confirm_path, unsubscribe_path
from monitor.i18n.formats import Lang
from monitor.i18n.words import SUBSCRIBERS
from monitor.subscribers.channels.kind import Update, lang_of
from monitor.subscribers.channels.told_page import Pages, page_of

LONGEST = 4_096
"""Of a whole message without its marks: Telegram refuses a longer one, whoever it is for. It counts
UTF-16, where most emoji are two."""
_LONGEST_TITLE, _LONGEST_BODY, _LONGEST_COMPONENTS = 300, 2_800, 700
"""Together they leave room for the links; an outage of a whole network names a hundred services."""


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

    pages: Pages
    links: Links
    encoded: Encoding

    def confirmation(self, asked: Subscription, address: str, now: Second) -> bytes:
        lang, page = lang_of(asked), page_of(self.pages, asked)
        words, name = SUBSCRIBERS[lang], page.name.in_locale(lang)
        until = Second(asked.created_at + CONFIRM_WITHIN_S)
        token = self.links.token(Purpose.CONFIRM, asked.id, until)
        parts = (
            Part(text=words.confirm_elsewhere.format(x=name)),
            Part(text=words.confirm_button, url=page.at(confirm_path(lang, token))),
            Part(text=words.confirm_elsewhere_closing),
        )
        return self.encoded(parts, address)

    def update(self, update: Update, to: Subscription, address: str) -> bytes:
        lang = lang_of(to)
        said, words = update.said_in(lang), SUBSCRIBERS[lang]
        components = words.components.format(c=said.components)
        parts = (
            Part(text=shortened(said.subject, _LONGEST_TITLE), is_title=True),
            *(Part(text=one) for one in shortened(said.body, _LONGEST_BODY).split("\n\n")),
            *((Part(text=shortened(components, _LONGEST_COMPONENTS)),) if said.components else ()),
            Part(text=words.see, url=said.url),
            Part(text=words.end_title, url=self.unsubscribe(to, lang)),
        )
        return self.encoded(parts, address)

    def unsubscribe(self, to: Subscription, lang: Lang) -> str:
        token = self.links.token(Purpose.MANAGE, to.id, Second(0))
        return page_of(self.pages, to).at(unsubscribe_path(lang, token))


def shortened(text: str, most: int) -> str:
    """What is too long for a chat ends where the page, which is linked, has the rest.

    >>> shortened("Web, Mail, DNS", 9), shortened("Web", 9)
    ('Web, Mai…', 'Web')
    """
    units = text.encode("utf-16-le")
    if len(units) <= most * 2:
        return text
    return units[: (most - 1) * 2].decode("utf-16-le", "ignore").rstrip() + "…"
