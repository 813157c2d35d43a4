"""A maildir that mails come back to: read, and emptied of what was ours.

What came back holds addresses. So it is deleted once it is read, whatever it said; what is not ours
is moved to `cur`, as mail programs do, and left to people.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from monitor.domain.subscriptions.links import Links
from monitor.domain.subscriptions.subscription import SubscriptionId
from monitor.subscribers.bounces import read_bounce

AT_ONCE = 500
MOST_BYTES = 256 * 1024
"""Of a mail: its report stands before what came back."""


def read_folder(folder: Path, links: Links, gone: Callable[[SubscriptionId], None]) -> int:
    """Report each mailbox that is gone, and return how many mails were ours. A mail is deleted
    after its report is stored, so that a kill repeats a report, which then changes nothing. A mail
    that cannot be read, or put away, stays and keeps nobody behind it waiting. Raises OSError, at
    the end and for the first such mail too; and what `gone` raises."""
    ours = done = 0
    failed: OSError | None = None
    for file in _waiting(folder):
        try:
            ours += _read(file, folder, links, gone)
        except OSError as error:
            failed = failed or error
            continue
        done += 1
        if done == AT_ONCE:
            break
    if failed is not None:
        raise failed
    return ours


def _read(file: Path, folder: Path, links: Links, gone: Callable[[SubscriptionId], None]) -> bool:
    """Whether it was ours."""
    with file.open("rb") as opened:
        bounce = read_bounce(opened.read(MOST_BYTES), links)
    if bounce is None:
        file.rename(folder / "cur" / f"{file.name}:2,")
        return False
    if bounce.is_gone:
        gone(bounce.subscription)
    file.unlink()
    return True


def _waiting(folder: Path) -> list[Path]:
    """Oldest first: names of a maildir begin with their second. Mail servers make no links."""
    found = (
        file for file in (folder / "new").iterdir() if file.is_file() and not file.is_symlink()
    )
    return sorted(found, key=lambda file: file.name)
