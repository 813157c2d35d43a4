"""Feeds as unmodified readers read them, by the rules of their formats."""

from __future__ import annotations

import gc
import json
import re
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
import pytest

from monitor.domain.incidents.incident import Phase
from monitor.domain.rollup import Shown
from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from statuspage.publish import feeds
from statuspage.publish.render import PageRenderer, render
from statuspage.publish.rendered import HTML
from statuspage.view.model import PublicIncident, PublicView
from tests.statuspage.builders import (
    DISPLAY,
    at,
    component,
    incident,
    part,
    resolved,
    service,
    text,
    update,
    view,
    window,
)
from tests.statuspage.company import SCENES
from tests.statuspage.reading import Document, xml_root

OURS = "https://estado.example"
XML = (".atom", ".rss")
FEED = re.compile(r"histor(ial|y)(/[^/]+)?\.(atom|rss|json)$")
A, B = component("a", "A", Shown.DOWN), component("b", "B")
FELL = incident("abc234", "A: caído", part(A, at("14:08")))


def seen(*incidents: PublicIncident, **more: Any) -> PublicView:
    return view(service("s", "S", A, B), incidents=incidents, **more)


def parsed(said: PublicView, path: str) -> Any:
    """As feedparser has it. Raises for what it had to mend."""
    found = feedparser.parse(render(said)[path].fresh.content)
    assert not found.bozo, (path, found.get("bozo_exception"))
    return found


@pytest.mark.parametrize("scene", SCENES)
def test_readers_find_the_same_in_each_format(scene: str) -> None:
    said = SCENES[scene]()
    atom, rss = parsed(said, "/historial.atom"), parsed(said, "/historial.rss")
    plain = json.loads(render(said)["/historial.json"].fresh.content)
    titles = [e.title for e in atom.entries]
    assert titles == [e.title for e in rss.entries] == [i["title"] for i in plain["items"]]
    assert len(titles) == len(said.incidents) + len(said.maintenance)
    assert (atom.version, rss.version) == ("atom10", "rss20")
    assert plain["version"] == "https://jsonfeed.org/version/1.1"
    links = [e.link for e in atom.entries]
    assert links == [e.link for e in rss.entries] == [i["url"] for i in plain["items"]]


@pytest.mark.parametrize("scene", SCENES)
def test_every_feed_keeps_the_rules_of_its_format(scene: str) -> None:
    rendered = render(SCENES[scene]())
    found = [path for path in rendered if FEED.search(path)]
    assert len(found) == 3 * 2 * (1 + len(SCENES[scene]().components)) + 2
    for path in found:
        content = rendered[path].fresh.content
        if path.endswith(".json"):
            _check_json(json.loads(content), path)
            continue
        root = xml_root(content)
        own = "/historial" + path.removeprefix("/history") if path.startswith("/history.") else path
        (self_link,) = (e for e in root.iter(f"{ATOM}link") if e.attrib["rel"] == "self")
        assert self_link.attrib["href"] == OURS + own
        (_check_atom if path.endswith(".atom") else _check_rss)(root)


ATOM = "{http://www.w3.org/2005/Atom}"


def _check_atom(root: Any) -> None:
    """RFC 4287: ids that are IRIs and unique, dates of RFC 3339, absolute links, an author."""
    ids = [e.text for e in root.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"tag:estado\.example,2005:[!-~]+", i) for i in ids)
    for name in ("updated", "published"):
        assert all(datetime.fromisoformat(e.text).utcoffset() is not None
                   for e in root.iter(f"{ATOM}{name}"))  # fmt: skip
    assert all(e.attrib["href"].startswith(OURS) for e in root.iter(f"{ATOM}link"))
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    for entry in root.iter(f"{ATOM}entry"):
        assert {"id", "title", "updated"} <= {e.tag.removeprefix(ATOM) for e in entry}
        assert entry.findtext(f"{ATOM}published") <= entry.findtext(f"{ATOM}updated")


def _check_rss(root: Any) -> None:
    """RSS 2.0: a channel's three elements, RFC 822's dates, ids that are unique."""
    channel = root.find("channel")
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    dates = [e.text for name in ("pubDate", "lastBuildDate") for e in root.iter(name)]
    assert all(parsedate_to_datetime(d).utcoffset() is not None for d in dates)
    ids = [e.text for e in root.iter("guid")]
    assert len(ids) == len(set(ids))
    assert ids == [item.findtext("link") for item in root.iter("item")]


def _check_json(document: Any, path: str) -> None:
    assert document["feed_url"] == OURS + path
    assert document["home_page_url"].startswith(OURS)
    ids = [item["id"] for item in document["items"]]
    assert len(ids) == len(set(ids))
    for item in document["items"]:
        assert item["url"].startswith(OURS)
        assert item["content_html"]
        for name in ("date_published", "date_modified"):
            assert datetime.fromisoformat(item[name]).utcoffset() is not None


def test_content_begins_with_the_present_state_as_programs_know_it() -> None:
    told = resolved("abc234", "A", part(A, at("02:00"), at("02:10")))
    work = window("m1", "Cambio", at("13:00"), at("15:00"), B)
    for path in ("/historial.atom", "/en/history.rss"):
        entries = parsed(seen(told, maintenance=[work]), path).entries
        states = {
            e.link.rpartition("/")[2]: re.findall("<strong>(.*?)</strong>", e.summary)[0]
            for e in entries
        }
        assert states == {"abc234": "Resolved", "m1": "In progress"}


def test_a_text_of_paragraphs_and_lines_keeps_them() -> None:
    said = update(1, at("14:10"), Phase.INVESTIGATING, "Falló <a>.\nMiramos.\n\nSiga con B.")
    (entry,) = parsed(seen(replace(FELL, updates=(said,))), "/historial.atom").entries
    read = re.sub("<br ?/?>", "|", entry.content[0].value)
    assert read.endswith("Falló &lt;a&gt;.|Miramos.||Siga con B.</p>")


def test_a_correction_moves_the_entry_and_keeps_its_id_and_its_publication() -> None:
    edited = replace(FELL.updates[0], corrected_at=at("14:21"), former=(text("Cero."),))
    corrected = replace(FELL, updates=(edited,), updated_at=at("14:21"))
    (before,) = parsed(seen(FELL), "/historial.atom").entries
    (after,) = parsed(seen(corrected), "/historial.atom").entries
    assert (before.id, before.published) == (after.id, after.published)
    assert before.updated < after.updated == "2026-04-16T14:21:00-03:00"
    assert parsed(seen(corrected), "/historial.atom").feed.updated == after.updated
    assert "corregido: jueves 16 de abril de 2026, 14:21" in after.summary


def test_a_component_has_what_concerns_it_alone() -> None:
    work = window("m1", "Cambio", at("13:00"), at("15:00"), B)
    said = seen(FELL, maintenance=[work])
    found = {id_: [e.title for e in parsed(said, f"/historial/{id_}.atom").entries] for id_ in "ab"}
    assert found == {"a": ["A: caído"], "b": ["Cambio"]}
    ids = {parsed(said, f"/historial/{i}.atom").feed.id for i in "ab"}
    assert len(ids | {parsed(said, "/historial.atom").feed.id}) == 3


def test_languages_have_ids_of_their_own() -> None:
    ids = {
        e.id for path in ("/historial.atom", "/en/history.atom")
        for e in parsed(seen(FELL), path).entries
    }  # fmt: skip
    assert ids == {
        "tag:estado.example,2005:Incident/abc234",
        "tag:estado.example,2005:en/Incident/abc234",
    }


def test_what_goes_on_is_in_it_however_much_came_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST", 2)
    later = [
        resolved(f"abc23{n}", f"B {n}", part(B, at(f"1{n}:00"), at(f"1{n}:10"))) for n in range(4)
    ]
    old = incident("old234", "A", part(A, at("02:00")))
    titles = [e.title for e in parsed(seen(*later, old), "/historial.atom").entries]
    assert titles == ["B 3", "B 2", "A"]


def test_no_character_breaks_a_feed() -> None:
    hostile = "\x00\x01\x0b\x1f\x7f\ud800\uffff ]]> & <b> \" ' {x} ñ 🎧"
    told = incident(
        "abc234", hostile, part(A, at("14:08")),
        updates=[update(1, at("14:10"), Phase.INVESTIGATING, f"<script>{hostile}")],
    )  # fmt: skip
    page = replace(DISPLAY, name=Text({"es": hostile}))
    said = seen(told, page=page, maintenance=[window("m", hostile, at("13:00"), at("15:00"), A)])
    for path, found in feeds.FeedWriter().feeds(said).items():
        if path.endswith(XML):
            assert not feedparser.parse(found.fresh.content).bozo, path
            xml_root(found.fresh.content)
        else:
            json.loads(found.fresh.content)
        assert b"<script>" not in found.fresh.content
        assert "🎧".encode() in found.fresh.content or "/b." in path


def test_nothing_moves_with_the_minute() -> None:
    renderer = PageRenderer()
    first = renderer.render(seen(FELL))
    second = renderer.render(replace(seen(FELL), at=at("14:36")))
    for path, page in first.items():
        if FEED.search(path) or path.endswith(".ics"):
            assert second[path].fresh.digest == page.fresh.digest == page.stale.digest, path


def test_what_no_view_has_any_more_is_not_kept() -> None:
    """A core renders for months, and an incident has an update every few minutes."""
    renderer = PageRenderer()
    for number in range(5):
        renderer.render(seen(replace(FELL, title=text(f"A: caído {number}"))))
    gc.collect()
    kept = [o for o in gc.get_objects() if isinstance(o, feeds.FeedEntry) and "caído" in o.title]
    assert {entry.title for entry in kept} == {"A: caído 4"}


def test_a_feed_that_is_as_it_was_is_not_written_again() -> None:
    renderer = PageRenderer()
    first, second = renderer.render(seen(FELL)), renderer.render(seen(FELL))
    assert all(second[path] is page for path, page in first.items() if path.endswith(XML))


@pytest.mark.parametrize("scene", list(SCENES)[:2])
def test_every_page_tells_readers_of_the_feeds(scene: str) -> None:
    rendered = render(SCENES[scene]())
    for path, page in rendered.items():
        if page.content_type != HTML or page.status != 200 or b"noindex" in page.fresh.content:
            continue
        links = Document.parse(page.fresh.content).root.iter("link")
        told = {e.attrib["type"]: e.attrib["href"] for e in links if "title" in e.attrib}
        assert set(told) == {
            "application/atom+xml", "application/rss+xml", "application/feed+json", "text/calendar",
        }, path  # fmt: skip
        assert all(href in rendered for href in told.values())


def test_a_components_page_names_its_own_first() -> None:
    document = Document.parse(render(seen(FELL))["/en/component/a"].fresh.content)
    first = next(e for e in document.root.iter("link") if e.attrib.get("type", "").endswith("xml")
                 and "title" in e.attrib)  # fmt: skip
    assert first.attrib["href"] == "/en/history/a.atom"
    shown = [address for tag, address in document.links() if tag == "a"]
    assert "/en/history/a.atom" in shown
    assert "/en/history/a.ics" in shown


def test_an_empty_feed_is_dated_by_when_there_was_something_to_tell() -> None:
    born = Second(at("00:00", day="2026-02-01"))
    quiet = replace(B, created_at=born)
    said = view(service("s", "S", quiet))
    found = parsed(said, "/historial/b.atom")
    assert found.entries == []
    assert found.feed.updated == "2026-02-01T00:00:00-03:00"
