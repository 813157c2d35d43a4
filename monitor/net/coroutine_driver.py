"""A conversation driven by the events that it waits for, without a task.

A task costs each look a context, a place in the loop's queue at the start and one more at every
wake-up. A conversation waits for its sockets alone, one at a time, so whoever brings the event may
as well go on with it at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from time import monotonic
from typing import Any, TypeVar

T = TypeVar("T")
LONG_S = 0.05
"""A step from one wait to the next that takes longer held everybody else's up."""


class Waitable:
    """One wait of a look, to be awaited once: `end` ends it, whoever calls first."""

    __slots__ = ("_driven", "_error", "_future", "_is_over")

    def __init__(self, driven: CoroutineDriver[Any] | None) -> None:
        self._driven = driven
        self._future: asyncio.Future[None] | None = None
        self._error: Exception | None = None
        self._is_over = False

    def end(self, error: Exception | None = None) -> None:
        """Go on, with the error where there is one. Nothing happens where the wait is over."""
        if self._is_over:
            return
        self._is_over = True
        self._error = error
        if self._driven is not None:
            self._driven.go_on()
        elif self._future is not None and not self._future.done():
            # Done where its task was cancelled and has not been told yet.
            self._future.set_result(None)

    def __await__(self) -> Generator[Any, None, None]:
        try:
            if self._driven is not None:
                yield self
            elif not self._is_over:
                self._future = asyncio.get_running_loop().create_future()
                yield from self._future
        finally:
            self._is_over = True
        error, self._error = self._error, None
        if error is not None:
            try:
                raise error
            finally:
                # Its traceback holds this frame: with this name they would keep each other, and
                # all that the look has received.
                del error


class CoroutineDriver(asyncio.Future[T]):
    """What a coroutine returns that awaits nothing but a `Waitable`, time after time.

    It has begun when `begin` returns. To cancel it is to raise CancelledError where it waits; it
    is over when the coroutine is. Who needs more of asyncio than waits needs a task.
    """

    _coroutine: Coroutine[Any, None, T]
    held_s: float = 0.0
    """How long its long steps have held the loop."""

    def begin(self, coroutine: Coroutine[Any, None, T]) -> None:
        self._coroutine = coroutine
        self.go_on()

    def go_on(self, error: BaseException | None = None) -> None:
        """As far as the next wait. Never raises: what the coroutine raises is the result."""
        if self.done():
            return
        began = monotonic()
        try:
            waited = self._coroutine.send(None) if error is None else self._coroutine.throw(error)
        except StopIteration as end:
            self.set_result(end.value)
        except asyncio.CancelledError:
            super().cancel()
        except Exception as raised:  # noqa: BLE001 - it is whose who asks for the result
            self.set_exception(raised)
        else:
            if type(waited) is not Waitable:
                self.go_on(RuntimeError("a conversation awaits what is no wait of its run"))
        finally:
            took_s = monotonic() - began
            if took_s > LONG_S:
                self.held_s += took_s

    def cancel(self, msg: Any | None = None) -> bool:
        if self.done():
            return False
        self.go_on(asyncio.CancelledError(*() if msg is None else (msg,)))
        return True
