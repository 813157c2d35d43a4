"""A publication appears whole or not at all."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import replace
from pathlib import Path

import brotli
import pytest

from monitor.domain.time.age import ClockReading
from monitor.domain.time.interval import Second
from statuspage.publish.manifest import CURRENT, NAME, Manifest, ManifestError
from statuspage.publish.publisher import KEPT, publish
from statuspage.publish.rendered import HTML, JSON, PNG, Body, Rendered
from statuspage.serve.late_rendering import LateBody
from statuspage.serve.snapshot import Snapshot, load

AT = Second(1_790_812_800)
LONG = b"<p>estado</p>" * 100


def page(fresh: bytes = LONG, stale: bytes = LONG + b"old", content_type: str = HTML) -> Rendered:
    return Rendered(fresh=Body.of(fresh), stale=Body.of(stale), content_type=content_type)


def with_hole(time: str) -> Rendered:
    return replace(page(stale=LONG + b"\0time\0"), language="es", words={"time": time})


def put(folder: Path, pages: dict[str, Rendered], at: Second = AT) -> int:
    return publish(folder, pages, at, 120)


def plain(snapshot: Snapshot, path: str) -> bytes:
    """What a client is sent that accepts no encoding; it is unpacked for it."""
    content = snapshot.addresses[path].fresh["identity"].content
    assert isinstance(content, LateBody)
    return content.render()


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_it_writes_each_form_in_each_encoding(tmp_path: Path) -> None:
    put(tmp_path, {"/es/": page()})
    current = tmp_path / CURRENT
    for form, body in (("fresh", LONG), ("stale", LONG + b"old")):
        plain = current / form / "es" / "index.html"
        assert plain.read_bytes() == body
        assert gzip.decompress(plain.with_name("index.html.gz").read_bytes()) == body
        assert brotli.decompress(plain.with_name("index.html.br").read_bytes()) == body


def test_it_lays_addresses_out_as_a_web_server_finds_them(tmp_path: Path) -> None:
    pages = {"/": page(), "/historial": page(), "/api/v2/status.json": page(content_type=JSON)}
    put(tmp_path, pages)
    fresh = tmp_path / CURRENT / "fresh"
    names = {str(p.relative_to(fresh)) for p in fresh.rglob("*") if p.suffix in (".html", ".json")}
    assert names == {"index.html", "historial.html", "api/v2/status.json"}


def test_it_numbers_publications_and_points_to_the_newest(tmp_path: Path) -> None:
    assert [put(tmp_path, {"/": page()}, Second(AT + 60 * i)) for i in range(3)] == [1, 2, 3]
    assert (tmp_path / CURRENT).readlink() == Path("3")
    assert load(tmp_path / CURRENT).taken.at == AT + 120


def test_a_publication_says_when_it_was_made_by_either_clock(tmp_path: Path) -> None:
    publish(tmp_path, {"/": page()}, AT, 120, boottime=77.25, boot_id="boot-1")
    taken = ClockReading(at=AT, boottime=77.25, boot_id="boot-1")
    assert load(tmp_path / CURRENT).taken == taken


def test_what_an_earlier_version_published_is_as_old_as_the_wall_clock_says(tmp_path: Path) -> None:
    put(tmp_path, {"/": page()})
    manifest = tmp_path / CURRENT / NAME
    said = json.loads(manifest.read_text())
    del said["boottime"], said["boot_id"]
    manifest.write_text(json.dumps(said))
    snapshot = load(tmp_path / CURRENT)
    reading = ClockReading(at=Second(AT + 120), boottime=9.0, boot_id="boot-1")
    assert not snapshot.is_stale(reading)
    assert snapshot.is_stale(replace(reading, at=Second(AT + 121)))
    assert snapshot.is_stale(replace(reading, at=Second(AT - 60)))


def test_it_gives_equal_bytes_for_equal_pages(tmp_path: Path) -> None:
    put(tmp_path / "a", {"/": page(), "/historial": page(b"x" * 999)})
    put(tmp_path / "b", {"/": page(), "/historial": page(b"x" * 999)})
    assert contents(tmp_path / "a" / "1") == contents(tmp_path / "b" / "1")


def test_it_keeps_a_few_old_ones_and_prunes_the_rest(tmp_path: Path) -> None:
    for _ in range(6):
        put(tmp_path, {"/": page()})
    left = sorted(int(p.name) for p in tmp_path.iterdir() if p.name.isdecimal())
    assert left == list(range(7 - KEPT, 7))


def test_it_leaves_older_publications_as_they_were(tmp_path: Path) -> None:
    put(tmp_path, {"/": page(), "/historial": page(b"a" * 500, b"b" * 500)})
    before = contents(tmp_path / "1")
    put(tmp_path, {"/": page(), "/historial": page(b"c" * 500, b"d" * 500)})
    assert contents(tmp_path / "1") == before


def test_it_links_what_has_not_changed(tmp_path: Path) -> None:
    put(tmp_path, {"/": page(), "/historial": page(b"a" * 500, b"b" * 500)})
    put(tmp_path, {"/": page(), "/historial": page(b"c" * 500, b"b" * 500)})

    def inode(number: int, file: str) -> int:
        return (tmp_path / str(number) / file).stat().st_ino

    assert inode(1, "fresh/index.html") == inode(2, "fresh/index.html")
    assert inode(1, "fresh/historial.html") != inode(2, "fresh/historial.html")


def test_a_reader_reads_nothing_again_that_it_holds(tmp_path: Path) -> None:
    put(tmp_path, {"/": page(), "/historial": page(b"a" * 500, b"b" * 500)})
    before = load(tmp_path / "1")
    put(tmp_path, {"/": page(), "/historial": page(b"c" * 500, b"b" * 500)})
    for name in ("index.html.gz", "index.html.br"):
        (tmp_path / "2" / "fresh" / name).unlink()
    newer = load(tmp_path / "2", before)
    assert plain(newer, "/") == LONG
    assert plain(newer, "/historial") == b"c" * 500


def test_it_copes_where_nothing_can_be_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {"/": page()})

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    put(tmp_path, {"/": page()})
    assert plain(load(tmp_path / "2"), "/") == LONG


def test_it_clears_what_a_killed_one_left_behind(tmp_path: Path) -> None:
    (tmp_path / ".writing-1" / "fresh").mkdir(parents=True)
    (tmp_path / ".pointing").symlink_to("nowhere")
    assert put(tmp_path, {"/": page()}) == 1
    assert {p.name for p in tmp_path.iterdir()} == {"1", CURRENT}


def test_it_leaves_the_old_one_current_where_it_cannot_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {"/": page()})

    def full(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        put(tmp_path, {"/": page(b"new" * 300)})
    assert (tmp_path / CURRENT).readlink() == Path("1")


def test_it_syncs_every_file_before_the_link_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    put(tmp_path, {"/": page()})
    aside = str(tmp_path / ".writing-1")
    written = {f"{aside}/{p.relative_to(tmp_path / '1')}" for p in (tmp_path / "1").rglob("*")}
    assert written | {aside} == set(synced[:-1])
    assert synced[-1] == str(tmp_path)


def test_it_compresses_nothing_that_is_small(tmp_path: Path) -> None:
    put(tmp_path, {"/": page(b"ok", b"ok")})
    assert tuple(load(tmp_path / CURRENT).addresses["/"].fresh) == ("identity",)


def test_it_refuses_a_publication_that_is_not_whole(tmp_path: Path) -> None:
    put(tmp_path, {"/": page()})
    (tmp_path / "1" / "fresh" / "index.html.br").write_bytes(b"")
    with pytest.raises(ManifestError, match="has 0 bytes"):
        load(tmp_path / "1")


def test_it_writes_a_form_with_holes_packed_and_once(tmp_path: Path) -> None:
    put(tmp_path, {"/es/": with_hole("14:35")})
    put(tmp_path, {"/es/": with_hole("14:36")})
    stale = [tmp_path / number / "stale" / "es" / "index.html.gz" for number in ("1", "2")]
    assert [p.name for p in stale[0].parent.iterdir()] == ["index.html.gz"]
    assert gzip.decompress(stale[0].read_bytes()) == LONG + b"\0time\0"
    assert stale[0].stat().st_ino == stale[1].stat().st_ino
    words = [Manifest.decode((tmp_path / n / NAME).read_bytes()).words for n in ("1", "2")]
    assert words == [{"es": {"time": "14:35"}}, {"es": {"time": "14:36"}}]


def test_the_bytes_of_a_picture_are_no_holes(tmp_path: Path) -> None:
    picture = b"\x89PNG\0p\0" * 100
    put(tmp_path, {"/a.png": page(picture, picture, PNG)})
    address = load(tmp_path / CURRENT).addresses["/a.png"]
    assert not address.entry.stale.holes
    assert plain(load(tmp_path / CURRENT), "/a.png") == picture


def test_it_refuses_a_manifest_that_leaves_a_hole_open(tmp_path: Path) -> None:
    put(tmp_path, {"/es/": replace(with_hole("14:35"), words={})})
    with pytest.raises(ManifestError, match="unreadable"):
        load(tmp_path / "1")


def test_it_serves_a_publication_from_before_there_were_holes(tmp_path: Path) -> None:
    put(tmp_path, {"/": page()})
    index = tmp_path / "1" / NAME
    said = json.loads(index.read_bytes())
    del said["words"]
    for entry in said["entries"].values():
        del entry["fresh"]["holes"], entry["stale"]["holes"]
    index.write_text(json.dumps(said | {"format": 1}))
    assert plain(load(tmp_path / "1"), "/") == LONG


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": 99}', b"\xff", b"[" * 100_000])
def test_it_refuses_a_manifest_that_it_did_not_write(content: bytes) -> None:
    with pytest.raises(ManifestError):
        Manifest.decode(content)


def test_it_reads_back_what_it_wrote(tmp_path: Path) -> None:
    shown = replace(page(), language="es", alternates={"en": "/en/"}, status=404)
    put(tmp_path, {"/": shown})
    content = (tmp_path / "1" / NAME).read_bytes()
    assert Manifest.decode(content).encode() == content
    found = load(tmp_path / "1").addresses["/"].entry
    assert (found.status, found.language, found.alternates) == (404, "es", {"en": "/en/"})
