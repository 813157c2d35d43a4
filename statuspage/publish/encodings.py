"""The encodings that bodies are sent in, wherever they are made."""

from __future__ import annotations

import gzip

import brotli

_WORTH_IT = 256
"""Bytes. Smaller bodies travel in one packet anyway."""
_BROTLI_QUALITY = 6
_GZIP_LEVEL = 6


def is_worth_it(content: bytes) -> bool:
    return len(content) >= _WORTH_IT


def gzipped(content: bytes) -> bytes:
    """Without a time stamp, so that equal bodies give equal bytes."""
    return gzip.compress(content, _GZIP_LEVEL, mtime=0)


def encoded(content: bytes, encoding: str) -> bytes:
    """`encoding` as HTTP names it: br, gzip or identity."""
    match encoding:
        case "br":
            return bytes(brotli.compress(content, quality=_BROTLI_QUALITY))
        case "gzip":
            return gzipped(content)
        case _:
            return content
