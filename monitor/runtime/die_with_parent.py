"""A child that does not outlive its parent, even one that was killed and could say nothing."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def ends_with_parent() -> Callable[[], None] | None:
    """For `Popen(preexec_fn=...)`: the system sends the child SIGTERM when this process ends.

    It goes on through exec, so a role needs to know nothing of it; one that was started alone has
    no such parent. None where the system is no Linux: there a killed parent leaves its children.
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
