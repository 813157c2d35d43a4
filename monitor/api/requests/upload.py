"""A file as the body of a request: into a file of our own, bounded in size and time, before work
begins on it; no transaction waits for whoever sends it."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, TypeVar, cast

from aiohttp import web

from monitor.api.requests.request import require_media_type
from monitor.api.schema import Upload
from monitor.domain.refusals import Refused

T = TypeVar("T")
AT_ONCE = 2
_IN_MEMORY = 1_000_000
_BUSY_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A file that has arrived. It takes room until it was used."""

    file: BinaryIO
    room: threading.Semaphore

    def used_by(self, work: Callable[[BinaryIO], T]) -> T:
        """On any thread; the file is gone afterwards."""
        try:
            return work(self.file)
        finally:
            self.close()

    def close(self) -> None:
        self.file.close()
        self.room.release()


class Uploads:
    """Files that arrive or are being used: few at once, for each takes room."""

    def __init__(self, *, at_once: int = AT_ONCE) -> None:
        self._room = threading.BoundedSemaphore(at_once)

    async def receive(self, upload: Upload, request: web.Request) -> Received:
        """The whole file, at its start. Raises Refused where it is of another type, too large or
        too slow, or where too many are under way."""
        require_media_type(request, upload.media_type)
        if (request.content_length or 0) > upload.most:
            raise Refused("request.too_large", most=upload.most)
        if not self._room.acquire(blocking=False):
            raise Refused("request.busy", seconds=_BUSY_S)
        received = Received(file=_new_file(), room=self._room)
        try:
            await _receive(upload, request, received.file)
            received.file.seek(0)
        except BaseException:
            received.close()
            raise
        return received


def _new_file() -> BinaryIO:
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="estado-"))


async def _receive(upload: Upload, request: web.Request, file: BinaryIO) -> None:
    length = 0
    try:
        async with asyncio.timeout(upload.limit_s):
            async for chunk in request.content.iter_any():
                length += len(chunk)
                if length > upload.most:
                    raise Refused("request.too_large", most=upload.most)
                file.write(chunk)
    except TimeoutError as error:
        raise Refused("request.too_slow", limit_s=int(upload.limit_s)) from error
    except web.RequestPayloadError as error:
        raise Refused("request.bad") from error
