"""A mirror in a folder, which another web server may serve."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from monitor.mirrors.ports import LIST, MirrorFailed


class FolderPlace:
    """Files are replaced whole; the folder is made with the first one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def listed(self) -> bytes | None:
        return await asyncio.to_thread(self._listed)

    async def put(self, name: str, content: bytes, content_type: str) -> None:
        """The type is the web server's to say, by the name's end."""
        await asyncio.to_thread(self._put, name, content)

    async def remove(self, name: str) -> None:
        await asyncio.to_thread(self._remove, name)

    async def finish(self, about: str) -> None:
        """Nothing is left to do."""

    def _listed(self) -> bytes | None:
        try:
            return (self._folder / LIST).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise MirrorFailed(str(error)) from error

    def _put(self, name: str, content: bytes) -> None:
        file = self._file(name)
        aside = file.with_name(f".{file.name}.new")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(content)
            aside.replace(file)
        except OSError as error:
            raise MirrorFailed(str(error)) from error

    def _remove(self, name: str) -> None:
        file = self._file(name)
        try:
            file.unlink(missing_ok=True)
            with suppress(OSError):
                file.parent.rmdir()
        except OSError as error:
            raise MirrorFailed(str(error)) from error

    def _file(self, name: str) -> Path:
        """Never outside of the folder, whatever a list of it says."""
        file = self._folder / name
        if ".." in Path(name).parts or Path(name).is_absolute() or file == self._folder:
            raise MirrorFailed(f"{name!r} is no name of a file in a mirror")
        return file
