"""A command at a terminal of its own, where somebody types what it asks for."""

from __future__ import annotations

import os
import pty
from collections.abc import Mapping, Sequence
from contextlib import suppress


def typed_at_terminal(
    argv: Sequence[str], typed: Sequence[str], env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Exit code and all that the terminal shows; a line is typed at each prompt."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(argv[0], list(argv), {**os.environ, **(env or {})})  # noqa: S606 - our own
    shown, lines = "", iter(typed)
    answered = 0
    # A terminal that nobody holds any more reads as an error on Linux.
    with suppress(OSError):
        while heard := os.read(terminal, 4_096):
            shown += heard.decode()
            if shown.count(": ") > answered and shown.endswith(": "):
                answered = shown.count(": ")
                os.write(terminal, f"{next(lines)}\n".encode())
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown
