"""What HLS servers really send, each line of it judged as a player would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.domain.checks.observation import Observation, Outcome
from monitor.net.errors import ProbeFailure
from monitor.net.transport import Transport
from probes.hls.edge import EdgeState
from probes.hls.not_media import recognised_as
from probes.hls.playlist import ByteRange
from probes.hls.probe import HlsProbe, HlsSpec
from tests.probes.bench import Measured
from tests.probes.real_rows import Record, judged
from tests.support.looks import run_check
from tests.support.playlists import parse_playlist
from tests.support.scripted import Handler, scripted

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
HEAD = "#EXTM3U\n#EXT-X-VERSION:8\n#EXT-X-TARGETDURATION:6\n"
TS = b"G@\x00\x10" + bytes(184)
KEY = bytes(range(16))
PAGE = b"<!DOCTYPE html><html><body>No encontrado</body></html>"
Answer = bytes | tuple[int, bytes]


@dataclass
class Origin:
    """What stands at each path; a test may change it between looks."""

    files: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def serve(self) -> Handler:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split(" ")[1]
            self.asked.append(path)
            status, body = self._answer(path, head)
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            writer.write(body)

        return serve

    def _answer(self, path: str, head: str) -> tuple[int, bytes]:
        found = self.files.get(path, (404, b"gone"))
        status, body = found if isinstance(found, tuple) else (200, found)
        for line in head.split("\r\n"):
            name, _, wanted = line.partition(": bytes=")
            if name == "Range":
                first, _, last = wanted.partition("-")
                return 206, body[int(first) : int(last) + 1]
        return status, body


class Scene:
    """Looks at one origin, one after the other, on clocks of its own."""

    def __init__(self, origin: Origin, port: int) -> None:
        self.origin = origin
        self.wall = NOW.timestamp()
        self.memory: bytes | None = None
        self._url = f"http://127.0.0.1:{port}/live.m3u8"

    async def look(self, **settings: Any) -> Observation:
        probe = HlsProbe(Transport(wall=lambda: self.wall))
        spec = HlsSpec(url=settings.pop("url", self._url), **settings)
        seen = await run_check(probe, spec, timeout_s=5, memory=self.memory)
        self.memory = seen.memory
        return seen

    def let_pass(self, seconds: float) -> None:
        """As if the look before had been that much earlier."""
        self.wall += seconds
        if self.memory is not None:
            newest, uri, advanced_at, behind, lag_s, lag_at = json.loads(self.memory)
            aged = [newest, uri, advanced_at - seconds, behind, lag_s, lag_at - seconds]
            self.memory = json.dumps(aged).encode()


Play = Callable[[Scene], Awaitable[Observation]]


async def played(origin: Origin, play: Play) -> Observation:
    async with scripted(origin.serve()) as port:
        return await play(Scene(origin, port))


async def once(reconciler: Scene) -> Observation:
    return await reconciler.look()


def row(record: Record, line: str, expected: str | None, seen: Observation) -> Observation:
    return judged(
        record, "hls", line, expected, Measured(observation=seen, overrun_s=0.0, canary_lag_s=0.0)
    )


def media(
    first: int = 7,
    count: int = 4,
    *,
    name: str = "s{}.ts",
    extra: str = "",
    edge: float | None = None,
) -> bytes:
    """`count` segments of 6 s; `edge` is the date at which the last one ends."""
    lines = [HEAD, f"#EXT-X-MEDIA-SEQUENCE:{first}\n", extra]
    if edge is not None:
        began = datetime.fromtimestamp(edge, UTC) - timedelta(seconds=6 * count)
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{began.isoformat()}\n")
    lines += [f"#EXTINF:6,\n{name.format(n)}\n" for n in range(first, first + count)]
    return "".join(lines).encode()


def segments(*numbers: int) -> dict[str, Answer]:
    return {f"/s{number}.ts": TS for number in numbers}


def origin(playlist: bytes, more: Mapping[str, Answer] | None = None) -> Origin:
    return Origin(files={"/live.m3u8": playlist, **segments(*range(5, 40)), **(more or {})})


# S7: the live edge by its date


@pytest.mark.parametrize("lag_s", [90, 7200])
async def test_an_old_edge_is_a_lag_on_the_first_look_too(
    lag_s: float, record_property: Record
) -> None:
    stand = origin(media(edge=NOW.timestamp() - lag_s))
    seen = await played(stand, once)
    line = f"S7: edge {lag_s} s old, first look"
    assert row(record_property, line, "live_edge_lag", seen).outcome is Outcome.DEGRADED
    assert seen.evidence["edge_lag_s"] == lag_s


async def test_a_constant_lag_of_an_edge_that_goes_on_is_the_encoders_clock(
    record_property: Record,
) -> None:
    async def play(reconciler: Scene) -> Observation:
        await reconciler.look()
        reconciler.let_pass(12)
        reconciler.origin.files["/live.m3u8"] = media(9, edge=NOW.timestamp() - 7200 + 12)
        return await reconciler.look()

    seen = await played(origin(media(7, edge=NOW.timestamp() - 7200)), play)
    row(record_property, "S7: constant, edge goes on", None, seen)
    assert seen.evidence["encoder_clock_off_s"] == -7200


async def test_a_lag_that_grows_stays_a_lag(record_property: Record) -> None:
    async def play(reconciler: Scene) -> Observation:
        await reconciler.look()
        reconciler.let_pass(60)
        reconciler.origin.files["/live.m3u8"] = media(9, edge=NOW.timestamp() - 90 + 12)
        return await reconciler.look()

    seen = await played(origin(media(7, edge=NOW.timestamp() - 90)), play)
    row(record_property, "S7: lag grows", "live_edge_lag", seen)


async def test_an_edge_that_does_not_go_on_is_down_whatever_its_date(
    record_property: Record,
) -> None:
    async def play(reconciler: Scene) -> Observation:
        await reconciler.look()
        reconciler.let_pass(60)
        return await reconciler.look()

    seen = await played(origin(media(7, edge=NOW.timestamp() - 90)), play)
    row(record_property, "S7: edge stands still", "stale_playlist", seen)


@pytest.mark.parametrize("lag_s", [-30, 0, 30])
async def test_an_edge_near_the_time_is_no_finding(lag_s: float) -> None:
    seen = await played(origin(media(edge=NOW.timestamp() - lag_s)), once)
    assert (seen.outcome, seen.failure) == (Outcome.UP, None), seen


# S11, S12: what stands behind one address


async def edges(reconciler: Scene, *firsts: int, apart_s: float) -> list[Observation]:
    """A look at each of these windows, so far apart."""
    seen: list[Observation] = []
    for first in firsts:
        reconciler.origin.files["/live.m3u8"] = media(first)
        seen.append(await reconciler.look())
        reconciler.let_pass(apart_s)
    return seen


async def visited(reconciler: Scene, name: str) -> Observation:
    """A look at a window whose segments are named so."""
    reconciler.origin.files["/live.m3u8"] = media(name=name)
    reconciler.origin.files["/" + name.format(10)] = TS
    return await reconciler.look()


async def test_caches_one_segment_apart_are_a_lagging_edge_and_no_reset(
    record_property: Record,
) -> None:
    async def play(reconciler: Scene) -> Observation:
        seen = await edges(reconciler, 8, 7, 9, 8, 10, 9, apart_s=3)
        assert [one.failure for one in seen] == [None] * 6
        return seen[-1]

    seen = await played(origin(b""), play)
    row(record_property, "S11: caches one apart", None, seen)
    assert seen.evidence["edge_behind"] == 1


async def test_caches_one_segment_apart_that_both_stand_still_are_down(
    record_property: Record,
) -> None:
    async def play(reconciler: Scene) -> Observation:
        return (await edges(reconciler, 8, 7, 8, 7, apart_s=4))[-1]

    seen = await played(origin(b""), play)
    row(record_property, "S11: both stand still", "stale_playlist", seen)


async def test_numbers_that_began_anew_inside_the_window_are_a_reset_and_no_outage(
    record_property: Record,
) -> None:
    async def play(reconciler: Scene) -> Observation:
        return (await edges(reconciler, 8, 5, 6, apart_s=6))[-1]

    seen = await played(origin(b""), play)
    row(record_property, "S11: reset inside the window", "sequence_reset", seen)


@pytest.mark.parametrize("name", ["{session}/s{{}}.ts", "s{{}}-{session}.ts"])
async def test_a_frozen_encoder_is_down_though_its_addresses_change(
    name: str, record_property: Record
) -> None:
    async def play(reconciler: Scene) -> Observation:
        for session in ("a1", "b2"):
            await visited(reconciler, name.format(session=session))
            reconciler.let_pass(8)
        return await visited(reconciler, name.format(session="c3"))

    seen = await played(origin(b""), play)
    row(record_property, f"S12: {name}, frozen", "stale_playlist", seen)


async def test_a_session_in_the_path_is_no_other_segment(record_property: Record) -> None:
    async def play(reconciler: Scene) -> Observation:
        await visited(reconciler, "a1/s{}.ts")
        return await visited(reconciler, "b2/s{}.ts")

    row(record_property, "S12: session in the path, alive", None, await played(origin(b""), play))


# S8: a segment that is something else


@pytest.mark.parametrize(
    ("line", "body", "expected"),
    [
        ("a page of HTML", PAGE, "not_media"),
        ("HTML in ISO-8859-1", b"<html><title>P\xe1gina</title>", "not_media"),
        ("XML", b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "not_media"),
        ("JSON", b'{"error": "no such segment"}', "not_media"),
        ("plain text", "No está.\n".encode(), "not_media"),
        ("empty", b"", "not_media"),
        ("MPEG-TS", TS, None),
        ("encrypted", bytes((i * 37 + 11) % 256 for i in range(4096)), None),
        ("packed AAC", b"ID3\x04\x00\x00\x00\x00\x00?PRIV", None),
        ("subtitles", b"WEBVTT\n\n00:01.000 --> 00:02.000\nHola\n", None),
    ],
)
async def test_it_tells_a_segment_that_is_something_else(
    line: str, body: bytes, expected: str | None, record_property: Record
) -> None:
    seen = await played(origin(media(), {"/s10.ts": body}), once)
    row(record_property, f"S8: segment is {line}", expected, seen)
    assert seen.outcome is (Outcome.DOWN if expected else Outcome.UP)


def test_a_text_cut_in_the_middle_of_a_letter_is_text_still() -> None:
    assert recognised_as(b"x" * 1023 + "ñ".encode()) == "plain text"


# S9: what goes with a segment

ENCRYPTED = '#EXT-X-KEY:METHOD=AES-128,URI="key.bin"\n'
MAPPED = '#EXT-X-MAP:URI="init.mp4"\n'


@pytest.mark.parametrize(
    ("line", "extra", "files", "expected"),
    [
        ("key 404", ENCRYPTED, {}, "key_missing"),
        ("key is a page", ENCRYPTED, {"/key.bin": PAGE}, "key_missing"),
        ("key for members", ENCRYPTED, {"/key.bin": (403, b"")}, None),
        ("key there", ENCRYPTED, {"/key.bin": KEY}, None),
        (
            "key of a player's module",
            '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://k",KEYFORMAT="x"\n',
            {},
            None,
        ),
        ("init 404", MAPPED, {}, "init_missing"),
        ("init is a page", MAPPED, {"/init.mp4": PAGE}, "init_missing"),
        ("init there", MAPPED, {"/init.mp4": b"\0\0\0\x18ftypmp42"}, None),
    ],
)
async def test_it_fetches_what_a_segment_needs(
    line: str,
    extra: str,
    files: Mapping[str, Answer],
    expected: str | None,
    record_property: Record,
) -> None:
    seen = await played(origin(media(extra=extra), files), once)
    row(record_property, f"S9: {line}", expected, seen)


MASTER = (
    b'#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="snd",NAME="es",URI="audio.m3u8"\n'
    b'#EXT-X-STREAM-INF:BANDWIDTH=900000,AUDIO="snd"\nbest.m3u8\n'
    b'#EXT-X-STREAM-INF:BANDWIDTH=300000,AUDIO="snd"\nlow.m3u8\n'
)


@pytest.mark.parametrize(
    ("line", "missing", "named"),
    [
        ("audio group 404", "/audio.m3u8", "the audio group snd"),
        ("best variant 404", "/best.m3u8", "the best variant"),
        ("all there", None, ""),
    ],
)
async def test_it_misses_a_rendition(
    line: str, missing: str | None, named: str, record_property: Record
) -> None:
    files = {
        path: media() for path in ("/audio.m3u8", "/best.m3u8", "/low.m3u8") if path != missing
    }
    seen = await played(origin(MASTER, files), once)
    row(record_property, f"S9: {line}", "rendition_missing" if missing else None, seen)
    assert seen.outcome is (Outcome.DEGRADED if missing else Outcome.UP)
    assert named in (seen.message or "")


async def test_it_leaves_the_other_renditions_alone_when_told_to() -> None:
    async def play(reconciler: Scene) -> Observation:
        return await reconciler.look(check_renditions=False)

    stand = origin(MASTER, {"/low.m3u8": media()})
    assert (await played(stand, play)).failure is None
    assert stand.asked == ["/live.m3u8", "/low.m3u8", "/s10.ts"]


# S10: what playlists may hold


async def test_a_gap_at_the_end_is_passed_over(record_property: Record) -> None:
    playlist = media(7, 3) + b"#EXT-X-GAP\n#EXTINF:6,\ngone.ts\n"
    stand = origin(playlist)
    row(record_property, "S10: newest is EXT-X-GAP", None, await played(stand, once))
    assert stand.asked[-1] == "/s9.ts"


async def test_nothing_but_gaps_is_down(record_property: Record) -> None:
    playlist = (HEAD + "#EXT-X-GAP\n#EXTINF:6,\na.ts\n#EXT-X-GAP\n#EXTINF:6,\nb.ts\n").encode()
    row(record_property, "S10: gaps alone", "segment_404", await played(origin(playlist), once))


async def test_a_byte_range_is_asked_for_and_no_more(record_property: Record) -> None:
    ranged = (
        "#EXTINF:6,\n#EXT-X-BYTERANGE:188@0\nall.ts\n#EXTINF:6,\n#EXT-X-BYTERANGE:376\nall.ts\n"
    )
    whole = bytes(188) + TS * 2 + bytes(12 << 20)
    seen = await played(origin((HEAD + ranged).encode(), {"/all.ts": whole}), once)
    row(record_property, "S10: byte range in 12 MB", None, seen)
    assert seen.evidence["segment_bytes"] == 376


async def test_variables_stand_for_what_they_were_defined_as(record_property: Record) -> None:
    extra = (
        '#EXT-X-DEFINE:NAME="host",VALUE="cdn"\n#EXT-X-DEFINE:QUERYPARAM="token"\n'
        '#EXT-X-DEFINE:IMPORT="up"\n'
    )
    master = (
        '#EXTM3U\n#EXT-X-DEFINE:NAME="up",VALUE="live"\n'
        "#EXT-X-STREAM-INF:BANDWIDTH=1\n{$up}-low.m3u8?token=t1\n"
    )
    low = media(extra=extra, name="{{$host}}/{{$up}}/s{}.ts?t={{$token}}")
    files = {"/live-low.m3u8?token=t1": low, "/cdn/live/s10.ts?t=t1": TS}
    seen = await played(origin(master.encode(), files), once)
    row(record_property, "S10: EXT-X-DEFINE", None, seen)


async def test_letters_that_are_no_ascii_stand_in_an_address(record_property: Record) -> None:
    stand = origin(media(name="música/s{}.ts"), {"/m%C3%BAsica/s10.ts": TS})
    row(record_property, "H2: raw UTF-8 in a playlist", None, await played(stand, once))


async def test_what_else_was_found_stands_in_the_evidence() -> None:
    stand = origin(media(edge=NOW.timestamp() - 160) + b"#EXTINF:60,\ns11.ts\n")
    seen = await played(stand, once)
    assert seen.failure == "live_edge_lag"
    assert seen.evidence["also"] == ["spec_violation: a segment of 60 s, target 6 s"]


async def test_a_variable_that_nobody_defined_is_a_violation(record_property: Record) -> None:
    seen = await played(origin(media(name="{{$x}}/s{}.ts")), once)
    row(record_property, "S10: undefined variable", "spec_violation", seen)


async def test_a_window_of_four_thousand_segments_is_read(record_property: Record) -> None:
    playlist = media(1, 4000, name="s{}.ts?token=" + "t" * 80)
    assert len(playlist) > 400_000
    seen = await played(origin(playlist, {"/s4000.ts?token=" + "t" * 80: TS}), once)
    row(record_property, "S10: 4000 segments", None, seen)
    assert seen.evidence["segments"] == 4000


async def test_a_playlist_past_its_limit_names_a_setting_that_hls_has(
    record_property: Record,
) -> None:
    async def play(reconciler: Scene) -> Observation:
        return await reconciler.look(max_bytes=1000)

    seen = await played(origin(media(1, 400)), play)
    row(record_property, "S10: past max_bytes", "too_large", seen)


def test_variables_that_grow_without_bound_are_refused() -> None:
    doubling = "".join(
        f'#EXT-X-DEFINE:NAME="v{n}",VALUE="{{$v{n - 1}}}{{$v{n - 1}}}"\n' for n in range(1, 60)
    )
    text = HEAD + '#EXT-X-DEFINE:NAME="v0",VALUE="xx"\n' + doubling
    with pytest.raises(ProbeFailure) as caught:
        parse_playlist(text.encode(), "http://a.example/a.m3u8")
    assert caught.value.failure == "spec_violation"


def test_a_range_without_an_offset_goes_on_after_the_one_before() -> None:
    lines = "#EXTINF:6,\n#EXT-X-BYTERANGE:10@5\na.ts\n#EXTINF:6,\n#EXT-X-BYTERANGE:7\na.ts\n"
    newest = parse_playlist((HEAD + lines).encode(), "http://a.example/a.m3u8").newest
    assert newest is not None
    assert newest.part.byte_range == ByteRange(offset=15, length=7)


def test_a_memory_of_the_version_before_is_read() -> None:
    found = EdgeState.read(json.dumps([5, "http://a.example/s5.ts", 1.0]).encode(), 2.0)
    assert found == EdgeState(5, "http://a.example/s5.ts", 1.0)


def test_the_longest_address_fits_into_the_memory() -> None:
    assert len(EdgeState(1, "ñ" * 5000, 1.0).dump()) <= 4096
