"""A page whose core is dead says that the promised update has not come, as soon as that is so."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from monitor.domain.rollup import Shown
from monitor.domain.time.age import ClockReading
from monitor.domain.time.interval import Second
from monitor.i18n.formats import NBSP
from statuspage.publish.manifest import CURRENT
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.serve.responder import Request, SnapshotCache
from statuspage.serve.responses import Response
from statuspage.serve.snapshot import load
from tests.statuspage.builders import at, component, incident, part, resolved, service, view
from tests.statuspage.reading import Document

A = component("a", "A", Shown.DOWN, since=at("14:08"))
FELL = incident("abc234", "A: caído", part(A, at("14:08")))
"""Written at 14:09:30; the next is promised before 14:39:30."""
OVER = resolved("old234", "A: lento", part(A, at("02:00"), at("02:10")))


@pytest.fixture
def shelf(tmp_path: Path) -> SnapshotCache:
    said = view(service("s", "S", A), incidents=[FELL, OVER])
    publish(tmp_path, render(said), said.at, said.stale_after)
    return SnapshotCache(unpublished=b"", snapshot=load(tmp_path / CURRENT))


def ask(shelf: SnapshotCache, path: str, now: Second, etag: str = "") -> Response:
    request = Request(method="GET", path=path, if_none_match=etag)
    return shelf.answer(request, ClockReading(at=now, boottime=0.0, boot_id=""))


def words(response: Response) -> str:
    content = response.content
    if not isinstance(content, bytes):
        content = content.render()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    return Document.parse(content).text().replace(NBSP, " ")


@pytest.mark.parametrize("path", ["/es/", "/incidente/abc234"])
@pytest.mark.parametrize(
    ("clock", "said"),
    [
        ("14:36:00", "Antes de las 14:39."),
        ("14:39:29", "Antes de las 14:39."),
        ("14:39:30", "La esperábamos antes de las 14:39. No llegó ninguna desde las 14:09."),
        ("23:00:00", "La esperábamos antes de las 14:39. No llegó ninguna desde las 14:09."),
    ],
)
def test_it_says_what_is_true_when_it_is_read(
    shelf: SnapshotCache, path: str, clock: str, said: str
) -> None:
    assert said in words(ask(shelf, path, at(clock)))


@pytest.mark.parametrize("path", ["/es/", "/incidente/abc234"])
@pytest.mark.parametrize(("clock", "is_late"), [("14:39:29", False), ("14:39:30", True)])
def test_a_core_that_is_back_promises_nothing_for_a_time_that_has_passed(
    path: str, clock: str, is_late: bool
) -> None:
    said = view(service("s", "S", A), incidents=[FELL], now=at(clock))
    page = Document.parse(render(said)[path].fresh.content).text().replace(NBSP, " ")
    assert ("La esperábamos antes de las 14:39. No llegó ninguna" in page) == is_late
    assert ("Antes de las 14:39." in page) != is_late


def test_each_language_has_its_own_words(shelf: SnapshotCache) -> None:
    late = words(ask(shelf, "/en/incident/abc234", at("15:00")))
    assert "It was due before 14:39. None has come since 14:09." in late


def test_a_copy_from_before_the_time_is_not_taken_for_the_one_after_it(
    shelf: SnapshotCache,
) -> None:
    before = dict(ask(shelf, "/incidente/abc234", at("14:39")).headers)["ETag"]
    assert ask(shelf, "/incidente/abc234", at("14:39:10"), before).status == 304
    assert ask(shelf, "/incidente/abc234", at("14:40"), before).status == 200


def test_what_is_over_promises_nothing(shelf: SnapshotCache) -> None:
    assert "Próxima actualización" not in words(ask(shelf, "/incidente/old234", at("23:00")))
