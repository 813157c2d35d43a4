"""The time in which a credit is to be asked for stands still while customers cannot ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from credits.contract import TermsPeriod
from credits.handling.expiry import expire_page
from credits.life.credit import CreditId
from credits.life.states import CreditState
from credits.terms import terms_of
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import Affected, Impact, Incident, IncidentId, Phase
from monitor.domain.refusals import Refused
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from tests.credits.handling.counter import EVA, MONTH, Counter, owed
from tests.credits.life.builders import NIGHT
from tests.journal.test_money import contract

TERMS = terms_of(
    {"guarantee": "0.9989", "request_within_s": 100, "request_paused_by": "panel"}
)  # fmt: skip
DUE = NIGHT + 100


@pytest.fixture
def bounded(counter: Counter) -> Counter:
    made = owed()
    counter.keep(replace(made, key=made.key._replace(terms_hash=TERMS.hash)))
    period = TermsPeriod(label="standard", period=MONTH, terms=TERMS)
    with counter.journal.transaction() as tx:
        tx.contracts.save(replace(contract("C-1"), terms=(period,)))
    return counter


def away(counter: Counter, start: int, end: int | None, status: Outcome = Outcome.DOWN) -> None:
    """An incident of the panel."""
    until = None if end is None else Second(end)
    part = Affected(
        component=ComponentId("panel"), status=status, start=Second(start), cause="x", end=until
    )
    phase = Phase.INVESTIGATING if end is None else Phase.RESOLVED
    told = Incident(
        id=IncidentId(f"p{start}"), phase=phase, impact=Impact.CRITICAL, started_at=part.start,
        created_at=part.start, machine_title=plain("Panel"), affected=(part,), resolved_at=until,
    )  # fmt: skip
    with counter.journal.transaction() as tx:
        tx.incidents.save(told)


def look(counter: Counter, now: int) -> CreditState:
    with counter.journal.transaction() as tx:
        expire_page(tx, Second(now - 100), CreditId(""), Second(now))
    return counter.record().state


def test_it_stands_still_while_the_panel_is_down(bounded: Counter) -> None:
    away(bounded, DUE - 10, DUE + 20)
    assert bounded.reading().show("BON-2026-10-1").expires_at == DUE + 30
    assert look(bounded, DUE + 29) is CreditState.ELIGIBLE
    assert look(bounded, DUE + 30) is CreditState.EXPIRED
    assert bounded.is_balanced()


def test_nothing_expires_while_it_is_down(bounded: Counter) -> None:
    away(bounded, DUE - 10, None)
    assert bounded.reading().show("BON-2026-10-1").expires_at is None
    assert look(bounded, DUE * 1_000) is CreditState.ELIGIBLE


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [(0, NIGHT, Outcome.DOWN), (DUE, None, Outcome.DOWN), (DUE - 10, None, Outcome.DEGRADED)],
    ids=["before", "afterwards", "slow"],
)
def test_what_kept_nobody_from_asking_takes_no_time(
    bounded: Counter, start: int, end: int | None, status: Outcome
) -> None:
    away(bounded, start, end, status)
    assert look(bounded, DUE - 1) is CreditState.ELIGIBLE
    assert look(bounded, DUE) is CreditState.EXPIRED


def test_the_last_second_to_ask_is_held_at_the_request_and_not_by_the_next_sweep(
    bounded: Counter,
) -> None:
    bounded.clock.step(DUE - bounded.clock.now())
    with pytest.raises(Refused, match=r"credit\.too_late"):
        bounded.of(EVA).request("BON-2026-10-1", ticket="ABC-1", client="77")
    assert bounded.record().state is CreditState.ELIGIBLE
    bounded.clock.step(-1)
    asked = bounded.of(EVA).request("BON-2026-10-1", ticket="ABC-1", client="77")
    assert asked.state is CreditState.REQUESTED
    bounded.clock.advance(1)
    joined = bounded.of(EVA).request("BON-2026-10-1", ticket="ABC-2", client="77")
    assert joined.tickets == ("ABC-1", "ABC-2")
