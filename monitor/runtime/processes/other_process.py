"""What the system says of another process: which command it is, and whether it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_OURS = "monitor.roles."
_LONGEST = 80
_STOPPED, _TRACED, _ON_DISK = "T", "t", "D"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherProcess:
    """`state` is the letter that `ps` shows."""

    pid: int
    command: str
    state: str

    @property
    def is_stopped(self) -> bool:
        """By a signal, such as Ctrl-Z sends: it goes on with SIGCONT."""
        return self.state == _STOPPED

    @property
    def is_traced(self) -> bool:
        """A debugger holds it."""
        return self.state == _TRACED

    @property
    def waits_for_disk(self) -> bool:
        return self.state == _ON_DISK


def look_at(pid: int) -> OtherProcess | None:
    """None where there is no such process, or the system does not show it."""
    state = process_state(pid)
    try:
        argv = (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return None
    if not state:
        return None
    return OtherProcess(pid=pid, command=command_name([a for a in argv if a]), state=state)


def process_state(pid: int) -> str:
    """The letter that `ps` shows; empty where there is no such process."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    # The name before it may hold spaces and parentheses.
    return stat.rpartition(")")[2].split(maxsplit=1)[0]


def command_name(argv: list[str]) -> str:
    """What a person calls it. Of our own commands only the words that name them: what was typed
    behind may be a text for the public.

    >>> command_name(["/opt/python", "-m", "monitor.roles.console.role", "--config", "x"])
    'estado run --role console'
    >>> command_name(["/opt/python", "-m", "monitor.cli", "incident", "update", "k3f9a2"])
    'estado incident update'
    >>> command_name(["/opt/python", "/opt/bin/estado", "-h"]), command_name(["/bin/sqlite3", "j"])
    ('estado', 'sqlite3 j')
    """
    for place, word in enumerate(argv):
        if word.startswith(_OURS):
            return f"estado run --role {word.removeprefix(_OURS).partition('.')[0]}"
        if word in ("monitor.cli", "estado") or word.endswith("/estado"):
            named = [w for w in argv[place + 1 : place + 3] if w.isalpha()]
            return " ".join(["estado", *named])
    if not argv:
        return "?"
    line = " ".join([Path(argv[0]).name, *argv[1:]])
    return "".join(c if c.isprintable() else " " for c in line)[:_LONGEST]
