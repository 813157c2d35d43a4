"""Work of a thread that rests as long as it works, so that whoever does something else meanwhile
waits little longer."""

from __future__ import annotations

import threading
import time


class Closed(Exception):
    """The role ends: nobody reads any more what is computed."""


class Rest:
    """Pauses of one thread, each as long as it has worked since the last."""

    def __init__(self, closed: threading.Event) -> None:
        self._closed = closed
        self._worked = time.thread_time()

    def take(self) -> None:
        """Raises Closed once the role ends."""
        if self._closed.wait(time.thread_time() - self._worked):
            raise Closed
        self._worked = time.thread_time()
