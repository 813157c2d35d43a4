"""Asking the core to read its configuration file again, by way of the journal.

Whoever asks may be on another host than the core, and shares nothing with it but the journal. A
request is a change in the feed; the core looks for one every few seconds, reads the file as it does
at SIGHUP, and says in the feed what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import MACHINE, Actor, Change
from monitor.domain.checks.observation import Json
from monitor.domain.refusals import NotFound, Refused, require_every_service, require_scope
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.journal.ports import Journal, JournalTransaction, WantedChanges

_FAMILY = "configuration"
_APPLY_ASKED, _APPLIED, _REFUSED = (
    f"{_FAMILY}.{kind}" for kind in ("apply_asked", "applied", "refused")
)
_ASKED, _ANSWERED = "configuration_asked", "configuration_answered"
"""Cursors: the newest request, and the newest that the core has answered."""
_MOST_ERRORS, _LONGEST = 50, 500


class ApplyState(StrEnum):
    PENDING = "pending"
    APPLIED = "applied"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of reading the file: `errors` where it is faulty and nothing has changed, else the
    revision that it is, and how that differs from the one before."""

    errors: Sequence[str] = ()
    revision: int = 0
    effective_from: Second | None = None
    difference: str = ""

    def fields(self) -> dict[str, Json]:
        if self.errors:
            return {"errors": [text[:_LONGEST] for text in self.errors[:_MOST_ERRORS]]}
        return {
            "revision": self.revision,
            "effective_from": self.effective_from,
            "difference": self.difference[: _LONGEST * _MOST_ERRORS],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A request: `id` is its place in the change feed."""

    id: int
    asked_at: Second
    asked_by: str
    state: ApplyState = ApplyState.PENDING
    answered_at: Second | None = None
    outcome: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationRequests:
    """What accounts may do; `journal` is only written to by `ask`."""

    journal: Journal
    clock: Clock
    actor: Actor

    def ask(self) -> Application:
        """Raises Refused, also where a request waits for the core already: one is enough."""
        require_scope(self.actor, Scope.CONFIG_APPLY)
        require_every_service(self.actor)
        now = self.clock.now()
        with self.journal.transaction() as tx:
            waiting = pending_request(tx)
            if waiting is not None:
                raise Refused("configuration.pending", id=waiting)
            tx.changes.append([self.actor.change(now, _APPLY_ASKED, _FAMILY)])
            asked = tx.changes.last()
            tx.cursors.set(_ASKED, asked)
        return Application(id=asked, asked_at=now, asked_by=self.actor.id)

    def show(self, wanted: int) -> Application:
        """Raises Refused, NotFound."""
        require_scope(self.actor, Scope.CONFIG_READ)
        require_every_service(self.actor)
        with self.journal.transaction() as tx:
            asked = next(iter(tx.changes.since(wanted - 1, 1)), None)
            if asked is None or asked.seq != wanted or asked.kind != _APPLY_ASKED:
                raise NotFound("configuration.no_request", id=wanted)
            answers = WantedChanges(after=wanted, kind=_FAMILY, subject=str(wanted))
            answer = next(iter(tx.changes.matching(answers, 1)), None)
        return _application(asked, answer)


def pending_request(tx: JournalTransaction) -> int | None:
    """The request that the core has not answered; None where there is none."""
    asked = tx.cursors.get(_ASKED)
    return asked if asked > tx.cursors.get(_ANSWERED) else None


def answer_request(tx: JournalTransaction, asked: int, outcome: Outcome, now: Second) -> None:
    """By the core: say what came of it."""
    kind = _REFUSED if outcome.errors else _APPLIED
    tx.changes.append([MACHINE.change(now, kind, str(asked), after=outcome.fields())])
    tx.cursors.set(_ANSWERED, asked)


def _application(asked: Change, answer: Change | None) -> Application:
    if answer is None:
        return Application(id=asked.seq, asked_at=asked.at, asked_by=asked.actor)
    state = ApplyState.APPLIED if answer.kind == _APPLIED else ApplyState.REFUSED
    return Application(
        id=asked.seq, asked_at=asked.at, asked_by=asked.actor, state=state, answered_at=answer.at,
        outcome=answer.after,
    )  # fmt: skip
