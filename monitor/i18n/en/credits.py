"""Words about credits in English."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.i18n.forms.credits import CreditWords

STATES: Mapping[str, str] = {
    "needs_review": "to be decided",
    "pending_human_approval": "to be approved (would be taken back)",
    "eligible": "not asked for",
    "requested": "asked for",
    "under_review": "under review",
    "approved": "approved",
    "blocked_suspended": "held back: account suspended",
    "held_chargeback": "held back: chargeback",
    "applying": "being applied",
    "apply_unknown": "no answer from the panel",
    "applied": "applied",
    "rejected": "rejected",
    "expired": "expired",
    "superseded": "replaced",
    "lapsed": "lapsed",
    "closed_no_breach": "no breach",
}
"""By the value of `credits.life.states.CreditState`: whoever looks at a target by hand does not
wait for the arithmetic of money."""

CREDITS = CreditWords(
    credit="Credit",
    adjustment="Adjustment",
    adjusts="adjusts {x}",
    client="Client",
    contract="Contract",
    product="Product",
    month="Month",
    when="Period",
    state="State",
    due="Amount",
    nothing="nothing",
    tickets="Tickets",
    no_ticket="none",
    states=STATES,
    every_state="All",
    brake="The brake has been on since {t}: no credit is applied. {x} pulled it: {why}",
    waiting="Waiting for you",
    waiting_review="To take up",
    waiting_approval="To decide",
    nobody_waits="Nothing waits for you.",
    more="and {n} more",
    every="All credits",
    none="There are no credits yet. The close of a month opens them.",
    none_so="None stands so.",
    search="Search",
    older="Older",
    choose="Choose {x}",
    lines="Invoice lines",
    line="Line",
    if_down="{x} if the unknown time was down",
    history="Steps",
    joined="Another ticket joined",
    moved="{x}: {a} → {b}",
    accounts={
        "expense": "expense",
        "owed": "owed",
        "approved": "approved",
        "applied": "applied",
        "closed": "closed",
    },
    clause="Clause",
    clause_hint="such as 13b",
    reference="Reference",
    incidents="Incidents of its components",
    beside="Others of the same time of the contract",
    barred_title="May not approve it",
    barred={
        "asked": "asked for it, or for the same time",
        "decided": "said what its unknown seconds were",
        "proposed": "proposed an exclusion that it could rest on",
    },
    request="Ask for it",
    request_note="By a ticket of the client to whom it is due. Somebody else approves.",
    request_more="Another ticket about the same time joins this credit.",
    request_until="Until {t}; then it expires.",
    ticket="Ticket",
    ticket_hint="its code",
    client_hint="whose ticket it is",
    review="Take it up",
    review_note="Once you have looked at the ticket and at the figures.",
    review_many="Take the chosen ones up",
    decide="Decide",
    decide_note="Once approved, it is applied to the account.",
    take_back_note=(
        "It would take back what was applied. Rejecting it leaves that with the customer."
    ),
    approve="Approve",
    approve_many="Approve the chosen ones",
    reject="Reject",
    reason="Reason",
    reason_hint="needed for a rejection",
    panel="Billing panel",
    panel_unknown=(
        "The panel gave no answer: it may have arrived. Look at the customer's balance there. If "
        "it is there, say under which reference; if it is not and the time to wait is over, "
        "release it, and it is asked for again."
    ),
    panel_carried=(
        "It is handed out: somebody carries it to the panel in a file. Say under which reference "
        "it is there, or release it if it was not imported after all."
    ),
    confirm="It is there",
    reference_hint="the panel's",
    release="It is not: release it",
    release_hint="where you looked",
    own={
        "asked": "You have asked for it, or for the same time: somebody else decides.",
        "decided": "You have said what its unknown seconds were: somebody else decides.",
        "proposed": "You have proposed an exclusion that it could rest on: somebody else decides.",
    },
    waits="It waits for an approver's decision.",
    judged="{n} of {m} done.",
    evidence="Evidence",
    explain="How this came about",
    bundle="Download the bundle",
    bundle_note="A file with all that it rests on: estado credits recompute computes it again on "
    "any machine, without anything else.",
    back="Back to the credit",
    private_note="Nothing of this is on the public page.",
)
