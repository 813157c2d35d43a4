"""The thread that the journal belongs to, as those who run beside it see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

_T = TypeVar("_T")


class OnThread(Protocol):
    """Run work on the journal's own thread."""

    def __call__(self, work: Callable[[], _T], /) -> Awaitable[_T]: ...
