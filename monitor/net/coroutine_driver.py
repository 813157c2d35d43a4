"""A conversation driven by the events that it waits for, without a task.

A task costs each check run a context, a place in the loop's queue at the start and one more at
every wake-up. A conversation waits only for its sockets, one at a time, so the code that receives
the event can continue the conversation at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from time import monotonic
from typing import Any, TypeVar

T = TypeVar("T")
LONG_S = 0.05
"""A step from one wait to the next that takes longer has held up all other runs."""


class Waitable:
    """One wait of a check run. It is awaited once; the first call of `end` ends it."""

    __slots__ = ("_driven", "_error", "_future", "_is_over")

    def __init__(self, driver: CoroutineDriver[Any] | None) -> None:
        self._driven = driver
        self._future: asyncio.Future[None] | None = None
        self._error: Exception | None = None
        self._is_over = False

    def end(self, error: Exception | None = None) -> None:
        """Continue the run, with the error if there is one. Does nothing once the wait is over."""
        if self._is_over:
            return
        self._is_over = True
        self._error = error
        if self._driven is not None:
            self._driven.go_on()
        elif self._future is not None and not self._future.done():
            # It is done where its task was cancelled but has not run since.
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
                # Its traceback holds this frame. With this name the two would keep each other, and
                # all that the run has received.
                del error


class CoroutineDriver(asyncio.Future[T]):
    """The result of a coroutine that awaits only `Waitable`s, one after the other.

    The coroutine has begun when `begin` returns. Cancelling raises CancelledError where the
    coroutine waits; the future is done when the coroutine is. Code that needs more of asyncio than
    waits needs a task.
    """

    _coroutine: Coroutine[Any, None, T]
    held_s: float = 0.0
    """How many seconds its long steps (see `LONG_S`) have held the loop."""

    def begin(self, coroutine: Coroutine[Any, None, T]) -> None:
        self._coroutine = coroutine
        self.go_on()

    def go_on(self, error: BaseException | None = None) -> None:
        """Continue to the next wait. Never raises: what the coroutine raises is the result."""
        if self.done():
            return
        began = monotonic()
        try:
            awaited = self._coroutine.send(None) if error is None else self._coroutine.throw(error)
        except StopIteration as end:
            self.set_result(end.value)
        except asyncio.CancelledError:
            super().cancel()
        except Exception as raised:  # noqa: BLE001 - raised to the caller who asks for the result
            self.set_exception(raised)
        else:
            if type(awaited) is not Waitable:
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
