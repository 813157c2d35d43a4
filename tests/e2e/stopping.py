"""A role or a command that stops itself (SIGSTOP) at a named point of a write to the journal.

`before_begin`, `after_begin` and `after_writes` are places of our own code, patched in the child
alone. `within_commit` is the moment at which SQLite has written its log and asks the disk for it:
a library that is loaded before libc's stops there. Each is armed by a file, and goes off once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.product import ROOT, Product
from tests.support.require import require_server

POINTS = ("before_begin", "after_begin", "after_writes", "within_commit")
HOLDING = POINTS[1:]

_PROGRAM = """
import runpy, signal, sys, threading
from pathlib import Path
from monitor.journal import journal

point, flag, module = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
sys.argv = [module, *sys.argv[4:]]

own = threading.local()

def stop(here):
    if here == point and flag.exists():
        flag.unlink()
        # To this thread: another one that takes a signal to the process may come late, and this
        # one commit and hold nothing any more.
        signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)

begin, reached, lock = journal.SqlJournal.transaction, journal.reached, journal.lock_out_others

def transaction(self):
    own.holds = False
    if not self._is_reading:
        stop("before_begin")
    return begin(self)

def lock_out_others(connection):
    lock(connection)
    own.holds = True
    stop("after_begin")

def at(where):
    # One that only reads the journal comes by here too, and holds nothing.
    if where == "journal.commit.before" and getattr(own, "holds", False):
        stop("after_writes")
    own.holds = False
    reached(where)

journal.SqlJournal.transaction = transaction
journal.lock_out_others = lock_out_others
journal.reached = at
runpy.run_module(module, run_name="__main__")
"""

_LIBRARY = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void maybe_stop(int fd) {
    const char *flag = getenv("STOP_FLAG");
    char link[64], path[4096];
    if (!flag) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return;
    path[n] = 0;
    if (!strstr(path, "journal.db-wal") || unlink(flag)) return;
    raise(SIGSTOP);
}
int fdatasync(int fd) {
    maybe_stop(fd);
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
int fsync(int fd) {
    maybe_stop(fd);
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}
"""


class Stopping:
    """Starts what is to stop at one point. `arm` it, and its next write stops there."""

    def __init__(self, made: Product, point: str) -> None:
        self._made = made
        self._point = point
        self._flag = made.folder / f"stop-{point}"
        self._env = dict(os.environ)
        if point == "within_commit":
            self._env |= {"LD_PRELOAD": str(_library(made.folder)), "STOP_FLAG": str(self._flag)}

    def arm(self) -> None:
        self._flag.touch()

    def argv(self, module: str, *words: str) -> list[str]:
        return [sys.executable, "-c", _PROGRAM, self._point, str(self._flag), module, *words]

    def start(self, module: str, *words: str) -> subprocess.Popen[bytes]:
        return self.run(self.argv(module, *words))

    def run(self, argv: list[str]) -> subprocess.Popen[bytes]:
        with (self._made.folder / f"{self._point}.log").open("ab") as log:
            return subprocess.Popen(argv, cwd=ROOT, env=self._env, stdout=log, stderr=log)


def _library(folder: Path) -> Path:
    compiler = require_server("gcc", "a process that is stopped within a commit")
    source, made = folder / "stop.c", folder / "stop.so"
    source.write_text(_LIBRARY)
    build = [str(compiler), "-shared", "-fPIC", "-O1", "-o", str(made), str(source), "-ldl"]
    subprocess.run(build, check=True)
    return made
