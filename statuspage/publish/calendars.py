"""Maintenance as a calendar that programs subscribe to (RFC 5545, RFC 7986), in each language.

An event keeps its UID; SEQUENCE grows with each extension, an early end and a cancellation. What
was cancelled stays, with that status, so that calendars take it away. Times are UTC: no zone has to
be understood. Nothing in it moves with the minute.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from urllib.parse import urlsplit

from monitor.domain.maintenance_steps import StepKind
from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import (
    calendar_path,
    component_calendar_path,
    history_path,
    maintenance_path,
)
from monitor.i18n.formats import Lang, joined
from monitor.i18n.words import PAGE
from statuspage.pages.site import languages
from statuspage.parts.maintenance_record import step_name, step_text
from statuspage.publish.rendered import CALENDAR, Body, Rendered
from statuspage.view.model import PublicMaintenance, PublicView

STATUSPAGES = "/maintenance.ics"
_Event = tuple[str, ...]
"""Its lines."""
_KEPT = 65_536
"""Calendars that are kept as they were packed: nearly all of them stay the same."""
_LONGEST = 75
"""Octets of a line without its end (RFC 5545, 3.1)."""
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def calendars(view: PublicView) -> dict[str, Rendered]:
    """The calendar of each language with its address, and the default one's at another; and that of
    each component."""
    rendered: dict[str, Rendered] = {}
    windows = [window for window in view.maintenance if window.steps]
    for lang in languages(view):
        desk = _Desk(view=view, lang=lang)
        events = {window.id: tuple(desk.event(window)) for window in windows}
        path = calendar_path(lang)
        rendered[path] = desk.calendar(path, view.page.name, events.values())
        rendered.setdefault(STATUSPAGES, rendered[path])
        for component in view.components:
            path = component_calendar_path(component.id, lang)
            own = (events[window.id] for window in windows if window.concerns(component.id))
            rendered[path] = desk.calendar(path, component.name, own)
    return rendered


@lru_cache(maxsize=_KEPT)
def _calendar(root: str, lang: Lang, path: str, of: str, events: tuple[_Event, ...]) -> Rendered:
    """At that address below `root`, named after what it is about."""
    name = _text(PAGE[lang].calendar_of.format(x=of))
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//estado//page//EN", "CALSCALE:GREGORIAN",
        f"NAME:{name}", f"X-WR-CALNAME:{name}", f"URL:{root}{history_path(lang)}",
        f"SOURCE;VALUE=URI:{root}{path}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H", "COLOR:royalblue",
        *chain.from_iterable(events), "END:VCALENDAR",
    ]  # fmt: skip
    body = Body.packed("".join(f"{folded(line)}\r\n" for line in lines).encode())
    return Rendered(fresh=body, stale=body, content_type=CALENDAR, language=lang.value)


def folded(line: str) -> str:
    """A line in pieces of at most 75 octets, none of which cuts a character in two.

    >>> [len(piece.encode()) for piece in folded("é" * 50).split("\\r\\n ")]
    [74, 26]
    """
    pieces, size = [""], 0
    for character in line:
        width = len(character.encode())
        # The space in front of a further piece counts.
        if size + width > _LONGEST - (len(pieces) > 1):
            pieces.append("")
            size = 0
        pieces[-1] += character
        size += width
    return "\r\n ".join(pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    view: PublicView
    lang: Lang

    def calendar(self, path: str, of: Text, events: Iterable[_Event]) -> Rendered:
        root, name = self.link(""), of.in_locale(self.lang)
        return _calendar(root, self.lang, path, name, tuple(events))

    def link(self, path: str) -> str:
        return self.view.page.url.rstrip("/") + path

    def event(self, window: PublicMaintenance) -> Iterator[str]:
        host = urlsplit(self.view.page.url).hostname or "localhost"
        changed = _utc(window.updated_at)
        yield from ("BEGIN:VEVENT", f"UID:{window.id}@{host}", f"SEQUENCE:{_sequence(window)}")
        # What is published has no other stamp than that of its last change (RFC 5545, 3.8.7.2).
        yield from (f"DTSTAMP:{changed}", f"LAST-MODIFIED:{changed}")
        yield f"CREATED:{_utc(window.published_at)}"
        yield from (f"DTSTART:{_utc(window.start)}", f"DTEND:{_utc(self._end(window))}")
        yield f"SUMMARY:{_text(self._summary(window))}"
        yield f"DESCRIPTION:{_text(self._description(window))}"
        yield f"URL:{self.link(maintenance_path(window.id, self.lang))}"
        yield f"STATUS:{'CANCELLED' if window.is_cancelled else 'CONFIRMED'}"
        yield from ("TRANSP:TRANSPARENT", "CLASS:PUBLIC", "END:VEVENT")

    def _end(self, window: PublicMaintenance) -> Second:
        return window.end if window.is_cancelled else window.took.end

    def _description(self, window: PublicMaintenance) -> str:
        """What it means, for whom, and the last that became of it."""
        names = joined([name.in_locale(self.lang) for _, name in window.components], self.lang)
        last = window.steps[-1]
        said = [window.impact.in_locale(self.lang), f"{PAGE[self.lang].affected_services}: {names}"]
        if last.kind in _SIGNIFICANT or last.is_early:
            said.insert(0, step_text(last, window, self.lang, self.view.zone))
        return "\n".join(said)

    def _summary(self, window: PublicMaintenance) -> str:
        """Some calendars keep what was cancelled, and show nothing but this."""
        title = window.title.in_locale(self.lang)
        last = window.steps[-1]
        return f"{step_name(last, self.lang)}: {title}" if window.is_cancelled else title


_SIGNIFICANT = (StepKind.EXTENDED, StepKind.CANCELLED)


def _sequence(window: PublicMaintenance) -> int:
    """How often its times or its status were changed."""
    return sum(step.kind in _SIGNIFICANT or step.is_early for step in window.steps)


def _text(words: str) -> str:
    """A value of the type TEXT: escaped, and without what no line may have."""
    return _CONTROLS.sub("", words.replace("\r\n", "\n").replace("\r", "\n")).translate(_ESCAPES)


def _utc(at: Second) -> str:
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y%m%dT%H%M%SZ")
