"""The follower's file: what a check costs there does not grow with how many there are."""

from __future__ import annotations

from pathlib import Path

from monitor.domain.checks.observation import LOCAL, CheckId
from monitor.results.forwarding.follower_file import FollowerFile
from monitor.results.log.ports import FoldKey


def keys(first: int, count: int) -> list[FoldKey]:
    return [(CheckId(f"check-{n}"), LOCAL) for n in range(first, first + count)]


def steps_of(file: FollowerFile, wanted: list[FoldKey]) -> int:
    """How many hundreds of steps the database's machine takes to number them."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    with file.transaction() as connection:
        connection.set_progress_handler(step, 100)
        for key in wanted:
            file.subject(connection, key)
        connection.set_progress_handler(None, 0)
    return taken


def test_a_new_check_costs_as_much_beside_thousands_as_beside_none(tmp_path: Path) -> None:
    file = FollowerFile(tmp_path / "store.db")
    alone = steps_of(file, keys(0, 300))
    steps_of(file, keys(300, 5_000))
    assert steps_of(file, keys(5_300, 300)) < 2 * alone + 10
    file.close()


def test_a_number_stays_whoever_asks_for_it(tmp_path: Path) -> None:
    file, again = FollowerFile(tmp_path / "store.db"), FollowerFile(tmp_path / "store.db")
    with file.transaction() as connection:
        made = [file.subject(connection, key) for key in keys(0, 5)]
    with again.reading() as connection:
        assert [again.known_subject(connection, key) for key in keys(0, 5)] == made
        assert again.known_subject(connection, keys(5, 1)[0]) is None
    file.close()
    again.close()
