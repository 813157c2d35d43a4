"""Unpacking gives back what was packed, piece by piece, and never more than its cap."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from monitor.net.decompress import is_known, unpacker
from monitor.net.errors import ProbeFailure


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "identity": ("identity", bytes),
    "gzip": ("gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "brotli": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
    "two frames of zstd": ("zstd", lambda body: zstd.compress(body[:9]) + zstd.compress(body[9:])),
}


@pytest.mark.parametrize("name", PACKERS)
@given(body=st.binary(max_size=5000), step=st.integers(1, 700))
def test_it_gives_back_what_was_packed(name: str, body: bytes, step: int) -> None:
    coding, pack = PACKERS[name]
    packed, engine = pack(body), unpacker(coding, 5000)
    pieces = (packed[at : at + step] for at in range(0, len(packed), step))
    assert b"".join(map(engine.feed, pieces)) == body


@pytest.mark.parametrize("name", PACKERS)
def test_it_stops_at_the_cap(name: str) -> None:
    coding, pack = PACKERS[name]
    assert unpacker(coding, 1000).feed(pack(bytes(1000))) == bytes(1000)
    with pytest.raises(ProbeFailure) as fault:
        unpacker(coding, 1000).feed(pack(bytes(1001)))
    assert fault.value.failure == "too_large"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_it_calls_junk_a_protocol_error(coding: str) -> None:
    with pytest.raises(ProbeFailure) as fault:
        unpacker(coding, 1000).feed(b"\xfe\xdc no packing at all" * 9)
    assert fault.value.failure == "protocol_error"


@pytest.mark.parametrize("coding", ["none", "UTF-8", "compress", "gzip, none", "x;q=1"])
def test_it_takes_a_body_as_it_comes_where_no_coding_is_named(coding: str) -> None:
    assert not is_known(coding)
    assert unpacker(coding, 1000).feed(b"hola") == b"hola"


def test_it_takes_several_codings_off_one_another() -> None:
    packed = brotli.compress(gzip.compress(b"hola mundo"))
    assert unpacker("gzip, br", 1000).feed(packed) == b"hola mundo"
    assert unpacker("identity, gzip", 1000).feed(gzip.compress(b"hola")) == b"hola"
    with pytest.raises(ProbeFailure, match="was not asked for"):
        unpacker("gzip, gzip, gzip, gzip", 1000)


def test_it_takes_no_window_that_browsers_refuse() -> None:
    options = {int(zstd.CompressionParameter.window_log): 27}
    engine = zstd.ZstdCompressor(options=options)
    packed = engine.compress(b"x") + engine.flush()
    with pytest.raises(ProbeFailure) as fault:
        unpacker("zstd", 1000).feed(packed)
    assert fault.value.failure == "protocol_error"
