"""A role that waits behind its imports: `python -m tests.support.warm_role <module>`.

It has imported what the role imports, and forks at each request of `tests.support.warm_start`. The
fork becomes the role: its own environment, folder, arguments and descriptors, no thread, nothing
read or opened but code. Its parent is whoever asked, as if the asker had executed the module.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import socket
import sys
import threading

_ASKED_AT = 3
"""The descriptor at which requests come."""
_READ_AT_IMPORT = ("monitor.runtime.kill_points",)
"""Modules that read the environment once. What others hold of them is still theirs afterwards."""


def serve(module: str) -> list[str]:
    """Return in a fork alone, with the arguments that its role gets; the rest ends with the
    asker."""
    importlib.import_module(module)
    # It is executed as `__main__`, and looks as if it had not been imported before.
    del sys.modules[module]
    assert threading.active_count() == 1, "a thread would not be in the fork"
    gc.collect()
    gc.freeze()
    asked = socket.socket(fileno=_ASKED_AT)
    while True:
        request, descriptors, _, _ = socket.recv_fds(asked, 1 << 20, 16)
        if not request:
            raise SystemExit
        adopted, adopting = os.pipe()
        answer, answered = os.pipe()
        between = os.fork()
        if between == 0:
            _leave_child(answered)
            # Until nobody holds the other end: then the one between is gone.
            os.close(adopting)
            os.read(adopted, 1)
            asked.detach()
            return _become(json.loads(request), descriptors)
        # The role has another parent as soon as this one is gone.
        os.waitpid(between, 0)
        asked.send(os.read(answer, 16))
        for descriptor in (*descriptors, adopted, adopting, answer, answered):
            os.close(descriptor)


def _leave_child(answered: int) -> None:
    """Go on in a child of this process, which ends at once."""
    if child := os.fork():
        os.write(answered, str(child).encode())
        os._exit(0)


def _become(request: dict[str, object], descriptors: list[int]) -> list[str]:
    """Take on what a new process is given; the arguments."""
    numbers = request["descriptors"]
    assert isinstance(numbers, list)
    # None that is still to be moved may lie where another one comes.
    high = [_moved_above(found, max(numbers)) for found in descriptors]
    for found, number in zip(high, numbers, strict=True):
        os.dup2(found, number)
    kept = {0, *numbers}
    for number in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 - names are numbers here
        if number not in kept:
            _close(number)
    environment, arguments = request["environment"], request["arguments"]
    assert isinstance(environment, dict)
    assert isinstance(arguments, list)
    os.environ.clear()
    os.environ.update(environment)
    for name in _READ_AT_IMPORT:
        if name in sys.modules:
            importlib.reload(sys.modules[name])
    os.chdir(str(request["folder"]))
    gc.unfreeze()
    return [str(argument) for argument in arguments]


def _moved_above(descriptor: int, number: int) -> int:
    import fcntl

    return fcntl.fcntl(descriptor, fcntl.F_DUPFD, number + 1)


def _close(number: int) -> None:
    try:
        os.close(number)
    except OSError:
        return  # the one that listed the others


if __name__ == "__main__":
    role = sys.argv[1]
    sys.argv = [role, *serve(role)]
    # The core executes itself anew, as it was started.
    sys.orig_argv = [sys.executable, "-m", *sys.argv]
    runpy.run_module(role, run_name="__main__", alter_sys=True)
