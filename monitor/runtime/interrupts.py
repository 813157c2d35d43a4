"""Ctrl-C while a role is being started: it ends, and no half-made role prints a traceback.

A terminal sends SIGINT to all processes of the product at once, and an interpreter that is still
importing answers it with a KeyboardInterrupt wherever it happens to be. So SIGINT is held back
across `exec` and `fork`, until the role heeds it. SIGTERM needs no such care: it ends quietly.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_HELD = (signal.SIGINT,)


def hold_back() -> None:
    """What comes from now on waits, also for whatever this process becomes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)


def heed() -> None:
    """From here on it ends this process at once, and so does what came before; until the process
    has a handler of its own."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)


@contextmanager
def held_back() -> Iterator[None]:
    """For the children that are started meanwhile: they are born so."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
