"""The process in which a month is closed: what it is about as JSON in, progress and outcome as
lines of JSON out.

It reads one moment of the journal beside the core, and writes to it as a command does, in one short
transaction. Whenever it is ended, the next one takes up what this one has computed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from credits.period.month import Month
from credits.report.chunk import CannotSetAside
from credits.report.close import Closing, close
from credits.report.draft import Drafting, Progress
from monitor.billing.set_aside import SetAsideFiles
from monitor.domain.change import MACHINE
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal
from monitor.journal.ports import JournalError
from monitor.results.log.bounding import BoundingResults
from monitor.roles.catalogues.revisions import RevisionReader
from monitor.roles.settings import closing_dir, log_file
from monitor.runtime.version import version_line

_NICE = 10
_T = TypeVar("_T")


def main() -> int:
    asked = json.loads(sys.stdin.read())
    try:
        _print(_outcome(_closed(asked)))
    except (JournalError, CannotSetAside) as error:
        _print({"error": str(error)})
        return 1
    return 0


def _closed(asked: Mapping[str, Any]) -> Closing:
    data_dir, month = Path(asked["data_dir"]), Month.read(asked["month"])
    with open_journal(asked["url"]) as journal:
        how = Drafting(
            catalogues=RevisionReader(journal).read(),
            results=BoundingResults(log_file(data_dir)),
            aside=SetAsideFiles(closing_dir(data_dir, str(month))),
            program=version_line(),
            say=lambda progress: _print(_progress(progress)),
            beside=_beside,
        )
        return close(journal, month, Second(asked["now"]), how, MACHINE)


def _beside(work: Callable[[], _T]) -> _T:
    """In a thread that gives way to all others of the machine: Linux makes one thread nice, not a
    process. The transaction that others wait for is not written by it."""
    with ThreadPoolExecutor(1, initializer=os.nice, initargs=(_NICE,)) as thread:
        return thread.submit(work).result()


def _progress(progress: Progress) -> dict[str, object]:
    return {
        "month": str(progress.month), "contracts": progress.contracts, "of": progress.of,
        "taken": progress.taken,
    }  # fmt: skip


def _outcome(done: Closing) -> dict[str, object]:
    return {"outcome": done.outcome.value, "detail": done.detail, "hash": done.hash}


def _print(document: Mapping[str, object]) -> None:
    sys.stdout.write(f"{json.dumps(document)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
