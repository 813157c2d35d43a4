"""The page role: bytes from memory, honest about their age, over real connections."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import brotli
import pytest
from aiohttp import ClientSession, DummyCookieJar, web
from structlog.testing import capture_logs

from monitor.domain.rollup import Shown
from monitor.domain.time.interval import Second
from monitor.i18n.languages import Lang
from statuspage.publish.manifest import CURRENT
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.serve import server
from statuspage.serve.negotiate import best_encoding, best_language
from statuspage.serve.server import SnapshotWatcher, make_app
from tests.statuspage.builders import THURSDAY, showing
from tests.support.clock import FakeClock
from tests.support.patience import PATIENCE_S


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Site:
    """A page role on a port of its own, its folder and its clock."""

    def __init__(self, folder: Path, url: str, clock: FakeClock, client: ClientSession) -> None:
        self.folder = folder
        self.clock = clock
        self.url = url
        self._client = client

    def publish(self, *shown: Shown, at: Second = THURSDAY) -> int:
        said = showing(*shown, now=at)
        boottime, boot_id = self.clock.boottime(), self.clock.boot_id()
        return publish(
            self.folder, render(said), said.at, said.stale_after, boottime=boottime, boot_id=boot_id
        )

    async def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._client.request(
            method, self.url + path, headers=named, allow_redirects=False
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def until(self, path: str, holds: Callable[[Answer], bool]) -> Answer:
        """The first answer for which it holds; the look at the folder is a matter of moments."""
        async with asyncio.timeout(PATIENCE_S):
            answer = await self.ask(path)
            while not holds(answer):
                answer = await self.ask(path)
        return answer


@pytest.fixture
async def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """Nothing has been published yet."""
    monkeypatch.setattr(server, "REFRESH_EVERY_S", 0.01)
    clock = FakeClock(Second(THURSDAY + 5))
    runner = web.AppRunner(
        make_app(SnapshotWatcher(tmp_path / "published", clock)), access_log=None
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    client = ClientSession(
        auto_decompress=False,
        cookie_jar=DummyCookieJar(),
        skip_auto_headers=["Accept-Encoding"],
    )
    yield Site(tmp_path / "published", f"http://{host}:{port}", clock, client)
    await client.close()
    await runner.cleanup()


@pytest.fixture
async def site(empty: Site) -> Site:
    """All is well, and published."""
    empty.publish(Shown.OPERATIONAL)
    await empty.until("/", lambda answer: answer.status == 200)
    return empty


async def test_it_says_honestly_that_nothing_is_published_yet(empty: Site) -> None:
    answer = await empty.ask("/")
    assert answer.status == 503
    assert "Todavía no hay datos." in answer.text
    for lang in Lang:
        assert f'lang="{lang.value}"' in answer.text
    # Several brands' hosts show it.
    assert "<title>Todavía no hay datos</title>" in answer.text
    assert answer.headers["Retry-After"] == "10"
    assert json.loads((await empty.ask("/healthz")).body)["published"] is None


async def test_it_takes_up_the_first_publication_and_each_newer_one(empty: Site) -> None:
    empty.publish(Shown.OPERATIONAL)
    await empty.until("/es/", lambda a: "Todos los servicios están estables." in a.text)
    empty.publish(Shown.DOWN, Shown.OPERATIONAL)
    await empty.until("/es/", lambda a: "A no funciona." in a.text)


async def test_it_says_that_data_is_old_after_two_intervals_and_not_before(site: Site) -> None:
    site.clock.advance_to(Second(THURSDAY + 120))
    assert "Todos los servicios están estables." in (await site.ask("/es/")).text
    site.clock.advance(1)
    old = await site.ask("/es/")
    assert "Estos datos son de las 14:35." in old.text
    assert "Abierto ahora" not in old.text
    status = json.loads((await site.ask("/api/v2/status.json")).body)["status"]
    assert status["indicator"] == "minor"
    assert json.loads((await site.ask("/healthz")).body)["stale"] is True


@pytest.mark.parametrize("step", [-3_600, -40 * 86_400])
async def test_data_go_stale_in_their_time_though_the_clock_was_set_back(
    site: Site, step: int
) -> None:
    site.clock.step(step)
    site.clock.advance(110)
    assert "Todos los servicios están estables." in (await site.ask("/es/")).text
    site.clock.advance(11)
    assert "Estos datos son de las 14:35." in (await site.ask("/es/")).text
    assert json.loads((await site.ask("/healthz")).body)["stale"] is True


async def test_data_of_another_boot_are_as_old_as_the_wall_clock_says(site: Site) -> None:
    site.clock.reboot(boot_id="boot-2")
    site.clock.advance(100)
    assert "Todos los servicios están estables." in (await site.ask("/es/")).text
    site.clock.advance(100)
    assert "Estos datos son de las 14:35." in (await site.ask("/es/")).text


async def test_data_of_another_boot_that_are_still_to_come_are_of_no_known_age(site: Site) -> None:
    site.clock.reboot(boot_id="boot-2")
    site.clock.step(-3_600)
    assert "Estos datos son de las 14:35." in (await site.ask("/es/")).text


async def test_a_clock_set_forward_makes_data_old_until_the_next_publication(site: Site) -> None:
    site.clock.step(3_600)
    assert "Estos datos son de las 14:35." in (await site.ask("/es/")).text
    site.publish(Shown.OPERATIONAL, at=site.clock.now())
    await site.until("/es/", lambda a: "Todos los servicios están estables." in a.text)


async def test_it_is_fresh_again_with_the_next_publication(site: Site) -> None:
    site.clock.advance(600)
    assert "Estos datos son de las" in (await site.ask("/es/")).text
    site.publish(Shown.OPERATIONAL, at=site.clock.now())
    await site.until("/es/", lambda a: "Todos los servicios están estables." in a.text)


ENCODINGS = pytest.mark.parametrize(
    ("accepts", "encoding", "decode"),
    [("", None, bytes), ("gzip", "gzip", gzip.decompress), ("gzip, br", "br", brotli.decompress)],
)
OLD = {
    "/es/": "Estos datos son de las 14:35.",
    "/componente/c0": "Estos datos son de las 14:35.",
    "/en/component/c0": "This data is from 14:35.",
    "/api/v2/summary.json": "Estos datos son de las 14:35.",
}


@ENCODINGS
@pytest.mark.parametrize("path", OLD)
async def test_it_tells_the_time_of_old_data_in_every_encoding(
    site: Site, path: str, accepts: str, encoding: str | None, decode: Callable[[bytes], bytes]
) -> None:
    fresh = await site.ask(path, Accept_Encoding=accepts)
    site.clock.advance(600)
    old = await site.ask(path, Accept_Encoding=accepts)
    assert old.headers.get("Content-Encoding") == encoding
    assert old.headers["ETag"] != fresh.headers["ETag"]
    said = decode(old.body)
    assert OLD[path] in said.decode()
    assert b"\0" not in said
    assert OLD[path] not in decode(fresh.body).decode()
    again = await site.ask(path, Accept_Encoding=accepts, If_None_Match=old.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    head = await site.ask(path, "HEAD", Accept_Encoding=accepts)
    kept = ("ETag", "Content-Length", "Content-Type", "Content-Security-Policy", "Vary")
    assert head.body == b""
    assert [head.headers[k] for k in kept] == [old.headers[k] for k in kept]


async def test_old_data_of_another_time_is_another_page(site: Site) -> None:
    site.clock.advance(600)
    first = await site.ask("/componente/c0", Accept_Encoding="br")
    site.publish(Shown.OPERATIONAL, at=Second(THURSDAY + 60))
    second = await site.until("/componente/c0", lambda a: "de las 14:36." in a.text)
    etag = first.headers["ETag"]
    newer = await site.ask("/componente/c0", Accept_Encoding="br", If_None_Match=etag)
    assert newer.status == 200
    assert newer.headers["ETag"] not in (etag, second.headers["ETag"])


async def test_a_page_that_was_old_is_fresh_again_under_its_former_etag(site: Site) -> None:
    before = await site.ask("/componente/c0", Accept_Encoding="br")
    site.clock.advance(600)
    assert "Estos datos son de las 14:35." in (await site.ask("/componente/c0")).text
    site.publish(Shown.OPERATIONAL, at=site.clock.now())
    fresh = await site.until("/componente/c0", lambda a: "Estos datos" not in a.text)
    assert "datos de los últimos dos minutos" in fresh.text
    etag = before.headers["ETag"]
    again = await site.ask("/componente/c0", Accept_Encoding="br", If_None_Match=etag)
    assert again.status == 304


@ENCODINGS
async def test_it_answers_in_the_best_encoding_that_is_accepted(
    site: Site, accepts: str, encoding: str | None, decode: Callable[[bytes], bytes]
) -> None:
    answer = await site.ask("/es/", Accept_Encoding=accepts)
    assert answer.headers.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert b"Todos los servicios" in decode(answer.body)


async def test_it_answers_304_to_what_the_client_has_and_200_to_anything_else(site: Site) -> None:
    first = await site.ask("/es/", Accept_Encoding="br")
    etag = first.headers["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = await site.ask("/es/", Accept_Encoding="br", If_None_Match=known)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == etag
    # The same page in another encoding is another representation.
    assert (await site.ask("/es/", Accept_Encoding="gzip", If_None_Match=etag)).status == 200
    site.clock.advance(600)
    assert (await site.ask("/es/", Accept_Encoding="br", If_None_Match=etag)).status == 200


async def test_it_answers_head_with_the_headers_of_get_and_no_body(site: Site) -> None:
    get, head = await site.ask("/es/"), await site.ask("/es/", "HEAD")
    assert head.body == b""
    kept = ("ETag", "Content-Length", "Content-Type", "Content-Security-Policy", "Cache-Control")
    assert [head.headers[k] for k in kept] == [get.headers[k] for k in kept]


async def test_it_negotiates_at_the_root_alone(site: Site) -> None:
    english = await site.ask("/", Accept_Language="en-GB,en;q=0.9,es;q=0.5")
    assert (english.status, english.headers["Location"]) == (302, "/en/")
    assert "Accept-Language" in english.headers["Vary"]
    for preferred in ("es-AR,es;q=0.9", "fr", "", "en;q=0.4, es;q=0.5"):
        spanish = await site.ask("/", Accept_Language=preferred)
        assert (spanish.status, spanish.headers["Content-Language"]) == (200, "es")
    chosen = await site.ask("/es/", Accept_Language="en")
    assert (chosen.status, chosen.headers["Content-Language"]) == (200, "es")


async def test_it_says_in_the_visitors_language_that_a_page_does_not_exist(site: Site) -> None:
    spanish, english = await site.ask("/nada"), await site.ask("/en/nothing")
    assert (spanish.status, english.status) == (404, 404)
    assert "Esta página no existe." in spanish.text
    assert "This page does not exist." in english.text


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/../manifest.json",
        "//evil.example/",
        "/es/%00",
        "/" + "a" * 3000,
        "/manifest.json",
        "/fresh/es/index.html",
    ],
)
async def test_it_serves_nothing_that_is_not_an_address(site: Site, path: str) -> None:
    host, port = site.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert answer.split(b" ", 2)[1] in (b"404", b"400")
    assert b"root:" not in answer


async def test_it_finds_an_address_with_or_without_its_last_slash(site: Site) -> None:
    for path, home in (("/en", "/en/"), ("/historial/", "/historial")):
        answer = await site.ask(path)
        assert (answer.status, answer.headers["Location"]) == (308, home)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
async def test_it_takes_nothing_but_get_and_head(site: Site, method: str) -> None:
    answer = await site.ask("/es/", method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


async def test_it_forbids_everything_that_the_page_does_not_need(site: Site) -> None:
    for path in ("/es/", "/nada", "/api/v2/summary.json", "/api/v2/nothing", "/en", "/healthz"):
        headers = (await site.ask(path)).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Python" not in headers["Server"]
        assert "Set-Cookie" not in headers


async def test_it_lets_other_dashboards_read_the_api(site: Site) -> None:
    answer = await site.ask("/api/v2/summary.json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert "Access-Control-Allow-Origin" not in (await site.ask("/es/")).headers


@pytest.mark.parametrize("path", ["/api/v2/nothing.json", "/api/v2/", "/api/v1/summary.json"])
async def test_it_answers_in_json_where_the_api_has_nothing(site: Site, path: str) -> None:
    answer = await site.ask(path, Accept="text/html")
    assert (answer.status, json.loads(answer.body)) == (404, {"error": "Not Found"})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert (await site.ask(path, "HEAD")).body == b""


async def test_the_api_refuses_in_json_whatever_the_reason(empty: Site) -> None:
    unpublished = await empty.ask("/api/v2/summary.json")
    assert (unpublished.status, unpublished.headers["Retry-After"]) == (503, "10")
    assert json.loads(unpublished.body) == {"error": "Service Unavailable"}
    posted = await empty.ask("/api/v2/summary.json", "POST")
    assert (posted.status, posted.headers["Allow"]) == (405, "GET, HEAD")
    assert json.loads(posted.body) == {"error": "Method Not Allowed"}
    assert (await empty.ask("/es/", "POST")).body == b""


async def test_it_lets_static_files_be_kept_and_pages_be_asked_for_again(site: Site) -> None:
    css = next(path for path in render(showing(Shown.OPERATIONAL)) if path.endswith(".css"))
    assert "immutable" in (await site.ask(css)).headers["Cache-Control"]
    assert (await site.ask("/es/")).headers["Cache-Control"] == "no-cache"


async def test_it_keeps_what_it_has_where_a_newer_one_is_broken(site: Site) -> None:
    (site.folder / "2").mkdir()
    (site.folder / "2" / "manifest.json").write_bytes(b"{}")
    (site.folder / "pointing").symlink_to("2")
    with capture_logs() as logs:
        (site.folder / "pointing").replace(site.folder / CURRENT)
        await site.until("/es/", lambda _: bool(logs))
    assert logs[0]["event"] == "page.publication_refused"
    assert "Todos los servicios están estables." in (await site.ask("/es/")).text
    site.publish(Shown.SLOW, Shown.OPERATIONAL)
    await site.until("/es/", lambda a: "A funciona con lentitud." in a.text)


async def test_it_outlives_the_folder_itself(site: Site) -> None:
    (site.folder / CURRENT).unlink()
    for _ in range(3):
        assert "Todos los servicios" in (await site.ask("/es/")).text


def test_it_prefers_what_the_client_prefers() -> None:
    offered = ("br", "gzip", "identity")
    assert best_encoding("gzip;q=1.0, br;q=0.5", offered) == "gzip"
    assert best_encoding("*", offered) == "br"
    assert best_encoding("identity", offered) == "identity"
    assert best_encoding("br;q=0", offered) == "identity"
    assert best_encoding("zstd", offered) == "identity"
    assert best_encoding("br;q=nonsense", offered) == "identity"
    assert best_language("*", ("es", "en")) == "es"
    assert best_language("x" * 100_000, ("es", "en")) == "es"


def test_it_starts_and_ends_as_a_process(tmp_path: Path) -> None:
    """SIGTERM ends it at once and with 0; until then it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = showing(Shown.OPERATIONAL)
    publish(tmp_path / "published", render(said), said.at, said.stale_after)
    command = [sys.executable, "-m", "monitor.roles.page", "--data-dir", str(tmp_path),
               "--host", "127.0.0.1", "--port", str(port)]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        started = json.loads(process.stderr.readline())
        assert (started["event"], started["port"]) == ("page.listening", port)
        assert b"503" not in _raw(port)
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.communicate()


def _raw(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(b"GET /es/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: connection.recv(65536), b""))
