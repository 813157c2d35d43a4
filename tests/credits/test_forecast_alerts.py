"""Operators and billing are told once that an allowance is used up, in words that say what follows;
through the outbox and the dispatcher, on a clock that a test sets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import time_machine

from credits.forecast.alerts import report_budgets
from credits.forecast.forecast import present_forecast
from monitor.alerting.dispatcher import Dispatcher
from monitor.alerting.ports import Message
from monitor.alerting.renderer import AlertRenderer
from monitor.domain.catalogue import Alerting, AlertTarget, BudgetAlerts, Catalogue, Route
from monitor.domain.checks.observation import ComponentId
from monitor.domain.exclusions.classification import (
    Evidence,
    ExclusionReference,
    ExclusionRevision,
    RevisionState,
)
from monitor.domain.time.interval import Interval, Second
from monitor.journal.access import SqlJournal, open_journal
from monitor.roles.catalogues.revisions import RevisionReader
from tests.credits.desk import Desk
from tests.credits.test_classification import PESOS
from tests.credits.test_contracts import HEADER, OCTOBER
from tests.support.clock import FakeClock, second

START = "2026-09-30T00:00:00Z"
FELL = "2026-10-12T13:00:00Z"


def route(name: str, components: frozenset[ComponentId] | None = None) -> Route:
    target = AlertTarget(id=f"{name}-mail", kind="memory", spec=None)
    return Route(id=name, targets=(target,), components=components)


@dataclass
class Mailbox:
    """A notifier that keeps what it takes."""

    taken: list[Message] = field(default_factory=list)

    async def send(self, message: Message, spec: object) -> None:
        self.taken.append(message)


class Office:
    """A journal with two contracts, whose budgets are looked at, and whom the outbox tells."""

    def __init__(self, desk: Desk, journal: SqlJournal) -> None:
        self.desk, self.journal, self.mailbox = desk, journal, Mailbox()
        self.clock = FakeClock(second(FELL))
        self.catalogues = RevisionReader(journal).read()
        self.alerting = Alerting(
            routes=(route("ops"), route("mail-team", frozenset({ComponentId("mail-1")}))),
            billing_routes=(route("billing"),),
        )
        self.begin()

    def begin(self) -> None:
        """As a core that has just started: nothing is remembered."""
        self._dispatcher = Dispatcher(
            journal=self.journal,
            clock=self.clock,
            alerting=lambda: self.alerting,
            alert_renderer=AlertRenderer(catalogue=self.catalogue, failures={}),
            notifiers={"memory": self.mailbox},
        )

    def catalogue(self) -> Catalogue:
        present = self.catalogues.present(self.clock.now())
        return replace(present.catalogue, alerting=self.alerting)

    def down_until(self, end: str, fell: str = FELL, since: str = START) -> None:
        self.desk.live("web-1-tcp", since, end, (fell, end))

    def look(self, at: str) -> list[str]:
        """A minute's look. Returns the subjects that went out because of it, by target."""
        self.clock.advance(second(at) - self.clock.now())
        now, before = self.clock.now(), len(self.mailbox.taken)
        found, _ = present_forecast(self.journal, self.catalogues, now)
        with self.journal.transaction() as tx:
            report_budgets(tx, found, self.catalogue(), now)
        asyncio.run(self._dispatcher.send_due(_here))
        return sorted(
            f"{message.key.rpartition('|')[2]}: {message.subject}"
            for message in self.mailbox.taken[before:]
        )

    @property
    def last(self) -> Message:
        return self.mailbox.taken[-1]

    @property
    def said(self) -> str:
        """The last message, its lines joined."""
        return " ".join(self.last.text.split())


async def _here(work: Any) -> Any:
    return work()


@pytest.fixture
def office(desk: Desk) -> Iterator[Office]:
    with time_machine.travel("2026-10-01T12:00:00Z", tick=False):
        ran = desk.type("contracts", "import", desk.write(HEADER + OCTOBER + PESOS))
    assert ran.code == 0, ran.err
    with ExitStack() as stack:
        yield Office(desk, stack.enter_context(open_journal(desk.url)))


def test_each_level_is_told_once_to_operators_and_to_billing(office: Office) -> None:
    office.down_until("2026-10-12T13:20:00Z")
    assert office.look("2026-10-12T13:20:05Z") == []
    office.down_until("2026-10-12T13:30:00Z", since="2026-10-12T13:20:00Z")
    assert office.look("2026-10-12T13:30:05Z") == [
        "billing-mail: CAÍDA PERMITIDA al 50 %: 2 contratos, standard",
        "ops-mail: CAÍDA PERMITIDA al 50 %: 2 contratos, standard",
    ]
    assert office.look("2026-10-12T13:31:05Z") == []
    office.down_until("2026-10-12T13:40:00Z", since="2026-10-12T13:30:00Z")
    assert office.look("2026-10-12T13:40:05Z") == [
        "billing-mail: CAÍDA PERMITIDA al 80 %: 2 contratos, standard",
        "ops-mail: CAÍDA PERMITIDA al 80 %: 2 contratos, standard",
    ]
    office.down_until("2026-10-12T13:50:00Z", since="2026-10-12T13:40:00Z")
    assert office.look("2026-10-12T13:50:05Z") == [
        "billing-mail: GARANTÍA INCUMPLIDA: 2 contratos, standard",
        "ops-mail: GARANTÍA INCUMPLIDA: 2 contratos, standard",
    ]
    office.down_until("2026-10-12T15:00:00Z", since="2026-10-12T13:50:00Z")
    assert office.look("2026-10-12T15:00:05Z") == []


def test_it_says_cause_contracts_and_what_it_costs_then_and_an_hour_later(office: Office) -> None:
    office.down_until("2026-10-12T13:40:00Z")
    office.look("2026-10-12T13:40:05Z")
    text = office.said
    assert "la garantía se incumple a las 10:49 (UTC−3)" in text
    assert "standard: 40 min de 49 min 6 s (81 %), 2 contratos" in text
    assert "Servidor web 1: 40 min, sigue" in text
    assert "Al incumplirse: ARS 99,03 y USD 1,36" in text
    assert "Una hora después: ARS 219,99 y USD 3,02" in text
    assert "quizá" not in text


def test_only_a_broken_guarantee_is_urgent_and_only_while_the_outage_goes_on(
    office: Office,
) -> None:
    office.down_until("2026-10-12T13:40:00Z")
    office.look("2026-10-12T13:40:05Z")
    assert office.last.fields["severity"] == "low"
    office.down_until("2026-10-12T13:50:00Z", since="2026-10-12T13:40:00Z")
    office.look("2026-10-12T13:50:05Z")
    assert office.last.fields["severity"] == "high"


def test_a_guarantee_found_broken_after_the_outage_wakes_nobody(office: Office) -> None:
    office.down_until("2026-10-12T13:50:00Z")
    office.desk.live("web-1-tcp", "2026-10-12T13:50:00Z", "2026-10-12T14:10:00Z")
    assert len(office.look("2026-10-12T14:10:05Z")) == 2
    assert office.last.fields["severity"] == "low"
    assert office.last.fields["percent"] == 100
    assert "Ya no sigue ninguna caída" in office.said


def test_a_core_that_starts_again_repeats_nothing(office: Office) -> None:
    office.down_until("2026-10-12T13:40:00Z")
    assert len(office.look("2026-10-12T13:40:05Z")) == 2
    office.begin()
    assert office.look("2026-10-12T13:41:05Z") == []
    assert office.look("2026-10-12T13:58:05Z") == []


def test_another_month_begins_anew(office: Office) -> None:
    office.down_until("2026-10-12T13:50:00Z")
    office.look("2026-10-12T13:50:05Z")
    office.desk.live("web-1-tcp", "2026-10-12T13:50:00Z", "2026-11-02T13:26:00Z",
                     ("2026-11-02T13:00:00Z", "2026-11-02T13:26:00Z"))  # fmt: skip
    assert office.look("2026-11-02T13:26:05Z") == [
        "billing-mail: CAÍDA PERMITIDA al 50 %: 2 contratos, standard",
        "ops-mail: CAÍDA PERMITIDA al 50 %: 2 contratos, standard",
    ]


def test_time_of_which_nothing_is_known_tells_nobody_and_is_said_to_be_possible(
    office: Office,
) -> None:
    office.desk.live("web-1-tcp", START, "2026-10-12T13:00:00Z")
    assert office.look("2026-10-12T14:30:00Z") == []
    office.down_until("2026-10-12T15:10:00Z", fell="2026-10-12T14:40:00Z",
                      since="2026-10-12T14:30:00Z")  # fmt: skip
    assert len(office.look("2026-10-12T15:10:05Z")) == 2
    text = office.said
    assert "(61 %), 2 contratos; y quizá 1 h 30 min más, sin datos" in text


def exclude(office: Office, start: str, end: str, at: str) -> None:
    """Two people have left this time out of the guarantee."""
    proposed = ExclusionRevision(
        reference=ExclusionReference("EX-1"), revision=1, component=ComponentId("web-1"),
        interval=Interval(second(start), second(end)), cause="external_provider",
        evidence=Evidence(text="power"), proposed_by="ana", at=second(at),
    )  # fmt: skip
    approved = proposed.decided(
        RevisionState.APPROVED, by="luis", reason="seen", at=Second(second(at) + 1)
    )
    with office.journal.transaction() as tx:
        tx.exclusions.append(proposed)
        tx.exclusions.append(approved)


def test_what_falls_back_is_told_and_may_be_reached_again(office: Office) -> None:
    office.down_until("2026-10-12T13:50:00Z")
    assert len(office.look("2026-10-12T13:50:05Z")) == 2
    office.desk.live("web-1-tcp", "2026-10-12T13:50:00Z", "2026-10-12T15:00:00Z")
    exclude(office, FELL, "2026-10-12T13:40:00Z", at="2026-10-12T14:50:00Z")
    assert office.look("2026-10-12T15:00:05Z") == [
        "billing-mail: CAÍDA PERMITIDA bajo 100 %: 2 contratos, standard",
        "ops-mail: CAÍDA PERMITIDA bajo 100 %: 2 contratos, standard",
    ]
    assert "ahora 10 min de 49 min 6 s (20 %)" in office.said
    assert office.look("2026-10-12T15:10:05Z") == []
    office.down_until("2026-10-12T15:50:00Z", fell="2026-10-12T15:10:00Z",
                      since="2026-10-12T15:00:00Z")  # fmt: skip
    assert office.look("2026-10-12T15:50:05Z")[0].startswith("billing-mail: GARANTÍA INCUMPLIDA")


def test_a_contract_that_began_late_is_counted_and_makes_no_alarm_of_its_own(
    office: Office,
) -> None:
    """Of its three days 285 s are allowed, of the others' month 2946 s."""
    late = OCTOBER.replace("C-1", "C-9").replace("F-1", "F-9").replace("2026-01-10", "2026-10-29")
    with time_machine.travel("2026-10-29T12:00:00Z", tick=False):
        ran = office.desk.type("contracts", "import", office.desk.write(HEADER + late))
    assert ran.code == 0, ran.err
    office.down_until("2026-10-30T13:10:00Z", fell="2026-10-30T13:00:00Z")
    assert office.look("2026-10-30T13:10:05Z") == []
    office.down_until("2026-10-30T13:26:00Z", since="2026-10-30T13:10:00Z",
                      fell="2026-10-30T13:00:00Z")  # fmt: skip
    assert office.look("2026-10-30T13:26:05Z") == [
        "billing-mail: CAÍDA PERMITIDA al 50 %: 3 contratos, standard",
        "ops-mail: CAÍDA PERMITIDA al 50 %: 3 contratos, standard",
    ]
    assert "standard: 26 min de 49 min 6 s (52 %), 3 contratos; en 1 ya se incumplió" in office.said


def test_contracts_that_are_new_give_no_allowance_back(office: Office) -> None:
    office.down_until("2026-10-12T13:50:00Z")
    assert len(office.look("2026-10-12T13:50:05Z")) == 2
    office.desk.live("web-1-tcp", "2026-10-12T13:50:00Z", "2026-10-29T13:00:00Z")
    late = OCTOBER.replace("2026-01-10", "2026-10-29")
    rows = "".join(late.replace("C-1", f"C-9{n}").replace("F-1", f"F-9{n}") for n in range(3))
    with time_machine.travel("2026-10-29T12:00:00Z", tick=False):
        ran = office.desk.type("contracts", "import", office.desk.write(HEADER + rows))
    assert ran.code == 0, ran.err
    assert office.look("2026-10-29T13:00:05Z") == []


def test_operators_are_told_from_their_own_level_on_and_billing_of_each(office: Office) -> None:
    office.alerting = replace(office.alerting, budget=BudgetAlerts(operators_from=100))
    office.down_until("2026-10-12T13:40:00Z")
    assert office.look("2026-10-12T13:40:05Z") == [
        "billing-mail: CAÍDA PERMITIDA al 80 %: 2 contratos, standard"
    ]
    office.down_until("2026-10-12T13:50:00Z", since="2026-10-12T13:40:00Z")
    assert len(office.look("2026-10-12T13:50:05Z")) == 2


def test_who_wants_no_level_is_told_of_none(office: Office) -> None:
    office.alerting = replace(office.alerting, budget=BudgetAlerts(at=()))
    office.down_until("2026-10-12T13:50:00Z")
    assert office.look("2026-10-12T13:50:05Z") == []


def test_what_comes_soon_after_another_message_waits_for_the_interval(office: Office) -> None:
    office.down_until("2026-10-12T13:30:00Z")
    assert len(office.look("2026-10-12T13:30:05Z")) == 2
    office.alerting = replace(office.alerting, group_interval=900)
    office.down_until("2026-10-12T13:41:00Z", since="2026-10-12T13:30:00Z")
    assert office.look("2026-10-12T13:41:05Z") == []
    office.down_until("2026-10-12T13:46:00Z", since="2026-10-12T13:41:00Z")
    assert len(office.look("2026-10-12T13:46:05Z")) == 2
