"""Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1 of incidents and maintenance: of the whole page and of
each component, in each language.

They have the form of Atlassian Statuspage's: ids are tag URIs, and an entry's content begins with
its present state, in English, as programs know it. An entry's `updated` moves with each step and
each correction; nothing in a feed moves with the minute.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import Phase
from monitor.domain.maintenance import MaintenancePhase
from monitor.domain.text import Text
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import (
    FEED_FORMATS,
    component_feed_path,
    component_path,
    feed_path,
    home_path,
    incident_path,
    maintenance_path,
)
from monitor.i18n.formats import Lang, clock_time, long_date, offset_name
from monitor.i18n.words import PAGE
from statuspage.pages.site import languages
from statuspage.parts.html import Html, escaped, html, xml_text
from statuspage.parts.maintenance_record import step_name, step_text
from statuspage.publish.rendered import ATOM, FEED_JSON, RSS, Body, Rendered
from statuspage.view.model import (
    PublicComponent,
    PublicIncident,
    PublicMaintenance,
    PublicUpdate,
    PublicView,
)

MOST = 50
"""Entries of a feed; what is not over is in it however old it is."""
_SMALL = 1_400
_KEPT = 65_536
"""Feeds with nothing to tell that are not written anew: they do not change with time."""
# The words that Statuspage's clients look for, whatever the language is.
_PHASES = {
    Phase.INVESTIGATING: "Investigating",
    Phase.IDENTIFIED: "Identified",
    Phase.MONITORING: "Monitoring",
    Phase.RESOLVED: "Resolved",
}
_WORK = {
    MaintenancePhase.SCHEDULED: "Scheduled",
    MaintenancePhase.IN_PROGRESS: "In progress",
    MaintenancePhase.COMPLETED: "Completed",
    MaintenancePhase.CANCELLED: "Completed",
}
_PARAGRAPH = "<p><small>{at}</small><br><strong>{state}</strong>{own} - {text}</p>"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """An incident or a maintenance window. `content` is HTML, newest step first."""

    id: str
    title: str
    url: str
    published: datetime
    updated: datetime
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """`urls` are its own by format; `home` is the page that it is of."""

    id: str
    title: str
    author: str
    lang: str
    home: str
    urls: tuple[tuple[str, str], ...]
    updated: datetime
    entries: tuple[FeedEntry, ...]


class FeedWriter:
    """Writes the feeds of one view after the other. Those that did not change since the view before
    are not written anew; what changed is let go, for a feed holds all that it tells."""

    def __init__(self) -> None:
        self._kept: dict[Feed, dict[str, Rendered]] = {}

    def feeds(self, view: PublicView) -> dict[str, Rendered]:
        """Every feed with its address."""
        former, self._kept = self._kept, {}
        rendered: dict[str, Rendered] = {}
        langs = languages(view)
        for lang in langs:
            desk = _Desk(view=view, lang=lang, prefix="" if lang is langs[0] else f"{lang}/")
            told = [desk.whole()]
            for component in view.components:
                if desk.concerns(component):
                    told.append(desk.of_component(component))
                else:
                    rendered |= desk.quiet(component).rendered
            for feed in told:
                self._kept[feed] = former.get(feed) or _written(feed)
                rendered |= self._kept[feed]
        for ending in ("atom", "rss"):
            # Where Statuspage has them.
            rendered[f"/history.{ending}"] = rendered[feed_path(langs[0], ending)]
        return rendered


_Subject = PublicIncident | PublicMaintenance


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """One language of a view. `prefix` tells the ids of other languages from the default one's."""

    view: PublicView
    lang: Lang
    prefix: str
    _entries: dict[tuple[type[object], str], FeedEntry] = field(default_factory=dict)
    _by_component: dict[ComponentId, list[_Subject]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for subject in self._subjects():
            for component in _components_of(subject):
                self._by_component.setdefault(component, []).append(subject)

    def whole(self) -> Feed:
        name = xml_text(self.name)
        return Feed(
            id=self.tag("history"),
            title=PAGE[self.lang].feed_of.format(x=name),
            author=name,
            lang=self.lang.value,
            home=self.link(home_path(self.lang)),
            urls=tuple((f, self.link(feed_path(self.lang, f))) for f in FEED_FORMATS),
            updated=self._updated(self._subjects(), self.view.components),
            entries=self._newest(self._subjects()),
        )

    def concerns(self, component: PublicComponent) -> bool:
        """Whether there is anything to tell of it."""
        return component.id in self._by_component

    def of_component(self, component: PublicComponent) -> Feed:
        """Of one that there is something to tell of."""
        subjects = self._by_component[component.id]
        return replace(
            self.quiet(component).feed,
            updated=self._updated(subjects, ()),
            entries=self._newest(subjects),
        )

    def quiet(self, component: PublicComponent) -> _Quiet:
        """As if there were nothing to tell of it."""
        return _quiet(
            _Place(self.root, self.lang, self.prefix, self.view.zone),
            component.id,
            component.name.in_locale(self.lang),
            self.name,
            component.created_at,
        )

    @property
    def root(self) -> str:
        return self.view.page.url.rstrip("/")

    @property
    def name(self) -> str:
        return self.view.page.name.in_locale(self.lang)

    def text(self, text: Text) -> str:
        return xml_text(text.in_locale(self.lang))

    def link(self, path: str) -> str:
        return self.root + path

    def tag(self, specific: str) -> str:
        return _tag(self.root, self.prefix, specific)

    def time(self, at: Second) -> datetime:
        return at_zone(at, self.view.zone)

    def _subjects(self) -> Sequence[_Subject]:
        return (*self.view.incidents, *(w for w in self.view.maintenance if w.steps))

    def _newest(self, subjects: Iterable[_Subject]) -> tuple[FeedEntry, ...]:
        """Newest first. What is not over is among them however many came after it."""
        ordered = sorted(subjects, key=lambda s: (-_told_at(s), s.id))
        chosen = [s for place, s in enumerate(ordered) if place < MOST or _is_open(s)]
        return tuple(map(self._entry, chosen))

    def _updated(
        self, subjects: Sequence[_Subject], components: Iterable[PublicComponent]
    ) -> datetime:
        """Of an empty feed: since when there is anything to tell."""
        last = max((s.updated_at for s in subjects), default=None)
        if last is None:
            last = min((c.created_at for c in components), default=Second(0))
        return self.time(last)

    def _entry(self, subject: _Subject) -> FeedEntry:
        """Written once, for the whole and for each of its components."""
        key = (type(subject), str(subject.id))
        if key not in self._entries:
            self._entries[key] = self._made(subject)
        return self._entries[key]

    def _made(self, subject: _Subject) -> FeedEntry:
        if isinstance(subject, PublicIncident):
            return self._incident(subject)
        return self._work(subject)

    def _incident(self, incident: PublicIncident) -> FeedEntry:
        said = [self._update(update) for update in incident.updates]
        return FeedEntry(
            id=self.tag(f"Incident/{incident.id}"),
            title=self.text(incident.title),
            url=self.link(incident_path(incident.id, self.lang)),
            published=self.time(_told_at(incident)),
            updated=self.time(incident.updated_at),
            content="".join(said),
        )

    def _work(self, window: PublicMaintenance) -> FeedEntry:
        said = [
            self._paragraph(
                self._dated(step.at),
                _WORK[step.phase],
                step_name(step, self.lang),
                step_text(step, window, self.lang, self.view.zone),
            )
            for step in reversed(window.steps)
        ]
        return FeedEntry(
            id=self.tag(f"Maintenance/{window.id}"),
            title=self.text(window.title),
            url=self.link(maintenance_path(window.id, self.lang)),
            published=self.time(_told_at(window)),
            updated=self.time(window.updated_at),
            content="".join(said),
        )

    def _update(self, update: PublicUpdate) -> str:
        words, at = PAGE[self.lang], self._dated(update.at)
        if update.corrected_at is not None:
            corrected = words.corrected_on.format(t=self._dated(update.corrected_at))
            at = f"{at} ({corrected})"
        state = "Postmortem" if update.is_postmortem else _PHASES[update.phase]
        own = words.postmortem if update.is_postmortem else words.phases[update.phase]
        return self._paragraph(at, state, own, update.body.in_locale(self.lang))

    def _dated(self, at: Second) -> str:
        day = long_date(at_zone(at, self.view.zone).date(), self.lang)
        return f"{day}, {clock_time(at, self.view.zone)} ({offset_name(at, self.view.zone)})"

    def _paragraph(self, at: str, state: str, own: str, text: str) -> str:
        """`own` is the state in the feed's language, where that is another word."""
        own = "" if own == state else f" ({own})"
        # Readers show white space as one blank, as browsers do.
        lines = Html("<br>".join(map(escaped, xml_text(text).split("\n"))))
        return html(_PARAGRAPH, at=at, state=state, own=own, text=lines)


class _Place(NamedTuple):
    """Where a feed is, and how times are said there."""

    root: str
    lang: Lang
    prefix: str
    zone: ZoneInfo


class _Quiet(NamedTuple):
    feed: Feed
    rendered: dict[str, Rendered]


@lru_cache(maxsize=_KEPT)
def _quiet(
    place: _Place, component: ComponentId, name: str, author: str, created_at: Second
) -> _Quiet:
    """The feed of a component of which there is nothing to tell: nearly all of them are that."""
    root, lang, prefix, zone = place
    own = xml_text(f"{name} · {author}")
    paths = ((f, component_feed_path(component, lang, f)) for f in FEED_FORMATS)
    feed = Feed(
        id=_tag(root, prefix, f"component/{component}"),
        title=PAGE[lang].feed_of.format(x=own),
        author=xml_text(author),
        lang=lang.value,
        home=root + component_path(component, lang),
        urls=tuple((ending, root + path) for ending, path in paths),
        updated=at_zone(created_at, zone),
        entries=(),
    )
    return _Quiet(feed, _written(feed))


def _tag(root: str, prefix: str, specific: str) -> str:
    """RFC 4151; the form and the year are Statuspage's."""
    host = urlsplit(root).hostname or "localhost"
    return f"tag:{host},2005:{_first_slash(specific)}{prefix}{quote(specific)}"


def _components_of(subject: _Subject) -> Iterable[ComponentId]:
    if isinstance(subject, PublicIncident):
        return dict.fromkeys(part.component for part in subject.parts)
    return [id_ for id_, _ in subject.components]


def _told_at(subject: _Subject) -> Second:
    """When it was first told of."""
    if isinstance(subject, PublicMaintenance):
        return subject.published_at
    return min([subject.created_at, *(u.at for u in subject.updates)])


def _is_open(subject: _Subject) -> bool:
    if isinstance(subject, PublicIncident):
        return subject.phase is not Phase.RESOLVED
    return subject.phase in (MaintenancePhase.SCHEDULED, MaintenancePhase.IN_PROGRESS)


def _first_slash(specific: str) -> str:
    """Statuspage writes `:/history` and `:Incident/ID`."""
    return "/" if specific == "history" else ""


def _written(feed: Feed) -> dict[str, Rendered]:
    return {urlsplit(url).path: _document(feed, ending) for ending, url in feed.urls}


def _document(feed: Feed, ending: str) -> Rendered:
    write, content_type = _FORMATS[ending]
    content = write(feed).encode()
    is_small = len(content) < _SMALL
    body = Body.of(content) if is_small else Body.packed(content)
    return Rendered(
        fresh=body, stale=body, content_type=content_type, is_small=is_small, language=feed.lang
    )


def _atom(feed: Feed) -> str:
    own = dict(feed.urls)["atom"]
    entries = "".join(map(_atom_entry, feed.entries))
    return html(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<feed xml:lang="{lang}" xmlns="http://www.w3.org/2005/Atom"><id>{id}</id>'
        '<link rel="alternate" type="text/html" href="{home}"/>'
        '<link rel="self" type="application/atom+xml" href="{own}"/>'
        "<title>{title}</title><updated>{updated}</updated>"
        "<author><name>{author}</name></author>{entries}</feed>\n",
        lang=feed.lang, id=feed.id, home=feed.home, own=own, title=feed.title,
        updated=feed.updated.isoformat(), author=feed.author, entries=Html(entries),
    )  # fmt: skip


def _atom_entry(entry: FeedEntry) -> str:
    return html(
        "<entry><id>{id}</id><published>{published}</published><updated>{updated}</updated>"
        '<link rel="alternate" type="text/html" href="{url}"/><title>{title}</title>'
        '<content type="html">{content}</content></entry>',
        id=entry.id, published=entry.published.isoformat(), updated=entry.updated.isoformat(),
        url=entry.url, title=entry.title, content=str(entry.content),
    )  # fmt: skip


def _rss(feed: Feed) -> str:
    own = dict(feed.urls)["rss"]
    items = "".join(map(_rss_item, feed.entries))
    return html(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        "<title>{title}</title><link>{home}</link><description>{title}</description>"
        "<language>{lang}</language><lastBuildDate>{updated}</lastBuildDate>"
        '<atom:link rel="self" type="application/rss+xml" href="{own}"/>{items}'
        "</channel></rss>\n",
        title=feed.title, home=feed.home, lang=feed.lang, own=own,
        updated=format_datetime(feed.updated), items=Html(items),
    )  # fmt: skip


def _rss_item(entry: FeedEntry) -> str:
    return html(
        "<item><title>{title}</title><description>{content}</description>"
        "<pubDate>{published}</pubDate><link>{url}</link>"
        "<atom:updated>{updated}</atom:updated><guid>{url}</guid></item>",
        title=entry.title, content=str(entry.content), url=entry.url,
        published=format_datetime(entry.published), updated=entry.updated.isoformat(),
    )  # fmt: skip


def _json(feed: Feed) -> str:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": dict(feed.urls)["json"],
        "language": feed.lang,
        "authors": [{"name": feed.author}],
        "items": [
            {
                "id": entry.id,
                "url": entry.url,
                "title": entry.title,
                "content_html": entry.content,
                "date_published": entry.published.isoformat(),
                "date_modified": entry.updated.isoformat(),
            }
            for entry in feed.entries
        ],
    }
    # Nobody can take it for HTML.
    return json.dumps(document, ensure_ascii=False).replace("<", "\\u003c")


_FORMATS: Mapping[str, tuple[Callable[[Feed], str], str]] = {
    "atom": (_atom, ATOM),
    "rss": (_rss, RSS),
    "json": (_json, FEED_JSON),
}
