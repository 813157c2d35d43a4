"""What the product needs: a data folder that can be written, ports that are free.

Checked before anything starts, so that what a person has to mend is one sentence and no role is
started over and over to fail in the same way.
"""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterable
from pathlib import Path

from monitor.roles.settings import catalogue_file, follower_file, log_file

FOLDER_MODE = 0o750
"""Contracts and evidence lie in it: not every account of the machine may read them."""
Listener = tuple[str, str, int]
"""(what listens there, host, port)."""


class Unusable(Exception):
    """Something that a person has to mend; the message is one sentence for that person."""


def ready_folder(data_dir: Path) -> None:
    """Make the folder where it is missing, and check that it can be used. Raises Unusable.

    A full disk is no reason: the roles wait for room.
    """
    try:
        _make(data_dir)
    except OSError as error:
        raise Unusable(f"the data folder {data_dir} cannot be made: {error.strerror}") from error
    if not os.access(data_dir, os.R_OK | os.W_OK | os.X_OK):
        raise Unusable(f"the data folder {data_dir} cannot be written: {_why(data_dir)}")
    for path in (log_file(data_dir), data_dir / "journal.db", follower_file(data_dir)):
        _require_usable(path)
    _require_usable(catalogue_file(data_dir))


def require_ports(listeners: Iterable[Listener]) -> None:
    """Raises Unusable for the first address where we cannot listen: another program is there, and
    its address must not be shown as ours."""
    for name, host, port in listeners:
        try:
            _try_listen(host, port)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise Unusable(
                f"{name} cannot listen at {host}:{port}: {reason}; stop what listens there, or "
                "configure another address"
            ) from error


def _make(folder: Path) -> None:
    """With its mode whatever the umask is; the folders above it get the usual mode."""
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=FOLDER_MODE)
    except FileExistsError:
        if not folder.is_dir():
            raise
        return
    folder.chmod(FOLDER_MODE)


def _require_usable(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise Unusable(f"{path} cannot be looked at: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        raise Unusable(f"{path} is no file: move it away")
    if not os.access(path, os.R_OK | os.W_OK):
        raise Unusable(f"{path} cannot be written: {_why(path)}")


def _why(path: Path) -> str:
    """In the system's words."""
    if os.statvfs(path).f_flag & os.ST_RDONLY:
        return "it lies on a read-only file system"
    owner = path.stat().st_uid
    return f"it belongs to user {owner}, and this is user {os.geteuid()}"


def _try_listen(host: str, port: int) -> None:
    family, kind, number, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, number) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        wire.bind(address)
