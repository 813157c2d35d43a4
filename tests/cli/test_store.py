"""`estado store`: what an operator types about the result store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import build_app
from monitor.domain.checks.observation import LoggedResult
from monitor.domain.time.interval import Second
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.stores.ports import DeadLetter, StoreMetrics
from tests.results.samples import T0, a_result

CONFIG = """\
page: {name: E, company: X, url: "http://127.0.0.1/"}
timezone: America/Argentina/Buenos_Aires
services: []
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "services.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def book(tmp_path: Path) -> Iterator[FollowerState]:
    opened = FollowerState(tmp_path / "store.db")
    letters = [
        DeadLetter(
            row=LoggedResult(seq=seq, result=a_result(seq, evidence={"bytes": 3})),
            at=Second(T0 + 99),
            reason="dropped=1",
        )
        for seq in (5, 7, 9)
    ]
    opened.advance("store", 9, letters)
    yield opened
    opened.close()


def typed(config: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(
        build_app(), ["store", *words, "-c", str(config), "-d", str(config.parent)]
    )
    return done.exit_code, done.output


def test_the_embedded_store_needs_no_setting_up(config: Path) -> None:
    code, said = typed(config, "init")
    assert code == 0
    assert "needs no setting up" in said


def test_the_doctor_says_what_to_do_where_nothing_has_run(config: Path) -> None:
    code, said = typed(config, "doctor")
    assert code == 1
    assert "no result log" in said
    assert "estado run" in said


def test_it_says_where_no_product_has_run_and_makes_nothing(config: Path) -> None:
    code, said = typed(config, "status")
    assert code == 2
    assert "no product has run" in said
    assert not (config.parent / "store.db").exists()


def test_it_shows_how_the_store_stands(config: Path, book: FollowerState) -> None:
    book.note(
        StoreMetrics(
            at=T0,
            started_at=T0,
            kind="influx",
            lag_rows=12,
            oldest_unstored=T0,
            paused="a token",
            fault="503",
            dead_letters=3,
        )
    )
    code, said = typed(config, "status")
    assert code == 1
    assert "a token" in said
    assert "12, the oldest" in said
    code, said = typed(config, "status", "--json")
    assert json.loads(said)["dead_letters"] == 3
    assert json.loads(said)["trouble"] == "503"


def test_it_lists_and_shows_what_was_refused(config: Path, book: FollowerState) -> None:
    code, said = typed(config, "dead-letters", "list")
    assert code == 0
    assert [line.split()[0] for line in said.splitlines()[1:]] == ["5", "7", "9"]
    code, said = typed(config, "dead-letters", "list", "--limit", "1")
    assert "and 2 more" in said
    code, said = typed(config, "dead-letters", "show", "7")
    assert json.loads(said)["evidence"] == {"bytes": 3}


def test_it_settles_those_that_the_store_takes_now(config: Path, book: FollowerState) -> None:
    assert typed(config, "dead-letters", "replay", "5") == (0, "1 stored, 0 still refused\n")
    assert [letter.row.seq for letter in book.dead_letters(10)] == [7, 9]
    assert typed(config, "dead-letters", "replay", "--all") == (0, "2 stored, 0 still refused\n")
    assert book.count() == 0


def test_it_drops_what_is_named_and_nothing_else(config: Path, book: FollowerState) -> None:
    assert typed(config, "dead-letters", "drop", "9") == (0, "1 dropped\n")
    assert [letter.row.seq for letter in book.dead_letters(10)] == [5, 7]


@pytest.mark.parametrize("words", [("drop",), ("replay",), ("drop", "5", "--all")])
def test_it_wants_numbers_or_all(config: Path, book: FollowerState, words: tuple[str, ...]) -> None:
    code, said = typed(config, "dead-letters", *words)
    assert code == 2
    assert "name numbers, or say --all" in said
    assert book.count() == 3


def test_a_number_that_is_none_changes_nothing(config: Path, book: FollowerState) -> None:
    code, said = typed(config, "dead-letters", "drop", "5", "6")
    assert code == 2
    assert "no dead letter 6" in said
    assert book.count() == 3


def test_a_copy_wants_a_configuration_with_the_new_store(config: Path, book: FollowerState) -> None:
    code, said = typed(config, "copy", "--since", "2026-10-01")
    assert code == 2
    assert "names sqlite, not influx" in said
    code, said = typed(config, "copy", "--since", "2026-10-01", "--to", "influx")
    assert code == 2
    assert "names sqlite, not influx" in " ".join(said.split())
    code, said = typed(config, "copy", "--since", "October")
    assert code == 2
    assert "such as 2026-10-01" in said
