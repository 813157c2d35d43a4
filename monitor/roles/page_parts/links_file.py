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
from monitor.runtime.folders import give_to_owner_of, sync_folder

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
        aside.unlink(missing_ok=True)
        with os.fdopen(_made(aside), "w", encoding="utf-8") as out:
            json.dump(content, out, ensure_ascii=False, indent=1)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(file)
        sync_folder(file.parent)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    lock = file.with_name(f"{file.name}.lock")
    try:
        descriptor = _made(lock)
    except FileExistsError:
        descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _made(file: Path) -> int:
    """Open, for whoever owns the folder alone. Where there is something already, be it a link to
    another file, it raises FileExistsError: root may type the command, and owns them all."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        give_to_owner_of(file.parent, descriptor)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _read(row: dict[str, Any]) -> PageLink:
    return PageLink(
        id=PageLinkId(str(row["id"])),
        page=str(row["page"]),
        until=Second(int(row["until"])),
        made_at=Second(int(row["made_at"])),
        made_by=str(row["made_by"]),
        label=str(row["label"]),
    )
