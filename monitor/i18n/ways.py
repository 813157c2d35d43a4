"""Ways of being told that other distributions add: the words of each, and how its address is read.

What the page needs of a way stands here, below the page; what sends is `SubscriberChannel`, which
has this in it. The words of our own are in the languages' catalogues.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.domain.subscriptions.contact import OURS, Contact, read_contact
from monitor.domain.subscriptions.mail_address import BadAddress
from monitor.i18n.forms.subscribers import WayWords
from monitor.i18n.languages import Lang
from monitor.i18n.words import SUBSCRIBERS
from monitor.registry import KindUnusable, Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """`read` gives what is sent to and the receiver that limits count by, of an address as somebody
    typed it, and raises BadAddress. A language without words is given those of Spanish."""

    read: Callable[[str], tuple[str, str]]
    words: Mapping[Lang, WayWords]

    def words_in(self, lang: Lang) -> WayWords:
        return self.words.get(lang) or self.words[Lang.ES]


@dataclass(frozen=True, slots=True, kw_only=True)
class WayKind:
    """`way` is None of ours."""

    name: str
    way: Way | None = None


OTHER_WAYS: Registry[WayKind] = Registry(
    "subscriber channel", WayKind, {}, "estado.subscriber_channels"
)


def way_words(kind: str, lang: Lang) -> WayWords | None:
    """None where there is no such way, or its plugin cannot be used."""
    ours = SUBSCRIBERS[lang].ways.get(kind)
    if ours is not None:
        return ours
    way = _other(kind)
    return None if way is None else way.words_in(lang)


def read_any_contact(kind: str, typed: str) -> Contact:
    """As `read_contact`, of other distributions' kinds too."""
    way = None if kind in OURS else _other(kind)
    return read_contact(kind, typed) if way is None else Contact(kind, *_read(way, typed))


def is_of_others(kind: str) -> bool:
    return kind not in OURS and kind in OTHER_WAYS


def _read(way: Way, typed: str) -> tuple[str, str]:
    """Whatever it raises is about that address."""
    try:
        address, receiver = way.read(typed)
    except Exception as error:
        raise BadAddress("refused by its kind") from error
    return str(address), str(receiver)


def _other(kind: str) -> Way | None:
    try:
        return OTHER_WAYS[kind].way
    except (KeyError, KindUnusable):
        return None
