"""Where the terms say in which time a credit is to be asked for, the machine ends it then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from credits.handling.reading import CreditReading
from credits.life.states import CreditState
from credits.terms import terms_of, terms_of_text
from monitor.domain.change import Actor, ActorKind, Via
from monitor.journal.access import SqlJournal, open_journal
from monitor.roles.catalogues.revisions import RevisionReader
from tests.credits.desk import BEGAN, CONFIG, Desk
from tests.credits.test_contracts import OCTOBER
from tests.credits.test_credit_close import Office, on_thread
from tests.support.clock import FakeClock, second
from tests.support.closing import closer

S = CreditState
ROOT = Actor(id="root", kind=ActorKind.PERSON, via=Via.SHELL)
DUE = "2026-12-02T12:00:00Z"
"""Thirty days after the close."""


class Bounded(Office):
    """The office of a company whose terms want a credit to be asked for within a time."""

    def __init__(self, desk: Desk, journal: SqlJournal) -> None:
        super().__init__(desk, journal)
        self.clock = FakeClock.at("2026-11-01T12:00:00Z")
        self.closer = closer(self.journal, self.clock)

    async def look(self, at: str) -> None:
        """The core looks whether anything is to be ended."""
        self.clock.advance(second(at) - self.clock.now())
        await self.closer.expire_due(RevisionReader(self.journal).read(), on_thread)


def opened(folder: Path, terms: str) -> Iterator[Bounded]:
    desk = Desk(folder, began=None)
    text = CONFIG.replace('guarantee: "0.9989"', f'guarantee: "0.9989"{terms}')
    desk.config.write_text(text, "utf-8")
    desk.publish(text, BEGAN)
    desk.live(
        "web-1-tcp", "2026-09-30T00:00:00Z", "2026-11-02T04:00:00Z",
        ("2026-10-12T13:00:00Z", "2026-10-12T14:00:00Z"),
    )  # fmt: skip
    with open_journal(desk.url) as journal:
        office = Bounded(desk, journal)
        office.bring(OCTOBER)
        with time_machine.travel(office.clock.now(), tick=False):
            yield office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Bounded]:
    yield from opened(tmp_path, "\n    request_within: 30d")


@pytest.fixture
def unbounded(tmp_path: Path) -> Iterator[Bounded]:
    yield from opened(tmp_path, "")


async def test_what_nobody_asks_for_in_time_expires_at_that_second(office: Bounded) -> None:
    await office.close("2026-11-02T12:00:00Z")
    name = office.credits()[0].id
    shown = CreditReading(journal=office.journal, actor=ROOT).show(name)
    assert shown.expires_at == second(DUE)
    await office.look("2026-12-02T10:59:59Z")
    assert office.standing() == [("eligible", "1.66")]
    await office.look(DUE)
    (ended,) = office.credits()
    assert (ended.state, ended.steps[-1].actor) == (S.EXPIRED, "estado")
    with office.journal.transaction() as tx:
        kinds = [(c.kind, c.actor) for c in tx.changes.since(0, 100) if c.subject == name]
    assert kinds == [("credit.expired", "estado")]
    assert office.audit().exit_code == 0
    assert CreditReading(journal=office.journal, actor=ROOT).show(name).expires_at is None


async def test_it_is_looked_at_each_hour(office: Bounded) -> None:
    await office.close("2026-11-02T12:00:00Z")
    await office.look("2026-12-02T11:30:00Z")
    await office.look("2026-12-02T12:29:59Z")
    assert office.credits()[0].state is S.ELIGIBLE
    await office.look("2026-12-02T12:30:00Z")
    assert office.credits()[0].state is S.EXPIRED


async def test_what_was_asked_for_in_time_waits_for_an_answer_for_ever(office: Bounded) -> None:
    await office.close("2026-11-02T12:00:00Z")
    office.walk(office.credits()[0], S.REQUESTED)
    await office.look("2027-06-01T12:00:00Z")
    assert office.credits()[0].state is S.REQUESTED


async def test_without_such_a_time_nothing_expires(unbounded: Bounded) -> None:
    await unbounded.close("2026-11-02T12:00:00Z")
    name = unbounded.credits()[0].id
    await unbounded.look("2036-11-02T12:00:00Z")
    assert unbounded.credits()[0].state is S.ELIGIBLE
    shown = CreditReading(journal=unbounded.journal, actor=ROOT).show(name)
    assert shown.expires_at is None


async def test_many_expire_page_by_page(office: Bounded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("credits.handling.expiry.PAGE", 2)
    office.bring("".join(OCTOBER.replace("C-1", f"D-{n}").replace("F-1", f"G-{n}") for n in "123"))
    await office.close("2026-11-02T12:00:00Z")
    await office.look(DUE)
    states = {office.credits(c)[0].state for c in ("C-1", "D-1", "D-2", "D-3")}
    assert states == {S.EXPIRED}


def test_terms_without_such_a_time_keep_the_hash_that_they_had() -> None:
    plain = terms_of({"guarantee": "0.9989"})
    assert "request_within" not in plain.text
    bounded = terms_of({"guarantee": "0.9989", "request_within_s": 86_400})
    assert (plain.hash == bounded.hash, terms_of_text(bounded.text)) == (False, bounded)
    assert terms_of({"guarantee": "0.9989", "request_within_s": 0}).hash == plain.hash
