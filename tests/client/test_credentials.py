"""What `estado login` keeps: for one door each, and for nobody else to read."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked, PasswordDeleteError

from monitor.client.credentials import Credentials, config_folder
from monitor.client.faults import NotAsked
from monitor.client.keyrings import system_keyring

ONE, OTHER = "https://estado.example", "https://other.example"


class MemoryKeyring(KeyringBackend):
    """A backend as a desktop has one."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._require_open()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._require_open()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._require_open()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError

    def _require_open(self) -> None:
        if self.is_locked:
            raise KeyringLocked("it is locked")


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    before, made = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def plain(tmp_path: Path, said: list[str]) -> Credentials:
    """On a machine without a keyring."""
    return Credentials(tmp_path / "estado", lambda: None, said.append)


@pytest.fixture
def ringed(tmp_path: Path, said: list[str]) -> Credentials:
    return Credentials(tmp_path / "estado", system_keyring, said.append)


def test_nothing_is_kept_at_first(plain: Credentials) -> None:
    assert (plain.present(), plain.door(ONE), plain.key(ONE)) == ("", None, None)


def test_the_file_and_its_folder_are_ones_own_whatever_the_mask(plain: Credentials) -> None:
    before = os.umask(0)
    try:
        assert plain.save(ONE, "ana", "secret", is_session=True) == str(plain.place)
    finally:
        os.umask(before)
    assert stat.S_IMODE(plain.place.stat().st_mode) == 0o600
    assert stat.S_IMODE(plain.place.parent.stat().st_mode) == 0o700
    assert [path.name for path in plain.place.parent.iterdir()] == [plain.place.name]


def test_a_credential_is_of_its_door_alone(plain: Credentials) -> None:
    plain.save(ONE, "ana", "first", is_session=True)
    plain.save(OTHER, "eva", "second", is_session=False)
    assert (plain.key(ONE), plain.key(OTHER), plain.present()) == ("first", "second", OTHER)
    assert plain.key("https://estado.example:8443") is None
    plain.forget(OTHER)
    assert (plain.key(ONE), plain.key(OTHER), plain.present()) == ("first", None, "")


def test_a_file_that_cannot_be_read_is_not_taken_for_none(
    plain: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command would else be about this host."""
    plain.save(ONE, "ana", "secret", is_session=True)
    before = plain.place.read_text()
    monkeypatch.setattr(os, "open", _shut)
    for ask in (plain.present, lambda: plain.save(OTHER, "eva", "other", is_session=True)):
        with pytest.raises(NotAsked, match=f"{plain.place}: Permission denied"):
            ask()
    monkeypatch.undo()
    assert plain.place.read_text() == before


def test_a_folder_that_is_closed_to_us_holds_nothing_of_ours(
    plain: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HOME is somebody else's after sudo -u."""
    monkeypatch.setattr(os, "open", _shut)
    monkeypatch.setattr(Path, "lstat", _shut)
    assert plain.present() == ""


def _shut(*_: object, **__: object) -> NoReturn:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def test_a_file_that_others_could_read_is_mended_and_said(
    plain: Credentials, said: list[str]
) -> None:
    plain.save(ONE, "ana", "secret", is_session=True)
    plain.place.chmod(0o644)
    assert plain.key(ONE) == "secret"
    assert stat.S_IMODE(plain.place.stat().st_mode) == 0o600
    (words,) = said
    assert "could be read by others (mode 0644); its mode is 0600 now" in words
    assert plain.key(ONE) == "secret"
    assert len(said) == 1


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_could_write_is_not_believed(plain: Credentials, mode: int) -> None:
    plain.save(ONE, "ana", "secret", is_session=True)
    plain.place.chmod(mode)
    with pytest.raises(NotAsked, match=f"could be written by others .mode 0{mode:o}.*chmod 600"):
        plain.present()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_somebody_else_is_left_out_of_account(
    plain: Credentials, said: list[str]
) -> None:
    plain.save(ONE, "ana", "secret", is_session=True)
    os.chown(plain.place, 12_345, -1)
    assert plain.present() == ""
    assert "belongs to somebody else" in said[0]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"present": "", "doors": []}', '{"present": "", "doors": {"a": 1}}',
     '{"present": "", "doors": {"a": {"account": "ana"}}}', "[" * 100_000],
)  # fmt: skip
def test_a_file_that_is_not_as_it_was_written_says_what_to_do(
    plain: Credentials, content: str
) -> None:
    plain.save(ONE, "ana", "secret", is_session=True)
    plain.place.write_text(content)
    with pytest.raises(NotAsked, match="move it away and sign in again"):
        plain.present()


def test_a_keyring_keeps_it_and_the_file_does_not(ringed: Credentials, ring: MemoryKeyring) -> None:
    assert ringed.save(ONE, "ana", "secret", is_session=True) == "the system's keyring"
    assert ring.kept == {("estado", ONE): "secret"}
    assert "secret" not in ringed.place.read_text()
    assert (ringed.key(ONE), ringed.present()) == ("secret", ONE)
    ringed.forget(ONE)
    assert ring.kept == {}
    assert ringed.key(ONE) is None


def test_a_keyring_that_does_not_take_it_is_said_and_nothing_is_lost(
    ringed: Credentials, ring: MemoryKeyring, said: list[str]
) -> None:
    """The session is there already: who signed in with a code would have to wait for another."""
    ring.is_locked = True
    assert ringed.save(ONE, "ana", "secret", is_session=True) == str(ringed.place)
    assert said == ["The system's keyring did not take it (it is locked): it is kept in a file."]
    assert ringed.key(ONE) == "secret"


def test_a_keyring_that_is_locked_later_is_one_sentence(
    ringed: Credentials, ring: MemoryKeyring
) -> None:
    ringed.save(ONE, "ana", "secret", is_session=True)
    ring.is_locked = True
    with pytest.raises(NotAsked, match="the system's keyring: it is locked"):
        ringed.key(ONE)
    ringed.forget(ONE)
    assert ringed.door(ONE) is None


def test_a_keyring_that_is_gone_says_how_to_go_on(
    ringed: Credentials, ring: MemoryKeyring, plain: Credentials
) -> None:
    ringed.save(ONE, "ana", "secret", is_session=True)
    with pytest.raises(NotAsked, match=f"estado login --url {ONE} saves it anew"):
        plain.key(ONE)


def test_a_machine_without_a_keyring_has_none() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    try:
        assert system_keyring() is None
    finally:
        keyring.set_keyring(before)


def test_a_link_to_the_file_stays_one(plain: Credentials, tmp_path: Path) -> None:
    """As tools that keep settings in a repository make them."""
    plain.place.parent.mkdir()
    elsewhere = tmp_path / "kept.json"
    plain.place.symlink_to(elsewhere)
    plain.save(ONE, "ana", "secret", is_session=True)
    assert plain.place.is_symlink()
    assert json.loads(elsewhere.read_text())["present"] == ONE


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"HOME": "/home/ana"}, "/home/ana/.config/estado"),
        ({"HOME": "/home/ana", "XDG_CONFIG_HOME": "/etc/ana"}, "/etc/ana/estado"),
        ({"HOME": "/home/ana", "XDG_CONFIG_HOME": "here"}, "/home/ana/.config/estado"),
        ({}, "/.config/estado"),
    ],
)
def test_it_lies_where_a_users_settings_lie(environment: dict[str, str], folder: str) -> None:
    assert config_folder(environment) == Path(folder)
