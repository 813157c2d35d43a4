"""aioresponses 0.7.9 made to work with aiohttp 3.14, until it does so by itself.

aiohttp 3.14 asks each response for the stream writer of its request (issue 289 of aioresponses),
and a body over the reader's limit for the parser of its protocol (issue 292); aioresponses gives
neither.

It replaces `ClientSession._request`: no DNS, connection, TLS or trace hook happens under it. It is
for notifiers and the billing adapter; probes are tested against real servers.
"""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

from aiohttp import ClientResponse, StreamReader
from aiohttp.client_proto import ResponseHandler
from aioresponses import CallbackResult, aioresponses

__all__ = ["CallbackResult", "aioresponses"]


class _SentRequestResponse(ClientResponse):
    """A response whose request left long ago: its writer has nothing more to say."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("stream_writer", SimpleNamespace(output_size=0))
        super().__init__(*args, **kwargs)


class _ParserlessHandler(ResponseHandler):
    """A protocol that carries no bytes: pausing and resuming it means nothing."""

    def pause_reading(self) -> None:
        pass

    def resume_reading(self, resume_parser: bool = True) -> None:
        pass


def _stream_reader(loop: Any = None) -> StreamReader:
    return StreamReader(_ParserlessHandler(loop=loop), limit=2**16, loop=loop)


_core: Any = import_module("aioresponses.core")
_core.ClientResponse = _SentRequestResponse
_core.stream_reader_factory = _stream_reader
