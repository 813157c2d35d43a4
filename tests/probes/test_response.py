"""An answer, fed as it comes: what is wrong with its body is told alike behind every head."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from monitor.net.errors import ProbeFailure
from probes.http.response import Response

HEADS = {
    "as the standard has it": b"HTTP/1.1 200 OK\r\nX: a\r\n",
    "line feeds alone": b"HTTP/1.1 200 OK\nX: a\n",
    "a space before a colon": b"HTTP/1.1 200 OK\r\nX : a\r\n",
    "a fold": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n",
    "no name": b"HTTP/1.1 200 OK\r\nno name\r\n",
    "an interim head before it": b"HTTP/1.1 103 Early\nX: a\n\nHTTP/1.1 200 OK\nX: a\n",
}
GZIP, CHUNKS = b"Content-Encoding: gzip\r\n", b"Transfer-Encoding: chunked\r\n"
BODIES: dict[str, tuple[bytes, str | None]] = {
    "whole": (GZIP + b"\r\n" + gzip.compress(b"hola"), None),
    "no gzip": (GZIP + b"\r\nno gzip at all", "protocol_error"),
    "no gzip in chunks": (GZIP + CHUNKS + b"\r\n5\r\nhello\r\n0\r\n\r\n", "protocol_error"),
    "a bomb": (GZIP + b"\r\n" + gzip.compress(bytes(5000)), "too_large"),
    "a bomb, and no chunk behind it": (
        GZIP + CHUNKS + b"\r\n%x\r\n%b\r\nx" % (len(BOMB := gzip.compress(bytes(5000))), BOMB),
        "too_large",
    ),
    "four codings": (b"Content-Encoding: gzip, br, gzip, br\r\n\r\nx", "protocol_error"),
    "frames without end": (
        b"Content-Encoding: zstd\r\n\r\n" + zstd.compress(b"") * 1001,
        "too_large",
    ),
    "no chunk": (CHUNKS + b"\r\nzz\r\n", "protocol_error"),
    "cut": (b"Content-Length: 9\r\n\r\nhola", "conn_reset"),
}


def pieces(wire: bytes, step: int) -> Iterator[bytes]:
    return (wire[at : at + step] for at in range(0, len(wire), step))


def read(wire: bytes, step: int) -> Response:
    response = Response(max_bytes=1000, keeps_body=True, is_bodyless=False)
    for piece in pieces(wire, step):
        if response.wants_more:
            response.feed(piece)
    response.feed_end()
    return response


@pytest.mark.parametrize("step", [1, 7, 100_000])
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("head", HEADS)
def test_a_body_has_the_same_fault_behind_every_head(head: str, body: str, step: int) -> None:
    rest, failure = BODIES[body]
    if failure is None:
        assert read(HEADS[head] + rest, step).body == b"hola"
        return
    with pytest.raises(ProbeFailure) as caught:
        read(HEADS[head] + rest, step)
    assert caught.value.failure == failure


@given(
    head=st.sampled_from(sorted(HEADS.values())),
    body=st.sampled_from([body for body, _ in BODIES.values() if len(body) < 1000]),
    edits=st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=4)), max_size=5),
    step=st.sampled_from([1, 3, 50, 10_000]),
)
def test_whatever_comes_is_an_answer_or_a_fault(
    head: bytes, body: bytes, edits: list[tuple[int, bytes]], step: int
) -> None:
    wire = bytearray(head + body)
    for at, edit in edits:
        wire[at : at + len(edit)] = edit
    failure = None
    try:
        read(bytes(wire), step)
    except ProbeFailure as fault:
        failure = fault.failure
    assert failure in (None, "protocol_error", "too_large", "conn_reset")


def test_a_head_that_never_ends_though_its_interim_ones_do_is_refused_soon() -> None:
    interim = b"HTTP/1.1 103 Early\nX: a\n\n"
    assert read(interim * 10 + b"HTTP/1.1 200 OK\n\nhola", 25).body == b"hola"
    with pytest.raises(ProbeFailure) as caught:
        read(interim * 100 + b"HTTP/1.1 200 OK\n\nhola", 25)
    assert caught.value.failure == "protocol_error"
