"""What a customer reads on each page, in the feed, the calendar and the mails, as lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from xml.etree.ElementTree import Element

from html5lib import parseFragment
from icalendar import Calendar

from monitor.i18n.addresses import (
    calendar_path,
    component_path,
    feed_path,
    home_path,
    incident_path,
    month_path,
)
from monitor.i18n.formats import NBSP, Lang
from tests.night.night import MONTH, Night
from tests.roles.archive_world import body_of
from tests.statuspage.reading import Document, xml_root
from tests.support.worlds import MAIL

_ATOM = "{http://www.w3.org/2005/Atom}"
_INLINE = {"a", "b", "time", "svg", "use", "strong", "em", "abbr"}
_TOKEN = re.compile(r"/[^/\s]+\.0\.[\w-]+")


def home(night: Night, lang: Lang) -> Iterator[str]:
    """Its title, what it says at the top, and each card."""
    page = night.page(home_path(lang))
    yield from _head(page)
    for section in page.with_class("now"):
        yield from (f"- {words(part)}" for part in _with_class(section, "card"))


def incident(night: Night, lang: Lang) -> Iterator[str]:
    """Its title, what it says at the top, its summary, and its record, the newest first."""
    page = night.page(incident_path(night.incident, lang))
    yield from _head(page)
    for summary in page.root.iter("dl"):
        yield words(summary)
        break
    for log in page.with_class("log"):
        yield from (f"- {words(item)}" for item in log.iter("li"))


def component(night: Night, lang: Lang) -> Iterator[str]:
    """Its title, and what it says at the top."""
    yield from _head(night.page(component_path(MAIL, lang)))


def month(night: Night, lang: Lang) -> Iterator[str]:
    """Its title, what it says at the top, and what happened."""
    page = night.page(month_path(MONTH, lang))
    yield from _head(page)
    for days in page.with_class("days"):
        yield from (f"- {words(item)}" for item in days.iter("li"))


def feed(night: Night, lang: Lang) -> Iterator[str]:
    """The newest entry with the newest of what it says."""
    root = xml_root(body_of(night.company.ask(feed_path(lang, "atom"))))
    for entry in root.findall(f"{_ATOM}entry")[:1]:
        newest = parseFragment(_of(entry, "content"), namespaceHTMLElements=False)[0]
        yield f"{_of(entry, 'updated')} {_of(entry, 'title')}: {words(newest)}"


def calendar(night: Night, lang: Lang) -> Iterator[str]:
    made = Calendar.from_ical(body_of(night.company.ask(calendar_path(lang))))
    for event in made.walk("VEVENT"):
        begin, end = event.decoded("DTSTART"), event.decoded("DTEND")
        yield f"{begin:%Y-%m-%d %H:%M}–{end:%H:%M} UTC {event['STATUS']}: {event['SUMMARY']}"


def mail(one: EmailMessage) -> str:
    """Its subject and its text; the link to unsubscribe is its reader's own."""
    body = one.get_body(("plain",))
    assert body is not None
    lines = _TOKEN.sub("/…", body.get_content().replace("\r", "")).split("\n\n")
    return f"«{one['Subject']}» " + " ¶ ".join(_plain(line) for line in lines)


def words(element: Element) -> str:
    """As it is read: what stands apart on the page is parted by a bar."""
    parts: list[str] = []
    _gather(element, parts)
    found = (_plain(part) for part in "".join(parts).split("\0"))
    return " | ".join(part for part in found if part)


def _gather(element: Element, parts: list[str]) -> None:
    if element.tag == "svg":
        parts.append(element.tail or "")
        return
    edge = "" if element.tag in _INLINE else "\0"
    parts += [edge, element.text or ""]
    for child in element:
        _gather(child, parts)
    parts += [edge, element.tail or ""]


def _head(page: Document) -> Iterator[str]:
    yield f"[{_plain(page.texts('title')[0])}]"
    for name in ("stale", "answer"):
        yield from (words(part) for part in page.with_class(name))


def _with_class(inside: Element, name: str) -> Iterator[Element]:
    return (e for e in inside.iter() if name in e.attrib.get("class", "").split())


def _of(entry: Element, name: str) -> str:
    found = entry.find(_ATOM + name)
    return "" if found is None else _plain("".join(found.itertext()))


def _plain(text: str) -> str:
    return " ".join(text.replace(NBSP, " ").split())
