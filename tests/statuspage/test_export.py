"""The page as files: true however long they lie, served by an ordinary web server."""

from __future__ import annotations

import asyncio
import subprocess
import time
import urllib.request
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest
from typer.testing import CliRunner

from monitor.cli import build_app
from monitor.domain.rollup import Shown
from monitor.domain.time.interval import Second
from monitor.mirrors.folder import FolderPlace
from monitor.mirrors.mirroring import Mirroring
from monitor.mirrors.ports import Publication
from monitor.roles.page_parts.mirrors import publication_of
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.serve.server import SnapshotWatcher
from statuspage.view.model import PublicView
from tests.e2e.product import config_text, free_port
from tests.statuspage.builders import THURSDAY, showing
from tests.statuspage.company import SCENES
from tests.support.clock import FakeClock
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_ports
from tests.support.require import require_server

ROOT = "https://estado.example/"


def of(view: PublicView, folder: Path, now: int = THURSDAY) -> Publication:
    publish(folder, render(view), view.at, view.stale_after, boottime=0.0, boot_id="boot-1")
    clock = FakeClock(Second(now))
    watcher = SnapshotWatcher(folder, clock)
    watcher.refresh()
    found = publication_of(watcher.cache, clock, ROOT)
    assert found is not None
    return found


def test_every_page_says_of_which_time_its_data_is(tmp_path: Path) -> None:
    files = of(showing(Shown.DOWN), tmp_path).files
    for name in ("index.html", "en/index.html", "historial.html", "componente/c0.html"):
        page = files[name].render().decode()
        assert "14:35" in page
        assert "\0" not in page
    assert "Estos datos son de las 14:35." in files["index.html"].render().decode()


def test_forms_lead_to_the_page_itself(tmp_path: Path) -> None:
    view = replace(showing(Shown.DOWN), answers_names=True)
    page = of(view, tmp_path).files["es/index.html"].render()
    assert b'action="https://estado.example/me-afecta"' in page


def test_a_page_is_the_same_until_its_content_is_another(tmp_path: Path) -> None:
    view = showing(Shown.OPERATIONAL, Shown.OPERATIONAL)
    first = of(view, tmp_path).files
    later = replace(view, at=Second(view.at + 60))
    second = of(later, tmp_path).files
    assert first["componente/c0.html"].digest == second["componente/c0.html"].digest
    assert second["index.html"].is_news
    assert not second["componente/c0.html"].is_news
    assert second["componente/c0.html"].is_dated
    assert not next(f for name, f in second.items() if name.startswith("static/")).is_dated


def test_a_promise_that_passes_is_another_publication(tmp_path: Path) -> None:
    view = SCENES["repair"]()
    before = of(view, tmp_path, view.at)
    after = of(view, tmp_path / "again", view.at + 86_400)
    assert before.number != after.number


def test_an_ordinary_web_server_serves_them(tmp_path: Path) -> None:
    nginx = require_server("nginx", "an export behind an ordinary web server")
    publication, mirror = of(showing(Shown.DOWN), tmp_path / "published"), tmp_path / "mirror"
    mirroring = Mirroring("m", FolderPlace(mirror), lambda: publication, FakeClock(), 60)
    asyncio.run(mirroring.bring_up_to_date())
    (port,) = free_ports(1)
    conf = tmp_path / "nginx.conf"
    temporary = " ".join(
        f"{name}_temp_path {tmp_path}/t;"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf.write_text(
        f"user root; daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\n"
        "events { worker_connections 64; }\n"
        f"http {{ access_log off; types {{ text/html html; image/svg+xml svg; }} {temporary}\n"
        f"server {{ listen 127.0.0.1:{port}; root {mirror}; error_page 404 /404.html;\n"
        "location / { try_files $uri $uri.html $uri/index.html =404; } } }\n"
    )
    process = subprocess.Popen([nginx, "-c", conf, "-p", tmp_path])
    try:
        assert _get(port, "/")[0] == 200
        for path in ("/es/", "/historial", "/en/history", "/componente/c0", "/badge.svg"):
            assert _get(port, path)[0] == 200, path
        status, page = _get(port, "/nada")
        assert status == 404
        assert "14:35" in page
    finally:
        process.kill()
        process.wait()


def _get(port: int, path: str) -> tuple[int, str]:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def test_the_command_writes_the_newest_publication(tmp_path: Path) -> None:
    config = tmp_path / "services.yaml"
    text = config_text({"web": "127.0.0.1:1"}, page_port=free_port(), ops_port=free_port())
    config.write_text(text, "utf-8")
    named = ["-c", str(config), "-d", str(tmp_path)]
    out = tmp_path / "out"
    none = CliRunner().invoke(build_app(), ["page", "export", str(out), *named])
    assert none.exit_code == 2
    view = showing(Shown.DOWN)
    publish(tmp_path / "published", render(view), view.at, view.stale_after)
    done = CliRunner().invoke(build_app(), ["page", "export", str(out), *named])
    assert (done.exit_code, done.output.split()[1]) == (0, "files")
    assert (out / "es" / "index.html").exists()
    assert (out / "mirror.json").exists()


@pytest.mark.parametrize("name", ["suscripcion/received.html", "informar.html"])
def test_a_form_that_there_is_not_is_no_file(tmp_path: Path, name: str) -> None:
    assert name not in of(showing(Shown.DOWN), tmp_path).files
