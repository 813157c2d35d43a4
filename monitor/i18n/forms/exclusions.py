"""What the console says of time that people leave out of the guarantee."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.exclusions.classification import ExclusionStatus, RevisionState


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionWords:
    """`{x}` names, `{n}` counts, `{a}` and `{b}` are before and after."""

    component: str
    when: str
    start: str
    end: str
    cause: str
    state: str
    proposed_by: str
    decided_by: str
    causes: Mapping[str, str]
    statuses: Mapping[ExclusionStatus, str]
    every_status: str
    steps: Mapping[RevisionState, str]
    withdrawal: str
    in_force: str
    none: str
    none_so: str
    propose: str
    propose_note: str
    evidence: str
    evidence_hint: str
    links: str
    links_hint: str
    private_note: str
    history: str
    files: str
    incident: str
    overlaps: str
    effect: str
    effect_note: str
    no_effect: str
    month: str
    so_far: str
    down: str
    excluded: str
    contracts: str
    changed: str
    issued: str
    contract: str
    what: str
    before: str
    after: str
    first: str
    decide: str
    reason: str
    approve: str
    refuse: str
    own: str
    waits: str
    revise: str
    withdraw: str
    withdraw_note: str
    of_incident: str
    leave_out: str
