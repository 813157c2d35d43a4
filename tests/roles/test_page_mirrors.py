"""The page role writes its mirrors beside the requests, and serves on where one cannot begin."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.domain.catalogue import GitMirror, Mirror, S3Mirror
from monitor.domain.rollup import Shown
from monitor.domain.secret import Secret
from monitor.mirrors.git import GitPlace
from monitor.mirrors.s3 import S3Place
from monitor.roles.page import page_runner
from monitor.roles.page_parts.mirrors import place_of
from monitor.roles.settings import published_dir
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from tests.statuspage.builders import showing
from tests.support.clock import FakeClock
from tests.support.patience import PATIENCE_S

KEY = Secret("${MIRROR_KEY}")
S3 = S3Mirror(endpoint="http://127.0.0.1:9", bucket="b", access_key=KEY, secret_key=KEY)


async def _there(file: Path) -> None:
    while not await asyncio.to_thread(file.exists):  # noqa: ASYNC110 - a file has no event
        await asyncio.sleep(0.01)


async def test_a_folder_gets_what_is_published(tmp_path: Path) -> None:
    view = showing(Shown.DOWN)
    publish(published_dir(tmp_path), render(view), view.at, view.stale_after)
    mirrors = [
        Mirror(id="cloud", every_s=60, s3=S3),
        Mirror(id="here", every_s=60, folder=str(tmp_path / "mirror")),
    ]
    with capture_logs() as logs:
        runner = page_runner(tmp_path, mirrors=mirrors, root="https://estado.example")
        await runner.setup()
        try:
            await asyncio.wait_for(_there(tmp_path / "mirror" / "mirror.json"), PATIENCE_S)
        finally:
            await runner.cleanup()
    assert "14:35" in (tmp_path / "mirror" / "es" / "index.html").read_text("utf-8")
    (told,) = (log for log in logs if log["event"] == "mirror.cannot_begin")
    assert told["mirror"] == "cloud"
    assert "MIRROR_KEY" in told["error"]


def test_each_mirror_is_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIRROR_KEY", "k")
    clock = FakeClock()
    assert isinstance(place_of(Mirror(id="a", every_s=60, s3=S3), tmp_path, clock), S3Place)
    git = Mirror(id="b", every_s=60, git=GitMirror(url="x", branch="pages"))
    assert isinstance(place_of(git, tmp_path, clock), GitPlace)
