"""The console's words about exclusions in English."""

from __future__ import annotations

from monitor.domain.exclusions.classification import ExclusionStatus, RevisionState
from monitor.i18n.en.causes import CAUSES
from monitor.i18n.forms.exclusions import ExclusionWords

EXCLUSIONS = ExclusionWords(
    component="Component",
    when="When",
    start="From",
    end="To",
    cause="Cause",
    state="State",
    proposed_by="Proposed by",
    decided_by="Decided by",
    causes=CAUSES,
    statuses={
        ExclusionStatus.PROPOSED: "Waits for a decision",
        ExclusionStatus.APPROVED: "In force",
        ExclusionStatus.REFUSED: "Refused",
        ExclusionStatus.WITHDRAWN: "Withdrawn",
    },
    every_status="All",
    steps={
        RevisionState.PROPOSED: "Proposed",
        RevisionState.APPROVED: "Approved",
        RevisionState.REFUSED: "Refused",
    },
    withdrawal="withdrawal",
    in_force="Revision {n} holds meanwhile.",
    none="There are no exclusions. Where an outage is not the company's, propose it on the page of "
    "its incident or by the form below; somebody else decides.",
    none_so="None stands so.",
    propose="Propose an exclusion",
    propose_note="Nothing changes until another account approves it.",
    evidence="Evidence",
    evidence_hint="why it is not the company's",
    links="Links",
    links_hint="one a line, with https://; files are added by estado exclusion",
    private_note="The public reads how long does not count and the cause; never who, nor the "
    "evidence.",
    history="Steps",
    files="Files",
    incident="Incident",
    overlaps="Overlaps for the same cause with:",
    effect="What it changes",
    effect_note="Of a proposal, what approving it would change; else what it takes out.",
    no_effect="It changes nothing.",
    month="Month",
    so_far="so far",
    down="Down",
    excluded="Excluded",
    contracts="Contracts that require it",
    changed="{n} change",
    issued="Report {x}, revision {n}, stays as it was issued; the next revision shows the "
    "difference.",
    contract="Contract",
    what="What",
    before="Before",
    after="After",
    first="The first {n} are shown.",
    decide="Decide",
    reason="Reason",
    approve="Approve",
    refuse="Refuse",
    own="You proposed a revision: somebody else decides.",
    waits="It waits for somebody else's decision.",
    revise="Propose another revision",
    withdraw="Propose its withdrawal",
    withdraw_note="The time counts again once somebody else approves that.",
    of_incident="Exclusions",
    leave_out="Propose that it does not count",
)
