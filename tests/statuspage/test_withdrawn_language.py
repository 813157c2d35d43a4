"""A language that is published no more: what people have linked to goes on in the default one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.time.age import ClockReading
from statuspage.publish.manifest import CURRENT
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.serve.archive import ArchiveReader
from statuspage.serve.responder import Request, SnapshotCache
from statuspage.serve.responses import Response
from statuspage.serve.snapshot import load
from tests.statuspage.closed import march, write_month
from tests.statuspage.company import SCENES

SAID = SCENES["outage"]()
TAKEN = ClockReading(at=SAID.at, boottime=0.0, boot_id="")


def in_languages(folder: Path, *locales: str) -> SnapshotCache:
    """What is served where only these are configured."""
    page = replace(SAID.page, locales=locales)
    said = replace(SAID, page=page)
    publish(folder, render(said), said.at, said.stale_after)
    month = march()
    write_month(replace(month, view=replace(month.view, page=page)), folder / "archive")
    archive = ArchiveReader(folder / "archive").newer()
    assert archive is not None
    return SnapshotCache(unpublished=b"", snapshot=load(folder / CURRENT), archive=archive)


@pytest.fixture(scope="module")
def spanish(tmp_path_factory: pytest.TempPathFactory) -> SnapshotCache:
    return in_languages(tmp_path_factory.mktemp("es"), "es")


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> SnapshotCache:
    return in_languages(tmp_path_factory.mktemp("en"), "en")


def ask(cache: SnapshotCache, path: str) -> Response:
    return cache.answer(Request(method="GET", path=path), TAKEN)


def leads_to(cache: SnapshotCache, path: str) -> str:
    answer = ask(cache, path)
    assert answer.status == 302, (path, answer.status)
    return dict(answer.headers)["Location"]


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/en/", "/es/"),
        ("/en/incident/r4d2ab", "/incidente/r4d2ab"),
        ("/pt/incidente/r4d2ab", "/incidente/r4d2ab"),
        ("/en/maintenance/web2-update", "/mantenimiento/web2-update"),
        ("/en/component/radio2", "/componente/radio2"),
        ("/en/history.atom", "/historial.atom"),
        ("/en/history/radio2.ics", "/historial/radio2.ics"),
        ("/en/badge/radio2.svg", "/badge/radio2.svg"),
        ("/en/history/2026-03", "/historial/2026-03"),
    ],
)
def test_its_pages_feeds_and_badges_lead_to_the_default_language(
    spanish: SnapshotCache, path: str, there: str
) -> None:
    assert leads_to(spanish, path) == there
    assert ask(spanish, there).status == 200


def test_the_language_without_a_prefix_may_be_the_one_that_is_withdrawn(
    english: SnapshotCache,
) -> None:
    assert leads_to(english, "/incidente/r4d2ab") == "/en/incident/r4d2ab"
    assert leads_to(english, "/es/") == "/en/"


@pytest.mark.parametrize(
    "path", ["/en/incident/nothing", "/en/nothing", "/en/component/radio2/more", "/fr/"]
)
def test_what_never_was_is_not_found_in_any_language(spanish: SnapshotCache, path: str) -> None:
    assert ask(spanish, path).status == 404


def test_a_language_that_is_published_answers_by_itself(
    tmp_path: Path,
) -> None:
    cache = in_languages(tmp_path, "es", "en")
    assert ask(cache, "/en/incident/r4d2ab").status == 200
