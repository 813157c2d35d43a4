"""Asking the core to apply, by way of the journal (ADR 34): it alone talks to the billing panel.

A request is a change in the feed and a cursor that says which is the newest; the core takes it up,
and says in the feed what came of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from credits.billing.applier import Outcome
from credits.billing.brake import require_released
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import MACHINE, Actor, ActorKind, Change, Via
from monitor.domain.checks.observation import Json
from monitor.domain.refusals import (
    NotFound,
    Refused,
    require_account,
    require_every_service,
    require_scope,
)
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.journal.ports import Journal, JournalTransaction, WantedChanges

_FAMILY = "applying"
_ASKED_KIND, _DONE, _FAILED = (f"{_FAMILY}.{kind}" for kind in ("asked", "done", "failed"))
_ASKED, _ANSWERED = "applying_asked", "applying_answered"
"""Cursors: the newest request, and the newest that the core has answered."""
MOST_LISTED = 200
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class Task(StrEnum):
    """What the core is asked to do."""

    APPLY = "apply"
    REHEARSE = "rehearse"
    """Read everything, and apply nothing."""
    RECONCILE = "reconcile"


class PassState(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as the core takes it up: `id` is its place in the change feed."""

    id: int
    task: Task
    month: str
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A request, and what came of it: how many credits came to what, and the first of them."""

    id: int
    asked_at: Second
    asked_by: str
    task: Task
    month: str
    state: PassState = PassState.PENDING
    answered_at: Second | None = None
    outcome: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyingRequests:
    """What people may ask for; `journal` is only written to by `ask`."""

    journal: Journal
    clock: Clock
    actor: Actor

    def ask(self, task: Task, month: str = "") -> Pass:
        """Raises Refused, also where a request waits for the core already: one is enough; and to
        apply, where the brake is on. To apply takes an account, as every step of a credit; who
        types at the host rehearses."""
        require_scope(self.actor, Scope.CREDITS_APPLY)
        if task is Task.APPLY:
            require_account(self.actor)
        require_every_service(self.actor)
        if month and _MONTH.fullmatch(month) is None:
            raise Refused("applying.month", month=month)
        now = self.clock.now()
        with self.journal.transaction() as tx:
            waiting = pending_pass(tx)
            if waiting is not None:
                raise Refused("applying.pending", id=waiting.id)
            if task is Task.APPLY:
                require_released(tx)
            said: dict[str, Json] = {"task": str(task), "month": month}
            tx.changes.append([self.actor.change(now, _ASKED_KIND, _FAMILY, after=said)])
            asked = tx.changes.last()
            tx.cursors.set(_ASKED, asked)
        return Pass(id=asked, asked_at=now, asked_by=self.actor.id, task=task, month=month)

    def show(self, wanted: int) -> Pass:
        """Raises Refused, NotFound."""
        require_scope(self.actor, Scope.CREDITS_READ)
        require_every_service(self.actor)
        with self.journal.transaction() as tx:
            asked = next(iter(tx.changes.since(wanted - 1, 1)), None)
            if asked is None or asked.seq != wanted or asked.kind != _ASKED_KIND:
                raise NotFound("applying.no_request", id=wanted)
            answers = WantedChanges(after=wanted, kind=_FAMILY, subject=str(wanted))
            answer = next(iter(tx.changes.matching(answers, 1)), None)
        return _pass(asked, answer)


def pending_pass(tx: JournalTransaction) -> Asked | None:
    """The request that the core has not answered; None where there is none. Who asked takes the
    steps: by which door, too."""
    wanted = tx.cursors.get(_ASKED)
    if wanted <= tx.cursors.get(_ANSWERED):
        return None
    (asked,) = tx.changes.since(wanted - 1, 1)
    kind = ActorKind.TOKEN if asked.token else ActorKind.PERSON
    actor = Actor(
        id=asked.actor, kind=kind, via=Via(asked.via), token=asked.token, address=asked.address
    )
    task, month = Task(str(asked.after["task"])), str(asked.after["month"])
    return Asked(id=asked.seq, task=task, month=month, actor=actor)


def answer_pass(
    tx: JournalTransaction, asked: int, found: Sequence[Outcome], now: Second, failed: str = ""
) -> None:
    """By the core: say what came of it."""
    kind = _FAILED if failed else _DONE
    said = outcome_fields(found) | ({"failed": failed} if failed else {})
    tx.changes.append([MACHINE.change(now, kind, str(asked), after=said)])
    tx.cursors.set(_ANSWERED, asked)


def outcome_fields(found: Sequence[Outcome]) -> dict[str, Json]:
    """How many credits came to what, and the first of them with the reason."""
    counts = Counter(str(one.came) for one in found)
    listed: list[Json] = [
        {
            "credit_id": str(one.credit),
            "came": str(one.came),
            "detail": one.detail,
            "client_id": one.client,
            "amounts": [{"currency": m.currency, "amount": f"{m.amount:f}"} for m in one.due],
        }
        for one in found[:MOST_LISTED]
    ]
    return {"counts": {name: counts[name] for name in sorted(counts)}, "listed": listed}


def _pass(asked: Change, answer: Change | None) -> Pass:
    begun = Pass(
        id=asked.seq, asked_at=asked.at, asked_by=asked.actor,
        task=Task(str(asked.after["task"])), month=str(asked.after["month"]),
    )  # fmt: skip
    if answer is None:
        return begun
    state = PassState.DONE if answer.kind == _DONE else PassState.FAILED
    return Pass(
        id=begun.id, asked_at=begun.asked_at, asked_by=begun.asked_by, task=begun.task,
        month=begun.month, state=state, answered_at=answer.at, outcome=answer.after,
    )  # fmt: skip
