"""Classifications: somebody asks that time of a component not count, another person decides.

All that happens to one is a revision of the same reference, and none is ever edited. What is in
force of it follows from its revisions alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, NewType, get_args

from monitor.domain.availability import Exclusion
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import IncidentId, incident_id
from monitor.domain.time.interval import Interval, Second

ExclusionCause = Literal[
    "force_majeure",
    "external_provider",
    "customer",
    "customer_overload",
    "dns_foreign",
    "tls_free_cert",
]
CAUSES: tuple[ExclusionCause, ...] = get_args(ExclusionCause)
"""What the contract lets a person classify; maintenance is excluded by its publication alone."""

ExclusionReference = NewType("ExclusionReference", str)


class RevisionState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"


class ExclusionStatus(StrEnum):
    """How a whole classification stands, for those who look for work or for what counts."""

    PROPOSED = "proposed"
    """Somebody has to decide; an earlier revision may be in force meanwhile."""
    APPROVED = "approved"
    """In force."""
    REFUSED = "refused"
    """Never in force."""
    WITHDRAWN = "withdrawn"
    """Once in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFile:
    """A file that stays with whoever has it: its name, its SHA-256 in hexadecimal, its size."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why the time is not the company's. It is never public."""

    text: str
    files: tuple[EvidenceFile, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionRevision:
    """One step of a classification: a proposal, or the decision about the proposal before it, which
    repeats what was decided about.

    `proposed_by` and `decided_by` are accounts. `reason` is the decider's. `at` is when this step
    was taken.
    """

    reference: ExclusionReference
    revision: int
    component: ComponentId
    interval: Interval
    cause: str
    evidence: Evidence
    proposed_by: str
    at: Second
    incident: IncidentId | None = None
    is_withdrawal: bool = False
    state: RevisionState = RevisionState.PROPOSED
    decided_by: str | None = None
    reason: str = ""

    @property
    def exclusion(self) -> Exclusion:
        """What it takes out where it is in force."""
        return Exclusion(component=self.component, interval=self.interval, cause=self.cause)

    def repeats(self, other: ExclusionRevision) -> bool:
        """Whether the other takes the same time of the same component out for the same cause."""
        return (
            self.component == other.component
            and self.cause == other.cause
            and self.interval.overlaps(other.interval)
        )

    def decided(
        self, state: RevisionState, *, by: str, reason: str, at: Second
    ) -> ExclusionRevision:
        """The decision about this proposal, as the next revision."""
        return replace(
            self, revision=self.revision + 1, state=state, decided_by=by, reason=reason, at=at
        )


@dataclass(frozen=True, slots=True)
class ExclusionRecord:
    """Every revision of one reference, oldest first; there is at least one."""

    revisions: tuple[ExclusionRevision, ...]

    @property
    def reference(self) -> ExclusionReference:
        return self.newest.reference

    @property
    def newest(self) -> ExclusionRevision:
        return self.revisions[-1]

    @property
    def components(self) -> tuple[ComponentId, ...]:
        """Each component that a revision was about."""
        return tuple(sorted({revision.component for revision in self.revisions}))

    @property
    def pending(self) -> ExclusionRevision | None:
        """The proposal that waits for a decision. A newer proposal takes the place of an older."""
        return self.newest if self.newest.state is RevisionState.PROPOSED else None

    @property
    def in_force(self) -> ExclusionRevision | None:
        """The highest approved revision, unless that is a withdrawal. Neither a newer proposal nor
        one that was refused changes it."""
        approved = self._last_approved
        return None if approved is None or approved.is_withdrawal else approved

    @property
    def status(self) -> ExclusionStatus:
        if self.pending is not None:
            return ExclusionStatus.PROPOSED
        if self._last_approved is None:
            return ExclusionStatus.REFUSED
        if self._last_approved.is_withdrawal:
            return ExclusionStatus.WITHDRAWN
        return ExclusionStatus.APPROVED

    def may_decide(self, account: str) -> bool:
        """Never whoever proposed any revision of it: neither alone nor by turns with another."""
        return all(account != revision.proposed_by for revision in self.revisions)

    @property
    def _last_approved(self) -> ExclusionRevision | None:
        approved = (r for r in reversed(self.revisions) if r.state is RevisionState.APPROVED)
        return next(approved, None)


def records_of(revisions: Iterable[ExclusionRevision]) -> tuple[ExclusionRecord, ...]:
    """Revisions by reference, each one's in order; references by their first appearance."""
    found: dict[ExclusionReference, list[ExclusionRevision]] = {}
    for revision in revisions:
        found.setdefault(revision.reference, []).append(revision)
    return tuple(
        ExclusionRecord(tuple(sorted(own, key=lambda r: r.revision))) for own in found.values()
    )


def in_force_during(
    records: Iterable[ExclusionRecord], window: Interval
) -> tuple[ExclusionRevision, ...]:
    """What is in force of them and overlaps a window, by start and reference."""
    standing = (record.in_force for record in records)
    found = (one for one in standing if one is not None and one.interval.overlaps(window))
    return tuple(sorted(found, key=lambda one: (one.interval.start, one.reference)))


def exclusion_reference(
    component: ComponentId, interval: Interval, salt: int = 0
) -> ExclusionReference:
    """As short as an incident's id, and as easy to read aloud."""
    seed = ComponentId(f"exclusion|{component}|{interval.end}")
    return ExclusionReference(incident_id(seed, interval.start, salt))
