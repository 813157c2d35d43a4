"""Rulings: somebody says what the unknown seconds of credits were, another person decides.

One ruling covers as many credits as have the same cause. All that happens to it is a revision of
the same reference, and none is ever edited. Once it is approved each credit takes its step.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NewType

from credits.life.credit import Assumed, CreditId, CreditRecord
from credits.life.states import CreditState
from monitor.domain.checks.observation import ComponentId
from monitor.domain.exclusions.classification import Evidence, RevisionState
from monitor.domain.incidents.incident import incident_id
from monitor.domain.time.interval import Interval, Second

RulingReference = NewType("RulingReference", str)


class RulingStatus(StrEnum):
    """How a ruling stands as a whole."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    """It is over: what it covered has taken its step."""
    REFUSED = "refused"
    """What it covered still waits; it may be proposed anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which credits are meant: those that wait of a month (`2026-10`), of which every unknown
    second lies in `span` (None: wherever it lies) and has that cause ("": any)."""

    month: str
    span: Interval | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """A credit as the proposer saw it: its newest step then."""

    credit: CreditId
    seq: int

    def fits(self, record: CreditRecord | None) -> bool:
        """Whether it still waits, and nothing has happened to it since."""
        return (
            record is not None
            and record.revision == self.seq
            and record.state is CreditState.NEEDS_REVIEW
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingStep:
    """A proposal, or the decision about the proposal before it, which repeats it.

    `chosen` is how the credits were picked; None where each was named. `credits` is how many there
    are: the journal keeps which. `proposed_by` and `decided_by` are accounts; `reason` is the
    decider's.
    """

    reference: RulingReference
    revision: int
    assumed: Assumed
    evidence: Evidence
    credits: int
    proposed_by: str
    at: Second
    chosen: Chosen | None = None
    state: RevisionState = RevisionState.PROPOSED
    decided_by: str | None = None
    reason: str = ""

    def decided(self, state: RevisionState, *, by: str, reason: str, at: Second) -> RulingStep:
        """The decision about this proposal, as the next revision."""
        return replace(
            self, revision=self.revision + 1, state=state, decided_by=by, reason=reason, at=at
        )


@dataclass(frozen=True, slots=True)
class RulingRecord:
    """Every revision of one reference, oldest first; there is at least one."""

    steps: tuple[RulingStep, ...]

    @property
    def reference(self) -> RulingReference:
        return self.newest.reference

    @property
    def newest(self) -> RulingStep:
        return self.steps[-1]

    @property
    def pending(self) -> RulingStep | None:
        """The proposal that waits for a decision."""
        return self.newest if self.newest.state is RevisionState.PROPOSED else None

    @property
    def proposal(self) -> RulingStep:
        """The newest one, whether it waits or was decided about: its revision names the credits."""
        return next(s for s in reversed(self.steps) if s.state is RevisionState.PROPOSED)

    @property
    def status(self) -> RulingStatus:
        return RulingStatus(self.newest.state)

    def may_decide(self, account: str) -> bool:
        """Never whoever proposed any revision of it: neither alone nor by turns with another."""
        return all(account != step.proposed_by for step in self.steps)


def rulings_of(steps: Iterable[RulingStep]) -> tuple[RulingRecord, ...]:
    """Steps by reference, each one's in order; references by their first appearance."""
    found: dict[RulingReference, list[RulingStep]] = {}
    for step in steps:
        found.setdefault(step.reference, []).append(step)
    return tuple(
        RulingRecord(tuple(sorted(own, key=lambda s: s.revision))) for own in found.values()
    )


def ruling_reference(proposed_by: str, at: Second, salt: int = 0) -> RulingReference:
    """As short as an incident's id, and as easy to read aloud."""
    return RulingReference(incident_id(ComponentId(f"ruling|{proposed_by}"), at, salt))
