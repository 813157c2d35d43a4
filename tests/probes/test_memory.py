"""What a target sends without end, or packed a thousandfold, costs a probe a few megabytes."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from functools import cache

import brotli
import pytest

from tests.support.fault_proxy import fault_proxy

HEAD = b"HTTP/1.1 200 OK\r\n"
GIB = 1 << 30
ALLOWED_MIB = 24
ASSERTING = {"expect_body": "nowhere"}


@cache
def gzip_bomb() -> bytes:
    """One megabyte that unpacks to a gigabyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    zeros = bytes(1 << 20)
    packed = b"".join(packer.compress(zeros) for _ in range(GIB >> 20)) + packer.flush()
    assert 900_000 < len(packed) < 1_200_000
    return packed


@cache
def brotli_bomb() -> bytes:
    return bytes(brotli.compress(bytes(200 << 20), quality=1))


def look_in_a_child(answer: bytes, body: bytes, settings: dict[str, str]) -> tuple[str | None, int]:
    """The class that a fresh process saw, and by how many MiB its peak rose."""
    with fault_proxy(1) as proxy:
        proxy.endless(answer, body)
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.probes.memory_scene",
                f"http://127.0.0.1:{proxy.port}/",
                json.dumps(settings),
            ],
            capture_output=True,
            text=True,
            check=True,
            timeout=50,
        )
    failure, grown = json.loads(done.stdout)
    return failure, grown


@pytest.mark.parametrize(
    ("settings", "failure"), [({}, None), (ASSERTING, "too_large")], ids=["idle", "asserting"]
)
def test_it_reads_an_endless_body_in_bounded_memory(
    settings: dict[str, str], failure: str | None
) -> None:
    seen, grown = look_in_a_child(HEAD + b"\r\n", b"A" * 64, settings)
    assert (seen, grown <= ALLOWED_MIB) == (failure, True), grown


@pytest.mark.parametrize("coding", ["gzip", "br"])
@pytest.mark.parametrize(
    ("settings", "failure"), [({}, None), (ASSERTING, "too_large")], ids=["idle", "asserting"]
)
def test_it_unpacks_a_bomb_in_bounded_memory(
    coding: str, settings: dict[str, str], failure: str | None
) -> None:
    bomb = gzip_bomb() if coding == "gzip" else brotli_bomb()
    head = HEAD + f"Content-Encoding: {coding}\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    seen, grown = look_in_a_child(head + bomb, b"\0", settings)
    assert (seen, grown <= ALLOWED_MIB) == (failure, True), grown


def test_it_unpacks_what_is_honest() -> None:
    page = gzip.compress(b"hola mundo")
    head = HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(page)}\r\n\r\n".encode()
    assert look_in_a_child(head + page, b"\0", {"expect_body": "mundo"})[0] is None
