"""Roles that are stopped by a signal, and roles that keep the journal from the core.

The kernel is asked, not the role: a role that is slow answers late, and one that waits for a disk
answers not at all, and neither is dead. What counts is how often a role was seen so, and not how
much time went by: nobody is judged for a time in which this process stood still itself, or the
whole machine did.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.runtime.processes.other_process import process_state

LOOK_EVERY_S = 1.0
TELL_AFTER_S = 10.0
END_STOPPED_AFTER_S = 60.0
"""For a person who has stopped it to look at it, and does not know that the core waits."""
END_HUNG_AFTER_S = 300.0
"""One that runs may be at work: the longest transaction that is known took seconds."""
_MOST_GAP_S = 5.0
_FRESH_S = 15.0
NEVER_ENDED = ("core", "prober")
_STOPPED, _TRACED, _ON_DISK = "T", "t", "D"
_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass(slots=True)
class _Seen:
    """How long one process has been so, as far as it was seen."""

    pid: int
    stopped_s: float = 0.0
    holds_s: float = 0.0
    is_told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`ends` says whether the role is to be killed: then it is started anew. `event` is what to
    log."""

    event: str
    role: str
    pid: int
    state: str
    ends: bool = False


@dataclass(slots=True, kw_only=True)
class StoppedRoles:
    """`held_file` is what the core writes while another process holds the journal, `told_file`
    what it reads of the roles that are stopped."""

    held_file: Path
    told_file: Path
    boottime: Callable[[], float] = lambda: time.clock_gettime(_BOOTTIME)
    state_of: Callable[[int], str] = process_state
    _looked_at: float | None = None
    _seen: dict[str, _Seen] = field(default_factory=dict)

    def look(self, pids: Mapping[str, int]) -> list[Finding]:
        """What is new about these roles; call it as often as you like."""
        now = self.boottime()
        gap = now - self._looked_at if self._looked_at is not None else 0.0
        if self._looked_at is not None and gap < LOOK_EVERY_S:
            return []
        self._looked_at = now
        if gap > _MOST_GAP_S:
            for seen in self._seen.values():
                seen.stopped_s = seen.holds_s = 0.0
            return []
        holder = self._holder()
        self._seen = {role: self._of(role, pid) for role, pid in pids.items()}
        found = [self._judge(role, seen, gap, holder) for role, seen in self._seen.items()]
        new = [finding for finding in found if finding is not None]
        if new:
            self._tell()
        return new

    def forget(self) -> None:
        """No role runs any more."""
        self._seen.clear()
        self._tell()

    def _of(self, role: str, pid: int) -> _Seen:
        before = self._seen.get(role)
        if before is None:
            return _Seen(pid)
        # Another process of that role runs, though the one before was told to be stopped.
        return before if before.pid == pid else _Seen(pid, is_told=before.is_told)

    def _judge(self, role: str, seen: _Seen, gap: float, holder: int) -> Finding | None:
        state = self.state_of(seen.pid)
        seen.stopped_s = seen.stopped_s + gap if state in (_STOPPED, _TRACED) else 0.0
        seen.holds_s = seen.holds_s + gap if holder == seen.pid else 0.0
        if role not in NEVER_ENDED and _must_end(seen, state):
            return Finding(event="role.ended", role=role, pid=seen.pid, state=state, ends=True)
        is_stopped = seen.stopped_s >= TELL_AFTER_S
        if is_stopped and not seen.is_told:
            seen.is_told = True
            return Finding(event="role.stopped", role=role, pid=seen.pid, state=state)
        if seen.is_told and seen.stopped_s == 0.0:
            seen.is_told = False
            return Finding(event="role.goes_on", role=role, pid=seen.pid, state=state)
        return None

    def _holder(self) -> int:
        """Whom the core names; 0 where it names nobody, or has not for a while."""
        held = read_held(self.held_file)
        return 0 if held is None else held.pid

    def _tell(self) -> None:
        told = {role: seen.pid for role, seen in self._seen.items() if seen.is_told}
        with suppress(OSError):
            if not told:
                self.told_file.unlink(missing_ok=True)
                return
            aside = self.told_file.with_name(f"{self.told_file.name}.new")
            aside.write_text(json.dumps(told), "utf-8")
            aside.replace(self.told_file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The journal is held, by a process that is 0 where nobody can see which."""

    pid: int
    lasted_s: float


def read_held(held_file: Path) -> Held | None:
    """What the core says of a journal that is held; None where it is not, or the core has not said
    so for a while."""
    # Nothing is opened in every round: nearly always it is not there.
    if not held_file.exists():
        return None
    with suppress(OSError, ValueError, KeyError, TypeError):
        written: Mapping[str, Any] = json.loads(held_file.read_text("utf-8"))
        if 0 <= time.monotonic() - float(written["at"]) <= _FRESH_S:
            return Held(pid=int(written["pid"]), lasted_s=float(written["lasted_s"]))
    return None


def read_stopped_roles(told_file: Path) -> dict[str, int]:
    """The roles that the supervisor found stopped, and their processes."""
    if not told_file.exists():
        return {}
    with suppress(OSError, ValueError, TypeError, AttributeError):
        written = json.loads(told_file.read_text("utf-8"))
        return {str(role): int(pid) for role, pid in written.items()}
    return {}


def _must_end(seen: _Seen, state: str) -> bool:
    """Whether it has kept the journal for too long. A debugger's process is somebody's work, and
    one that waits for a disk cannot be ended."""
    if state == _STOPPED:
        return min(seen.stopped_s, seen.holds_s) >= END_STOPPED_AFTER_S
    return state not in ("", _TRACED, _ON_DISK) and seen.holds_s >= END_HUNG_AFTER_S
