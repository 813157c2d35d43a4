"""The store role where something is wrong with itself."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.adapters.catalogue_file import write_catalogues
from monitor.adapters.result_log_file import WriterLock
from monitor.adapters.storage.book import Book
from monitor.bootstrap import store
from monitor.bootstrap.settings import book_file, catalogue_file
from monitor.bootstrap.store import EXIT_CANNOT_RUN, StoreRole
from monitor.engine.catalogues import Catalogues
from monitor.engine.window_follower import WindowFollower
from monitor.ports.store import StoreFigures
from tests.engine.catalogues import a_revision


async def test_a_role_that_breaks_stands_by_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Restarted again and again it would look well each time."""

    def broken(self: WindowFollower) -> bool:
        raise ValueError("the bytes end inside a number")

    said: list[str] = []

    def note(self: Book, figures: StoreFigures) -> None:
        said.append(figures.paused)
        if len(said) == 6:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(WindowFollower, "_absorb", broken)
    monkeypatch.setattr(Book, "note", note)
    monkeypatch.setattr(store, "PAUSE_S", 0.0)
    await StoreRole(tmp_path, Catalogues([a_revision([])])).run()
    # Open again, it says what broke, until that is long ago.
    broke = said.index("the store role broke: ValueError: the bytes end inside a number")
    assert broke <= 1
    assert len(set(said[broke:])) == 1


def test_a_folder_has_one_store_role(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    revision = a_revision([])
    write_catalogues(catalogue_file(tmp_path), [replace(revision, text="")])
    held = WriterLock(book_file(tmp_path))
    try:
        assert store.main(["--data-dir", str(tmp_path)]) == EXIT_CANNOT_RUN
    finally:
        held.release()
    assert "store.db is written by another process" in capsys.readouterr().err
