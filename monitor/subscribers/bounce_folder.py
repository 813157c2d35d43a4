"""A maildir that mails come back to: read, and emptied of what was ours.

What came back holds addresses. So it is deleted once it is read, whatever it said; what is not ours
is moved to `cur`, as mail programs do, and left to people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from monitor.domain.subscriptions.links import Links
from monitor.domain.subscriptions.subscription import SubscriptionId
from monitor.subscribers.bounces import read_bounce

AT_ONCE = 500
MOST_BYTES = 256 * 1024
"""Of a mail: its report stands before what came back."""


def read_folder(folder: Path, links: Links, gone: Callable[[SubscriptionId], None]) -> int:
    """Report each mailbox that is gone, and return how many mails were ours. A mail is deleted
    after its report is stored, so that a kill repeats a report, which then changes nothing. Raises
    OSError, and what `gone` raises."""
    ours = 0
    for file in _waiting(folder):
        with file.open("rb") as opened:
            bounce = read_bounce(opened.read(MOST_BYTES), links)
        if bounce is None:
            file.rename(folder / "cur" / f"{file.name}:2,")
            continue
        if bounce.is_gone:
            gone(bounce.subscription)
        file.unlink()
        ours += 1
    return ours


def _waiting(folder: Path) -> Iterator[Path]:
    """The first so many, oldest first: names of a maildir begin with their second."""
    found = (file for file in (folder / "new").iterdir() if file.is_file())
    yield from sorted(found, key=lambda file: file.name)[:AT_ONCE]
