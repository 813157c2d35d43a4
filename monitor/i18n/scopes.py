"""What each role and each scope is for, one English sentence each: for a terminal, the API and the
manuals."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.domain.accounts.permissions import AccountRole, Scope

ROLE_MEANINGS: Mapping[AccountRole, str] = {
    AccountRole.VIEWER: "Sees components, checks, incidents and maintenance; changes nothing.",
    AccountRole.OPERATOR: (
        "Writes about incidents, plans maintenance, runs probes by hand, proposes exclusions."
    ),
    AccountRole.BILLING: (
        "Reads reports and contracts, issues reports, proposes exclusions, says what unknown time "
        "was, asks for credits."
    ),
    AccountRole.APPROVER: (
        "Reads reports, decides about exclusions, unknown time and credits that others have asked "
        "for."
    ),
    AccountRole.ADMIN: "May do everything, and alone looks after accounts and configuration.",
}

SCOPE_MEANINGS: Mapping[Scope, str] = {
    Scope.STATE_READ: "See components, checks, incidents and maintenance, private ones too.",
    Scope.INCIDENTS_WRITE: "Publish, correct and resolve what the public reads about incidents.",
    Scope.MAINTENANCE_WRITE: "Announce and cancel maintenance windows.",
    Scope.PROBE_RUN: "Run a check now, by hand.",
    Scope.CONFIG_READ: "Read the configuration and the ones that ran before.",
    Scope.CONFIG_APPLY: "Put another configuration in force.",
    Scope.BILLING_READ: "Read contracts and reports.",
    Scope.BILLING_WRITE: "Import contracts, issue reports.",
    Scope.EXCLUSIONS_PROPOSE: "Propose exclusions, with evidence; another account decides.",
    Scope.EXCLUSIONS_APPROVE: "Approve or reject exclusions that others have asked for.",
    Scope.CREDITS_READ: "See credits, with whom they are for and what they come to.",
    Scope.CREDITS_REQUEST: "Ask for credits by a ticket, and take requests up.",
    Scope.CREDITS_APPROVE: "Approve or reject credits that others have asked for.",
    Scope.CREDITS_APPLY: "Have approved credits applied in the billing panel; confirm them.",
    Scope.UNKNOWN_PROPOSE: "Say what unknown time of credits was; another account decides.",
    Scope.UNKNOWN_APPROVE: "Decide what unknown time of credits was, as others have proposed.",
    Scope.PROBLEMS_READ: "Read what customers say that fails, in their own words.",
    Scope.PROBLEMS_WRITE: "Close what customers say that fails, once it is answered.",
    Scope.ACCOUNTS_WRITE: "Add, change and disable accounts, and make tokens for them.",
    Scope.AUDIT_READ: "Read the audit log: who did what, when, and by which door.",
}
