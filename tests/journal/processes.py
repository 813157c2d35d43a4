"""Other processes at the same journal, which a test may kill as hard as it likes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

HOLD_LEASE = """
import sys
from monitor.journal.access import open_lease
with open_lease(sys.argv[1]) as epoch:
    print(epoch, flush=True)
    sys.stdin.readline()
"""

HOLD_LOCK = """
import sys
from monitor.journal.database import parse_url
from monitor.journal.locks.lease import lock_of
with lock_of(parse_url(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""

STOP_MIDWAY = """
import sys
from monitor.journal.access import open_journal
from tests.journal.builders import change, decided, incident, step
with open_journal(sys.argv[1]) as journal, journal.transaction() as tx:
    tx.transitions.append(decided(step("down", 100)))
    tx.incidents.save(incident())
    tx.changes.append([change("half")])
    print("written", flush=True)
    sys.stdin.readline()
"""

WRITE_CHANGES = """
import sys
from monitor.journal.access import open_journal
from tests.journal.builders import change
with open_journal(sys.argv[1]) as journal:
    for number in range(10):
        with journal.transaction() as tx:
            tx.changes.append([change(str(number))])
        print(number, flush=True)
"""

# Killed before and after each of its commits in turn, on one target: each run gets one further.
# The runs are forks, for what they import takes longer than what they do.
COPY_UNDER_KILLS = """
import os, sys
from monitor.runtime import kill_points
from monitor.journal.access import copy_journal
from monitor.journal.locks.ports import LeaseTaken
from tests.journal.copies import BATCH, Unwatched

def run(point):
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    kill_points._POINT, kill_points._left = point, 1
    while True:
        try:
            copy_journal(sys.argv[1], sys.argv[2], Unwatched(), batch=BATCH)
            os._exit(0)
        except LeaseTaken:
            pass  # the server has not noticed yet that the former run is dead

kills = 0
while True:
    status = run(f"copy.commit.{('before', 'after')[kills % 2]}")
    if status == 0:
        break
    kills += 1
    assert status == -9 and kills < 1000, (status, kills)
print(kills)
"""


@contextmanager
def running(program: str, *urls: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    """A program over journals; killed on leaving, if it still runs."""
    child = subprocess.Popen(
        [sys.executable, "-c", program, *urls],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | env,
    )
    with child:
        yield child
        kill(child)


def said(child: subprocess.Popen[str]) -> str:
    """Its next line; waits for it."""
    assert child.stdout is not None
    return child.stdout.readline().strip()


def rest(child: subprocess.Popen[str]) -> list[str]:
    """Every line until it ends."""
    assert child.stdout is not None
    return child.stdout.read().split()


def kill(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    child.wait()
