"""Addresses of Statuspage's that people and programs have: they lead to what is here."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.time.age import ClockReading
from statuspage.publish.manifest import CURRENT
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.serve.responder import Request, SnapshotCache
from statuspage.serve.responses import Response
from statuspage.serve.snapshot import load
from tests.statuspage.company import SCENES

TAKEN = ClockReading(at=SCENES["outage"]().at, boottime=0.0, boot_id="")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> SnapshotCache:
    folder: Path = tmp_path_factory.mktemp("published")
    said = SCENES["outage"]()
    publish(folder, render(said), said.at, said.stale_after)
    return SnapshotCache(unpublished=b"", snapshot=load(folder / CURRENT))


def ask(shelf: SnapshotCache, path: str) -> Response:
    return shelf.answer(Request(method="GET", path=path), TAKEN)


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/history", "/historial"),
        ("/history/", "/historial"),
        ("/incidents/r4d2ab", "/incidente/r4d2ab"),
        ("/incidents/r4d2ab/", "/incidente/r4d2ab"),
        ("/incidents/web2-update", "/mantenimiento/web2-update"),
    ],
)
def test_they_lead_to_the_page_in_the_default_language(
    shelf: SnapshotCache, path: str, there: str
) -> None:
    answer = ask(shelf, path)
    assert (answer.status, dict(answer.headers)["Location"]) == (308, there)
    assert ask(shelf, there).status == 200


@pytest.mark.parametrize("path", ["/incidents/nothing", "/incidents/", "/incidents/../x"])
def test_what_never_was_is_not_found(shelf: SnapshotCache, path: str) -> None:
    assert ask(shelf, path).status == 404


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("/history.atom", "application/atom+xml"),
        ("/history.rss", "application/rss+xml"),
        ("/historial.json", "application/feed+json"),
        ("/maintenance.ics", "text/calendar"),
        ("/en/history/web1.rss", "application/rss+xml"),
    ],
)
def test_feeds_are_served_as_what_they_are_to_pages_of_any_host(
    shelf: SnapshotCache, path: str, type_: str
) -> None:
    headers = dict(ask(shelf, path).headers)
    assert headers["Content-Type"].startswith(type_)
    assert headers["Access-Control-Allow-Origin"] == "*"
