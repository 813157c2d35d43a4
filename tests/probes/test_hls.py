"""`hls` against what ffmpeg writes and nginx serves, and against playlists broken by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from monitor.domain.checks.observation import Observation, Outcome
from monitor.net.errors import ProbeFailure
from monitor.net.transport import Transport
from monitor.runtime.system_clock import SystemClock
from probes.hls.probe import HlsProbe, HlsSpec
from tests.support.hls_rtmp import SEGMENT_S, Streaming
from tests.support.looks import run_check
from tests.support.playlists import parse_playlist

TIMEOUT_S = 5.0
HEAD = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n"


async def watch(url: str, memory: bytes | None = None, **settings: Any) -> Observation:
    probe = HlsProbe(Transport(wall=SystemClock().wall))
    spec = replace(HlsSpec(url=url), **settings)
    return await run_check(probe, spec, timeout_s=TIMEOUT_S, memory=memory)


def aged(memory: bytes | None, seconds: float) -> bytes:
    """The same memory as of that much earlier."""
    number, uri, advanced_at, *rest = json.loads(memory or b"")
    return json.dumps([number, uri, advanced_at - seconds, *rest]).encode()


def remembered(number: int, uri: str) -> bytes:
    return json.dumps([number, uri, monotonic()]).encode()


def numbered(seen: Observation) -> int:
    return int(json.loads(seen.memory or b"")[0])


@pytest.mark.parametrize("name", ["master.m3u8", "radio.m3u8"])
async def test_it_finds_a_live_stream_up_again_and_again(streaming: Streaming, name: str) -> None:
    first = await watch(streaming.url(name))
    assert (first.outcome, first.failure) == (Outcome.UP, None), first
    assert first.evidence["target_s"] == SEGMENT_S
    assert int(str(first.evidence["segment_bytes"])) > 1000
    second = await watch(streaming.url(name), first.memory)
    assert (second.outcome, second.failure) == (Outcome.UP, None), second
    assert numbered(second) >= numbered(first)


async def test_it_notices_that_a_frozen_encoder_writes_no_more(streaming: Streaming) -> None:
    with streaming.hls.stopped():
        first = await watch(streaming.url("radio.m3u8"))
        soon = await watch(streaming.url("radio.m3u8"), aged(first.memory, SEGMENT_S * 1.2))
        late = await watch(streaming.url("radio.m3u8"), aged(first.memory, SEGMENT_S * 1.6))
    assert (first.failure, soon.failure, late.failure) == (None, None, "stale_playlist"), late
    assert late.outcome is Outcome.DOWN


async def test_it_counts_the_standstill_across_looks(streaming: Streaming) -> None:
    with streaming.hls.stopped():
        memory = (await watch(streaming.url("radio.m3u8"))).memory
        for _ in range(3):
            memory = (await watch(streaming.url("radio.m3u8"), aged(memory, 0.4))).memory
        seen = await watch(streaming.url("radio.m3u8"), aged(memory, 0.4))
    assert seen.failure == "stale_playlist", seen


async def test_it_lets_a_stale_stream_recover_with_its_next_segment(streaming: Streaming) -> None:
    seen = await watch(streaming.url("radio.m3u8"))
    past = remembered(numbered(seen) - 1, "http://127.0.0.1/before.ts")
    after = await watch(streaming.url("radio.m3u8"), aged(past, 3600))
    assert (after.outcome, after.failure) == (Outcome.UP, None), after


async def test_it_notices_that_the_numbers_went_back_and_then_goes_on(streaming: Streaming) -> None:
    seen = await watch(streaming.url("radio.m3u8"), remembered(10**6, "http://127.0.0.1/x.ts"))
    assert (seen.outcome, seen.failure) == (Outcome.DEGRADED, "sequence_reset"), seen
    again = await watch(streaming.url("radio.m3u8"), seen.memory)
    assert again.failure is None, again


@pytest.mark.parametrize("memory", [b"", b"{}", b"[1]", b'["x", 1, 2]', b"\xff\xfe", b"null"])
async def test_it_begins_anew_where_its_memory_is_of_no_use(
    streaming: Streaming, memory: bytes
) -> None:
    seen = await watch(streaming.url("radio.m3u8"), memory)
    assert seen.failure is None, seen


async def test_it_distrusts_a_memory_from_before_the_machine_was_restarted(
    streaming: Streaming,
) -> None:
    number = 10**6
    seen = await watch(
        streaming.url("radio.m3u8"), aged(remembered(number, "http://127.0.0.1/x.ts"), -3600)
    )
    assert seen.failure is None, seen


def written(streaming: Streaming, name: str, text: str) -> str:
    """A playlist of our own beside the real one, and a segment that it may name."""
    (streaming.www / "kept.ts").write_bytes(bytes(4096))
    (streaming.www / name).write_text(text, "utf-8")
    return streaming.url(name)


@pytest.mark.parametrize(
    ("text", "outcome", "failure"),
    [
        ("<!DOCTYPE html><html><body>hola</body></html>", Outcome.DOWN, "protocol_error"),
        ("", Outcome.DOWN, "protocol_error"),
        (HEAD + "#EXTINF:2,\ngone.ts\n", Outcome.DOWN, "segment_404"),
        (HEAD, Outcome.DOWN, "stale_playlist"),
        (HEAD + "#EXTINF:2,\nkept.ts\n#EXT-X-ENDLIST\n", Outcome.DOWN, "stale_playlist"),
        (HEAD + "#EXTINF:9.9,\nkept.ts\n", Outcome.DEGRADED, "spec_violation"),
        ("#EXTM3U\n#EXTINF:2,\nkept.ts\n", Outcome.DEGRADED, "spec_violation"),
        (HEAD + "#EXTINF:2,\nfile:///etc/passwd\n", Outcome.DEGRADED, "spec_violation"),
        (HEAD + "#EXTINF:dos,\nkept.ts\n", Outcome.DEGRADED, "spec_violation"),
        (
            "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nnested.m3u8\n",
            Outcome.DEGRADED,
            "spec_violation",
        ),
        (HEAD + "#EXTINF:2.4,\nkept.ts\n", Outcome.UP, None),
        ("\ufeff" + HEAD + "#EXTINF:2,\nkept.ts\n", Outcome.UP, None),
    ],
    ids=[
        "html",
        "nothing",
        "segment gone",
        "no segment",
        "ended",
        "too long",
        "no target",
        "not to be fetched",
        "no number",
        "master in master",
        "rounds down",
        "byte order mark",
    ],
)
async def test_it_reads_a_playlist_strictly(
    streaming: Streaming, text: str, outcome: Outcome, failure: str | None
) -> None:
    written(streaming, "nested.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nradio.m3u8\n")
    seen = await watch(written(streaming, "own.m3u8", text))
    assert (seen.outcome, seen.failure) == (outcome, failure), seen


async def test_it_misses_the_segment_that_was_removed(streaming: Streaming) -> None:
    with streaming.hls.stopped():
        newest = _newest_on_disk(streaming)
        kept = newest.read_bytes()
        newest.unlink()
        try:
            seen = await watch(streaming.url("radio.m3u8"))
            unasked = await watch(streaming.url("radio.m3u8"), fetch_segment=False)
        finally:
            newest.write_bytes(kept)
    assert (seen.outcome, seen.failure) == (Outcome.DOWN, "segment_404"), seen
    assert unasked.failure is None, unasked


async def test_it_takes_an_archive_that_has_ended_for_right_when_told(streaming: Streaming) -> None:
    url = written(streaming, "archive.m3u8", HEAD + "#EXTINF:2,\nkept.ts\n#EXT-X-ENDLIST\n")
    seen = await watch(url, live=False)
    assert (seen.outcome, seen.failure) == (Outcome.UP, None), seen


async def test_it_finds_another_segment_under_the_same_number_wrong(streaming: Streaming) -> None:
    url = written(streaming, "own.m3u8", HEAD + "#EXTINF:2,\nkept.ts?token=2\n")
    signed = await watch(url, remembered(0, streaming.url("kept.ts")))
    other = await watch(url, remembered(0, streaming.url("other.ts")))
    assert (signed.failure, other.failure) == (None, "spec_violation"), other


async def test_it_does_not_take_half_a_playlist_for_a_whole_one(streaming: Streaming) -> None:
    url = written(streaming, "own.m3u8", HEAD + "#EXTINF:2,\nkept.ts\n" + "# filler\n" * 40_000)
    seen = await watch(url, max_bytes=4096)
    assert (seen.outcome, seen.failure) == (Outcome.DOWN, "too_large"), seen


async def test_it_says_that_there_is_no_playlist(streaming: Streaming) -> None:
    seen = await watch(streaming.url("none.m3u8"))
    assert (seen.outcome, seen.failure) == (Outcome.DOWN, "status_mismatch"), seen


def _newest_on_disk(streaming: Streaming) -> Path:
    """The last segment that the playlist names."""
    lines = (streaming.www / "radio.m3u8").read_text("utf-8").splitlines()
    return streaming.www / [line for line in lines if line.endswith(".ts")][-1]


@pytest.mark.parametrize(
    "lines",
    [
        "#EXTINF:inf,\na.ts\n",
        "#EXTINF:nan,\na.ts\n",
        "#EXTINF:1,\nhttp://[broken\n",
        f"#EXT-X-MEDIA-SEQUENCE:{'9' * 4300}\n#EXTINF:1,\na.ts\n",
        f"#EXT-X-MEDIA-SEQUENCE:{'9' * 21}\n#EXTINF:1,\na.ts\n",
        "#EXT-X-MEDIA-SEQUENCE:-1\n#EXTINF:1,\na.ts\n",
        "#EXT-X-MEDIA-SEQUENCE:1_0\n#EXTINF:1,\na.ts\n",
        "#EXT-X-MEDIA-SEQUENCE:\u0661\n#EXTINF:1,\na.ts\n",
        f"#EXTINF:1,\n#EXT-X-BYTERANGE:{'9' * 4300}@1\na.ts\n",
        f"#EXTINF:1,\n#EXT-X-BYTERANGE:1@{'9' * 4300}\na.ts\n",
        f"#EXT-X-STREAM-INF:BANDWIDTH={'9' * 4300}\na.m3u8\n",
        "#EXT-X-PROGRAM-DATE-TIME:2030-01-01T00:00:00Z\n#EXTINF:1e300,\na.ts\n#EXTINF:1,\nb.ts\n",
    ],
)
def test_a_hostile_playlist_is_the_target_s_fault_and_not_ours(lines: str) -> None:
    with pytest.raises(ProbeFailure) as caught:
        parse_playlist((HEAD + lines).encode(), "http://radio.example/a.m3u8")
    assert caught.value.failure == "spec_violation"
