"""What the processes of the product use, role by role, as the kernel counts it."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

SUPERVISOR = "supervisor"
_TICKS = os.sysconf("SC_CLK_TCK")
_ROLE = re.compile(rb"monitor\.roles\.(\w+)")


def cpu_by_role(root: int) -> dict[str, float]:
    """Seconds of CPU, user and system, of a process and of all its living descendants."""
    spent: dict[str, float] = {}
    for pid in _tree(root):
        with contextlib.suppress(OSError):
            name = _role(pid)
            spent[name] = spent.get(name, 0.0) + _cpu(pid)
    return spent


def memory_by_role(root: int) -> dict[str, float]:
    """MiB resident, what processes share counted in part (PSS), so that the roles add up."""
    memory: dict[str, float] = {}
    for pid in _tree(root):
        with contextlib.suppress(OSError):
            name = _role(pid)
            memory[name] = memory.get(name, 0.0) + _pss(pid)
    return memory


def since(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What each role has used between two readings."""
    return {role: used - before.get(role, 0.0) for role, used in after.items()}


def _tree(root: int) -> Iterator[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                children.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    ahead = [root]
    while ahead:
        pid = ahead.pop()
        yield pid
        ahead += children.get(pid, [])


def _role(pid: int) -> str:
    found = _ROLE.search(Path(f"/proc/{pid}/cmdline").read_bytes())
    return found[1].decode() if found else SUPERVISOR


def _stat(pid: int) -> list[str]:
    """The fields from the state on: the name before it may contain anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _cpu(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _pss(pid: int) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
