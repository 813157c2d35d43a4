"""A mirror: a place that takes files, whole, and gives back the list of what it has."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

LIST = "mirror.json"
"""The name of the list: the age of the data, and what the mirror has. Written last."""


class MirrorFailed(Exception):
    """It cannot be written or read now; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorFile:
    """A page or a file under its `name` (`es/index.html`). `digest` names its content without the
    time of the data; `render` gives the bytes."""

    name: str
    content_type: str
    digest: str
    render: Callable[[], bytes]
    is_dated: bool = False
    """It states the time of the data."""
    is_news: bool = False
    """It is what people look for that time in: it is written with each publication."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One moment of the page as a mirror has it."""

    number: str
    data_at: int
    files: Mapping[str, MirrorFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorList:
    """`files` has of each name the digest, and the time of the data when it was written."""

    data_at: int = 0
    files: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def encode(self) -> bytes:
        written = {
            "data_at": self.data_at,
            "files": {name: list(found) for name, found in sorted(self.files.items())},
        }
        return json.dumps(written, indent=0).encode()

    @classmethod
    def decode(cls, content: bytes) -> MirrorList:
        """Raises MirrorFailed where that is no list of ours."""
        try:
            read = json.loads(content)
            files = {str(n): (str(d), int(at)) for n, (d, at) in read["files"].items()}
            return cls(data_at=int(read["data_at"]), files=files)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MirrorFailed(f"{LIST} is not what was written") from error


class Place(Protocol):
    """Where a mirror is. Each method raises MirrorFailed."""

    async def listed(self) -> bytes | None:
        """The list that it has; None where it has none."""
        ...

    async def put(self, name: str, content: bytes, content_type: str) -> None:
        """Whole or not at all."""
        ...

    async def remove(self, name: str) -> None:
        """Also where it is not there."""
        ...

    async def finish(self, about: str) -> None:
        """Everything of one publication is there; `about` says which."""
        ...
