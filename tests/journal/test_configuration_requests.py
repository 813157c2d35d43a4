"""Asking the core for its configuration file, through a journal that may be anywhere."""

from __future__ import annotations

import pytest

from monitor.config.revisions.application import (
    ApplyState,
    ConfigurationRequests,
    Outcome,
    answer_request,
    pending_request,
)
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor, ActorKind, Via
from monitor.domain.checks.observation import ServiceId
from monitor.domain.refusals import NotFound, Refused
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal
from tests.support.clock import FakeClock

NOW = Second(1_790_000_040)
SCOPES = frozenset({Scope.CONFIG_APPLY, Scope.CONFIG_READ})
ANA = Actor(id="ana", kind=ActorKind.PERSON, scopes=SCOPES, via=Via.API)


def requests(journal: SqlJournal, actor: Actor = ANA) -> ConfigurationRequests:
    return ConfigurationRequests(journal=journal, clock=FakeClock(NOW), actor=actor)


def answer(journal: SqlJournal, outcome: Outcome) -> None:
    with journal.transaction() as tx:
        asked = pending_request(tx)
        assert asked is not None
        answer_request(tx, asked, outcome, Second(NOW + 2))


def test_it_is_pending_until_the_core_has_answered(journal: SqlJournal) -> None:
    asked = requests(journal).ask()
    assert (asked.state, asked.asked_by) == (ApplyState.PENDING, "ana")
    assert requests(journal).show(asked.id) == asked
    answer(journal, Outcome(revision=2, effective_from=NOW, difference="+ web"))
    shown = requests(journal).show(asked.id)
    assert (shown.state, shown.answered_at) == (ApplyState.APPLIED, NOW + 2)
    assert shown.outcome == {"revision": 2, "effective_from": NOW, "difference": "+ web"}
    with journal.transaction() as tx:
        assert pending_request(tx) is None


def test_a_faulty_file_is_refused_with_what_is_wrong_with_it(journal: SqlJournal) -> None:
    asked = requests(journal).ask()
    answer(journal, Outcome(errors=["a.yaml:7: page.url: is required"] * 90))
    shown = requests(journal).show(asked.id)
    assert shown.state is ApplyState.REFUSED
    assert shown.outcome == {"errors": ["a.yaml:7: page.url: is required"] * 50}


def test_one_request_waits_and_no_second_one(journal: SqlJournal) -> None:
    first = requests(journal).ask()
    with pytest.raises(Refused) as raised:
        requests(journal).ask()
    assert (raised.value.code, raised.value.fields) == ("configuration.pending", {"id": first.id})
    answer(journal, Outcome(revision=1))
    second = requests(journal).ask()
    assert requests(journal).show(first.id).state is ApplyState.APPLIED
    assert requests(journal).show(second.id).state is ApplyState.PENDING


def test_what_is_no_request_is_not_found(journal: SqlJournal) -> None:
    asked = requests(journal).ask()
    answer(journal, Outcome(revision=1))
    for wanted in (0, asked.id + 1, asked.id + 99):
        with pytest.raises(NotFound):
            requests(journal).show(wanted)


@pytest.mark.parametrize(
    ("actor", "code"),
    [
        (Actor(id="a", kind=ActorKind.PERSON, scopes=SCOPES - {Scope.CONFIG_APPLY}), "missing"),
        (
            Actor(
                id="a", kind=ActorKind.PERSON, scopes=SCOPES,
                services=frozenset({ServiceId("hosting")}),
            ),
            "every_service",
        ),
    ],
)  # fmt: skip
def test_who_may_not_asks_for_nothing(journal: SqlJournal, actor: Actor, code: str) -> None:
    with pytest.raises(Refused) as raised:
        requests(journal, actor).ask()
    assert raised.value.code == f"scope.{code}"
    with journal.transaction() as tx:
        assert pending_request(tx) is None
