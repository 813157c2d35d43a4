"""How a role sets its own process up: signals while it starts, its parent's death, the collector.

Ctrl-C while a role is being started ends it, and no half-made role prints a traceback. A terminal
sends SIGINT to all processes of the product at once, and an interpreter that is still importing
answers it with a KeyboardInterrupt wherever it happens to be. So SIGINT is blocked across `exec`
and `fork`, until the role accepts it. SIGTERM needs no such care: it ends the process quietly.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_BLOCKED = (signal.SIGINT,)


def block_interrupts() -> None:
    """A SIGINT that comes from now on waits, also for whatever this process becomes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _BLOCKED)


def accept_interrupts() -> None:
    """From here on SIGINT ends this process at once, and so does one that came before, until the
    process has a handler of its own."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _BLOCKED)


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """For the children that are started meanwhile: they begin with SIGINT blocked."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _BLOCKED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_COLLECT_AFTER = (10_000, 20, 50)
"""Allocations that are not freed, then collections of the younger generation."""


def tune_gc() -> None:
    """The catalogue and the modules stay: the collector need not walk them again and again. What
    check runs leave behind is freed by counting references; cycles are rare, and few of them
    wait."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


_PR_SET_PDEATHSIG = 1


def ends_with_parent() -> Callable[[], None] | None:
    """For `Popen(preexec_fn=...)`: the system sends the child SIGTERM when this process ends.

    The setting survives exec, so a role needs to know nothing of it; one that was started alone has
    no such parent. None where the system is not Linux: there a killed parent leaves its children.
    """
    if not sys.platform.startswith("linux"):
        return None
    # Loaded here: between fork and exec nothing may be imported.
    prctl, parent = ctypes.CDLL(None, use_errno=True).prctl, os.getpid()

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it ended before the child could ask for the signal
            os.kill(os.getpid(), signal.SIGTERM)

    return bind
