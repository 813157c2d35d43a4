"""What is kept of doors that somebody signed in at: the credential of each in the system's keyring
where there is one, else in a file that nobody else may read.

A credential goes to the door that it was saved for and to no other.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from monitor.client.faults import NotAsked
from monitor.client.keyrings import Keyring, KeyringFault

_NAME = "credentials.json"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_WRITABLE = stat.S_IWGRP | stat.S_IWOTH
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedDoor:
    """`key` empty: it is in the keyring. `is_session`: it can be ended by signing out."""

    account: str
    is_session: bool
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Saved:
    present: str = ""
    doors: Mapping[str, SavedDoor]


class Credentials:
    """`say` tells a person what was mended. Every method raises NotAsked with the reason."""

    def __init__(
        self, folder: Path, keyring: Callable[[], Keyring | None], say: Callable[[str], None]
    ) -> None:
        self._path = folder / _NAME
        self._keyring = keyring
        self._say = say

    @property
    def place(self) -> Path:
        return self._path

    def present(self) -> str:
        """The door that commands are for where none is named; empty where there is none."""
        return self._read().present

    def door(self, url: str) -> SavedDoor | None:
        return self._read().doors.get(url)

    def key(self, url: str) -> str | None:
        """What opens that door; None where nothing is saved for it."""
        saved = self.door(url)
        if saved is None or saved.key:
            return saved.key if saved else None
        keyring = self._keyring()
        if keyring is None:
            raise NotAsked(
                f"the credential of {url} is in the system's keyring, which cannot be reached "
                f"here: estado login --url {url} saves it anew"
            )
        try:
            return keyring.get(url)
        except KeyringFault as error:
            raise NotAsked(f"the system's keyring: {error}") from error

    def save(self, url: str, account: str, key: str, *, is_session: bool) -> str:
        """Make it the present door. Where it is kept, for people."""
        return self._keep(url, SavedDoor(account=account, is_session=is_session), key, present=url)

    def renew(self, url: str, key: str) -> None:
        """Another key of the session that is saved for that door, which is the present one or not,
        as before. Nothing is kept of a door for which nothing is saved."""
        saved = self._read()
        door = saved.doors.get(url)
        if door is not None:
            self._keep(url, replace(door, key=""), key, present=saved.present)

    def _keep(self, url: str, door: SavedDoor, key: str, *, present: str) -> str:
        is_in_keyring = self._put_into_keyring(url, key)
        kept = door if is_in_keyring else replace(door, key=key)
        self._write(_Saved(present=present, doors={**self._read().doors, url: kept}))
        return "the system's keyring" if is_in_keyring else str(self._path)

    def forget(self, url: str) -> None:
        """Another door that is known does not become the present one."""
        saved = self._read()
        door = saved.doors.get(url)
        if door is not None and not door.key:
            keyring = self._keyring()
            with suppress(KeyringFault):
                if keyring is not None:
                    keyring.delete(url)
        doors = {name: known for name, known in saved.doors.items() if name != url}
        self._write(_Saved(present="" if saved.present == url else saved.present, doors=doors))

    def _put_into_keyring(self, url: str, key: str) -> bool:
        keyring = self._keyring()
        if keyring is None:
            return False
        try:
            keyring.set(url, key)
        except KeyringFault as error:
            self._say(f"The system's keyring did not take it ({error}): it is kept in a file.")
            return False
        return True

    def _read(self) -> _Saved:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return _Saved(doors={})
        except OSError as error:
            if isinstance(error, PermissionError) and not self._is_there():
                return _Saved(doors={})
            raise NotAsked(f"{self._path}: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file:
            if not self._is_own(descriptor):
                return _Saved(doors={})
            content = file.read(_LARGEST)
        try:
            return _saved(json.loads(content))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise NotAsked(
                f"{self._path} is not as estado login writes it: move it away and sign in again"
            ) from error

    def _is_there(self) -> bool:
        """Not where it lies in a folder of somebody else that is closed to us. One that is there
        and cannot be read names a door: without it a command would be about this host."""
        try:
            self._path.lstat()
        except OSError:
            return False
        return True

    def _is_own(self, descriptor: int) -> bool:
        """Whoever else could write it could send what is typed here anywhere. What others could
        only read is mended. Raises NotAsked."""
        found = os.fstat(descriptor)
        mode = f"mode {stat.S_IMODE(found.st_mode):04o}"
        if found.st_uid != os.geteuid():
            self._say(f"{self._path} belongs to somebody else: it is left out of account.")
            return False
        if found.st_mode & _WRITABLE:
            raise NotAsked(
                f"{self._path} could be written by others ({mode}): look at what it holds, then "
                "chmod 600 it, or remove it and sign in again"
            )
        if found.st_mode & _OTHERS:
            os.fchmod(descriptor, stat.S_IRUSR | stat.S_IWUSR)
            self._say(
                f"{self._path} could be read by others ({mode}); its mode is 0600 now. Sign in "
                "again if somebody may have read it."
            )
        return True

    def _write(self, saved: _Saved) -> None:
        doors = {url: _entry(door) for url, door in saved.doors.items()}
        content = json.dumps({"present": saved.present, "doors": doors}, indent=2)
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._replace(content)
        except OSError as error:
            raise NotAsked(f"{self._path}: {error.strerror}") from error

    def _replace(self, content: str) -> None:
        """As a whole or not at all; `mkstemp` makes what nobody else may read."""
        place = self._path.resolve()
        descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{_NAME}-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            Path(name).replace(place)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise


def config_folder(environment: Mapping[str, str]) -> Path:
    """Where a user's settings are (XDG Base Directory): a relative path there is ignored."""
    configured = Path(environment.get("XDG_CONFIG_HOME", ""))
    home = Path(environment.get("HOME") or "/")
    return (configured if configured.is_absolute() else home / ".config") / "estado"


def _entry(door: SavedDoor) -> dict[str, Any]:
    return {"account": door.account, "is_session": door.is_session, "key": door.key}


def _saved(found: Any) -> _Saved:
    """Raises ValueError, TypeError or KeyError."""
    doors = {str(url): _door(one) for url, one in found["doors"].items()}
    return _Saved(present=str(found["present"]), doors=doors)


def _door(found: Any) -> SavedDoor:
    return SavedDoor(
        account=str(found["account"]),
        is_session=found["is_session"] is True,
        key=str(found["key"]),
    )
