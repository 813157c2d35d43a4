"""A journal that moved to PostgreSQL tells the same month, to the byte, and goes on from there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.credits.office import Office, lived_office, told
from tests.journal.postgres import PostgresServer


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    started = PostgresServer.start()
    yield started
    started.stop()


@pytest.fixture
def lived(tmp_path: Path) -> Iterator[Office]:
    with lived_office(tmp_path) as office:
        yield office


def test_it_tells_the_same_month_to_the_byte(lived: Office, server: PostgresServer) -> None:
    on_sqlite = told(lived)
    assert '"verdict": "breach"' in on_sqlite[0]
    url = server.url("postgres")
    assert "the same on both sides" in lived.type("journal", "copy", "--to", url)
    text = lived.config.read_text("utf-8")
    lived.config.write_text(text.replace("operations:\n", f"operations:\n  journal: {url}\n"))
    (lived.folder / "journal.db").rename(lived.folder / "journal-before.db")
    assert told(lived) == on_sqlite
    assert "nothing to do" in lived.type("journal", "migrate")
