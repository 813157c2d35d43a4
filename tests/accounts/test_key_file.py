"""The key of second factors: made once, and refused where others than its owner may read it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from monitor.accounts.secrets import KeyFileSealer


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "console.key"
    KeyFileSealer(path)
    return path


def test_it_is_for_its_owner_alone_and_nothing_is_left_beside_it(key: Path) -> None:
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(key.read_bytes()) == 32
    assert list(key.parent.iterdir()) == [key]


def test_what_was_left_by_one_that_was_killed_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f".console.key.{os.getpid()}").touch()
    KeyFileSealer(tmp_path / "console.key")


def test_its_folder_is_on_the_disk_before_anything_is_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    really = os.fsync

    def fsync(descriptor: int) -> None:
        there = (tmp_path / "console.key").exists()
        synced.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), there))
        really(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    KeyFileSealer(tmp_path / "console.key")
    assert synced == [(False, False), (True, True)]


def test_it_opens_what_it_sealed_before(key: Path) -> None:
    assert KeyFileSealer(key).open(KeyFileSealer(key).seal(b"seed", "ana"), "ana") == b"seed"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_may_read_is_refused(key: Path, mode: int) -> None:
    key.chmod(mode)
    with pytest.raises(ValueError, match="its group or others may read it"):
        KeyFileSealer(key)


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_key_of_another_length_is_refused(key: Path, content: bytes) -> None:
    key.write_bytes(content)
    with pytest.raises(ValueError, match=f"it holds {len(content)} bytes"):
        KeyFileSealer(key)
