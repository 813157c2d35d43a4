"""A flood of tries to sign in leaves few rows in the journal, and none of it is untold."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from monitor.accounts.sign_in.refused_tries import EVERY_S, OF_ADDRESS, OF_ALL, RefusedTries
from monitor.accounts.sign_in.throttle import Throttle
from monitor.domain.change import Change
from monitor.domain.refusals import Refused
from tests.accounts.accounts import Office

WRONG = "incorrect horse battery"


def refused(made: Office) -> list[Change]:
    return [change for change in made.changes() if change.kind == "session.refused"]


def guess(made: Office, address: str, name: str = "ana") -> None:
    """As somebody with as many addresses as he likes, whom the throttle does not know."""
    made.throttle = Throttle()
    with pytest.raises(Refused, match=r"signin\.refused"):
        made.sign_in(name, WRONG, address=address)


def flush(made: Office) -> None:
    with made.journal.transaction() as tx:
        made.refused_tries.write(tx, made.clock.now(), made.clock.monotonic())


def test_an_address_has_few_rows_a_minute_and_the_others_are_counted(made: Office) -> None:
    made.add("ana")
    for number in range(40):
        guess(made, "192.0.2.7", "ana" if number % 2 else "nobody")
    assert [row.address for row in refused(made)] == ["192.0.2.7"] * OF_ADDRESS.most
    made.clock.advance(EVERY_S)
    flush(made)
    flush(made)
    (told,) = refused(made)[OF_ADDRESS.most :]
    left = 40 - OF_ADDRESS.most
    assert told.after == {"tries": left, "addresses": 1, "most": {"192.0.2.7": left}}
    assert (told.actor, told.subject) == ("estado", "")


class Interrupted:
    """A lock behind whose first release another thread does something at once."""

    def __init__(self) -> None:
        self.then: Callable[[], None] | None = None

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        then, self.then = self.then, None
        if then is not None:
            then()


def test_two_that_write_at_once_tell_it_once(made: Office) -> None:
    for _ in range(OF_ADDRESS.most + 1):
        guess(made, "192.0.2.7")
    made.clock.advance(EVERY_S)
    tries, now = made.refused_tries, made.clock.monotonic()
    lock = Interrupted()
    tries._lock = lock  # type: ignore[assignment]
    with made.journal.transaction() as tx:
        lock.then = partial(tries.write, tx, made.clock.now(), now)
        tries.write(tx, made.clock.now(), now)
    assert [row.after["tries"] for row in refused(made)[OF_ADDRESS.most :]] == [1]


def test_thousands_of_addresses_fill_nothing_either() -> None:
    tries = RefusedTries()
    rows = sum(tries.has_row(f"2001:db8:{number:x}::/64", 0.0) for number in range(30_000))
    assert rows == OF_ALL.most
    assert len(tries._counted) <= 10_000


def test_a_day_of_it_is_bounded(made: Office) -> None:
    """One address each second for a day, which nobody has seen before."""
    tries, rows, told, number = RefusedTries(), 0, 0, 0
    for second in range(86_400):
        number += 1
        rows += tries.has_row(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", second)
        if tries.is_due(second):
            told += 1
            with made.journal.transaction() as tx:
                tries.write(tx, made.clock.now(), second)
    assert rows <= OF_ALL.most * 25
    assert told <= 86_400 / EVERY_S + 1
    counted = sum(int(str(row.after["tries"])) for row in _all_refused(made))
    assert rows + counted + tries._counted.total() == number


def _all_refused(made: Office) -> list[Change]:
    with made.journal.transaction() as tx:
        return [c for c in tx.changes.since(0, 10_000) if c.kind == "session.refused"]


def test_whether_a_name_has_an_account_changes_nothing_in_what_is_written(made: Office) -> None:
    made.add("ana")
    for name in ("ana", "nobody"):
        before = len(refused(made))
        for _ in range(OF_ADDRESS.most + 3):
            guess(made, f"192.0.2.{len(name)}", name)
        assert len(refused(made)) - before == OF_ADDRESS.most


def test_a_colleague_elsewhere_still_has_a_row_of_his_own(made: Office) -> None:
    made.add("ana")
    for _ in range(30):
        guess(made, "192.0.2.7")
    guess(made, "198.51.100.4")
    assert refused(made)[-1].address == "198.51.100.4"


def test_what_was_counted_is_written_by_the_next_try_a_minute_later(made: Office) -> None:
    for _ in range(OF_ADDRESS.most + 1):
        guess(made, "192.0.2.7")
    first = len(refused(made))
    made.clock.advance(EVERY_S)
    guess(made, "198.51.100.4")
    assert len(refused(made)) == first + 2
