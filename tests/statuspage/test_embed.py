"""A frame for other people's pages: the answer and a link, and nothing else may be framed."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.rollup import Shown
from monitor.domain.time.age import ClockReading
from monitor.domain.time.interval import Second
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.serve.responder import Request, SnapshotCache
from statuspage.serve.snapshot import load
from tests.statuspage.builders import showing
from tests.statuspage.company import SCENES
from tests.statuspage.reading import Document, old_form

EMBEDS = {"/es/insertar": "/es/", "/en/embed": "/en/"}


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("path", EMBEDS)
def test_it_gives_the_answer_of_home_and_a_link_there(scene: str, path: str) -> None:
    rendered = render(SCENES[scene]())
    home = rendered[EMBEDS[path]]
    for content, told in (
        (rendered[path].fresh.content, home.fresh.content),
        (old_form(rendered[path]), old_form(home)),
    ):
        document, answer = Document.parse(content), Document.parse(told)
        assert document.texts("h1") == answer.texts("h1")
        colours = [d.with_class("answer")[0].attrib["class"] for d in (document, answer)]
        assert colours[0] == colours[1]
        links = [a for tag, a in document.links() if tag == "a"]
        assert links == [EMBEDS[path]]
        assert b"<script" not in content
        assert b"<form" not in content


def test_a_minute_does_not_change_it() -> None:
    said = showing(Shown.OPERATIONAL)
    later = showing(Shown.OPERATIONAL, now=Second(said.at + 60))
    assert render(later)["/es/insertar"].fresh == render(said)["/es/insertar"].fresh


@pytest.mark.parametrize("late_s", [0, 600])
def test_it_alone_may_be_framed(tmp_path: Path, late_s: int) -> None:
    said = showing(Shown.DOWN, Shown.OPERATIONAL)
    rendered = render(said)
    publish(tmp_path, rendered, said.at, said.stale_after)
    cache = SnapshotCache(unpublished=b"", snapshot=load(tmp_path / "current"))
    now = ClockReading(at=Second(said.at + late_s), boottime=0.0, boot_id="")
    framed = set()
    for path in rendered:
        headers = dict(cache.answer(Request(method="GET", path=path), now).headers)
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; ")
        if policy.endswith("frame-ancestors *"):
            framed.add(path)
        else:
            assert policy.endswith("frame-ancestors 'none'"), path
    assert framed == set(EMBEDS)
