"""Named points at which a test may have this process killed; nothing at all otherwise.

`ESTADO_KILL_AT=journal.commit.before:3` kills (SIGKILL) at the third time that point is reached.
"""

from __future__ import annotations

import os
import signal

_POINT, _, _TIMES = os.environ.get("ESTADO_KILL_AT", "").partition(":")
_left = int(_TIMES or 1)


def reached(point: str) -> None:
    """Die here if this is the point and the time that the variable names."""
    global _left
    if point != _POINT:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
