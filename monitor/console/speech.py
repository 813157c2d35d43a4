"""How the console says times, durations and names, in one language and the company's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from monitor.domain.refusals import Refused
from monitor.domain.text import Text
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.i18n.formats import (
    Lang,
    clock_time,
    count,
    day_of_month,
    duration,
    iso,
    milliseconds,
    offset_name,
    rough_duration,
)
from monitor.i18n.forms.console import ConsoleWords
from monitor.i18n.refusals import sentence_in
from monitor.i18n.words import CONSOLE
from statuspage.parts.html import Html, escaped, fill, html


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """`now` is the moment of the answer."""

    lang: Lang
    zone: ZoneInfo
    now: Second

    @property
    def words(self) -> ConsoleWords:
        return CONSOLE[self.lang]

    @property
    def offset(self) -> str:
        return offset_name(self.now, self.zone)

    def text(self, text: Text | None) -> str:
        return "" if text is None else text.in_locale(self.lang)

    def count(self, number: int) -> str:
        return count(number, self.lang)

    def many(self, forms: tuple[str, str], number: int) -> str:
        """`1 incidente`, `3 incidentes`: one and several, with `{n}`."""
        return forms[number != 1].format(n=self.count(number))

    def clock_words(self, at: Second) -> str:
        return clock_time(at, self.zone, with_seconds=True)

    def clock(self, at: Second, *, with_seconds: bool = True) -> Html:
        shown = clock_time(at, self.zone, with_seconds=with_seconds)
        return html('<time datetime="{iso}">{t}</time>', iso=iso(at, self.zone), t=shown)

    def dated(self, at: Second, *, with_seconds: bool = True) -> Html:
        """The time, with its day where that is not today."""
        day = self.day(at)
        if day == self.day(self.now):
            return self.clock(at, with_seconds=with_seconds)
        shown = clock_time(at, self.zone, with_seconds=with_seconds)
        year = "" if day.year == self.day(self.now).year else f" {day.year}"
        return html(
            '<time datetime="{iso}">{d}{y}, {t}</time>',
            iso=iso(at, self.zone), d=day_of_month(day, self.lang), y=year, t=shown,
        )  # fmt: skip

    def since(self, at: Second | None) -> Html:
        """`14:08:30 (26 min)`."""
        if at is None:
            return Html("–")
        lasts = rough_duration(max(0, self.now - at))
        return Html(f'{self.dated(at)} <span class="tag">({escaped(lasts)})</span>')

    def ago(self, at: Second) -> Html:
        """`hace 3 min`, with the time itself beside it for who points at it."""
        lasts = rough_duration(max(0, self.now - at))
        return html(
            '<time datetime="{iso}" title="{iso}">{words}</time>',
            iso=iso(at, self.zone), words=self.words.ago.format(d=lasts),
        )  # fmt: skip

    def span(self, start: Second, end: Second) -> Html:
        """`domingo 19, 02:00 a 04:00`; the end with its day where that is another."""
        same = self.day(start) == self.day(end)
        until = self.clock(end, with_seconds=False) if same else self.dated(end, with_seconds=False)
        return fill(self.words.from_to, a=self.dated(start, with_seconds=False), b=until)

    def duration(self, seconds: int) -> str:
        return duration(seconds)

    def milliseconds(self, taken: float) -> str:
        return milliseconds(taken, self.lang)

    def day(self, at: Second) -> date:
        return at_zone(at, self.zone).date()

    def typed(self, at: Second) -> str:
        """As `<input type="datetime-local">` wants it."""
        return at_zone(at, self.zone).strftime("%Y-%m-%dT%H:%M")

    def refusal(self, refused: Refused) -> Html:
        """A sentence, marked with its language where that is another one."""
        words, lang = sentence_in(refused, self.lang)
        # An id stays as it is written.
        first = words.partition(" ")[0]
        start = words[:1].upper() if first.isalpha() else words[:1]
        sentence = f"{start}{words[1:]}{'' if words.endswith(('.', '?')) else '.'}"
        if lang == self.lang:
            return escaped(sentence)
        return html('<span lang="{lang}">{words}</span>', lang=lang, words=sentence)
