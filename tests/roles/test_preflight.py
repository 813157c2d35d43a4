"""What the product stands on is looked at before anything starts."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from monitor.roles.preflight import Unusable, ready_folder, require_ports


def test_a_data_folder_is_made_for_its_owner_and_group(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        ready_folder(tmp_path / "above" / "data")
    finally:
        os.umask(before)
    assert (tmp_path / "above" / "data").stat().st_mode & 0o777 == 0o750


def test_the_mode_of_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    ready_folder(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("name", ["results.db", "journal.db", "store.db", "catalogue.json"])
def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(Unusable) as refused:
        ready_folder(tmp_path)
    assert str(refused.value) == f"{tmp_path / name} is no file: move it away"


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(Unusable) as refused:
        ready_folder(tmp_path / "data")
    assert str(refused.value) == f"the data folder {tmp_path}/data cannot be made: File exists"


def test_a_folder_on_a_read_only_file_system_is_refused_with_the_reason() -> None:
    if not os.statvfs("/sys").f_flag & os.ST_RDONLY:
        pytest.skip("/sys can be written here")
    with pytest.raises(Unusable, match="read-only file system"):
        ready_folder(Path("/sys/kernel"))


def test_a_port_of_somebody_else_is_refused_by_its_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Unusable) as refused:
            require_ports([("the page", "127.0.0.1", port)])
    assert str(refused.value) == (
        f"the page cannot listen at 127.0.0.1:{port}: Address already in use; stop what listens "
        "there, or configure another address"
    )


def test_free_ports_are_left_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mine:
        port = mine.getsockname()[1]
    require_ports([("the page", "127.0.0.1", port), ("the page again", "127.0.0.1", port)])
