"""The links to private pages that are in force, in a file that is replaced as a whole.

It has no secret in it: the key is another file's. Commands write it, also while nothing else runs,
so that a link is revoked whatever has failed; the page reads it. A link that is not in it opens
nothing.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from monitor.domain.customers.page_links import PageLink, PageLinkId
from monitor.domain.time.interval import Second
from monitor.runtime.folders import sync_folder

_FORM = 1


def read_page_links(file: Path) -> tuple[PageLink, ...]:
    """No link where there is no file. Raises OSError, and ValueError where it is none of ours."""
    try:
        written = file.read_text("utf-8")
    except FileNotFoundError:
        return ()
    try:
        content = json.loads(written)
        if content["form"] != _FORM:
            raise ValueError(f"form {content['form']}, this program reads {_FORM}")
        return tuple(map(_read, content["links"]))
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def change_page_links(
    file: Path, changed: Callable[[Sequence[PageLink]], Sequence[PageLink]]
) -> None:
    """Replace the links by what `changed` makes of them, durably; one at a time. Raises OSError,
    ValueError."""
    with _alone(file):
        content = {"form": _FORM, "links": list(map(asdict, changed(read_page_links(file))))}
        aside = file.with_name(f"{file.name}.new")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(content, out, ensure_ascii=False, indent=1)
            out.flush()
            os.fsync(out.fileno())
        give_to_owner_of_folder(aside)
        aside.replace(file)
        sync_folder(file.parent)


def give_to_owner_of_folder(file: Path) -> None:
    """What root types is for the page to read, which is not root."""
    if os.geteuid() == 0:
        owner = file.parent.stat()
        os.chown(file, owner.st_uid, owner.st_gid)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    lock = file.with_name(f"{file.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        give_to_owner_of_folder(lock)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(row: dict[str, Any]) -> PageLink:
    return PageLink(
        id=PageLinkId(str(row["id"])),
        page=str(row["page"]),
        until=Second(int(row["until"])),
        made_at=Second(int(row["made_at"])),
        made_by=str(row["made_by"]),
        label=str(row["label"]),
    )
