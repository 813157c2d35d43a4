"""Each place that a mirror can be in: whole files, a list that comes back, nothing left over."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from monitor.mirrors.folder import FolderPlace
from monitor.mirrors.git import GitPlace
from monitor.mirrors.ports import LIST, MirrorFailed, Place
from monitor.mirrors.s3 import S3Place
from monitor.mirrors.signature import Credentials
from monitor.runtime.system_clock import SystemClock
from tests.support.ports import free_ports
from tests.support.require import require_server
from tests.support.s3 import CREDENTIALS, Storage, storage

HTML = "text/html; charset=utf-8"


class Looked:
    """A place, and what others find there: by name, the bytes."""

    def __init__(self, place: Place, find: Callable[[str], bytes | None]) -> None:
        self.place, self.find = place, find


@pytest.fixture(scope="module")
def s3() -> Iterator[Storage]:
    with storage("pages") as made:
        yield made


@pytest.fixture(params=["folder", "s3", "git"])
async def looked(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Looked]:
    if request.param == "folder":
        folder = tmp_path / "mirror"
        yield Looked(FolderPlace(folder), lambda name: _read(folder / name))
    elif request.param == "git":
        yield _git(tmp_path)
    else:
        s3: Storage = request.getfixturevalue("s3")
        prefix = f"copies/{tmp_path.name}"
        place = S3Place(s3.endpoint, "pages", prefix, CREDENTIALS, SystemClock())
        yield Looked(place, lambda name: _object(s3, f"/pages/{prefix}/{name}"))
        await place.close()


def _read(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


def _object(s3: Storage, path: str) -> bytes | None:
    status, _, content = s3.ask("GET", path)
    return content if status == 200 else None


def _git(tmp_path: Path) -> Looked:
    git = require_server("git", "mirrors on a branch of git")
    bare = tmp_path / "bare.git"
    subprocess.run([git, "init", "--quiet", "--bare", bare], check=True)

    def find(name: str) -> bytes | None:
        found = subprocess.run(
            [git, "-C", bare, "show", f"pages:{name}"], capture_output=True, check=False
        )
        return found.stdout if found.returncode == 0 else None

    return Looked(GitPlace(tmp_path / "work", str(bare), "pages"), find)


async def test_what_is_put_is_found_and_what_is_removed_is_not(looked: Looked) -> None:
    place = looked.place
    assert await place.listed() is None
    await place.put("es/index.html", "ñandú".encode(), HTML)
    await place.put("badge.svg", b"<svg/>", "image/svg+xml")
    await place.put(LIST, b"{}", "application/json")
    await place.finish("1")
    assert await place.listed() == b"{}"
    assert looked.find("es/index.html") == "ñandú".encode()
    await place.put("es/index.html", b"newer", HTML)
    await place.remove("badge.svg")
    await place.remove("badge.svg")
    await place.finish("2")
    assert looked.find("es/index.html") == b"newer"
    assert looked.find("badge.svg") is None


async def test_a_long_list_comes_back_whole(looked: Looked) -> None:
    assert await looked.place.listed() is None
    content = b"x" * 1_000_000
    await looked.place.put(LIST, content, "application/json")
    await looked.place.finish("1")
    assert await looked.place.listed() == content


async def test_what_a_killed_git_has_locked_is_no_obstacle(tmp_path: Path) -> None:
    looked = _git(tmp_path)
    await looked.place.put("a.html", b"a", HTML)
    await looked.place.finish("1")
    (tmp_path / "work" / ".git" / "index.lock").touch()
    await looked.place.put("a.html", b"b", HTML)
    await looked.place.finish("2")
    assert looked.find("a.html") == b"b"


def _commits(bare: Path) -> int:
    counted = subprocess.run(
        ["git", "-C", bare, "rev-list", "--count", "pages"],
        capture_output=True, check=True,
    )  # fmt: skip
    return int(counted.stdout)


async def test_no_branch_leads_to_what_it_had_before(tmp_path: Path) -> None:
    looked = _git(tmp_path)
    for number, content in enumerate((b"private", b"public")):
        await looked.place.put("a.html", content, HTML)
        await looked.place.finish(str(number))
    assert _commits(tmp_path / "bare.git") == 1
    objects = list((tmp_path / "work" / ".git" / "objects").glob("??/*"))
    assert len(objects) == 4, "a page, an empty file, a tree, a commit"


async def test_objects_are_found_by_the_address_with_their_type(s3: Storage) -> None:
    place = S3Place(s3.endpoint, "pages", "", CREDENTIALS, SystemClock())
    await place.put("historial.html", b"<p>", HTML)
    status, headers, _ = s3.ask("GET", "/pages/historial")
    assert (status, headers["content-type"]) == (200, HTML)
    assert headers["cache-control"] == "no-cache"
    await place.close()


async def test_a_bucket_that_is_not_there_says_so(s3: Storage) -> None:
    place = S3Place(s3.endpoint, "nowhere", "", CREDENTIALS, SystemClock())
    with pytest.raises(MirrorFailed, match=r"(?s)PUT a: 404 .*NoSuchBucket"):
        await place.put("a", b"", HTML)
    await place.close()


async def test_a_server_that_is_away_says_so() -> None:
    (port,) = free_ports(1)
    secret = Credentials(access_key="a", secret_key="canary7", region="r")
    place = S3Place(f"http://127.0.0.1:{port}", "b", "", secret, SystemClock())
    with pytest.raises(MirrorFailed, match=r"127\.0\.0\.1") as failed:
        await place.put("a", b"", HTML)
    assert "canary7" not in str(failed.value)
    await place.close()


async def test_a_repository_that_is_away_says_so(tmp_path: Path) -> None:
    require_server("git", "mirrors on a branch of git")
    place = GitPlace(tmp_path / "work", str(tmp_path / "none.git"), "pages")
    await place.put("a", b"", HTML)
    with pytest.raises(MirrorFailed, match="git push"):
        await place.finish("1")


@pytest.mark.parametrize("name", ["../a", "/etc/x", "a/../../b", ""])
async def test_no_list_leads_out_of_a_folder(tmp_path: Path, name: str) -> None:
    place = FolderPlace(tmp_path / "mirror")
    with pytest.raises(MirrorFailed):
        await place.remove(name)


async def test_a_folder_that_takes_nothing_says_so(tmp_path: Path) -> None:
    (tmp_path / "mirror").write_bytes(b"")
    with pytest.raises(MirrorFailed):
        await FolderPlace(tmp_path / "mirror").put("es/a", b"", HTML)


@pytest.mark.parametrize(
    ("code", "is_no_list"),
    [("AccessDenied", True), ("RequestTimeTooSkewed", False), ("SignatureDoesNotMatch", False)],
)
async def test_only_who_may_not_list_a_bucket_takes_a_refusal_for_no_list(
    code: str, is_no_list: bool
) -> None:
    """With a wrong clock the list would be forgotten, and what is in it never be removed."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>"

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=403, text=body, content_type="application/xml")

    app = web.Application()
    app.router.add_get("/{name:.*}", refuse)
    async with TestServer(app) as server:
        place = S3Place(str(server.make_url("")), "pages", "", CREDENTIALS, SystemClock())
        if is_no_list:
            assert await place.listed() is None
        else:
            with pytest.raises(MirrorFailed, match=code):
                await place.listed()
        await place.close()
