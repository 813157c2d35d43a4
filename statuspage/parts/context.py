"""What every view model needs: the view, the language, the form, and how to say a time in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from babel import Locale
from babel.core import get_global

from monitor.domain.checks.observation import ComponentId
from monitor.domain.text import Text
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.i18n.formats import Lang, clock_time, iso, offset_name, weekday_and_day
from monitor.i18n.forms.page import Words
from monitor.i18n.words import PAGE
from statuspage.parts.component_history import History
from statuspage.parts.html import Html, escaped, fill, html
from statuspage.view.model import PublicView


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One rendering: a view in one language, fresh or stale. The stale form says no relative
    time, because nobody knows when it will be read.

    `linked` is set on the pages of what is over for good, which say the same for years: they know
    no present state and no day of the data. It has the components that have a page."""

    view: PublicView
    history: History
    lang: Lang
    is_stale: bool = False
    linked: frozenset[ComponentId] | None = None

    @property
    def is_closed(self) -> bool:
        return self.linked is not None

    @property
    def known(self) -> frozenset[ComponentId]:
        """The components that have a page."""
        if self.linked is not None:
            return self.linked
        return frozenset(c.id for c in self.view.components)

    @property
    def words(self) -> Words:
        return PAGE[self.lang]

    @property
    def zone_note(self) -> str:
        """`hora de Argentina (UTC−3)`."""
        return self.words.zone_of.format(x=self.place, t=self.offset)

    @property
    def place(self) -> str:
        return place_of(self.view.zone.key, self.lang)

    @property
    def offset(self) -> str:
        return offset_name(self.view.at, self.view.zone)

    @property
    def today(self) -> date:
        return self.day(self.view.at)

    def text(self, text: Text) -> str:
        return text.in_locale(self.lang)

    def marked(self, text: Text) -> Html:
        """A text of one line, marked with its language where that is another. Names of services are
        proper names, and are not."""
        return _marked(self.text(text), self._other_language(text))

    def paragraphs(self, text: Text) -> tuple[Html, ...]:
        """A text's paragraphs, which blank lines separate. Where the text lacks this language, they
        are marked with the one they are in, so that a screen reader pronounces them as such."""
        found = (p.strip() for p in self.text(text).split("\n\n"))
        other = self._other_language(text)
        return tuple(_marked(p, other) for p in found if p)

    def _other_language(self, text: Text) -> str:
        locale = text.locale_for(self.lang)
        is_own = locale.partition("-")[0] == self.lang.partition("-")[0]
        return "" if is_own else locale

    def day(self, at: Second) -> date:
        return at_zone(at, self.view.zone).date()

    def time(self, at: Second, *, with_seconds: bool = False) -> Html:
        """`14:08`; for machines, with date and offset."""
        shown = clock_time(at, self.view.zone, with_seconds=with_seconds)
        return html('<time datetime="{iso}">{t}</time>', iso=iso(at, self.view.zone), t=shown)

    def dated(self, at: Second, *, near: date | None = None) -> Html:
        """The time, with its day where that is not `near` (the day of the data)."""
        day = self.day(at)
        if day == near or (near is None and self.linked is None and day == self.today):
            return self.time(at)
        return fill(self.words.time_on_day, t=self.time(at), d=weekday_and_day(day, self.lang))

    def long_dated(self, at: Second) -> Html:
        """The time with its day, whatever the day of the data is."""
        day = weekday_and_day(self.day(at), self.lang)
        return fill(self.words.time_on_day, t=self.time(at), d=day)

    def the(self, at: Second) -> Html:
        """`las 14:08`, to stand after "desde" or "antes de"."""
        return fill(self.words.the_time, t=self.dated(at))

    def at(self, at: Second) -> Html:
        """`a las 14:08`."""
        return fill(self.words.at_time, t=self.dated(at))


def _marked(words: str, language: str) -> Html:
    if not language:
        return escaped(words)
    return html('<span lang="{language}">{words}</span>', language=language, words=words)


@lru_cache(maxsize=32)
def place_of(zone: str, lang: Lang) -> str:
    """The country of a zone in that language; the zone's own name where it has none.

    >>> place_of("America/Argentina/Buenos_Aires", Lang.ES), place_of("UTC", Lang.ES)
    ('Argentina', 'UTC')
    """
    territory = get_global("zone_territories").get(zone)
    return Locale.parse(lang.value, sep="-").territories.get(territory, zone) if territory else zone
